//! Who calls: the bearer of an access token. A route says in its signature whom it admits: a [`Caller`], or
//! [`Registered`] or a [`Guest`] only.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::{AccountKind, TokenError};
use im_shared::wire::{Code, Platform};

use crate::error::ApiError;
use crate::limits::Quota;
use crate::own_writes::Whose;
use crate::services::Services;

/// Anybody who is signed in, guests too. A route that takes it needs `Authorization: Bearer`.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: UserId,
    /// What the account may do.
    pub kind: AccountKind,
    /// The login that the token came from.
    pub sign_in: SignInId,
    /// The device that the token was issued for.
    pub device: String,
    /// The platform that the token was issued for.
    pub platform: Platform,
}

impl FromRequestParts<Services> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, ApiError> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let token = header
            .and_then(|value| value.to_str().ok())
            .and_then(bearer);
        let token = token.ok_or(ApiError::Refused(Code::Unauthenticated))?;
        let claims = services.verifier.verify(token).map_err(|error| {
            ApiError::Refused(match error {
                TokenError::Expired => Code::TokenExpired,
                TokenError::Invalid => Code::TokenInvalid,
            })
        })?;
        tracing::Span::current().record("user_id", tracing::field::display(claims.user));
        services.revocations.check(claims.sign_in).await?;
        services.sightings.note(claims.sign_in);
        Whose::tell(&parts.extensions, claims.user);
        Quota::of(&parts.extensions).identified(&claims).await?;
        Ok(Self {
            user: claims.user,
            kind: claims.kind,
            sign_in: claims.sign_in,
            device: claims.device,
            platform: claims.platform,
        })
    }
}

/// Somebody who is signed in and no guest. A guest is refused before anything else of the request is looked at.
#[derive(Debug, Clone)]
pub struct Registered(pub Caller);

impl FromRequestParts<Services> for Registered {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, services).await?;
        match caller.kind {
            AccountKind::User => Ok(Self(caller)),
            AccountKind::Guest => Err(ApiError::Refused(Code::Forbidden)),
        }
    }
}

/// A guest. A registered user is refused before anything else of the request is looked at.
#[derive(Debug, Clone)]
pub struct Guest(pub Caller);

impl FromRequestParts<Services> for Guest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, services).await?;
        match caller.kind {
            AccountKind::Guest => Ok(Self(caller)),
            AccountKind::User => Err(ApiError::Refused(Code::Forbidden)),
        }
    }
}

/// The token of a header; the scheme is not case-sensitive (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_is_taken() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc"), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearer "), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
