//! Tokens that look like ours and are not, one for each way that is known to fool verifiers. Every door of the system must refuse all of them.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{Signer as _, SigningKey};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::tokens::{ACCESS_TOKEN_LIFE, Subject, platform_name};

/// A token that must be refused.
#[derive(Debug, Clone)]
pub struct Forged {
    /// What is wrong with it.
    pub name: &'static str,
    /// The token.
    pub token: String,
}

/// What a forger knows: the key id and the public key, as everybody does, and, for the kinds that show that the signature alone is not
/// enough, the private key.
pub struct Forger<'a> {
    key_id: &'a str,
    key: SigningKey,
    subject: Subject<'a>,
    now: u64,
}

impl<'a> Forger<'a> {
    /// Forges tokens of `subject`, against the key whose private PEM this is.
    #[must_use]
    pub fn new(key_id: &'a str, private_pem: &str, subject: Subject<'a>, now: SystemTime) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Self {
            key_id,
            key: SigningKey::from_pkcs8_pem(private_pem).unwrap(),
            subject,
            now: now.as_secs(),
        }
    }

    /// The token that all of them imitate; it is good.
    #[must_use]
    pub fn genuine(&self) -> String {
        signed(&self.header(), &self.payload().to_string(), &self.key)
    }

    /// One of each kind.
    #[must_use]
    pub fn all(&self) -> Vec<Forged> {
        let kinds = [
            self.unsigned(),
            self.other_algorithms(),
            self.other_keys(),
            self.headers(),
            self.claims(),
            self.broken(),
        ];
        let forged = |(name, token)| Forged { name, token };
        kinds.into_iter().flatten().map(forged).collect()
    }

    fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": "EdDSA", "kid": self.key_id})
    }

    fn payload(&self) -> Value {
        json!({
            "sub": self.subject.user.to_string(), "iss": "im", "aud": "im",
            "exp": self.now + ACCESS_TOKEN_LIFE.as_secs(), "nbf": self.now, "iat": self.now,
            "jti": "00000000-0000-4000-8000-000000000000", "sid": self.subject.sign_in.to_string(),
            "dev": self.subject.device, "plt": platform_name(self.subject.platform).unwrap(),
            "typ": self.subject.kind.name(),
        })
    }

    fn unsigned(&self) -> Vec<(&'static str, String)> {
        let without = |algorithm: &str| {
            let header = with(self.header(), "alg", json!(algorithm));
            format!(
                "{}.{}.",
                encode(header.to_string()),
                encode(self.payload().to_string())
            )
        };
        vec![
            ("alg none", without("none")),
            ("alg None", without("None")),
            ("alg nOnE", without("nOnE")),
            ("no signature", without("EdDSA")),
        ]
    }

    /// The public key taken for a shared secret, and algorithms that no key of ours has.
    fn other_algorithms(&self) -> Vec<(&'static str, String)> {
        let public = self.key.verifying_key();
        let pem = public.to_public_key_pem(LineEnding::LF).unwrap();
        let hmac = |secret: &[u8]| {
            let message = self.message("HS256");
            let key = EncodingKey::from_secret(secret);
            let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
            format!("{message}.{}", mac.unwrap())
        };
        let bogus = |algorithm: &str, length: usize| {
            let signature: Vec<u8> = (0..length).map(|_| rand::random()).collect();
            format!("{}.{}", self.message(algorithm), encode(signature))
        };
        vec![
            ("HS256 with the public PEM", hmac(pem.as_bytes())),
            ("HS256 with the public key", hmac(public.as_bytes())),
            ("HS256 with nothing", hmac(b"")),
            ("ES256", bogus("ES256", 64)),
            ("RS256", bogus("RS256", 256)),
        ]
    }

    fn message(&self, algorithm: &str) -> String {
        let header = with(self.header(), "alg", json!(algorithm));
        format!(
            "{}.{}",
            encode(header.to_string()),
            encode(self.payload().to_string())
        )
    }

    fn other_keys(&self) -> Vec<(&'static str, String)> {
        let own = SigningKey::from_bytes(&rand::random());
        let payload = self.payload().to_string();
        let by = |header: &Value| signed(header, &payload, &own);
        let kid = |id: Value| with(self.header(), "kid", id);
        let mut nameless = self.header();
        nameless.as_object_mut().unwrap().remove("kid");
        let public = encode(own.verifying_key().as_bytes());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": public, "kid": self.key_id});
        vec![
            ("another key", by(&self.header())),
            (
                "an unknown kid",
                signed(&kid(json!("nobody")), &payload, &self.key),
            ),
            ("no kid", signed(&nameless, &payload, &self.key)),
            (
                "a kid that is a path",
                by(&kid(json!("../../../../dev/null"))),
            ),
            ("a kid that is SQL", by(&kid(json!("' UNION SELECT 'key")))),
            ("a key in the header", by(&with(self.header(), "jwk", jwk))),
            (
                "the address of a key",
                by(&with(
                    self.header(),
                    "jku",
                    json!("https://evil.example/keys.json"),
                )),
            ),
            (
                "the address of a certificate",
                by(&with(
                    self.header(),
                    "x5u",
                    json!("https://evil.example/x.pem"),
                )),
            ),
        ]
    }

    /// Signed with the good key, with a header that we never write.
    fn headers(&self) -> Vec<(&'static str, String)> {
        let payload = self.payload().to_string();
        let having = |name: &str, value: Value| {
            signed(&with(self.header(), name, value), &payload, &self.key)
        };
        vec![
            ("something critical", having("crit", json!(["exp"]))),
            ("a payload that is not encoded", having("b64", json!(false))),
            ("another kind of token", having("typ", json!("reset+jwt"))),
            ("a nested token", having("cty", json!("JWT"))),
            ("compression", having("zip", json!("DEF"))),
        ]
    }

    /// Signed with the good key, saying what we never say.
    fn claims(&self) -> Vec<(&'static str, String)> {
        let saying = |name: &str, value: Value| {
            let payload = with(self.payload(), name, value).to_string();
            signed(&self.header(), &payload, &self.key)
        };
        let mut without = self.payload();
        without.as_object_mut().unwrap().remove("sid");
        let twice = self
            .payload()
            .to_string()
            .replacen('{', r#"{"sub":"1","#, 1);
        let hour = Duration::from_secs(3_600).as_secs();
        let old = with(self.payload(), "iat", json!(self.now - hour));
        let old = with(old, "exp", json!(self.now - 1));
        vec![
            ("a refresh token's type", saying("typ", json!("refresh"))),
            ("a reset token's type", saying("typ", json!("reset"))),
            ("another audience", saying("aud", json!("im-reset"))),
            ("several audiences", saying("aud", json!(["im", "other"]))),
            (
                "an issuer that begins like ours",
                saying("iss", json!("im.evil.example")),
            ),
            ("from the future", saying("iat", json!(self.now + hour))),
            ("not yet good", saying("nbf", json!(self.now + hour))),
            (
                "good for a year",
                saying("exp", json!(self.now + 365 * 24 * hour)),
            ),
            (
                "expired",
                signed(&self.header(), &old.to_string(), &self.key),
            ),
            (
                "no sign-in",
                signed(&self.header(), &without.to_string(), &self.key),
            ),
            ("a claim twice", signed(&self.header(), &twice, &self.key)),
        ]
    }

    fn broken(&self) -> Vec<(&'static str, String)> {
        let genuine = self.genuine();
        let mut parts = genuine.split('.');
        let mut part = || parts.next().unwrap();
        let (header, payload, signature) = (part(), part(), part());
        let user = (self.subject.user.0 + 1).to_string();
        let other = with(self.payload(), "sub", json!(user)).to_string();
        let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
        flipped[0] ^= 1;
        vec![
            (
                "another payload",
                format!("{header}.{}.{signature}", encode(other)),
            ),
            (
                "a signature that is cut",
                format!("{header}.{payload}.{}", &signature[..40]),
            ),
            (
                "a signature with a flipped bit",
                format!("{header}.{payload}.{}", encode(flipped)),
            ),
            ("two signatures", format!("{genuine}.{signature}")),
            ("white space", format!("{header}.{payload}. {signature}")),
            ("too long", format!("{genuine}{}", "A".repeat(2_048))),
        ]
    }
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn signed(header: &Value, payload: &str, key: &SigningKey) -> String {
    let message = format!("{}.{}", encode(header.to_string()), encode(payload));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", encode(signature.to_bytes()))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
