//! The block list. Neither of two of whom one has blocked the other reaches the other: no message, no request, no invitation, no presence.

use axum::extract::State;
use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::user::Profile;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{InPath, InQuery};
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{BlockRow, Effect, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/blocks", list).polled(),
        Route::put("/api/v1/blocks/{userId}", block),
        Route::delete("/api/v1/blocks/{userId}", unblock),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, block, unblock))]
pub(super) struct Paths;

/// Somebody whom the caller has blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blocked {
    /// Who.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Since when, milliseconds since 1970.
    created_at: i64,
    /// Who that is.
    profile: Profile,
}

impl From<BlockRow> for Blocked {
    fn from(row: BlockRow) -> Self {
        Self {
            user_id: row.block.blocked_id,
            created_at: millis(row.block.created_at),
            profile: row.person.into(),
        }
    }
}

/// Some of those whom the caller has blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blocks {
    /// By user id.
    users: Vec<Blocked>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<UserId>,
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BlockPage {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
    /// 1 to 200; 100 if missing.
    limit: Option<u32>,
}

/// Whom the caller has blocked.
#[utoipa::path(get, path = "/api/v1/blocks", tag = "friends", params(BlockPage), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Blocks>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(page): InQuery<BlockPage>,
) -> Result<Reply<Blocks>, ApiError> {
    let limit = validate::limit(page.limit, 100, 200)?;
    let found = services.store.blocks(caller.user, page.after, limit + 1);
    let (found, more) = validate::page(found.await?, limit);
    let last = found.last().map(|row| row.block.blocked_id);
    Ok(Reply(Blocks {
        users: found.into_iter().map(Blocked::from).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// Blocks somebody, friend or stranger; again has no effect. A friendship stays, and rests. They are not told.
#[utoipa::path(put, path = "/api/v1/blocks/{userId}", tag = "friends", security(("bearer" = [])),
    params(("userId" = String, Path, description = "Whom to block")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument, also for oneself"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn block(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(user): InPath<UserId>,
) -> Result<Reply<Done>, ApiError> {
    if user == caller.user {
        return Err(ApiError::invalid("userId", "is somebody else"));
    }
    if services.store.block(caller.user, user).await? == Effect::Parted {
        for (one, other) in [(caller.user, user), (user, caller.user)] {
            services.events.presence_changed(one, other, false).await;
        }
    }
    Ok(Reply(Done {}))
}

/// Unblocks somebody; who is not blocked stays so. A friendship is as it was, unless they have blocked the caller.
#[utoipa::path(delete, path = "/api/v1/blocks/{userId}", tag = "friends", security(("bearer" = [])),
    params(("userId" = String, Path, description = "Whom to unblock")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
    ))]
pub async fn unblock(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(user): InPath<UserId>,
) -> Result<Reply<Done>, ApiError> {
    if services.store.unblock(caller.user, user).await? == Effect::Rejoined {
        show_again(&services, caller.user, user).await?;
    }
    Ok(Reply(Done {}))
}

/// Tells each of two friends that the other one is there, where that is so.
async fn show_again(services: &Services, one: UserId, other: UserId) -> Result<(), ApiError> {
    let online = services.presence.online(&[one, other]).await;
    for ((user, told), online) in [(one, other), (other, one)].into_iter().zip(online) {
        if online && !services.store.is_invisible(user).await? {
            services.events.presence_changed(told, user, true).await;
        }
    }
    Ok(())
}
