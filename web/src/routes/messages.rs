//! The history of a conversation, for those who want no socket.

use axum::extract::State;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::EntryType;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Route;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{InPath, InQuery};
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{Entry, Window, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/conversations/{id}/messages", history)]
}

/// One entry of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    id: MessageId,
    /// The conversation.
    #[schema(value_type = String)]
    conversation_id: ConversationId,
    /// Who made it.
    #[schema(value_type = String)]
    sender_id: UserId,
    /// The text, or the typed content of another type.
    content: String,
    /// `text`, `image`, `file`, `voice`, `video`, `system`, `custom`, `edit`, `recall`, `reaction`, `member`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "text")]
    kind: &'static str,
    /// Its position: 1, 2, 3, no hole.
    seq: u64,
    /// When it was stored, milliseconds since 1970.
    created_at: i64,
    /// The sender's id for it, a UUID.
    client_message_id: String,
}

impl From<Entry> for Message {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            conversation_id: entry.conversation,
            sender_id: entry.sender,
            content: entry.content,
            kind: type_name(entry.kind),
            seq: entry.seq.0,
            created_at: millis(entry.created_at),
            client_message_id: entry.client_message_id.to_string(),
        }
    }
}

fn type_name(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Text => "text",
        EntryType::Image => "image",
        EntryType::File => "file",
        EntryType::Voice => "voice",
        EntryType::Video => "video",
        EntryType::System => "system",
        EntryType::Custom => "custom",
        EntryType::Edit => "edit",
        EntryType::Recall => "recall",
        EntryType::Reaction => "reaction",
        EntryType::Member => "member",
        _ => "unknown",
    }
}

/// Which messages to read: the newest, or those next to a position.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// The newest with a smaller seq.
    before_seq: Option<u64>,
    /// The oldest with a larger seq; not together with `beforeSeq`.
    after_seq: Option<u64>,
    /// 1 to 200; 50 if missing.
    limit: Option<u32>,
}

impl HistoryQuery {
    fn window(&self) -> Result<Window, ApiError> {
        // PostgreSQL counts to 2^63 - 1; nothing lies beyond.
        let seq = |seq: u64| Seq(seq.min(i64::MAX.unsigned_abs()));
        match (self.before_seq, self.after_seq) {
            (Some(_), Some(_)) => Err(ApiError::Invalid("either beforeSeq or afterSeq".to_owned())),
            (Some(before), None) => Ok(Window::Before(seq(before))),
            (None, Some(after)) => Ok(Window::After(seq(after))),
            (None, None) => Ok(Window::Newest),
        }
    }
}

/// Some messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Messages {
    /// In ascending order of seq.
    messages: Vec<Message>,
    /// Whether more follow in the direction that was asked for.
    more: bool,
}

/// Messages of one of the caller's conversations, or of the world chat (id 1), in which everybody is.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "conversations", security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation"), HistoryQuery),
    responses(
        (status = 200, body = Envelope<Messages>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "NotMember"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
    ))]
pub async fn history(
    State(services): State<Services>,
    caller: Caller,
    InPath(id): InPath<ConversationId>,
    InQuery(query): InQuery<HistoryQuery>,
) -> Result<Reply<Messages>, ApiError> {
    let limit = validate::limit(query.limit, 50, 200)?;
    let found = services
        .store
        .history(caller.user, id, query.window()?, limit)
        .await?;
    Ok(Reply(Messages {
        messages: found.entries.into_iter().map(Message::from).collect(),
        more: found.more,
    }))
}
