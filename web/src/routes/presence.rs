//! Whether others see the caller.

use axum::extract::State;
use im_shared::wire::PresenceSet;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/user/presence", own),
        Route::put("/api/v1/user/presence", set),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(own, set))]
pub(super) struct Paths;

/// Whether others see the caller.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// Offline to everybody, whatever is true.
    invisible: bool,
}

/// Whether others see the caller.
#[utoipa::path(get, path = "/api/v1/user/presence", tag = "user", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Visibility>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn own(
    State(services): State<Services>,
    Registered(caller): Registered,
) -> Result<Reply<Visibility>, ApiError> {
    let invisible = services.store.is_invisible(caller.user).await?;
    Ok(Reply(Visibility { invisible }))
}

/// Hides the caller from everybody, or shows the caller again. Friends who are online are told.
#[utoipa::path(put, path = "/api/v1/user/presence", tag = "user", request_body = Visibility, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Visibility>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 503, body = Failure, description = "Unavailable, RetryLater"),
    (status = 504, body = Failure, description = "DeadlineExceeded"),
))]
pub async fn set(
    State(services): State<Services>,
    Registered(caller): Registered,
    Body(body): Body<Visibility>,
) -> Result<Reply<Visibility>, ApiError> {
    let command = PresenceSet {
        invisible: body.invisible,
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(body))
}
