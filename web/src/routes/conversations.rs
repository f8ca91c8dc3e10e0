//! Conversations: list, one, open.

use std::time::{Duration, UNIX_EPOCH};

use axum::extract::State;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{ConversationType, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::messages::Message;
use super::user::Profile;
use crate::auth::{Caller, Registered};
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery};
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{ConversationRow, Position, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/conversations", list).polled(),
        Route::post("/api/v1/conversations", open),
        Route::get("/api/v1/conversations/{id}", one),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, open, one))]
pub(super) struct Paths;

/// What a conversation is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TypeName {
    /// Two people.
    Private,
    /// A group.
    Group,
    /// Everybody.
    World,
    /// Notifications of the operator.
    System,
    /// Of a later release.
    Unknown,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// Is no member, or not any more.
    None,
    /// Reads and writes.
    Member,
    /// Manages members.
    Admin,
    /// Manages everything.
    Owner,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Member => Self::Member,
            _ => Self::None,
        }
    }
}

/// A conversation as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    id: ConversationId,
    /// What it is.
    #[serde(rename = "type")]
    kind: TypeName,
    /// Private: the other one.
    peer: Option<Profile>,
    /// What the caller may do; `none` for who has left, and reads what was said until then.
    role: RoleName,
    /// Group: its shown name; else empty.
    name: String,
    /// Group: address of its picture, or empty.
    avatar: String,
    /// Group: the owner.
    #[schema(value_type = Option<String>)]
    owner_id: Option<UserId>,
    /// Group: members now.
    member_count: i32,
    /// Group: only admins and the owner write.
    silenced: bool,
    /// The caller may not write until then, milliseconds since 1970; null: may.
    silenced_until: Option<i64>,
    /// Messages of others that the caller has not read.
    unread_count: i64,
    /// Those of them that call the caller, or everybody, by name.
    mention_count: i64,
    /// Up to where the caller has read.
    read_seq: i64,
    /// Private: up to where the other one has read.
    peer_read_seq: i64,
    /// Private: up to where a device of the other one has received.
    peer_delivered_seq: i64,
    /// The highest seq that the caller is given; 0 when there is no message yet.
    tip_seq: i64,
    /// Messages up to here were before the caller's time, and are not given.
    from_seq: i64,
    /// By this one the caller left, and later ones are not given; null for a member.
    until_seq: Option<i64>,
    /// The entry at the tip.
    last_message: Option<Message>,
    /// Since when the caller keeps it at the top, milliseconds since 1970; null: not.
    pinned_at: Option<i64>,
    /// Nothing notifies until then, milliseconds since 1970; null: not muted.
    muted_until: Option<i64>,
    /// Put away by the caller.
    archived: bool,
    /// Not shown until the next message.
    hidden: bool,
    /// What the caller is writing, or empty.
    draft: String,
    /// When that was last changed, milliseconds since 1970; null: there is none.
    draft_at: Option<i64>,
    /// When it was made, milliseconds since 1970.
    created_at: i64,
    /// When its last message was stored, milliseconds since 1970.
    updated_at: i64,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: row.id,
            kind: match row.kind {
                ConversationType::Private => TypeName::Private,
                ConversationType::Group => TypeName::Group,
                ConversationType::World => TypeName::World,
                ConversationType::System => TypeName::System,
                _ => TypeName::Unknown,
            },
            peer: row.peer.map(Profile::from),
            role: row.role.into(),
            name: row.name,
            avatar: row.avatar,
            owner_id: row.owner.is_some().then_some(row.owner),
            member_count: row.member_count,
            silenced: row.silenced,
            silenced_until: row.silenced_until.map(millis),
            unread_count: row.unread,
            mention_count: row.mentions,
            read_seq: row.read_seq,
            peer_read_seq: row.peer_read_seq,
            peer_delivered_seq: row.peer_delivered_seq,
            tip_seq: row.tip_seq,
            from_seq: row.from_seq,
            until_seq: (row.until_seq > 0).then_some(row.until_seq),
            // Nothing comes after it that could be a reaction to it.
            last_message: row.last.map(Message::without_reactions),
            pinned_at: row.settings.pinned_at.map(millis),
            muted_until: row.settings.muted_until.map(millis),
            archived: row.settings.archived,
            hidden: row.settings.hidden,
            draft: row.settings.draft,
            draft_at: row.settings.draft_at.map(millis),
            created_at: millis(row.created_at),
            updated_at: millis(row.active_at),
        }
    }
}

/// Which conversations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Only those that are put away, or only the others; both if missing.
    archived: Option<bool>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// 1 to 500; 200 if missing.
    limit: Option<u32>,
}

/// Some conversations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversations {
    /// Newest first, by their last message.
    conversations: Vec<Conversation>,
    /// Unread messages in all conversations of the caller that are not hidden, not only in these.
    total_unread: i64,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// The caller's conversations, without those that are hidden and those of everybody (ids 1 and 2). The counts are exact: they are derived from the log, in one snapshot.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(Page), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Conversations>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
))]
pub async fn list(
    State(services): State<Services>,
    caller: Caller,
    InQuery(query): InQuery<Page>,
) -> Result<Reply<Conversations>, ApiError> {
    let limit = validate::limit(query.limit, 200, 500)?;
    let after = query.cursor.as_deref().map(parse_cursor).transpose()?;
    let page = services
        .store
        .conversations(caller.user, query.archived, after, limit)
        .await?;
    let last = page.conversations.last().map(|row| row.position);
    Ok(Reply(Conversations {
        total_unread: page.total_unread,
        next_cursor: last.filter(|_| page.more).map(print_cursor),
        conversations: page
            .conversations
            .into_iter()
            .map(Conversation::from)
            .collect(),
    }))
}

fn print_cursor(position: Position) -> String {
    format!("{}-{}", millis(position.active_at), position.id)
}

fn parse_cursor(text: &str) -> Result<Position, ApiError> {
    let parsed = text.split_once('-').and_then(|(active_at, id)| {
        // Until the year 9999: PostgreSQL knows few later times.
        let active_at = active_at
            .parse()
            .ok()
            .filter(|at| *at < 253_402_300_800_000)?;
        Some(Position {
            active_at: UNIX_EPOCH + Duration::from_millis(active_at),
            id: id.parse().ok()?,
        })
    });
    parsed.ok_or_else(|| ApiError::invalid("cursor", "is not one that was given"))
}

/// One conversation of the caller, also one that was left; the world chat (id 1) and the announcements (id 2) are everybody's.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations", security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, body = Envelope<Conversation>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "NotMember"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
    ))]
pub async fn one(
    State(services): State<Services>,
    caller: Caller,
    InPath(id): InPath<ConversationId>,
) -> Result<Reply<Conversation>, ApiError> {
    let row = services.cached.conversation(caller.user, id).await?;
    Ok(Reply(row.into()))
}

/// With whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpenConversation {
    /// The other one.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
}

/// The private conversation with somebody, made if need be. Doing it again gives the same one.
#[utoipa::path(post, path = "/api/v1/conversations", tag = "conversations", request_body = OpenConversation, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Conversation>),
    (status = 400, body = Failure, description = "InvalidArgument, also for oneself"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest; NotFriends"),
    (status = 404, body = Failure, description = "UserNotFound"),
    (status = 503, body = Failure, description = "Unavailable, RetryLater: no logic worker takes it now"),
    (status = 504, body = Failure, description = "DeadlineExceeded: no answer within 2 s"),
))]
pub async fn open(
    State(services): State<Services>,
    Registered(caller): Registered,
    Body(body): Body<OpenConversation>,
) -> Result<Reply<Conversation>, ApiError> {
    let id = services
        .commands
        .open_conversation(&caller, body.user_id)
        .await?;
    let row = services.cached.conversation(caller.user, id).await?;
    Ok(Reply(row.into()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let position = Position {
            active_at: UNIX_EPOCH + Duration::from_millis(1_763_000_000_001),
            id: 42,
        };
        assert_eq!(parse_cursor(&print_cursor(position)).unwrap(), position);
        for bad in ["", "1", "a-1", "1-", "1-a", "9999999999999999-1"] {
            assert!(parse_cursor(bad).is_err(), "{bad}");
        }
    }
}
