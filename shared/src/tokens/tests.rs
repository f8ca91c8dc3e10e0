#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::ids::{SignInId, UserId};
use crate::testing::{Forged, Forger};
use crate::wire::Platform;

const NOW: Duration = Duration::from_secs(1_800_000_000);

fn now() -> SystemTime {
    UNIX_EPOCH + NOW
}

struct Setup {
    pair: KeyPair,
    signer: Signer,
    verifier: Verifier,
}

fn setup() -> Setup {
    let pair = generate_key().unwrap();
    Setup {
        signer: Signer::from_pem("k1", &pair.private_pem).unwrap(),
        verifier: Verifier::from_pems(&[("k1", &pair.public_pem)]).unwrap(),
        pair,
    }
}

fn subject(user: u64, kind: AccountKind, device: &str, platform: Platform) -> Subject<'_> {
    Subject {
        user: UserId(user),
        kind,
        sign_in: SignInId(8),
        device,
        platform,
    }
}

fn payload() -> Value {
    let now = NOW.as_secs();
    json!({
        "sub": "7", "iss": "im", "aud": "im", "exp": now + 60, "nbf": now, "iat": now,
        "jti": "00000000-0000-4000-8000-000000000000", "sid": "8", "dev": "d", "plt": "web", "typ": "user",
    })
}

impl Setup {
    /// Signs any payload with the good key.
    fn sign(&self, payload: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("k1".to_owned());
        let key = EncodingKey::from_ed_pem(self.pair.private_pem.as_bytes()).unwrap();
        jsonwebtoken::encode(&header, payload, &key).unwrap()
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.verifier.verify_at(token, now())
    }
}

/// B5, B10.
#[test]
fn a_token_is_good_for_seven_days_and_not_a_second_longer() {
    let setup = setup();
    let signed = setup
        .signer
        .sign(
            &subject(7, AccountKind::User, "phone", Platform::Ios),
            now(),
        )
        .unwrap();
    let at = |time| setup.verifier.verify_at(&signed.token, time);
    let claims = at(now()).unwrap();
    assert_eq!(claims, signed.claims);
    assert_eq!((claims.user, claims.sign_in), (UserId(7), SignInId(8)));
    assert_eq!(
        (claims.device.as_str(), claims.platform),
        ("phone", Platform::Ios)
    );
    let end = now() + Duration::from_secs(7 * 86_400);
    assert_eq!(claims.expires_at, end);
    assert!(at(end - Duration::from_secs(1)).is_ok());
    assert_eq!(at(end), Err(TokenError::Expired));
}

/// B13.
#[test]
fn a_token_of_another_key_is_refused() {
    let (setup, other) = (setup(), setup());
    let token = other.sign(&payload());
    assert!(other.verify(&token).is_ok());
    assert_eq!(setup.verify(&token), Err(TokenError::Invalid));
}

/// B13.
#[test]
fn a_token_of_an_unknown_or_missing_key_id_is_refused() {
    let setup = setup();
    let key = EncodingKey::from_ed_pem(setup.pair.private_pem.as_bytes()).unwrap();
    for key_id in [None, Some("k2".to_owned())] {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = key_id;
        let token = jsonwebtoken::encode(&header, &payload(), &key).unwrap();
        assert_eq!(setup.verify(&token), Err(TokenError::Invalid));
    }
}

/// B13: each claim is required, and is what this system writes.
#[test]
fn a_claim_that_is_wrong_or_missing_is_refused() {
    let setup = setup();
    assert!(setup.verify(&setup.sign(&payload())).is_ok());
    let wrong = [
        ("typ", json!("refresh")),
        ("typ", json!("Guest")),
        ("typ", json!("")),
        ("aud", json!("other")),
        ("iss", json!("other")),
        ("sub", json!("0")),
        ("sub", json!("-7")),
        ("sub", json!("seven")),
        ("plt", json!("fridge")),
        ("nbf", json!(NOW.as_secs() + 61)),
        ("iat", json!(NOW.as_secs() + 61)),
        ("exp", json!(NOW.as_secs() + 7 * 86_400 + 1)),
        ("sid", json!("0")),
    ];
    for (claim, value) in wrong {
        let mut payload = payload();
        payload[claim] = value;
        let refused = setup.verify(&setup.sign(&payload));
        assert_eq!(refused, Err(TokenError::Invalid), "{payload}");
    }
    for claim in [
        "sub", "iss", "aud", "exp", "nbf", "iat", "jti", "sid", "dev", "plt", "typ",
    ] {
        let mut payload = payload();
        payload.as_object_mut().unwrap().remove(claim);
        let refused = setup.verify(&setup.sign(&payload));
        assert_eq!(refused, Err(TokenError::Invalid), "{claim}");
    }
}

/// B11: the kind is inside the signature, so that every program knows a guest without asking.
#[test]
fn a_token_says_whether_it_is_a_guests() {
    let setup = setup();
    for (kind, name) in [(AccountKind::User, "user"), (AccountKind::Guest, "guest")] {
        let signed = setup
            .signer
            .sign(&subject(7, kind, "d", Platform::Web), now())
            .unwrap();
        assert_eq!(signed.claims.kind, kind);
        assert_eq!(setup.verify(&signed.token).unwrap().kind, kind);
        let mut payload = payload();
        payload["typ"] = json!(name);
        let written = setup.verify(&setup.sign(&payload)).unwrap();
        assert_eq!(written.kind, kind);
    }
}

/// B13.
#[test]
fn a_token_without_a_signature_is_refused() {
    let setup = setup();
    for header in [
        r#"{"alg":"none","kid":"k1"}"#,
        r#"{"alg":"None","kid":"k1"}"#,
        r#"{"alg":"EdDSA","kid":"k1"}"#,
    ] {
        let token = format!("{}.{}.", encode64(header), encode64(&payload().to_string()));
        assert_eq!(setup.verify(&token), Err(TokenError::Invalid), "{header}");
    }
}

/// B13: the public key is no shared secret.
#[test]
fn a_token_signed_by_hmac_with_the_public_key_is_refused() {
    let setup = setup();
    let private = SigningKey::from_pkcs8_pem(&setup.pair.private_pem).unwrap();
    let raw = private.verifying_key().to_bytes();
    for secret in [setup.pair.public_pem.as_bytes(), &raw] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut header = Header::new(algorithm);
            header.kid = Some("k1".to_owned());
            let key = EncodingKey::from_secret(secret);
            let token = jsonwebtoken::encode(&header, &payload(), &key).unwrap();
            assert_eq!(setup.verify(&token), Err(TokenError::Invalid));
        }
    }
}

/// B13: every known way to forge a token; the one that they imitate is good.
#[test]
fn every_kind_of_forged_token_is_refused() {
    let setup = setup();
    let subject = subject(7, AccountKind::User, "d", Platform::Web);
    let forger = Forger::new("k1", &setup.pair.private_pem, subject, now());
    assert_eq!(setup.verify(&forger.genuine()).unwrap().user, UserId(7));
    let forged = forger.all();
    assert!(forged.len() >= 13, "{}", forged.len());
    for Forged { name, token } in forged {
        let refused = setup.verify(&token).unwrap_err();
        let expected = match name {
            "expired" => TokenError::Expired,
            _ => TokenError::Invalid,
        };
        assert_eq!(refused, expected, "{name}");
    }
}

/// B3: a reply that is given again is the same, byte for byte.
#[test]
fn the_same_subject_second_and_id_give_the_same_token() {
    let setup = setup();
    let subject = subject(7, AccountKind::User, "d", Platform::Web);
    let id = uuid::Uuid::from_u128(8);
    let sign = |now| setup.signer.sign_as(&subject, now, id).unwrap().token;
    assert_eq!(sign(now()), sign(now() + Duration::from_millis(999)));
    assert_ne!(sign(now()), sign(now() + Duration::from_secs(1)));
}

/// B13: hostile text never panics.
#[test]
fn what_is_no_token_is_refused() {
    let setup = setup();
    let good = setup.sign(&payload());
    assert_eq!(setup.verify(&"a".repeat(100_000)), Err(TokenError::Invalid));
    for end in 0..good.len() {
        assert_eq!(setup.verify(&good[..end]), Err(TokenError::Invalid));
    }
    for text in ["", ".", "..", "...", "a.b.c", "\0.\0.\0"] {
        assert_eq!(setup.verify(text), Err(TokenError::Invalid));
    }
}

/// B14.
#[test]
fn tokens_of_the_old_and_the_new_key_are_good_during_a_rotation() {
    let (old, new) = (setup(), generate_key().unwrap());
    let keys = [
        ("k1", old.pair.public_pem.as_str()),
        ("k2", &new.public_pem),
    ];
    let verifier = Verifier::from_pems(&keys).unwrap();
    let new = Signer::from_pem("k2", &new.private_pem).unwrap();
    for signer in [old.signer, new] {
        let signed = signer
            .sign(&subject(1, AccountKind::User, "d", Platform::Web), now())
            .unwrap();
        assert!(verifier.verify_at(&signed.token, now()).is_ok());
    }
}

#[test]
fn keys_are_read_from_files_and_private_ones_are_refused_as_public() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let pair = generate_key().unwrap();
    let (private, public) = pair.write(folder.path(), "k1").unwrap();
    assert!(pair.write(folder.path(), "k1").is_err());
    assert!(pair.write(folder.path(), "../k2").is_err());
    let mode = private.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let signer = Signer::load(&private).unwrap();
    let verifier = Verifier::load(public.parent().unwrap()).unwrap();
    let signed = signer
        .sign(&subject(1, AccountKind::User, "d", Platform::Web), now())
        .unwrap();
    assert!(verifier.verify_at(&signed.token, now()).is_ok());
    assert!(Verifier::load(private.parent().unwrap()).is_err());
    assert!(Signer::load(&public).is_err());
    assert!(matches!(
        Verifier::load(folder.path()),
        Err(KeyError::Empty(_))
    ));
    assert!(!format!("{signer:?}{verifier:?}").contains("BEGIN"));
}

/// Base64 for URLs, without padding.
fn encode64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |bits: u32| char::from(DIGITS[(bits & 63) as usize]);
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        let digits = [bits >> 18, bits >> 12, bits >> 6, bits].map(digit);
        encoded.extend(&digits[..=chunk.len()]);
    }
    encoded
}
