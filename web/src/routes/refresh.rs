//! The next pair of tokens.

use std::time::SystemTime;

use axum::extract::State;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::login::TokenPair;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::sign_in;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/api/v1/auth/refresh", refresh)]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(refresh))]
pub(super) struct Paths;

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RefreshTokenBody {
    /// As login or the last refresh gave it.
    pub(super) refresh_token: String,
}

/// Gives the next pair; the used refresh token is dead. Using it again within 30 seconds, for a reply that was lost, gives the same pair, as
/// long as that was not used. Later it revokes all that came from the same login.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", request_body = RefreshTokenBody, responses(
    (status = 200, body = Envelope<TokenPair>),
    (status = 401, body = Failure, description = "TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "UserDisabled"),
))]
pub async fn refresh(
    State(services): State<Services>,
    address: ClientAddress,
    Body(body): Body<RefreshTokenBody>,
) -> Result<Reply<TokenPair>, ApiError> {
    let (address, now) = (address.to_string(), SystemTime::now());
    let tokens = sign_in::refresh(&services, &body.refresh_token, &address, now).await?;
    Ok(Reply(tokens.into()))
}
