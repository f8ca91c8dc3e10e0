//! Bodies that logic sends to a client: replies and pushes.

use uuid::Uuid;

use super::table::table;
use super::{Code, ConversationState, Entry, FriendChange, JoinChange};
use crate::ids::{ConversationId, FriendRequestId, MessageId, Seq, UserId};

table! {
    /// What became of one message.
    AckResult(AckResultArgs) {
        /// As sent.
        client_message_id: Uuid,
        /// `Ok`: stored, now or before. Else this one message was refused, and the rest is 0.
        code: Code,
        /// The stored entry's.
        message_id: MessageId,
        /// The stored entry's.
        seq: Seq,
        /// The stored entry's.
        message_index: u64,
        /// The stored entry's, milliseconds since 1970.
        created_at: i64,
    }

    /// The answer to `UserMessage`, after the commit ([M2]).
    MessageAck(MessageAckArgs) {
        /// Where the messages are, also when the request named a peer.
        conversation_id: ConversationId,
        /// One per message, in order.
        results: Vec<AckResult>,
    }

    /// New entries ([R2]).
    PushMessage(PushMessageArgs) {
        /// In any conversation.
        entries: Vec<Entry>,
    }

    /// A member has read up to `seq` ([R7]).
    ReadReceipt(ReadReceiptArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// The reader; on the reader's own devices their own id.
        user_id: UserId,
        /// Cumulative.
        seq: Seq,
    }

    /// A device of a member has received up to `seq` ([R7]).
    DeliveryReceipt(DeliveryReceiptArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// The receiver.
        user_id: UserId,
        /// Cumulative.
        seq: Seq,
    }

    /// The answer to `SyncRequest` and `HistoryRequest`.
    SyncResponse(SyncResponseArgs) {
        /// One page, the last active first; they are authoritative.
        conversations: Vec<ConversationState>,
        /// Ascending by conversation and seq; consecutive after the cursor of their conversation.
        entries: Vec<Entry>,
        /// 0: the last page.
        next_conversation_id: ConversationId,
        /// History: further entries exist in this direction. Entries only: after the cursors.
        more: bool,
        /// Goes with `next_conversation_id`.
        next_activity: i64,
        /// First page: for `SyncRequest.since` of a later sync, once all pages came. Milliseconds since 1970 by the database's clock.
        synced_at: i64,
    }

    /// Something may have been missed: sync ([R8]).
    SyncHint(SyncHintArgs) {
        /// 0: anywhere.
        conversation_id: ConversationId,
    }

    /// A word of the operator: an entry of a system conversation, pushed.
    SystemNotification(SystemNotificationArgs) {
        /// The id of the entry, so that it is shown once.
        notification_id: u64,
        /// One line.
        title: String,
        /// Plain text.
        content: String,
        /// Milliseconds since 1970.
        created_at: i64,
        /// For the log.
        entry: Option<Entry>,
    }

    /// A member is typing.
    TypingEvent(TypingEventArgs) {
        /// Where.
        conversation_id: ConversationId,
        /// Who.
        user_id: UserId,
    }

    /// A friend came or went.
    PresenceEvent(PresenceEventArgs) {
        /// Who.
        user_id: UserId,
        /// Has at least one session.
        online: bool,
        /// Milliseconds since 1970; 0 where unknown.
        last_seen: i64,
    }

    /// Something about a friendship or a friend request changed.
    FriendEvent(FriendEventArgs) {
        /// What.
        change: FriendChange,
        /// 0 where the change is about no request.
        request_id: FriendRequestId,
        /// The other one.
        user_id: UserId,
        /// Of the request.
        message: String,
    }

    /// A conversation was made or changed; also the answer to `ConversationOpen`.
    ConversationEvent(ConversationEventArgs) {
        /// As the receiver sees it.
        state: ConversationState,
    }

    /// The request failed; it had no effect ([M8]).
    ErrorResponse(ErrorResponseArgs) {
        /// Why.
        code: Code,
        /// For developers, in English; people see the client's own text for the code.
        message: String,
        /// With `RetryLater` and `Unavailable`: wait this long at least. Milliseconds.
        retry_after_ms: u32,
    }

    /// Somebody wants to join a group; to its admins, and the answer to whom it concerns.
    JoinEvent(JoinEventArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Who wants to join.
        user_id: UserId,
        /// What happened.
        change: JoinChange,
        /// Of the request.
        message: String,
    }

    /// What others see of a user changed; to the user's own sessions and to their friends.
    ProfileEvent(ProfileEventArgs) {
        /// Who.
        user_id: UserId,
        /// As it is now.
        nickname: String,
        /// As it is now: the address of the picture, or empty.
        avatar: String,
    }

    /// The positions of one member.
    MemberReceipt(MemberReceiptArgs) {
        /// Who.
        user_id: UserId,
        /// Everything up to here is read.
        read_seq: Seq,
        /// Everything up to here has arrived.
        delivered_seq: Seq,
    }

    /// The answer to `ReceiptRequest`.
    ReceiptResponse(ReceiptResponseArgs) {
        /// As asked.
        conversation_id: ConversationId,
        /// As asked.
        seq: Seq,
        /// Members who can have got the entry, its sender apart.
        members: u32,
        /// How many of them have it.
        delivered: u32,
        /// How many of them have read it.
        read: u32,
        /// One page, by user id.
        receipts: Vec<MemberReceipt>,
        /// 0: the last page.
        next_user_id: UserId,
    }

    /// The answer to `SearchRequest`.
    SearchResponse(SearchResponseArgs) {
        /// The newest first.
        entries: Vec<Entry>,
        /// 0: the last page.
        next_message_id: MessageId,
    }

    /// The answer to a request that asks for nothing back.
    Done(DoneArgs) {}
}
