//! Messages: history, who has read one, search.

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use serde::Deserialize;

use super::{Api, ApiError, Message, Messages};

/// Who has received and read a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipts {
    /// Members who can have got it, its sender apart.
    pub members: u32,
    /// How many of them have it.
    pub delivered: u32,
    /// How many of them have read it.
    pub read: u32,
    /// One page of them, by user id.
    pub receipts: Vec<Receipt>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_after: Option<UserId>,
}

/// How far a message came with one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Who.
    pub user_id: UserId,
    /// Whether the member has read it.
    pub read: bool,
    /// Whether a device of the member has it.
    pub delivered: bool,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// The newest first.
    pub messages: Vec<Message>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_before: Option<MessageId>,
}

impl Api {
    /// The last messages before a seq (0: the newest), ascending, as they are now.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn messages(
        &self,
        conversation: ConversationId,
        before: Seq,
        limit: u32,
    ) -> Result<Messages, ApiError> {
        let mut query = vec![("limit", limit.to_string())];
        if before > Seq(0) {
            query.push(("beforeSeq", before.to_string()));
        }
        self.get(&format!("/conversations/{conversation}/messages"), &query)
            .await
    }

    /// Who has received and read a message of one's own: the counts, and up to 200 members after `after`.
    ///
    /// # Errors
    /// `NotSender`, `TargetNotFound`, `NotMember`, `ConversationNotFound`.
    pub async fn receipts(
        &self,
        conversation: ConversationId,
        seq: Seq,
        after: Option<UserId>,
    ) -> Result<Receipts, ApiError> {
        let mut query = vec![("limit", "200".to_owned())];
        query.extend(after.map(|after| ("after", after.to_string())));
        let path = format!("/conversations/{conversation}/messages/{seq}/receipts");
        self.get(&path, &query).await
    }

    /// Up to `limit` (at most 100) messages with these words, the newest first, before a message where one is given, in one conversation
    /// or in all of one's own.
    ///
    /// # Errors
    /// `SearchInvalid`, `ConversationNotFound`, `NotMember`.
    pub async fn search_messages(
        &self,
        words: &str,
        conversation: Option<ConversationId>,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Found, ApiError> {
        let mut query = vec![("q", words.to_owned()), ("limit", limit.to_string())];
        query.extend(conversation.map(|id| ("conversationId", id.to_string())));
        query.extend(before.map(|id| ("before", id.to_string())));
        self.get("/search/messages", &query).await
    }
}
