//! Joining a group, and the requests to.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{self, Code, GroupAnswer, GroupJoin, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::groups::Group;
use super::user::Profile;
use crate::auth::{Caller, Registered};
use crate::commands::Outcome;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery, RepeatHeader, RepeatKey};
use crate::reply::{Accepted, Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::millis;
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/groups/{id}/join", join),
        Route::get("/api/v1/groups/{id}/requests", requests),
        Route::put("/api/v1/groups/{id}/requests/{userId}", answer),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(join, requests, answer))]
pub(super) struct Paths;

/// A word to the admins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// At most 256 characters, or nothing.
    #[serde(default)]
    message: String,
}

/// Makes the caller a member, or asks the admins to.
#[utoipa::path(post, path = "/api/v1/groups/{id}/join", tag = "groups", request_body = Joining, security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Group>, description = "The caller is a member"),
        (status = 202, body = Envelope<Done>, description = "The admins are asked"),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; InviteOnly"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 409, body = Failure, description = "AlreadyMember, JoinRequestPending, GroupFull"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn join(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    key: RepeatKey,
    Body(body): Body<Joining>,
) -> Result<Response, ApiError> {
    let command = GroupJoin {
        conversation_id: id,
        client_message_id: key.0,
        message: validate::line("message", &body.message, 256)?,
    };
    now_or_asked(&services, &caller, id, command).await
}

/// Orders what somebody may have to agree to: 200 with the group, or 202.
pub(super) async fn now_or_asked(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    command: impl Into<wire::Body>,
) -> Result<Response, ApiError> {
    match services.commands.order(caller, command).await? {
        Outcome::Changed(_) => Ok(Reply(Group::find(services, caller, id).await?).into_response()),
        Outcome::Accepted => Ok(Accepted(Done {}).into_response()),
    }
}

/// Somebody who wants to join.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// Who.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Who asked: the same, or a member who invited them.
    #[schema(value_type = String)]
    asked_by: UserId,
    /// For the admins, or empty.
    message: String,
    /// When it was asked, milliseconds since 1970.
    created_at: i64,
    /// Who.
    profile: Profile,
}

/// Some of those who want to join.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequests {
    /// The oldest first.
    requests: Vec<JoinRequest>,
    /// `after` for the next page; null on the last one.
    next_after: Option<String>,
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RequestPage {
    /// `nextAfter` of the page before.
    after: Option<i64>,
    /// 1 to 200; 100 if missing.
    limit: Option<u32>,
}

/// Those who want to join and have no answer yet. For admins and the owner.
#[utoipa::path(get, path = "/api/v1/groups/{id}/requests", tag = "groups", security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), RequestPage),
    responses(
        (status = 200, body = Envelope<JoinRequests>),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
    ))]
pub async fn requests(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    InQuery(page): InQuery<RequestPage>,
) -> Result<Reply<JoinRequests>, ApiError> {
    let limit = validate::limit(page.limit, 100, 200)?;
    let group = services.store.own_group(caller.user, id).await?;
    if group.role < Role::Admin {
        return Err(ApiError::Refused(Code::NotPermitted));
    }
    let found = services
        .store
        .join_requests(id, page.after, limit + 1)
        .await?;
    let (found, more) = validate::page(found, limit);
    let last = found.last().map(|row| row.id.to_string());
    let requests = found.into_iter().map(|row| JoinRequest {
        user_id: row.person.id,
        asked_by: row.asked_by,
        message: row.message,
        created_at: millis(row.created_at),
        profile: row.person.into(),
    });
    Ok(Reply(JoinRequests {
        requests: requests.collect(),
        next_after: last.filter(|_| more),
    }))
}

/// The answer to somebody who wants to join.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinAnswer {
    /// Becomes a member, or not.
    accept: bool,
}

/// Answers a request to join. For admins and the owner.
#[utoipa::path(put, path = "/api/v1/groups/{id}/requests/{userId}", tag = "groups", request_body = JoinAnswer, security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), ("userId" = String, Path, description = "Who asks"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound, JoinRequestNotFound"),
        (status = 409, body = Failure, description = "GroupFull, MessageConflict"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn answer(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath((id, user)): InPath<(ConversationId, UserId)>,
    key: RepeatKey,
    Body(body): Body<JoinAnswer>,
) -> Result<Reply<Done>, ApiError> {
    let command = GroupAnswer {
        conversation_id: id,
        client_message_id: key.0,
        user_id: user,
        accept: body.accept,
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(Done {}))
}
