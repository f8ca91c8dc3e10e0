//! Friends: list, delete, remark.

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::user::Profile;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery};
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{FriendPosition, FriendRow, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/friends", list).polled(),
        Route::delete("/api/v1/friends/{friendId}", delete),
        Route::put("/api/v1/friends/{friendId}/remark", set_remark),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, delete, set_remark))]
pub(super) struct Paths;

/// A friendship as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
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
    /// Whether the caller has blocked the friend.
    blocked: bool,
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
            blocked: row.friend.blocked & 2 != 0,
            profile: row.person.into(),
        }
    }
}

/// Some friends.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Friends {
    /// By remark, else by nickname.
    friends: Vec<Friend>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which friends.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FriendPage {
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// 1 to 500; 200 if missing.
    limit: Option<u32>,
}

/// The caller's friends. Without Redis nobody is shown as online.
#[utoipa::path(get, path = "/api/v1/friends", tag = "friends", params(FriendPage), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Friends>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(page): InQuery<FriendPage>,
) -> Result<Reply<Friends>, ApiError> {
    let limit = validate::limit(page.limit, 200, 500)?;
    let after = page.cursor.as_deref().map(parse_cursor).transpose()?;
    let found = services
        .cached
        .friends(caller.user, after.as_ref(), limit + 1);
    let (found, more) = validate::page(found.await?, limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|row| print_cursor(&row.position));
    let users: Vec<UserId> = found.iter().map(|row| row.friend.friend_id).collect();
    let online = services.presence.online(&users).await;
    let friends = found
        .into_iter()
        .zip(online)
        .map(|(row, online)| Friend::new(row, online))
        .collect();
    Ok(Reply(Friends {
        friends,
        next_cursor,
    }))
}

/// An opaque text: id and name of the last friend of a page.
fn print_cursor(position: &FriendPosition) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", position.friend, position.name))
}

fn parse_cursor(text: &str) -> Result<FriendPosition, ApiError> {
    let decoded = URL_SAFE_NO_PAD.decode(text).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let position = decoded.as_deref().and_then(|text| {
        let (friend, name) = text.split_once(' ')?;
        Some(FriendPosition {
            // PostgreSQL stores no NUL, and compares with none.
            name: Some(name).filter(|name| !name.contains('\0'))?.to_owned(),
            friend: friend.parse().ok()?,
        })
    });
    position.ok_or_else(|| ApiError::invalid("cursor", "is not one that was given"))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        for name in ["", "ada", "two words", "日本 🙂"] {
            let position = FriendPosition {
                name: name.to_owned(),
                friend: UserId(42),
            };
            assert_eq!(parse_cursor(&print_cursor(&position)).unwrap(), position);
        }
        let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        for bad in [
            "",
            "!",
            "7",
            &encode(b"x ada"),
            &encode(b"7"),
            &encode(b"7 a\0"),
            &encode(b"7 \xff"),
        ] {
            assert!(parse_cursor(bad).is_err(), "{bad}");
        }
    }
}
