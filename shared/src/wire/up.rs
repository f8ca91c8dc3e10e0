//! Bodies that a client sends and logic answers.

use bytes::Bytes;
use uuid::Uuid;

use super::table::table;
use super::{Cursor, Direction, EntryType, Setting};
use crate::ids::{ConversationId, MessageId, Seq, UserId};

table! {
    /// One message to be sent.
    OutgoingMessage(OutgoingMessageArgs) {
        /// UUIDv7, made once by the client, the same at every retry ([M4]).
        client_message_id: Uuid,
        /// A countable type but `System`.
        type_: EntryType,
        /// UTF-8 without NUL, checked by logic ([M7]): the text, or the JSON of [`content`](crate::content).
        content: Bytes,
        /// The message that this one answers, or 0.
        reply_to_seq: Seq,
        /// Who is called by name, [`limits::MAX_MENTIONS`](super::limits::MAX_MENTIONS) at most; user 0 stands for everybody.
        mentions: Vec<UserId>,
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
        /// As in `OutgoingMessage`.
        mentions: Vec<UserId>,
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
        /// 0 for the first page, then `SyncResponse.next_activity`.
        after_activity: i64,
        /// `SyncResponse.synced_at` of the last complete sync: only what changed since then. 0: everything.
        since: i64,
        /// No states: only entries after the cursors, as many as fit.
        entries_only: bool,
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

    /// Sets something for oneself in a conversation. Answered by `ConversationEvent`, which the user's other sessions get too.
    ConversationSet(ConversationSetArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// What.
        setting: Setting,
        /// What it means stands at [`Setting`] in the schema.
        value: i64,
        /// Of a draft.
        text: String,
    }

    /// Who has received and read an entry. Answered by `ReceiptResponse`.
    ReceiptRequest(ReceiptRequestArgs) {
        /// Where the entry is.
        conversation_id: ConversationId,
        /// Which one.
        seq: Seq,
        /// 0 for the first page, then `ReceiptResponse.next_user_id`.
        after_user_id: UserId,
        /// At most [`limits::MAX_RECEIPTS`](super::limits::MAX_RECEIPTS).
        limit: u16,
    }

    /// Messages with these words in one's own conversations. Answered by `SearchResponse`.
    SearchRequest(SearchRequestArgs) {
        /// Words.
        query: String,
        /// 0: in all conversations.
        conversation_id: ConversationId,
        /// 0: from the newest, then `SearchResponse.next_message_id`.
        before_message_id: MessageId,
        /// At most [`limits::MAX_FOUND`](super::limits::MAX_FOUND).
        limit: u16,
    }

    /// Where a browser takes pushes (W3C Push API, RFC 8030, RFC 8291); one per device. Answered by `Done`.
    PushSubscribe(PushSubscribeArgs) {
        /// Of the session.
        device_id: String,
        /// `https`, of a push service that the operator allows.
        endpoint: String,
        /// The browser's public key, base64url.
        p256dh: String,
        /// The browser's secret, base64url.
        auth: String,
        /// Pushes say that there is something, and not what.
        hide_content: bool,
    }

    /// No more pushes to a device. Answered by `Done`.
    PushUnsubscribe(PushUnsubscribeArgs) {
        /// Which device.
        device_id: String,
    }

    /// Whether others may see the user's presence. Answered by `Done`.
    PresenceSet(PresenceSetArgs) {
        /// Offline to everybody.
        invisible: bool,
    }
}
