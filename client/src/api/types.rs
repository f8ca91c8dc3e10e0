//! What REST answers, as far as this client uses it. Times are milliseconds since 1970.

use im_shared::ids::{ConversationId, FriendRequestId, MessageId, UserId};
use im_shared::wire::Platform;
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
    /// `pending`, `accepted` or `rejected`.
    pub status: String,
    /// When.
    pub created_at: i64,
    /// The other one.
    pub user: Profile,
}

/// A conversation as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The conversation.
    pub id: ConversationId,
    /// Private conversations: the other one.
    pub peer: Option<Profile>,
    /// Messages of others after the read position.
    #[serde(default)]
    pub unread_count: u64,
    /// The last message, if there is any.
    pub last_message: Option<Message>,
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
}

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// Where.
    pub conversation_id: ConversationId,
    /// By whom.
    pub sender_id: UserId,
    /// The text.
    pub content: String,
    /// Position in the conversation.
    pub seq: u64,
    /// When it was committed.
    pub created_at: i64,
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
