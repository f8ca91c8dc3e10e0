//! What one does with a conversation besides sending: changes of messages, settings, receipts, search.

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    Body, ConversationSet, ConversationState, PresenceSet, PushSubscribe, PushUnsubscribe,
    ReceiptRequest, ReceiptResponse, SearchRequest, SearchResponse, Setting,
};

use crate::client::{Client, ClientError};
use crate::engine::Command;
use crate::event::Stored;
use crate::message::{Message, Reaction};

/// What a user sets for themselves in a conversation. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// On top of the list since then; 0: no longer.
    Pin(i64),
    /// Nothing notifies until then; 0: again.
    Mute(i64),
    /// Put away, or back.
    Archive(bool),
    /// Not shown until something comes after this entry; 0: shown.
    Hide(Seq),
    /// What is being written; empty: nothing.
    Draft(String),
}

impl Client {
    /// Gives an own message another text, and waits until that is durable. It goes through the outbox, in its turn.
    ///
    /// # Errors
    /// When it was refused for good, or the client has stopped.
    pub async fn edit(
        &self,
        conversation: ConversationId,
        seq: Seq,
        text: impl Into<String>,
    ) -> Result<Stored, ClientError> {
        self.post_and_wait(conversation, Message::edit(seq, text))
            .await
    }

    /// Takes a message back, and waits until that is durable. It goes through the outbox, in its turn.
    ///
    /// # Errors
    /// When it was refused for good, or the client has stopped.
    pub async fn recall(
        &self,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Stored, ClientError> {
        self.post_and_wait(conversation, Message::recall(seq)).await
    }

    /// Reacts to a message, or no longer, and waits until that is durable. It goes through the outbox, in its turn.
    ///
    /// # Errors
    /// When it was refused for good, or the client has stopped.
    pub async fn react(
        &self,
        conversation: ConversationId,
        seq: Seq,
        reaction: &str,
        change: Reaction,
    ) -> Result<Stored, ClientError> {
        self.post_and_wait(conversation, Message::reaction(seq, reaction, change))
            .await
    }

    /// Sets something for oneself; the user's other devices follow.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn set(
        &self,
        conversation_id: ConversationId,
        wish: Wish,
    ) -> Result<ConversationState, ClientError> {
        let (setting, value, text) = match wish {
            Wish::Pin(at) => (Setting::Pin, at, String::new()),
            Wish::Mute(until) => (Setting::Mute, until, String::new()),
            Wish::Archive(archived) => (Setting::Archive, i64::from(archived), String::new()),
            Wish::Hide(seq) => (Setting::Hide, seq.to_sql(), String::new()),
            Wish::Draft(text) => (Setting::Draft, 0, text),
        };
        let request = ConversationSet {
            conversation_id,
            setting,
            value,
            text,
        };
        match self.ask(request).await? {
            Body::ConversationEvent(event) => Ok(event.state),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// Who has received and read an entry: the counts, and up to `limit` (at most 200) members after `after`.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn receipts(
        &self,
        conversation_id: ConversationId,
        seq: Seq,
        after: UserId,
        limit: u16,
    ) -> Result<ReceiptResponse, ClientError> {
        let request = ReceiptRequest {
            conversation_id,
            seq,
            after_user_id: after,
            limit,
        };
        match self.ask(request).await? {
            Body::ReceiptResponse(response) => Ok(response),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// Messages with these words, the newest first, `limit` (at most 100) before the message `before` (0: from the newest), in one
    /// conversation or, with 0, in all of one's own.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn search(
        &self,
        query: &str,
        conversation_id: ConversationId,
        before: MessageId,
        limit: u16,
    ) -> Result<SearchResponse, ClientError> {
        let request = SearchRequest {
            query: query.to_owned(),
            conversation_id,
            before_message_id: before,
            limit,
        };
        match self.ask(request).await? {
            Body::SearchResponse(response) => Ok(response),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// Says that the user is typing: a hint that may be lost. Call it at every key; the server passes on as much as others need.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn typing(&self, conversation: ConversationId) -> Result<(), ClientError> {
        self.command(Command::Typing { conversation }).await
    }

    /// From now on, and on every later session, what is broadcast in the conversation comes live.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn follow(&self, conversation: ConversationId) -> Result<(), ClientError> {
        let ended = false;
        self.command(Command::Follow {
            conversation,
            ended,
        })
        .await
    }

    /// What is broadcast in the conversation no longer comes live.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn unfollow(&self, conversation: ConversationId) -> Result<(), ClientError> {
        let ended = true;
        self.command(Command::Follow {
            conversation,
            ended,
        })
        .await
    }

    /// Whether others may see that the user is there.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn set_invisible(&self, invisible: bool) -> Result<(), ClientError> {
        self.done(PresenceSet { invisible }).await
    }

    /// Where this device takes pushes while it has no session.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn subscribe_to_pushes(
        &self,
        subscription: PushSubscribe,
    ) -> Result<(), ClientError> {
        self.done(subscription).await
    }

    /// No more pushes to a device.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn unsubscribe_from_pushes(&self, device_id: &str) -> Result<(), ClientError> {
        let device_id = device_id.to_owned();
        self.done(PushUnsubscribe { device_id }).await
    }

    async fn done(&self, request: impl Into<Body>) -> Result<(), ClientError> {
        match self.ask(request).await? {
            Body::Done(_) => Ok(()),
            _ => Err(ClientError::Unexpected),
        }
    }
}
