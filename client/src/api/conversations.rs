//! Conversations, what one sets for oneself in them, and the access endpoints.

use im_shared::ids::{ConversationId, UserId};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Api, ApiError, Conversation, Conversations};
use crate::transport::Address;

/// What one sets for oneself in a conversation: only what is given is set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Kept at the top, from now on, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Nothing notifies until then, milliseconds since 1970; 0: again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<i64>,
    /// Put away, or back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Not shown until something comes, or shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// What is being written, at most 8,192 bytes; empty: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
}

impl Api {
    /// The first page of conversations, the latest first.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn conversations(&self) -> Result<Conversations, ApiError> {
        self.conversations_page(None).await
    }

    /// A page of conversations, the latest first, from a cursor of the page before.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn conversations_page(
        &self,
        cursor: Option<&str>,
    ) -> Result<Conversations, ApiError> {
        let query: Vec<_> = cursor
            .map(|cursor| ("cursor", cursor.to_owned()))
            .into_iter()
            .collect();
        self.get("/conversations", &query).await
    }

    /// One conversation: one's own, also one that was left, or one of everybody.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn conversation(&self, id: ConversationId) -> Result<Conversation, ApiError> {
        self.get(&format!("/conversations/{id}"), &[]).await
    }

    /// The private conversation with a user, made if need be.
    ///
    /// # Errors
    /// `UserNotFound`, `NotFriends`, `InvalidArgument`.
    pub async fn open_conversation(&self, peer: UserId) -> Result<Conversation, ApiError> {
        self.post("/conversations", &json!({ "userId": peer }))
            .await
    }

    /// Sets things for oneself; the user's devices follow.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`, `TextTooLong`.
    pub async fn set_conversation(
        &self,
        id: ConversationId,
        settings: &Settings,
    ) -> Result<Conversation, ApiError> {
        let (path, body) = (format!("/conversations/{id}/settings"), json!(settings));
        self.call(Method::PATCH, &path, &[], Some(&body)).await
    }

    /// The access nodes that take sessions, the least loaded first.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn endpoints(&self) -> Result<Vec<Address>, ApiError> {
        #[derive(Deserialize)]
        struct Endpoints {
            nodes: Vec<Address>,
        }
        Ok(self.get::<Endpoints>("/access/endpoints", &[]).await?.nodes)
    }
}
