//! What a token says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AccountKind, TokenError, platform_from_name, platform_name};
use crate::ids::{SignInId, UserId};
use crate::wire::Platform;

pub(super) const ISSUER: &str = "im";
pub(super) const AUDIENCE: &str = "im";

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is.
    pub user: UserId,
    /// What may be done with it.
    pub kind: AccountKind,
    /// The login that it comes from; revoking that one revokes the token.
    pub sign_in: SignInId,
    /// The device that it was issued for.
    pub device: String,
    /// The platform that it was issued for.
    pub platform: Platform,
    /// When it was issued; whole seconds.
    pub issued_at: SystemTime,
    /// Not good from this time on; whole seconds.
    pub expires_at: SystemTime,
    /// The token's own id.
    pub id: Uuid,
}

impl Claims {
    /// [`Claims::expires_at`] in milliseconds since 1970.
    #[must_use]
    pub fn expires_at_millis(&self) -> u64 {
        seconds(self.expires_at).saturating_mul(1_000)
    }
}

/// The claims as they are in the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) sub: String,
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) exp: u64,
    pub(super) nbf: u64,
    pub(super) iat: u64,
    pub(super) jti: String,
    pub(super) sid: String,
    pub(super) dev: String,
    pub(super) plt: String,
    pub(super) typ: String,
}

impl Payload {
    /// A platform without a name cannot be signed in: [`TokenError::Invalid`].
    pub(super) fn new(claims: &Claims) -> Result<Self, TokenError> {
        let issued_at = seconds(claims.issued_at);
        Ok(Self {
            sub: claims.user.to_string(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: seconds(claims.expires_at),
            nbf: issued_at,
            iat: issued_at,
            jti: claims.id.to_string(),
            sid: claims.sign_in.to_string(),
            dev: claims.device.clone(),
            plt: platform_name(claims.platform)
                .ok_or(TokenError::Invalid)?
                .to_owned(),
            typ: claims.kind.name().to_owned(),
        })
    }

    pub(super) fn into_claims(self) -> Result<Claims, TokenError> {
        Ok(Claims {
            user: self.sub.parse().map_err(|_| TokenError::Invalid)?,
            kind: AccountKind::from_name(&self.typ).ok_or(TokenError::Invalid)?,
            sign_in: self.sid.parse().map_err(|_| TokenError::Invalid)?,
            device: self.dev,
            platform: platform_from_name(&self.plt).ok_or(TokenError::Invalid)?,
            issued_at: time(self.iat)?,
            expires_at: time(self.exp)?,
            id: Uuid::parse_str(&self.jti).map_err(|_| TokenError::Invalid)?,
        })
    }
}

/// Whole seconds since 1970; 0 for earlier times.
pub(super) fn seconds(time: SystemTime) -> u64 {
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    elapsed.as_secs()
}

fn time(seconds: u64) -> Result<SystemTime, TokenError> {
    let elapsed = Duration::from_secs(seconds);
    UNIX_EPOCH.checked_add(elapsed).ok_or(TokenError::Invalid)
}
