//! Addresses that end: whoever holds one may read the file until then, without a token, as `<img>` has none. Stateless, so that every node
//! agrees that has the secret.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

/// What is signed begins with it: a signature for one thing is good for no other.
const CONTEXT: &str = "im file 1";

/// Signs and checks addresses.
#[derive(Debug)]
pub struct Urls {
    key: hmac::Key,
    period: u64,
}

/// An address and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Path and query on this server.
    pub url: String,
    /// Milliseconds since 1970.
    pub expires_at: i64,
}

impl Urls {
    /// Addresses that are good for `seconds` to twice as long: within a period they are the same, so that a browser keeps what it has.
    #[must_use]
    pub fn new(secret: &[u8], seconds: u32) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            period: u64::from(seconds.max(1)),
        }
    }

    /// The address of `variant` (`original`, `thumbnail`) of a file.
    #[must_use]
    pub fn sign(&self, file: &str, variant: &str, now: SystemTime) -> Signed {
        let expires = (seconds(now) / self.period + 2) * self.period;
        let tag = hmac::sign(&self.key, message(file, variant, expires).as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(tag.as_ref());
        Signed {
            url: format!("/api/v1/files/{file}/{variant}?e={expires}&s={signature}"),
            expires_at: i64::try_from(expires.saturating_mul(1_000)).unwrap_or(i64::MAX),
        }
    }

    /// Whether this server signed it and it has not ended. The comparison takes the same time whatever differs.
    #[must_use]
    pub fn is_good(
        &self,
        file: &str,
        variant: &str,
        expires: u64,
        signature: &str,
        now: SystemTime,
    ) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        let message = message(file, variant, expires);
        seconds(now) < expires && hmac::verify(&self.key, message.as_bytes(), &signature).is_ok()
    }
}

/// Neither part holds the separator.
fn message(file: &str, variant: &str, expires: u64) -> String {
    format!("{CONTEXT}|{file}|{variant}|{expires}")
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parts(url: &str) -> (u64, &str) {
        let query = url.split_once("?e=").unwrap().1;
        let (expires, signature) = query.split_once("&s=").unwrap();
        (expires.parse().unwrap(), signature)
    }

    /// D15: of all that it says nothing can be changed, and it ends on every node at once.
    #[test]
    fn a_url_is_good_for_what_it_says_and_until_it_ends() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_123);
        let (one, other) = (Urls::new(&[7; 32], 600), Urls::new(&[7; 32], 600));
        let signed = one.sign("abc", "original", now);
        let (expires, signature) = parts(&signed.url);
        let good = |urls: &Urls, file, variant, expires, at| {
            urls.is_good(file, variant, expires, signature, at)
        };
        assert!(good(&other, "abc", "original", expires, now));
        let left = expires - 1_700_000_123;
        assert!((600..=1_200).contains(&left), "{left}");
        assert_eq!(signed.expires_at, i64::try_from(expires).unwrap() * 1_000);
        let end = UNIX_EPOCH + Duration::from_secs(expires);
        assert!(good(
            &one,
            "abc",
            "original",
            expires,
            end - Duration::from_secs(1)
        ));
        assert!(!good(&one, "abc", "original", expires, end));
        assert!(!good(&one, "abd", "original", expires, now));
        assert!(!good(&one, "abc", "thumbnail", expires, now));
        assert!(!good(&one, "abc", "original", expires + 1, now));
        assert!(!good(
            &Urls::new(&[8; 32], 600),
            "abc",
            "original",
            expires,
            now
        ));
        for forged in ["", "!", "AAAA", &signature[1..]] {
            assert!(!one.is_good("abc", "original", expires, forged, now));
        }
    }

    /// A browser that has the picture does not load it again for another signature.
    #[test]
    fn within_a_period_the_url_is_the_same() {
        let urls = Urls::new(&[7; 32], 600);
        let at = |seconds| urls.sign("abc", "original", UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(1_200), at(1_799));
        assert_ne!(at(1_799), at(1_800));
    }
}
