//! The history of a conversation, for those who want no socket.

use std::collections::HashMap;

use axum::extract::State;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::EntryType;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

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

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(history))]
pub(super) struct Paths;

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
    /// The text, or the typed content of another type; of an edited message that of the last edit, empty when it was taken back.
    content: String,
    /// `text`, `image`, `file`, `voice`, `video`, `system`, `custom`, `edit`, `recall`, `reaction`, `member`, `group`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "text")]
    kind: &'static str,
    /// Its position: 1, 2, 3, no hole.
    seq: u64,
    /// When it was stored, milliseconds since 1970.
    created_at: i64,
    /// The sender's id for it, a UUID.
    client_message_id: String,
    /// The message that this one answers.
    reply_to_seq: Option<u64>,
    /// The message that this edit, recall or reaction is about.
    target_seq: Option<u64>,
    /// Who is called by name; `0` stands for everybody.
    #[schema(value_type = Vec<String>)]
    mentions: Vec<UserId>,
    /// Its last edit.
    edited_seq: Option<u64>,
    /// The entry by which it was taken back.
    recalled_seq: Option<u64>,
    /// In the order in which each was given first.
    reactions: Vec<Reactions>,
}

/// One reaction, by all who gave it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reactions {
    /// What it is.
    #[schema(example = "👍")]
    reaction: String,
    /// How many gave it.
    count: i64,
    /// Whether the caller is one of them.
    mine: bool,
}

impl Message {
    /// What the entry says by itself.
    pub(super) fn without_reactions(entry: Entry) -> Self {
        let target = (entry.target.0 > 0).then_some(entry.target.0);
        let countable = entry.kind.0 < EntryType::Edit.0;
        Self {
            id: entry.id,
            conversation_id: entry.conversation,
            sender_id: entry.sender,
            content: entry.content,
            kind: type_name(entry.kind),
            seq: entry.seq.0,
            created_at: millis(entry.created_at),
            client_message_id: entry.client_message_id.to_string(),
            reply_to_seq: target.filter(|_| countable),
            target_seq: target.filter(|_| !countable),
            mentions: entry.mentions,
            edited_seq: entry.edited.map(|seq| seq.0),
            recalled_seq: entry.recalled.map(|seq| seq.0),
            reactions: Vec::new(),
        }
    }
}

/// Entries with the reactions to them. What was taken back has none.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
    entries: Vec<Entry>,
) -> Result<Vec<Message>, ApiError> {
    let targets: Vec<(ConversationId, Seq)> = entries
        .iter()
        .filter(|entry| entry.kind.0 < EntryType::Edit.0 && entry.recalled.is_none())
        .map(|entry| (entry.conversation, entry.seq))
        .collect();
    let mut reactions: HashMap<_, Vec<Reactions>> = HashMap::new();
    for found in services.store.reactions(caller.user, &targets).await? {
        reactions.entry(found.target).or_default().push(Reactions {
            reaction: found.reaction,
            count: found.count,
            mine: found.mine,
        });
    }
    let message = |entry: Entry| {
        let place = (entry.conversation, entry.seq);
        Message {
            reactions: reactions.remove(&place).unwrap_or_default(),
            ..Message::without_reactions(entry)
        }
    };
    Ok(entries.into_iter().map(message).collect())
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
        EntryType::Group => "group",
        _ => "unknown",
    }
}

/// Which messages to read: the newest, or those next to a position.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
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
        match (self.before_seq, self.after_seq) {
            (Some(_), Some(_)) => Err(ApiError::invalid("afterSeq", "is not given with beforeSeq")),
            (Some(before), None) => Ok(Window::Before(validate::seq(before))),
            (None, Some(after)) => Ok(Window::After(validate::seq(after))),
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

/// Messages of one of the caller's conversations, as they are now; only those of the caller's time in it. The world chat (id 1) and the
/// announcements (id 2) are everybody's.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "messages", security(("bearer" = [])),
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
        .cached
        .history(caller.user, id, query.window()?, limit)
        .await?;
    Ok(Reply(Messages {
        messages: messages(&services, &caller, found.entries).await?,
        more: found.more,
    }))
}
