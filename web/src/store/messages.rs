//! The log of a conversation, read by its members.

use std::time::SystemTime;

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::EntryType;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Result, Store, rows};

/// One entry of a conversation's log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: MessageId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Who made it.
    pub sender: UserId,
    /// The text, or the typed content of another type.
    pub content: String,
    /// What it is.
    pub kind: EntryType,
    /// Its position.
    pub seq: Seq,
    /// When it was committed.
    pub created_at: SystemTime,
    /// The sender's id for it.
    pub client_message_id: Uuid,
}

impl Entry {
    /// Reads the columns `entry_*`.
    pub(super) fn read(
        row: &Row,
        conversation: ConversationId,
    ) -> std::result::Result<Self, tokio_postgres::Error> {
        let kind: i16 = row.try_get("entry_type")?;
        Ok(Self {
            id: MessageId::from_sql(row.try_get("entry_id")?),
            conversation,
            sender: UserId::from_sql(row.try_get("entry_sender_id")?),
            content: row.try_get("entry_content")?,
            kind: u8::try_from(kind).map_or(EntryType::Unknown, EntryType),
            seq: Seq::from_sql(row.try_get("entry_seq")?),
            created_at: row.try_get("entry_created_at")?,
            client_message_id: row.try_get("entry_client_message_id")?,
        })
    }
}

/// Which entries to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest.
    Newest,
    /// The newest before this one.
    Before(Seq),
    /// The oldest after this one.
    After(Seq),
}

/// Some entries of a log.
#[derive(Debug)]
pub struct History {
    /// In ascending order.
    pub entries: Vec<Entry>,
    /// Whether more follow in the direction that was asked for.
    pub more: bool,
}

impl Store {
    /// Up to `limit` entries, for those who may read the conversation.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn history(
        &self,
        user: UserId,
        id: ConversationId,
        window: Window,
        limit: u32,
    ) -> Result<History> {
        self.require_reader(user, id).await?;
        let (condition, order, seq) = match window {
            Window::Newest => ("<", "DESC", i64::MAX),
            Window::Before(seq) => ("<", "DESC", seq.to_sql()),
            Window::After(seq) => (">", "ASC", seq.to_sql()),
        };
        let sql = format!(
            "SELECT id AS entry_id, seq AS entry_seq, sender_id AS entry_sender_id, type AS entry_type, \
             content AS entry_content, client_message_id AS entry_client_message_id, created_at AS entry_created_at \
             FROM messages WHERE conversation_id = $1 AND seq {condition} $2 ORDER BY seq {order} LIMIT $3"
        );
        let wanted = i64::from(limit) + 1;
        let found = rows(&self.client().await?, &sql, &[&id.to_sql(), &seq, &wanted]).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        let mut entries = Vec::with_capacity(found.len());
        for row in found.iter().take(limit) {
            entries.push(Entry::read(row, id)?);
        }
        if order == "DESC" {
            entries.reverse();
        }
        Ok(History { entries, more })
    }
}
