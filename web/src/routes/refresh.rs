//! The next pair of tokens.

use std::time::SystemTime;

use axum::extract::State;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::login::TokenPair;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::sign_in;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/api/v1/auth/refresh", refresh)]
}

/// A refresh token.
/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(refresh))]
pub(super) struct Paths;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RefreshTokenBody {
    /// As login or the last refresh gave it.
    pub(super) refresh_token: String,
}

/// Gives the next pair. The used refresh token is dead; using it again revokes all that came from the same login.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", request_body = RefreshTokenBody, responses(
    (status = 200, body = Envelope<TokenPair>),
    (status = 401, body = Failure, description = "TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "UserDisabled"),
))]
pub async fn refresh(
    State(services): State<Services>,
    Body(body): Body<RefreshTokenBody>,
) -> Result<Reply<TokenPair>, ApiError> {
    let now = SystemTime::now();
    let tokens =
        sign_in::refresh(&services.store, &services.signer, &body.refresh_token, now).await?;
    Ok(Reply(tokens.into()))
}
