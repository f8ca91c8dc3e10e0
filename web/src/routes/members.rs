//! The members of a group: list, invite, remove or leave, roles and voices.

use axum::extract::State;
use axum::response::Response;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{GroupInvite, GroupLeave, GroupRemove, GroupRole, GroupSilence, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::conversations::RoleName;
use super::groups::Group;
use super::joins::now_or_asked;
use super::user::Profile;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery, RepeatHeader, RepeatKey};
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{MemberRow, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/groups/{id}/members", list),
        Route::post("/api/v1/groups/{id}/members", invite),
        Route::patch("/api/v1/groups/{id}/members/{userId}", change),
        Route::delete("/api/v1/groups/{id}/members/{userId}", remove),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, invite, change, remove))]
pub(super) struct Paths;

/// A member of a group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The account.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// What the member may do.
    role: RoleName,
    /// When the member joined, milliseconds since 1970.
    joined_at: i64,
    /// The member may not write until then, milliseconds since 1970; null: may.
    silenced_until: Option<i64>,
    /// Who invited or admitted the member; null for who came alone.
    #[schema(value_type = Option<String>)]
    invited_by: Option<UserId>,
    /// The account.
    profile: Profile,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: row.person.id,
            role: row.role.into(),
            joined_at: millis(row.joined_at),
            silenced_until: row.silenced_until.map(millis),
            invited_by: row.invited_by,
            profile: row.person.into(),
        }
    }
}

/// Some members.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// By user id.
    members: Vec<Member>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<UserId>,
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MemberPage {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
    /// 1 to 500; 200 if missing.
    limit: Option<u32>,
}

/// The members of one of the caller's groups.
#[utoipa::path(get, path = "/api/v1/groups/{id}/members", tag = "groups", security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), MemberPage),
    responses(
        (status = 200, body = Envelope<Members>),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
    ))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    InQuery(page): InQuery<MemberPage>,
) -> Result<Reply<Members>, ApiError> {
    let limit = validate::limit(page.limit, 200, 500)?;
    services.cached.own_group(caller.user, id).await?;
    let found = services.cached.members(id, page.after, limit + 1).await?;
    let (found, more) = validate::page(found, limit);
    let last = found.last().map(|row| row.person.id);
    Ok(Reply(Members {
        members: found.into_iter().map(Member::from).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Invitation {
    /// Friends of the caller, 1 to 500.
    #[schema(value_type = Vec<String>)]
    user_ids: Vec<UserId>,
}

/// Makes friends of the caller members, or, where admins have to agree and the caller is none, asks for it.
#[utoipa::path(post, path = "/api/v1/groups/{id}/members", tag = "groups", request_body = Invitation, security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Group>, description = "They are members; who was one already is passed over"),
        (status = 202, body = Envelope<Done>, description = "The admins are asked"),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted; NotFriends: one of them is no friend of the caller"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 409, body = Failure, description = "AlreadyMember: all of them; GroupFull"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn invite(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    key: RepeatKey,
    Body(body): Body<Invitation>,
) -> Result<Response, ApiError> {
    let command = GroupInvite {
        conversation_id: id,
        client_message_id: key.0,
        user_ids: body.user_ids,
    };
    now_or_asked(&services, &caller, id, command).await
}

/// The roles that one is given; the owner gives the group away by `PUT /groups/{id}/owner`.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GivenRole {
    /// Reads and writes.
    Member,
    /// Manages members.
    Admin,
}

/// Exactly one change of a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MemberChange {
    /// The role from now on. For the owner.
    #[serde(default)]
    role: Option<GivenRole>,
    /// May not write until then, milliseconds since 1970; 0: may again.
    #[serde(default)]
    silenced_until: Option<i64>,
}

/// Changes the role of a member, or takes the member's voice for a time.
#[utoipa::path(patch, path = "/api/v1/groups/{id}/members/{userId}", tag = "groups", request_body = MemberChange, security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), ("userId" = String, Path, description = "The member"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Member>),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn change(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath((id, user)): InPath<(ConversationId, UserId)>,
    key: RepeatKey,
    Body(body): Body<MemberChange>,
) -> Result<Reply<Member>, ApiError> {
    let commands = &services.commands;
    match (body.role, body.silenced_until) {
        (Some(role), None) => {
            let command = GroupRole {
                conversation_id: id,
                client_message_id: key.0,
                user_id: user,
                role: match role {
                    GivenRole::Member => Role::Member,
                    GivenRole::Admin => Role::Admin,
                },
            };
            commands.order(&caller, command).await?;
        }
        (None, Some(until)) => {
            let command = GroupSilence {
                conversation_id: id,
                client_message_id: key.0,
                user_id: user,
                until: validate::time("silencedUntil", until)?,
            };
            commands.order(&caller, command).await?;
        }
        _ => {
            let rule = "is given without silencedUntil, or the other way round";
            return Err(ApiError::invalid("role", rule));
        }
    }
    Ok(Reply(services.store.member(id, user).await?.into()))
}

/// Ends a membership: one's own, or, for admins and the owner, somebody else's. An owner who leaves gives the group to the
/// longest-standing admin, else member; the last one who leaves dissolves it.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/members/{userId}", tag = "groups", security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), ("userId" = String, Path, description = "The member; oneself to leave"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn remove(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath((id, user)): InPath<(ConversationId, UserId)>,
    key: RepeatKey,
) -> Result<Reply<Done>, ApiError> {
    if user == caller.user {
        let command = GroupLeave {
            conversation_id: id,
            client_message_id: key.0,
        };
        services.commands.order(&caller, command).await?;
    } else {
        let command = GroupRemove {
            conversation_id: id,
            client_message_id: key.0,
            user_id: user,
        };
        services.commands.order(&caller, command).await?;
    }
    Ok(Reply(Done {}))
}
