//! The pair of tokens that a login gives: a signed access token, and an opaque refresh token of which only the hash is kept.

use std::time::{Duration, SystemTime};

use im_shared::ids::SignInId;
use im_shared::tokens::{Signer, Subject};
use im_shared::wire::Code;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ApiError;
use crate::refresh_token::RefreshSecret;
use crate::revocation::Reason;
use crate::services::Services;
use crate::store::{Grant, Rotation, TokenHash, Upgrade};
use crate::visit::Visit;

/// How long a refresh token is good.
pub const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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

/// Begins a family of tokens for a login; `password` is the hash that was checked, where one was.
///
/// # Errors
/// `UserDisabled`; `WrongCredentials` when the password was changed meanwhile; or when PostgreSQL cannot be asked.
pub async fn begin(
    services: &Services,
    grant: Grant,
    password: Option<&str>,
    visit: &Visit,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let refresh = RefreshSecret::generate();
    let begun = services
        .store
        .begin_family(
            &grant,
            password,
            visit,
            &refresh.hash(),
            now,
            REFRESH_LIFETIME,
        )
        .await?;
    let (replaced, reason) = (&begun.replaced, Reason::Replaced);
    services
        .revocations
        .announce(grant.user, replaced, reason)
        .await;
    let id = begun.sign_in.to_sql();
    tokens(&services.signer, grant, begun.sign_in, (id, &refresh), now)
}

/// Makes a guest a registered user and begins a family of tokens for the same device; `grant` is that of the user.
///
/// # Errors
/// `Forbidden` for who is registered, `UsernameTaken`, `UserNotFound`, `UserDisabled`, or when PostgreSQL cannot be asked.
pub async fn upgrade(
    services: &Services,
    grant: Grant,
    visit: &Visit,
    upgrade: &Upgrade,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let refresh = RefreshSecret::generate();
    let begun = services
        .store
        .upgrade_guest(
            &grant,
            visit,
            upgrade,
            &refresh.hash(),
            now + REFRESH_LIFETIME,
        )
        .await?;
    let (replaced, reason) = (&begun.replaced, Reason::Upgraded);
    services
        .revocations
        .announce(grant.user, replaced, reason)
        .await;
    let id = begun.sign_in.to_sql();
    tokens(&services.signer, grant, begun.sign_in, (id, &refresh), now)
}

/// Uses a refresh token up and gives the next pair; `address` is where it was used. Where the reply of the first use was lost, the same pair
/// is given again, byte for byte.
///
/// # Errors
/// `TokenInvalid`, `TokenExpired`, `TokenRevoked`, `UserDisabled`.
pub async fn refresh(
    services: &Services,
    token: &str,
    address: &str,
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let used = RefreshSecret::parse(token)?;
    let next = RefreshSecret::generate();
    let rotated = services
        .store
        .rotate(&used, &next, address, now, REFRESH_LIFETIME);
    match rotated.await? {
        Rotation::Given(given) => {
            let pair = (given.id, &given.token);
            tokens(
                &services.signer,
                given.grant,
                given.sign_in,
                pair,
                given.made_at,
            )
        }
        Rotation::Reused { user, revoked } => {
            metrics::counter!("im_refresh_tokens_reused_total").increment(1);
            let reason = Reason::Reused;
            services.revocations.announce(user, &revoked, reason).await;
            Err(ApiError::Refused(Code::TokenRevoked))
        }
    }
}

/// The hash under which a refresh token is kept.
///
/// # Errors
/// `TokenInvalid` for what cannot be one.
pub fn hash_of(token: &str) -> Result<TokenHash, ApiError> {
    Ok(RefreshSecret::parse(token)?.hash())
}

/// The pair whose refresh token is the row `id`. All of it follows from the arguments, so that the same pair can be made again.
fn tokens(
    signer: &Signer,
    grant: Grant,
    sign_in: SignInId,
    (id, refresh): (i64, &RefreshSecret),
    now: SystemTime,
) -> Result<Tokens, ApiError> {
    let subject = Subject {
        user: grant.user,
        kind: grant.kind,
        sign_in,
        device: &grant.device,
        platform: grant.platform,
    };
    let signed = signer.sign_as(&subject, now, access_token_id(id));
    let signed = signed.map_err(|error| ApiError::internal("signing a token", error))?;
    Ok(Tokens {
        grant,
        access: signed.token,
        refresh: refresh.text(),
        expires_at: signed.claims.expires_at,
    })
}

/// The id of the access token that is given together with a refresh token.
fn access_token_id(refresh: i64) -> Uuid {
    let digest = Sha256::new().chain_update(b"im access token 1");
    let digest: [u8; 32] = digest.chain_update(refresh.to_be_bytes()).finalize().into();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}
