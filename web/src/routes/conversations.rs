//! Conversations: list, one, open.

use axum::extract::State;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::ConversationType;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
        Route::get("/api/v1/conversations", list),
        Route::post("/api/v1/conversations", open),
        Route::get("/api/v1/conversations/{id}", one),
    ]
}

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
    /// Of a later release.
    Unknown,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// Reads and writes.
    Member,
    /// Manages members.
    Admin,
    /// Manages everything.
    Owner,
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
    /// What the caller may do.
    role: RoleName,
    /// Messages of others that the caller has not read.
    unread_count: i64,
    /// Up to where the caller has read.
    read_seq: i64,
    /// Private: up to where the other one has read.
    peer_read_seq: i64,
    /// Private: up to where a device of the other one has received.
    peer_delivered_seq: i64,
    /// The highest seq; 0 when there is no message yet.
    tip_seq: u64,
    /// The entry at the tip.
    last_message: Option<Message>,
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
                _ => TypeName::Unknown,
            },
            peer: row.peer.map(Profile::from),
            role: match row.role {
                3 => RoleName::Owner,
                2 => RoleName::Admin,
                _ => RoleName::Member,
            },
            unread_count: row.unread,
            read_seq: row.read_seq,
            peer_read_seq: row.peer_read_seq,
            peer_delivered_seq: row.peer_delivered_seq,
            tip_seq: row.last.as_ref().map_or(0, |last| last.seq.0),
            last_message: row.last.map(Message::from),
            created_at: millis(row.created_at),
            updated_at: millis(row.active_at),
        }
    }
}

/// Which conversations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
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
    /// Unread messages in all conversations of the caller, not only in these.
    total_unread: i64,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// The caller's conversations. The counts are exact: they are derived from the log, in one snapshot.
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
        .conversations(caller.user, after, limit)
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
    format!("{}-{}", position.active_micros, position.id)
}

fn parse_cursor(text: &str) -> Result<Position, ApiError> {
    let parsed = text.split_once('-').and_then(|(active_micros, id)| {
        Some(Position {
            active_micros: active_micros.parse().ok()?,
            id: id.parse().ok()?,
        })
    });
    parsed.ok_or_else(|| ApiError::Invalid("cursor is not one that was given".to_owned()))
}

/// One conversation of the caller, or the world chat (id 1), in which everybody is.
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
    let row = services.store.conversation(caller.user, id).await?;
    Ok(Reply(row.into()))
}

/// With whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
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
    let row = services.store.conversation(caller.user, id).await?;
    Ok(Reply(row.into()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let position = Position {
            active_micros: 1_763_000_000_000_001,
            id: 42,
        };
        assert_eq!(parse_cursor(&print_cursor(position)).unwrap(), position);
        for bad in ["", "1", "a-1", "1-", "1-a"] {
            assert!(parse_cursor(bad).is_err(), "{bad}");
        }
    }
}
