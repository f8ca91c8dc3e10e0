//! Signing out.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::refresh::RefreshTokenBody;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::sign_in;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/api/v1/auth/logout", logout)]
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
    (status = 401, body = Failure, description = "Unauthenticated; TokenInvalid also for a refresh token of somebody else"),
))]
pub async fn logout(
    State(services): State<Services>,
    caller: Caller,
    Body(body): Body<RefreshTokenBody>,
) -> Result<Reply<Done>, ApiError> {
    let hash = sign_in::hash_of(&body.refresh_token)?;
    services.store.revoke(caller.user, &hash).await?;
    services
        .events
        .signed_out(caller.user, &caller.device)
        .await;
    Ok(Reply(Done {}))
}
