//! What REST answers, as far as this client uses it. Times are milliseconds since 1970.

use im_shared::ids::{ConversationId, FriendRequestId, MessageId, Seq, UserId};
use im_shared::wire::{Entry, EntryType, Platform};
use serde::{Deserialize, Serialize};

/// Tokens of one device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    /// Whose.
    pub user_id: UserId,
    /// For requests and sessions.
    pub access_token: String,
    /// For new tokens, once. Empty when there is none.
    #[serde(default)]
    pub refresh_token: String,
    /// When the access token expires.
    pub expires_at: i64,
}

impl std::fmt::Debug for Login {
    /// Without the tokens, so that a log cannot hold them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("user_id", &self.user_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The account.
    pub user_id: UserId,
    /// The login name.
    pub username: String,
    /// The shown name.
    #[serde(default)]
    pub nickname: String,
    /// Address of the picture, or empty.
    #[serde(default)]
    pub avatar: String,
}

/// A friend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Friend {
    /// Who.
    pub friend_id: UserId,
    /// What one calls them, or empty.
    #[serde(default)]
    pub remark: String,
    /// Since when.
    #[serde(default)]
    pub created_at: i64,
    /// Whether they have a session.
    #[serde(default)]
    pub online: bool,
    /// Whether one has blocked them.
    #[serde(default)]
    pub blocked: bool,
    /// Who that is.
    pub profile: Profile,
}

/// A request to become friends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FriendRequest {
    /// For accepting and rejecting.
    pub id: FriendRequestId,
    /// Who asks.
    pub from_user_id: UserId,
    /// Who is asked.
    pub to_user_id: UserId,
    /// What the asker says.
    #[serde(default)]
    pub message: String,
    /// `pending`, `accepted`, `rejected` or `cancelled`.
    pub status: String,
    /// When.
    pub created_at: i64,
    /// The other one.
    pub user: Profile,
}

/// What a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationKind {
    /// Two people.
    #[default]
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

/// What somebody may do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Is no member, or not any more.
    #[default]
    None,
    /// Reads and writes.
    Member,
    /// Manages members.
    Admin,
    /// Manages everything.
    Owner,
}

/// A conversation as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The conversation.
    pub id: ConversationId,
    /// What it is.
    #[serde(default, rename = "type")]
    pub kind: ConversationKind,
    /// Private conversations: the other one.
    pub peer: Option<Profile>,
    /// What the caller may do.
    #[serde(default)]
    pub role: Role,
    /// Groups: the shown name.
    #[serde(default)]
    pub name: String,
    /// Groups: members now.
    #[serde(default)]
    pub member_count: u32,
    /// Messages of others after the read position.
    #[serde(default)]
    pub unread_count: u64,
    /// Those of them that call the caller by name.
    #[serde(default)]
    pub mention_count: u64,
    /// The highest seq that the caller is given.
    #[serde(default)]
    pub tip_seq: u64,
    /// The last entry, if there is any.
    pub last_message: Option<Message>,
    /// Since when the caller keeps it at the top.
    #[serde(default)]
    pub pinned_at: Option<i64>,
    /// Nothing notifies until then.
    #[serde(default)]
    pub muted_until: Option<i64>,
    /// Put away by the caller.
    #[serde(default)]
    pub archived: bool,
    /// What the caller is writing, or empty.
    #[serde(default)]
    pub draft: String,
    /// When something last happened.
    #[serde(default)]
    pub updated_at: i64,
}

/// The list of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversations {
    /// The latest first.
    pub conversations: Vec<Conversation>,
    /// Unread messages in all of them.
    #[serde(default)]
    pub total_unread: u64,
    /// For the next page, if there is one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// One reaction, by all who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reactions {
    /// What it is.
    pub reaction: String,
    /// How many gave it.
    pub count: u64,
    /// Whether the caller is one of them.
    #[serde(default)]
    pub mine: bool,
}

/// A stored entry, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// Where.
    pub conversation_id: ConversationId,
    /// By whom.
    pub sender_id: UserId,
    /// The text, or the typed content of another type; of an edited message that of the last edit, empty when it was taken back.
    pub content: String,
    /// `text`, `image`, `member` and so on: see [`Message::entry`].
    #[serde(default = "text", rename = "type")]
    pub kind: String,
    /// Position in the conversation.
    pub seq: u64,
    /// When it was committed.
    pub created_at: i64,
    /// The message that this one answers.
    #[serde(default)]
    pub reply_to_seq: Option<u64>,
    /// The message that this edit, recall or reaction is about.
    #[serde(default)]
    pub target_seq: Option<u64>,
    /// Who is called by name; 0 stands for everybody.
    #[serde(default, deserialize_with = "called")]
    pub mentions: Vec<UserId>,
    /// Its last edit.
    #[serde(default)]
    pub edited_seq: Option<u64>,
    /// The entry by which it was taken back.
    #[serde(default)]
    pub recalled_seq: Option<u64>,
    /// In the order in which each was given first.
    #[serde(default)]
    pub reactions: Vec<Reactions>,
}

/// Users, and the 0 that stands for everybody, which is no id of a user.
fn called<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<UserId>, D::Error> {
    let called: Vec<String> = Deserialize::deserialize(deserializer)?;
    let user = |text: &String| match text.as_str() {
        "0" => Ok(UserId(0)),
        id => id.parse().map_err(serde::de::Error::custom),
    };
    called.iter().map(user).collect()
}

fn text() -> String {
    "text".to_owned()
}

impl Message {
    /// What a session calls it; of a type of a later release, [`EntryType::Unknown`]. Neither its index nor its sender's id for it is known.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let target = self.reply_to_seq.or(self.target_seq).unwrap_or_default();
        Entry {
            conversation_id: self.conversation_id,
            seq: Seq(self.seq),
            message_id: self.id,
            sender_id: self.sender_id,
            type_: entry_type(&self.kind),
            content: self.content.clone().into(),
            created_at: self.created_at,
            target_seq: Seq(target),
            mentions: self.mentions.clone(),
            edited_seq: Seq(self.edited_seq.unwrap_or_default()),
            recalled_seq: Seq(self.recalled_seq.unwrap_or_default()),
            ..Entry::default()
        }
    }
}

fn entry_type(name: &str) -> EntryType {
    match name {
        "text" => EntryType::Text,
        "image" => EntryType::Image,
        "file" => EntryType::File,
        "voice" => EntryType::Voice,
        "video" => EntryType::Video,
        "system" => EntryType::System,
        "custom" => EntryType::Custom,
        "edit" => EntryType::Edit,
        "recall" => EntryType::Recall,
        "reaction" => EntryType::Reaction,
        "member" => EntryType::Member,
        "group" => EntryType::Group,
        _ => EntryType::Unknown,
    }
}

/// A page of history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Messages {
    /// Ascending.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    #[serde(default)]
    pub more: bool,
}

/// The platform as REST spells it.
#[must_use]
pub fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Web => "web",
        Platform::Desktop => "desktop",
        Platform::Ios => "ios",
        Platform::Android => "android",
        _ => "terminal",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// D14: a message as it is now, which calls somebody and everybody.
    #[test]
    fn a_message_is_read_as_the_entry_that_it_is() {
        let message = serde_json::json!({
            "id": "1", "conversationId": "7", "senderId": "2", "type": "text", "content": "hi", "seq": 5, "createdAt": 9,
            "clientMessageId": "x", "replyToSeq": 3, "targetSeq": null, "mentions": ["0", "4"], "editedSeq": 6, "recalledSeq": null,
            "reactions": [{ "reaction": "👍", "count": 2, "mine": true }]
        });
        let message: Message = serde_json::from_value(message).unwrap();
        let entry = message.entry();
        assert_eq!(entry.mentions, [UserId(0), UserId(4)]);
        assert_eq!(
            (entry.type_, entry.target_seq, entry.edited_seq),
            (EntryType::Text, Seq(3), Seq(6))
        );
        assert_eq!(message.reactions[0].count, 2);
    }
}
