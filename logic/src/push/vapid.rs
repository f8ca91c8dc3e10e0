//! The key by which push services know this server, and its signatures (RFC 8292).

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Uri;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::json;

/// A signature is good so long; at most a day (RFC 8292, 2).
const GOOD_FOR: Duration = Duration::from_secs(12 * 3_600);

const LABEL: &str = "PRIVATE KEY";

/// What is wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum VapidError {
    /// It cannot be read or written.
    #[error("the VAPID key {path} cannot be read or written")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds no private P-256 key in PEM (PKCS #8).
    #[error("{0} holds no P-256 key in PEM; im-logic generate-push-key makes one")]
    Unusable(PathBuf),
}

/// A private key that signs for push services. Its `Debug` form names the public key only.
pub struct Vapid {
    key: EcdsaKeyPair,
    public: String,
    subject: String,
    random: SystemRandom,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vapid").field(&self.public).finish()
    }
}

impl Vapid {
    /// Reads a private key in PEM; `subject` is whom a push service writes to.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds no P-256 key.
    pub fn load(file: &Path, subject: &str) -> Result<Self, VapidError> {
        let text = fs::read(file).map_err(|source| file_error(file, source))?;
        let unusable = || VapidError::Unusable(file.to_owned());
        let der = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|_| unusable())?;
        let random = SystemRandom::new();
        let der = der.secret_pkcs8_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random)
            .map_err(|_| unusable())?;
        Ok(Self {
            public: URL_SAFE_NO_PAD.encode(key.public_key()),
            key,
            subject: subject.to_owned(),
            random,
        })
    }

    /// The public key as browsers want it: a point of P-256, base64url (`applicationServerKey`).
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The value of `Authorization` for one push to `endpoint`. None when the key does not sign, which does not happen.
    pub(super) fn authorization(&self, endpoint: &Uri, now: SystemTime) -> Option<String> {
        let (scheme, authority) = (endpoint.scheme_str()?, endpoint.authority()?);
        let until = now.duration_since(SystemTime::UNIX_EPOCH).ok()? + GOOD_FOR;
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = json!({
            "aud": format!("{scheme}://{authority}"),
            "exp": until.as_secs(),
            "sub": self.subject,
        });
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(&self.random, signed.as_bytes()).ok()?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Some(format!("vapid t={signed}.{signature}, k={}", self.public))
    }
}

/// Makes a key unless `file` is there: `file` with the private key, readable by its owner only, and beside it `.pub` with the public one for
/// the browsers. Returns the path of the latter.
///
/// # Errors
///
/// A file cannot be written, or what is there is no key.
pub fn generate(file: &Path) -> Result<PathBuf, VapidError> {
    let public = file.with_extension("pub");
    if !file.is_file() {
        let unusable = |_| VapidError::Unusable(file.to_owned());
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        write_new(file, &pem(made.map_err(unusable)?.as_ref()), 0o600)?;
    }
    if !public.is_file() {
        write_new(
            &public,
            &format!("{}\n", Vapid::load(file, "")?.public),
            0o644,
        )?;
    }
    Ok(public)
}

fn pem(der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {LABEL}-----\n");
    let encoded = STANDARD.encode(der);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        // RFC 7468: lines of 64.
        let (line, others) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = others;
    }
    text.push_str(&format!("-----END {LABEL}-----\n"));
    text
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), VapidError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| options.open(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> VapidError {
    VapidError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use std::os::unix::fs::PermissionsExt as _;

    /// RFC 8292, 2 and 3
    #[test]
    fn a_signature_names_the_push_service_and_is_good_with_the_public_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("push/vapid.pem");
        let public = generate(&file).unwrap();
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let vapid = Vapid::load(&file, "mailto:ops@example.org").unwrap();
        assert_eq!(fs::read_to_string(&public).unwrap().trim(), vapid.public());

        let endpoint = "https://push.example.org/send/1?x=y".parse().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let value = vapid.authorization(&endpoint, now).unwrap();
        let (token, key) = value
            .strip_prefix("vapid t=")
            .unwrap()
            .split_once(", k=")
            .unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(
            &ECDSA_P256_SHA256_FIXED,
            URL_SAFE_NO_PAD.decode(key).unwrap(),
        )
        .verify(
            signed.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();
        let claims = URL_SAFE_NO_PAD
            .decode(signed.split_once('.').unwrap().1)
            .unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let expected = json!({"aud": "https://push.example.org", "exp": 44_200, "sub": "mailto:ops@example.org"});
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_key_that_is_there_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vapid.pem");
        generate(&file).unwrap();
        let before = fs::read(&file).unwrap();
        generate(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), before);
        fs::write(&file, "no key").unwrap();
        assert!(matches!(
            Vapid::load(&file, ""),
            Err(VapidError::Unusable(_))
        ));
    }
}
