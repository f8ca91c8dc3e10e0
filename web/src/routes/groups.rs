//! Groups: list, make, look at, change, give away, dissolve. Logic decides who may; what is shown is read from the tables.

use axum::extract::State;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{GroupCreate, GroupDissolve, GroupTransfer, GroupUpdate, JoinPolicy, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::conversations::RoleName;
use crate::auth::{Caller, Registered};
use crate::commands::Outcome;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery, RepeatHeader, RepeatKey};
use crate::reply::{Created, Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{GroupRow, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/groups", list).polled(),
        Route::post("/api/v1/groups", create),
        Route::get("/api/v1/groups/{id}", one).polled(),
        Route::patch("/api/v1/groups/{id}", update),
        Route::delete("/api/v1/groups/{id}", dissolve),
        Route::put("/api/v1/groups/{id}/owner", transfer),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, create, one, update, dissolve, transfer))]
pub(super) struct Paths;

/// How one becomes a member.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JoinPolicyName {
    /// By oneself.
    Free,
    /// By oneself, once an admin agrees.
    Approval,
    /// By invitation only.
    Invite,
}

impl From<JoinPolicyName> for JoinPolicy {
    fn from(name: JoinPolicyName) -> Self {
        match name {
            JoinPolicyName::Free => Self::Free,
            JoinPolicyName::Approval => Self::Approval,
            JoinPolicyName::Invite => Self::Invite,
        }
    }
}

impl From<JoinPolicy> for JoinPolicyName {
    /// A policy of a later release is shown as the strictest.
    fn from(policy: JoinPolicy) -> Self {
        match policy {
            JoinPolicy::Free => Self::Free,
            JoinPolicy::Approval => Self::Approval,
            _ => Self::Invite,
        }
    }
}

/// A group. Who is no member is told its face and how to join only.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id, which is that of its conversation.
    #[schema(value_type = String, example = "123456789012345678")]
    id: ConversationId,
    /// Its shown name.
    name: String,
    /// Address of its picture, or empty.
    avatar: String,
    /// Members now.
    member_count: i32,
    /// How one becomes a member.
    join_policy: JoinPolicyName,
    /// What the caller may do; `none` for who is no member.
    role: RoleName,
    /// Members only: what it is about, or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Members only: the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    owner_id: Option<UserId>,
    /// Members only: members at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_limit: Option<u32>,
    /// Members only: whether new members read what was before them.
    #[serde(skip_serializing_if = "Option::is_none")]
    history_open: Option<bool>,
    /// Members only: whether only admins and the owner write.
    #[serde(skip_serializing_if = "Option::is_none")]
    silenced: Option<bool>,
    /// Members only: when it was made, milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    /// Members only: when it was last changed, milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
}

impl Group {
    fn new(row: GroupRow, member_limit: u32) -> Self {
        let inside = row.role != Role::None;
        Self {
            id: row.id,
            name: row.name,
            avatar: row.avatar,
            member_count: row.member_count,
            join_policy: row.join_policy.into(),
            role: row.role.into(),
            description: inside.then_some(row.description),
            owner_id: inside.then_some(row.owner),
            member_limit: inside.then_some(member_limit),
            history_open: inside.then_some(row.history_open),
            silenced: inside.then_some(row.silenced),
            created_at: inside.then(|| millis(row.created_at)),
            updated_at: inside.then(|| millis(row.updated_at)),
        }
    }

    /// The group as the caller finds it.
    pub(super) async fn find(
        services: &Services,
        caller: &Caller,
        id: ConversationId,
    ) -> Result<Self, ApiError> {
        let row = services.cached.group(caller.user, id).await?;
        Ok(Self::new(row, services.member_limit))
    }
}

/// Which groups.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GroupPage {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<ConversationId>,
    /// 1 to 200; 100 if missing.
    limit: Option<u32>,
}

/// Some groups.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Groups {
    /// By id.
    groups: Vec<Group>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<ConversationId>,
}

/// The groups of which the caller is a member.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups", params(GroupPage), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Groups>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(page): InQuery<GroupPage>,
) -> Result<Reply<Groups>, ApiError> {
    let limit = validate::limit(page.limit, 100, 200)?;
    let found = services.store.groups(caller.user, page.after, limit + 1);
    let (found, more) = validate::page(found.await?, limit);
    let last = found.last().map(|row| row.id);
    let group = |row| Group::new(row, services.member_limit);
    Ok(Reply(Groups {
        groups: found.into_iter().map(group).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// A group to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewGroup {
    /// 1 to 64 characters.
    #[schema(example = "Tea at five")]
    name: String,
    /// An https address or a path of this server, or empty.
    #[serde(default)]
    avatar: String,
    /// At most 1,024 bytes.
    #[serde(default)]
    description: String,
    /// `invite` if missing.
    #[serde(default)]
    join_policy: Option<JoinPolicyName>,
    /// Whether new members read what was before them; no if missing.
    #[serde(default)]
    history_open: bool,
    /// Friends of the caller, who become members at once.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    member_ids: Vec<UserId>,
}

/// Makes a group; the caller owns it.
#[utoipa::path(post, path = "/api/v1/groups", tag = "groups", request_body = NewGroup, params(RepeatHeader), security(("bearer" = [])), responses(
    (status = 201, body = Envelope<Group>),
    (status = 400, body = Failure, description = "InvalidArgument, GroupNameInvalid"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest; NotFriends: one of memberIds is no friend of the caller"),
    (status = 409, body = Failure, description = "GroupFull"),
    (status = 503, body = Failure, description = "Unavailable, RetryLater: no logic worker takes it now"),
    (status = 504, body = Failure, description = "DeadlineExceeded: no answer within 2 s; repeat it with the same Idempotency-Key"),
))]
pub async fn create(
    State(services): State<Services>,
    Registered(caller): Registered,
    key: RepeatKey,
    Body(body): Body<NewGroup>,
) -> Result<Created<Group>, ApiError> {
    let command = GroupCreate {
        client_message_id: key.0,
        name: body.name,
        avatar: body.avatar,
        description: body.description,
        join_policy: body.join_policy.unwrap_or(JoinPolicyName::Invite).into(),
        history_open: body.history_open,
        member_ids: body.member_ids,
    };
    match services.commands.order(&caller, command).await? {
        Outcome::Changed(id) => Ok(Created(Group::find(&services, &caller, id).await?)),
        Outcome::Accepted => Err(ApiError::internal(
            "making a group",
            "logic does not say which",
        )),
    }
}

/// A group, for anybody who knows its id.
#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "groups", security(("bearer" = [])),
    params(("id" = String, Path, description = "The group")),
    responses(
        (status = 200, body = Envelope<Group>),
        (status = 400, body = Failure, description = "NotAGroup, InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
    ))]
pub async fn one(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
) -> Result<Reply<Group>, ApiError> {
    Ok(Reply(Group::find(&services, &caller, id).await?))
}

/// A change of a group; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GroupChange {
    /// 1 to 64 characters.
    #[serde(default)]
    name: Option<String>,
    /// An https address or a path of this server, or empty.
    #[serde(default)]
    avatar: Option<String>,
    /// At most 1,024 bytes.
    #[serde(default)]
    description: Option<String>,
    /// How one becomes a member.
    #[serde(default)]
    join_policy: Option<JoinPolicyName>,
    /// Whether new members read what was before them.
    #[serde(default)]
    history_open: Option<bool>,
    /// Whether only admins and the owner write.
    #[serde(default)]
    silenced: Option<bool>,
}

/// Changes the face or the rules of a group. For admins and the owner.
#[utoipa::path(patch, path = "/api/v1/groups/{id}", tag = "groups", request_body = GroupChange, security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Group>),
        (status = 400, body = Failure, description = "InvalidArgument, GroupNameInvalid, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn update(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    key: RepeatKey,
    Body(body): Body<GroupChange>,
) -> Result<Reply<Group>, ApiError> {
    let command = GroupUpdate {
        conversation_id: id,
        client_message_id: key.0,
        name: body.name,
        avatar: body.avatar,
        description: body.description,
        join_policy: body.join_policy.map(JoinPolicy::from),
        history_open: body.history_open,
        silenced: body.silenced,
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(Group::find(&services, &caller, id).await?))
}

/// Ends a group: nobody is a member any more, and everybody keeps what they could read. For the owner.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "groups", security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn dissolve(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    key: RepeatKey,
) -> Result<Reply<Done>, ApiError> {
    let command = GroupDissolve {
        conversation_id: id,
        client_message_id: key.0,
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(Done {}))
}

/// Who.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NextOwner {
    /// A member.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
}

/// Gives the group to a member; the caller becomes an admin. For the owner.
#[utoipa::path(put, path = "/api/v1/groups/{id}/owner", tag = "groups", request_body = NextOwner, security(("bearer" = [])),
    params(("id" = String, Path, description = "The group"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Group>),
        (status = 400, body = Failure, description = "InvalidArgument, NotAGroup"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotPermitted"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn transfer(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    key: RepeatKey,
    Body(body): Body<NextOwner>,
) -> Result<Reply<Group>, ApiError> {
    let command = GroupTransfer {
        conversation_id: id,
        client_message_id: key.0,
        user_id: body.user_id,
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(Group::find(&services, &caller, id).await?))
}
