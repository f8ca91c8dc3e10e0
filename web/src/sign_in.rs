//! The pair of tokens that a login gives: a signed access token, and an opaque refresh token of which only the hash is kept.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::ids::SignInId;
use im_shared::tokens::{Signer, Subject};
use im_shared::wire::Code;
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::store::{Grant, Store, TokenHash, Upgrade};

/// How long a refresh token is good.
pub const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Bytes of randomness in a refresh token.
const REFRESH_BYTES: usize = 32;

/// A new pair of tokens.
#[derive(Debug)]
pub struct Tokens {
    /// For whom.
    pub grant: Grant,
    /// For `Authorization: Bearer` and for access.
    pub access: String,
    /// Good for one use.
    pub refresh: String,
    /// When the access token expires.
    pub expires_at: SystemTime,
}

/// Begins a family of tokens for a login.
///
/// # Errors
/// `UserDisabled`, or when PostgreSQL cannot be asked.
pub async fn begin(
    store: &Store,
    signer: &Signer,
    grant: Grant,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let (refresh, hash) = new_refresh_token();
    let sign_in = store
        .begin_family(&grant, &hash, now, REFRESH_LIFETIME)
        .await?;
    tokens(signer, grant, sign_in, refresh, now)
}

/// Makes a guest a registered user and begins a family of tokens for the same device; `grant` is that of the user.
///
/// # Errors
/// `Forbidden` for who is registered, `UsernameTaken`, `UserNotFound`, `UserDisabled`, or when PostgreSQL cannot be asked.
pub async fn upgrade(
    store: &Store,
    signer: &Signer,
    grant: Grant,
    upgrade: &Upgrade,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let (refresh, hash) = new_refresh_token();
    let sign_in = store
        .upgrade_guest(&grant, upgrade, &hash, now, REFRESH_LIFETIME)
        .await?;
    tokens(signer, grant, sign_in, refresh, now)
}

/// Uses a refresh token up and gives the next pair.
///
/// # Errors
/// `TokenInvalid`, `TokenExpired`, `TokenRevoked`, `UserDisabled`.
pub async fn refresh(
    store: &Store,
    signer: &Signer,
    token: &str,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let used = hash_of(token)?;
    let (refresh, hash) = new_refresh_token();
    let (grant, sign_in) = store.rotate(&used, &hash, now, REFRESH_LIFETIME).await?;
    tokens(signer, grant, sign_in, refresh, now)
}

/// The hash under which a refresh token is kept.
///
/// # Errors
/// `TokenInvalid` for what cannot be one.
pub fn hash_of(token: &str) -> Result<TokenHash, ApiError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .filter(|bytes| bytes.len() == REFRESH_BYTES);
    let bytes = bytes.ok_or(ApiError::Refused(Code::TokenInvalid))?;
    Ok(Sha256::digest(bytes).into())
}

fn new_refresh_token() -> (String, TokenHash) {
    let bytes: [u8; REFRESH_BYTES] = rand::random();
    (URL_SAFE_NO_PAD.encode(bytes), Sha256::digest(bytes).into())
}

fn tokens(
    signer: &Signer,
    grant: Grant,
    sign_in: SignInId,
    refresh: String,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let subject = Subject {
        user: grant.user,
        kind: grant.kind,
        sign_in,
        device: &grant.device,
        platform: grant.platform,
    };
    let signed = signer.sign(&subject, now);
    let signed = signed.map_err(|error| ApiError::internal("signing a token", error))?;
    Ok(Tokens {
        grant,
        access: signed.token,
        refresh,
        expires_at: signed.claims.expires_at,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_random_and_found_by_its_hash() {
        let (token, hash) = new_refresh_token();
        assert_eq!(token.len(), 43);
        assert_eq!(hash_of(&token).unwrap(), hash);
        assert_ne!(new_refresh_token().0, token);
    }

    #[test]
    fn what_cannot_be_a_refresh_token_is_invalid() {
        for bad in ["", "a", "!!!", &"A".repeat(42), &"A".repeat(44)] {
            assert_eq!(
                hash_of(bad).unwrap_err().code(),
                Code::TokenInvalid,
                "{bad}"
            );
        }
    }
}
