//! Friends: list, delete, remark.

use axum::extract::State;
use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::user::Profile;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{Body, InPath};
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{FriendRow, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/friends", list).polled(),
        Route::delete("/api/v1/friends/{friendId}", delete),
        Route::put("/api/v1/friends/{friendId}/remark", set_remark),
    ]
}

/// A friendship as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, delete, set_remark))]
pub(super) struct Paths;

#[serde(rename_all = "camelCase")]
pub struct Friend {
    /// Its id.
    #[schema(example = "123456789012345678")]
    id: String,
    /// The caller.
    #[schema(value_type = String)]
    user_id: UserId,
    /// The friend.
    #[schema(value_type = String)]
    friend_id: UserId,
    /// What the caller calls the friend, or empty.
    remark: String,
    /// When they became friends, milliseconds since 1970.
    created_at: i64,
    /// Whether the friend has a session now, and wants to be seen.
    online: bool,
    /// When the friend's last session ended, milliseconds since 1970; null: not known, or not to be seen, or online.
    last_seen: Option<i64>,
    /// The friend.
    profile: Profile,
}

impl Friend {
    pub(super) fn new(row: FriendRow, online: bool) -> Self {
        let online = online && row.visible;
        Self {
            id: row.friend.id.to_string(),
            user_id: row.friend.user_id,
            friend_id: row.friend.friend_id,
            remark: row.friend.remark,
            created_at: millis(row.friend.created_at),
            online,
            last_seen: row.last_seen.filter(|_| !online).map(millis),
            profile: row.person.into(),
        }
    }
}

/// All friends.
#[derive(Debug, Serialize, ToSchema)]
pub struct Friends {
    /// By remark, else by nickname.
    friends: Vec<Friend>,
}

/// The caller's friends. Without Redis nobody is shown as online.
#[utoipa::path(get, path = "/api/v1/friends", tag = "friends", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Friends>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
) -> Result<Reply<Friends>, ApiError> {
    let found = services.store.friends(caller.user).await?;
    let users: Vec<UserId> = found.iter().map(|row| row.friend.friend_id).collect();
    let online = services.presence.online(&users).await;
    let friends = found
        .into_iter()
        .zip(online)
        .map(|(row, online)| Friend::new(row, online))
        .collect();
    Ok(Reply(Friends { friends }))
}

/// Ends a friendship, in both directions. They may become friends again.
#[utoipa::path(delete, path = "/api/v1/friends/{friendId}", tag = "friends", security(("bearer" = [])),
    params(("friendId" = String, Path, description = "The friend")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotFriends"),
    ))]
pub async fn delete(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(friend): InPath<UserId>,
) -> Result<Reply<Done>, ApiError> {
    services.store.delete_friend(caller.user, friend).await?;
    services.events.friend_deleted(friend, caller.user).await;
    Ok(Reply(Done {}))
}

/// What to call a friend.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// At most 64 characters; empty for none.
    remark: String,
}

/// Sets what the caller calls a friend. Nobody else sees it.
#[utoipa::path(put, path = "/api/v1/friends/{friendId}/remark", tag = "friends", request_body = Remark, security(("bearer" = [])),
    params(("friendId" = String, Path, description = "The friend")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotFriends"),
    ))]
pub async fn set_remark(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(friend): InPath<UserId>,
    Body(body): Body<Remark>,
) -> Result<Reply<Done>, ApiError> {
    let remark = validate::line("remark", &body.remark, 64)?;
    services
        .store
        .set_remark(caller.user, friend, &remark)
        .await?;
    Ok(Reply(Done {}))
}
