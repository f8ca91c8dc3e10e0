//! Requests to become friends: ask, list, take back, accept, reject. Whoever is concerned is told after the commit.

use axum::extract::State;
use im_shared::ids::{FriendRequestId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::friends::Friend;
use super::user::Profile;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery, RepeatHeader};
use crate::idempotency::OnceKey;
use crate::reply::{Created, Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{Direction, RequestRow, RequestStatus, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/friends/request", request),
        Route::get("/api/v1/friends/requests", list).polled(),
        Route::delete("/api/v1/friends/requests/{id}", cancel),
        Route::post("/api/v1/friends/requests/{id}/accept", accept),
        Route::post("/api/v1/friends/requests/{id}/reject", reject),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(request, list, cancel, accept, reject))]
pub(super) struct Paths;

/// Whom to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewRequest {
    /// The account to ask.
    #[schema(value_type = String, example = "123456789012345678")]
    friend_id: UserId,
    /// What to say; at most 256 characters.
    #[serde(default)]
    message: Option<String>,
}

/// The request that was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requested {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    request_id: FriendRequestId,
}

/// Asks somebody to be friends.
#[utoipa::path(post, path = "/api/v1/friends/request", tag = "friends", request_body = NewRequest, params(RepeatHeader), security(("bearer" = [])), responses(
    (status = 201, body = Envelope<Requested>),
    (status = 400, body = Failure, description = "FriendSelf, InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest; Blocked, whoever blocked whom; RequestsClosed"),
    (status = 404, body = Failure, description = "UserNotFound, also for a guest"),
    (status = 409, body = Failure, description = "FriendAlready; FriendRequestPending, whichever of the two has asked; IdempotencyConflict: the key was used for another request"),
    (status = 429, body = Failure, description = "RateLimited: too many requests of this user"),
))]
pub async fn request(
    State(services): State<Services>,
    Registered(caller): Registered,
    key: OnceKey,
    Body(body): Body<NewRequest>,
) -> Result<Created<Requested>, ApiError> {
    let message = validate::line("message", body.message.as_deref().unwrap_or_default(), 256)?;
    let scope = format!("friend_request:{}", caller.user);
    let once = key.once(scope, &(body.friend_id, &message))?;
    let request_id = services
        .store
        .request_friend(caller.user, body.friend_id, &message, once.as_ref())
        .await?;
    services
        .events
        .friend_requested(body.friend_id, caller.user, request_id, message)
        .await;
    Ok(Created(Requested { request_id }))
}

/// Which requests to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RequestQuery {
    /// `received` if missing.
    #[serde(default)]
    #[param(inline)]
    direction: DirectionName,
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<FriendRequestId>,
    /// 1 to 200; 100 if missing.
    limit: Option<u32>,
}

/// Who asks.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DirectionName {
    /// Others ask the caller.
    #[default]
    Received,
    /// The caller asks others.
    Sent,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatusName {
    /// Not answered.
    Pending,
    /// They became friends.
    Accepted,
    /// They did not.
    Rejected,
    /// Taken back by the asker, or ended by a block.
    Cancelled,
}

/// One request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FriendRequest {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    id: FriendRequestId,
    /// Who asks.
    #[schema(value_type = String)]
    from_user_id: UserId,
    /// Who is asked.
    #[schema(value_type = String)]
    to_user_id: UserId,
    /// What the asker says.
    message: String,
    /// Where it stands.
    status: StatusName,
    /// When it was asked, milliseconds since 1970.
    created_at: i64,
    /// The other one of the two.
    user: Profile,
}

impl From<RequestRow> for FriendRequest {
    fn from(row: RequestRow) -> Self {
        Self {
            id: row.request.id,
            from_user_id: row.request.from_user_id,
            to_user_id: row.request.to_user_id,
            message: row.request.message,
            status: match row.status {
                RequestStatus::Pending => StatusName::Pending,
                RequestStatus::Accepted => StatusName::Accepted,
                RequestStatus::Rejected => StatusName::Rejected,
                RequestStatus::Cancelled => StatusName::Cancelled,
            },
            created_at: millis(row.request.created_at),
            user: row.other.into(),
        }
    }
}

/// Some requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FriendRequests {
    /// Newest first.
    requests: Vec<FriendRequest>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<FriendRequestId>,
}

/// The caller's requests in one direction, answered ones too.
#[utoipa::path(get, path = "/api/v1/friends/requests", tag = "friends", params(RequestQuery), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<FriendRequests>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(query): InQuery<RequestQuery>,
) -> Result<Reply<FriendRequests>, ApiError> {
    let limit = validate::limit(query.limit, 100, 200)?;
    let direction = match query.direction {
        DirectionName::Received => Direction::Received,
        DirectionName::Sent => Direction::Sent,
    };
    let found = services
        .store
        .friend_requests(caller.user, direction, query.after, limit + 1)
        .await?;
    let (found, more) = validate::page(found, limit);
    let last = found.last().map(|row| row.request.id);
    Ok(Reply(FriendRequests {
        requests: found.into_iter().map(FriendRequest::from).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// Takes an own request back, as long as it is not answered.
#[utoipa::path(delete, path = "/api/v1/friends/requests/{id}", tag = "friends", security(("bearer" = [])),
    params(("id" = String, Path, description = "The request")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "FriendRequestNotFound, also for a request of somebody else"),
        (status = 409, body = Failure, description = "FriendRequestAnswered"),
    ))]
pub async fn cancel(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<FriendRequestId>,
) -> Result<Reply<Done>, ApiError> {
    let asked = services.store.cancel_request(caller.user, id).await?;
    services
        .events
        .friend_cancelled(asked, caller.user, id)
        .await;
    Ok(Reply(Done {}))
}

/// The new friend.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// As the caller sees it.
    friend: Friend,
}

/// Says yes to a request. Both directions of the friendship come into being at once.
#[utoipa::path(post, path = "/api/v1/friends/requests/{id}/accept", tag = "friends", security(("bearer" = [])),
    params(("id" = String, Path, description = "The request")),
    responses(
        (status = 200, body = Envelope<Accepted>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "FriendRequestNotFound, also for a request to somebody else"),
        (status = 409, body = Failure, description = "FriendRequestAnswered"),
    ))]
pub async fn accept(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<FriendRequestId>,
) -> Result<Reply<Accepted>, ApiError> {
    let row = services.store.accept_friend(caller.user, id).await?;
    let friend_id = row.friend.friend_id;
    services
        .events
        .friend_accepted(friend_id, caller.user, id)
        .await;
    let online = services.presence.online(&[friend_id]).await.contains(&true);
    let friend = Friend::new(row, online);
    Ok(Reply(Accepted { friend }))
}

/// Says no to a request.
#[utoipa::path(post, path = "/api/v1/friends/requests/{id}/reject", tag = "friends", security(("bearer" = [])),
    params(("id" = String, Path, description = "The request")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "FriendRequestNotFound, also for a request to somebody else"),
        (status = 409, body = Failure, description = "FriendRequestAnswered"),
    ))]
pub async fn reject(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<FriendRequestId>,
) -> Result<Reply<Done>, ApiError> {
    let asker = services.store.reject_friend(caller.user, id).await?;
    services
        .events
        .friend_rejected(asker, caller.user, id)
        .await;
    Ok(Reply(Done {}))
}
