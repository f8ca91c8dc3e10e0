//! Conversations, history and the access endpoints.

use im_shared::ids::{ConversationId, Seq, UserId};
use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError, Conversation, Conversations, Messages};
use crate::transport::Address;

impl Api {
    /// All conversations, the latest first.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn conversations(&self) -> Result<Conversations, ApiError> {
        self.get("/conversations", &[]).await
    }

    /// The private conversation with a user, made if need be.
    ///
    /// # Errors
    /// `UserNotFound`, `InvalidArgument`.
    pub async fn open_conversation(&self, peer: UserId) -> Result<Conversation, ApiError> {
        self.post("/conversations", &json!({ "userId": peer }))
            .await
    }

    /// The last messages before a seq (0: the newest), ascending.
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
