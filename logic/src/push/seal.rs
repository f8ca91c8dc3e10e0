//! Encrypts what a browser is pushed, so that its push service cannot read it: RFC 8291 over RFC 8188 (`aes128gcm`). Pure but for the
//! randomness of [`Subscriber::seal`].

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// The uncompressed form of a point of P-256.
const POINT: usize = 65;

/// The authentication secret (RFC 8291, 3.2).
const AUTH: usize = 16;

const SALT: usize = 16;

/// The record size that is declared; everything is in one record. A push service need not take more (RFC 8030, 7.2).
const RECORD: u32 = 4_096;

/// What can be encrypted: the record without header, padding delimiter and tag (RFC 8291, 4).
pub(super) const MAX_PLAIN: usize = RECORD as usize - (SALT + 4 + 1 + POINT) - 1 - 16;

/// The keys are no subscriber's, or what is to be encrypted is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys of a push subscription cannot be used")]
pub(crate) struct SealError;

/// Whom a push is encrypted to.
#[derive(Clone)]
pub(crate) struct Subscriber {
    public: Vec<u8>,
    auth: Vec<u8>,
}

impl Subscriber {
    /// From the base64url of the browser, with or without padding.
    ///
    /// # Errors
    ///
    /// A key has another length, or is no point of the curve.
    pub(crate) fn parse(p256dh: &str, auth: &str) -> Result<Self, SealError> {
        let (public, auth) = (decode(p256dh)?, decode(auth)?);
        if public.len() != POINT || auth.len() != AUTH {
            return Err(SealError);
        }
        let subscriber = Self { public, auth };
        // Only an agreement looks at the point.
        subscriber.seal(b"")?;
        Ok(subscriber)
    }

    /// The body of a push, which only this browser can read.
    ///
    /// # Errors
    ///
    /// The key is no point of the curve, or `plain` is longer than [`MAX_PLAIN`].
    pub(crate) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        if plain.len() > MAX_PLAIN {
            return Err(SealError);
        }
        let random = SystemRandom::new();
        let mut salt = [0; SALT];
        random.fill(&mut salt).map_err(|_| SealError)?;
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).map_err(|_| SealError)?;
        let own_public = own.compute_public_key().map_err(|_| SealError)?;
        let peer = UnparsedPublicKey::new(&ECDH_P256, &self.public);
        let seal = |shared: &[u8]| self.seal_with(shared, own_public.as_ref(), salt, plain);
        agree_ephemeral(own, &peer, seal).map_err(|_| SealError)?
    }

    /// RFC 8291, 3.4, with the shared secret of the key agreement and the sender's public key.
    fn seal_with(
        &self,
        shared: &[u8],
        own_public: &[u8],
        salt: [u8; SALT],
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let key_info = [b"WebPush: info\0", &*self.public, own_public, &[1]].concat();
        let input = mac(mac(&self.auth, shared).as_ref(), &key_info);
        let secret = mac(&salt, input.as_ref());
        let key = mac(secret.as_ref(), b"Content-Encoding: aes128gcm\0\x01");
        let nonce = mac(secret.as_ref(), b"Content-Encoding: nonce\0\x01");

        let key = key.as_ref().get(..16).ok_or(SealError)?;
        let key = UnboundKey::new(&AES_128_GCM, key).map_err(|_| SealError)?;
        let nonce = nonce.as_ref().get(..12).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        // The delimiter of the last record (RFC 8188, 2).
        let mut record = [plain, &[2]].concat();
        LessSafeKey::new(key)
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut record)
            .map_err(|_| SealError)?;
        let length = u8::try_from(own_public.len()).map_err(|_| SealError)?;
        Ok([
            &salt,
            &RECORD.to_be_bytes()[..],
            &[length],
            own_public,
            &record,
        ]
        .concat())
    }
}

fn mac(key: &[u8], data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
}

fn decode(text: &str) -> Result<Vec<u8>, SealError> {
    let engine = if text.ends_with('=') {
        &URL_SAFE
    } else {
        &URL_SAFE_NO_PAD
    };
    engine.decode(text).map_err(|_| SealError)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PUBLIC: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH_SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// RFC 8291, 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_is_sealed_as_it_says() {
        let subscriber = Subscriber::parse(PUBLIC, AUTH_SECRET).unwrap();
        let own = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        let shared = decode("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs").unwrap();
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw")
            .unwrap()
            .try_into()
            .unwrap();
        let sealed = subscriber.seal_with(
            &shared,
            &decode(own).unwrap(),
            salt,
            b"When I grow up, I want to be a watermelon",
        );
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl\
                        7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed.unwrap()), expected);
    }

    /// RFC 8291, 4: one record.
    #[test]
    fn the_longest_push_has_the_length_that_every_push_service_takes() {
        let subscriber = Subscriber::parse(PUBLIC, AUTH_SECRET).unwrap();
        let sealed = subscriber.seal(&vec![b'a'; MAX_PLAIN]).unwrap();
        assert_eq!(sealed.len(), RECORD as usize);
        assert_eq!(subscriber.seal(&vec![b'a'; MAX_PLAIN + 1]), Err(SealError));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let off_curve = URL_SAFE_NO_PAD.encode([4; POINT]);
        for (public, auth) in [
            ("", AUTH_SECRET),
            (PUBLIC, ""),
            (PUBLIC, "BTBZMqHH6r4Tts7J_aSI"),
            (AUTH_SECRET, AUTH_SECRET),
            (off_curve.as_str(), AUTH_SECRET),
            ("not base64!", AUTH_SECRET),
        ] {
            assert!(Subscriber::parse(public, auth).is_err(), "{public} {auth}");
        }
        assert!(Subscriber::parse(&format!("{PUBLIC}="), &format!("{AUTH_SECRET}==")).is_ok());
    }
}
