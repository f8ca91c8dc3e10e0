//! Bodies that a client sends and logic answers.

use bytes::Bytes;
use uuid::Uuid;

use super::table::table;
use super::{Cursor, Direction, EntryType};
use crate::ids::{ConversationId, Seq, UserId};

table! {
    /// One message to be sent.
    OutgoingMessage(OutgoingMessageArgs) {
        /// UUIDv7, made once by the client, the same at every retry ([M4]).
        client_message_id: Uuid,
        /// `Text` until other types come.
        type_: EntryType,
        /// UTF-8 without NUL, checked by logic ([M7]).
        content: Bytes,
    }

    /// Messages to one conversation, in order, in one transaction ([M1]). Answered by `MessageAck`.
    UserMessage(UserMessageArgs) {
        /// 0 where `peer_id` is set ([M5]).
        conversation_id: ConversationId,
        /// The other one of a private conversation; 0 where `conversation_id` is set.
        peer_id: UserId,
        /// 1 to [`limits::MAX_MESSAGES`](super::limits::MAX_MESSAGES).
        messages: Vec<OutgoingMessage>,
        /// Sent before: the server may have stored it ([M3]).
        retry: bool,
    }

    /// New content for an own message.
    MessageEdit(MessageEditArgs) {
        /// Where the message is.
        conversation_id: ConversationId,
        /// Which one.
        target_seq: Seq,
        /// Of the edit.
        client_message_id: Uuid,
        /// As in `OutgoingMessage`.
        content: Bytes,
    }

    /// Takes an own message back.
    MessageRecall(MessageRecallArgs) {
        /// Where the message is.
        conversation_id: ConversationId,
        /// Which one.
        target_seq: Seq,
        /// Of the recall.
        client_message_id: Uuid,
    }

    /// Adds a reaction to a message, or removes it.
    MessageReaction(MessageReactionArgs) {
        /// Where the message is.
        conversation_id: ConversationId,
        /// Which one.
        target_seq: Seq,
        /// Of the reaction.
        client_message_id: Uuid,
        /// What the reaction is.
        reaction: String,
        /// Take it back.
        remove: bool,
    }

    /// Everything up to `seq` was read ([R6], [R7]). Answered by `ReadReceipt`.
    ConversationRead(ConversationReadArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Cumulative.
        seq: Seq,
    }

    /// Everything up to `seq` has arrived at this device ([R6]). Not answered.
    MessageDelivered(MessageDeliveredArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Cumulative.
        seq: Seq,
    }

    /// One page of conversation states and of entries after the cursors ([R4]). Answered by `SyncResponse`.
    SyncRequest(SyncRequestArgs) {
        /// 0 for the first page, then `SyncResponse.next_conversation_id`.
        after_conversation_id: ConversationId,
        /// At most [`limits::MAX_CURSORS`](super::limits::MAX_CURSORS).
        cursors: Vec<Cursor>,
    }

    /// Entries of one conversation, in ascending order whatever the direction. Answered by `SyncResponse`.
    HistoryRequest(HistoryRequestArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Not included. Backward, 0 stands for the end of the log.
        seq: Seq,
        /// Forward: the oldest after `seq`. Backward: the newest before it.
        direction: Direction,
        /// At most [`limits::MAX_HISTORY`](super::limits::MAX_HISTORY).
        limit: u16,
    }

    /// The user is typing. Not answered.
    Typing(TypingArgs) {
        /// Where.
        conversation_id: ConversationId,
    }

    /// Gives the private conversation with a user, made if need be. Answered by `ConversationEvent`.
    ConversationOpen(ConversationOpenArgs) {
        /// The other one.
        peer_id: UserId,
    }
}
