//! Signing out.

use axum::extract::State;

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

/// Revokes the refresh tokens of a login, and ends the live session of the caller's device. The access token stays good until it expires.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", request_body = RefreshTokenBody, security(("bearer" = [])), responses(
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
