//! Signing out: this device, or all.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::auth::{Caller, Registered};
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::revocation::{Reason, Scope};
use crate::services::Services;
use crate::sign_in;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/auth/logout", logout),
        Route::post("/api/v1/auth/logout-all", logout_all),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(logout, logout_all))]
pub(super) struct Paths;

/// Which login ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Logout {
    /// A refresh token of the login; that of the access token if missing.
    #[serde(default)]
    refresh_token: Option<String>,
}

/// Which logins end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LogoutAll {
    /// Whether the caller's own stays; it does not if missing.
    #[serde(default)]
    keep_current: bool,
}

/// How many logins have ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedOut {
    /// Logins that were good until now.
    signed_out: usize,
}

/// Signs out what `scope` says, and tells everybody.
pub(super) async fn sign_out(
    services: &Services,
    caller: &Caller,
    scope: Scope,
) -> Result<SignedOut, ApiError> {
    let revoked = services.store.sign_out(caller.user, scope).await?;
    let reason = Reason::SignedOut;
    services
        .revocations
        .announce(caller.user, &revoked, reason)
        .await;
    Ok(SignedOut {
        signed_out: revoked.len(),
    })
}

impl SignedOut {
    /// Whether there was none to end.
    pub(super) fn is_none(&self) -> bool {
        self.signed_out == 0
    }
}

/// Ends a login: its access tokens and refresh tokens are refused from now on, and its live session ends.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", request_body = Option<Logout>, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Done>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenExpired, TokenRevoked; TokenInvalid also for a refresh token of somebody else"),
    (status = 503, body = Failure, description = "Unavailable"),
))]
pub async fn logout(
    State(services): State<Services>,
    caller: Caller,
    body: Option<Body<Logout>>,
) -> Result<Reply<Done>, ApiError> {
    let (store, user) = (&services.store, caller.user);
    let revoked = match body.and_then(|Body(body)| body.refresh_token) {
        Some(token) => {
            let hash = sign_in::hash_of(&token)?;
            store.sign_out_by_token(user, &hash).await?
        }
        None => store.sign_oneself_out(user, caller.sign_in).await?,
    };
    let reason = Reason::SignedOut;
    services.revocations.announce(user, &revoked, reason).await;
    Ok(Reply(Done {}))
}

/// Ends all logins of the caller, on every device; with `keepCurrent` all but the one that asks.
#[utoipa::path(post, path = "/api/v1/auth/logout-all", tag = "auth", request_body = Option<LogoutAll>, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<SignedOut>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for a guest, who has one login"),
    (status = 503, body = Failure, description = "Unavailable"),
))]
pub async fn logout_all(
    State(services): State<Services>,
    Registered(caller): Registered,
    body: Option<Body<LogoutAll>>,
) -> Result<Reply<SignedOut>, ApiError> {
    let keep = body.is_some_and(|Body(body)| body.keep_current);
    let scope = if keep {
        Scope::Others(caller.sign_in)
    } else {
        Scope::All
    };
    sign_out(&services, &caller, scope).await.map(Reply)
}
