//! One frame of each kind, with values that are easy to recognise in a dump.

use bytes::Bytes;
use im_shared::ids::{
    ConversationId, FriendRequestId, Incarnation, MessageId, Seq, SessionId, UserId,
};
use im_shared::wire::*;
use uuid::Uuid;

const ALICE: UserId = UserId(1_001);
const BOB: UserId = UserId(1_002);
const CONVERSATION: ConversationId = ConversationId(7_001);
/// 2026-01-02 03:04:05.678 UTC
const NOON: i64 = 1_767_323_045_678;
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A UUIDv7 of [`NOON`] with this number at its end.
fn message_uuid(number: u64) -> Uuid {
    Uuid::from_u64_pair((NOON as u64) << 16 | 0x7abc, 0x8000_0000_0000_0000 | number)
}

fn entry(seq: u64, text: &'static str) -> Entry {
    Entry {
        conversation_id: CONVERSATION,
        seq: Seq(seq),
        message_index: seq,
        message_id: MessageId(9_000 + seq),
        client_message_id: message_uuid(seq),
        sender_id: ALICE,
        type_: EntryType::Text,
        content: Bytes::from_static(text.as_bytes()),
        created_at: NOON,
        target_seq: Seq(0),
    }
}

fn state() -> ConversationState {
    ConversationState {
        conversation_id: CONVERSATION,
        type_: ConversationType::Private,
        peer_id: ALICE,
        tip_seq: Seq(2),
        tip_index: 2,
        read_seq: Seq(1),
        delivered_seq: Seq(2),
        peer_read_seq: Seq(2),
        peer_delivered_seq: Seq(2),
        unread: 1,
        last: Some(entry(2, "how are you?")),
        created_at: NOON - 60_000,
    }
}

/// The file in `schema/golden/` and the frame in it.
pub(crate) fn samples() -> Vec<(&'static str, Frame)> {
    let request = |body: Body| Frame::request(RequestId(5), body);
    let reply = |body: Body| Frame::reply(RequestId(5), body);
    let push = |body: Body| Frame::push(body);
    let mut traced = request(typing().into());
    traced.traceparent = Some(TRACE.to_owned());
    vec![
        ("auth-request", request(auth_request().into())),
        ("auth-response", reply(auth_response().into())),
        ("heartbeat", request(Heartbeat { client_time: NOON }.into())),
        (
            "heartbeat-ack",
            reply(
                HeartbeatAck {
                    client_time: NOON,
                    server_time: NOON + 3,
                    pushed: 12,
                }
                .into(),
            ),
        ),
        ("drain", push(Drain { within_ms: 10_000 }.into())),
        (
            "kick",
            push(
                Kick {
                    code: CloseCode::SignedInElsewhere,
                    message: CloseCode::SignedInElsewhere.text().to_owned(),
                }
                .into(),
            ),
        ),
        (
            "token-expiring",
            push(
                TokenExpiring {
                    expires_at: NOON + 300_000,
                }
                .into(),
            ),
        ),
        (
            "reauth",
            request(
                Reauth {
                    token: "header.claims.signature".into(),
                }
                .into(),
            ),
        ),
        ("user-message", request(user_message().into())),
        (
            "message-edit",
            request(
                MessageEdit {
                    conversation_id: CONVERSATION,
                    target_seq: Seq(1),
                    client_message_id: message_uuid(3),
                    content: Bytes::from_static(b"hello"),
                }
                .into(),
            ),
        ),
        (
            "message-recall",
            request(
                MessageRecall {
                    conversation_id: CONVERSATION,
                    target_seq: Seq(1),
                    client_message_id: message_uuid(4),
                }
                .into(),
            ),
        ),
        (
            "message-reaction",
            request(
                MessageReaction {
                    conversation_id: CONVERSATION,
                    target_seq: Seq(1),
                    client_message_id: message_uuid(5),
                    reaction: "👍".to_owned(),
                    remove: true,
                }
                .into(),
            ),
        ),
        (
            "conversation-read",
            request(
                ConversationRead {
                    conversation_id: CONVERSATION,
                    seq: Seq(2),
                }
                .into(),
            ),
        ),
        (
            "message-delivered",
            request(
                MessageDelivered {
                    conversation_id: CONVERSATION,
                    seq: Seq(2),
                }
                .into(),
            ),
        ),
        ("sync-request", request(sync_request().into())),
        (
            "history-request",
            request(
                HistoryRequest {
                    conversation_id: CONVERSATION,
                    seq: Seq(9),
                    direction: Direction::Backward,
                    limit: 50,
                }
                .into(),
            ),
        ),
        ("typing", traced),
        (
            "conversation-open",
            request(ConversationOpen { peer_id: BOB }.into()),
        ),
        ("user-online", push(user_online().into())),
        (
            "user-offline",
            push(
                UserOffline {
                    device_id: "laptop".to_owned(),
                    last: true,
                }
                .into(),
            ),
        ),
        ("message-ack", reply(message_ack().into())),
        (
            "push-message",
            push(
                PushMessage {
                    entries: vec![entry(1, "hi"), entry(2, "how are you?")],
                }
                .into(),
            ),
        ),
        (
            "read-receipt",
            push(
                ReadReceipt {
                    conversation_id: CONVERSATION,
                    user_id: BOB,
                    seq: Seq(2),
                }
                .into(),
            ),
        ),
        (
            "delivery-receipt",
            push(
                DeliveryReceipt {
                    conversation_id: CONVERSATION,
                    user_id: BOB,
                    seq: Seq(2),
                }
                .into(),
            ),
        ),
        ("sync-response", reply(sync_response().into())),
        (
            "sync-hint",
            push(
                SyncHint {
                    conversation_id: CONVERSATION,
                }
                .into(),
            ),
        ),
        (
            "system-notification",
            push(
                SystemNotification {
                    notification_id: 31,
                    title: "Maintenance".to_owned(),
                    content: "Tonight at ten.".to_owned(),
                    created_at: NOON,
                }
                .into(),
            ),
        ),
        (
            "typing-event",
            push(
                TypingEvent {
                    conversation_id: CONVERSATION,
                    user_id: ALICE,
                }
                .into(),
            ),
        ),
        (
            "presence-event",
            push(
                PresenceEvent {
                    user_id: ALICE,
                    online: true,
                    last_seen: NOON,
                }
                .into(),
            ),
        ),
        (
            "friend-event",
            push(
                FriendEvent {
                    change: FriendChange::Requested,
                    request_id: FriendRequestId(41),
                    user_id: ALICE,
                    message: "Hello, it's Alice".to_owned(),
                }
                .into(),
            ),
        ),
        (
            "conversation-event",
            reply(ConversationEvent { state: state() }.into()),
        ),
        (
            "error-response",
            reply(
                ErrorResponse {
                    code: Code::RetryLater,
                    message: Code::RetryLater.text().to_owned(),
                    retry_after_ms: 1_500,
                }
                .into(),
            ),
        ),
    ]
}

fn auth_request() -> AuthRequest {
    AuthRequest {
        token: "header.claims.signature".into(),
        device_id: "laptop".to_owned(),
        platform: Platform::Web,
        client_version: "0.1.0".to_owned(),
    }
}

fn auth_response() -> AuthResponse {
    AuthResponse {
        session_id: SessionId(501),
        user_id: ALICE,
        node_id: "access-1".to_owned(),
        server_time: NOON,
        heartbeat_interval_ms: 30_000,
        token_expires_at: NOON + 604_800_000,
        limits: Limits {
            max_frame_bytes: 65_536,
            max_text_bytes: 8_192,
            max_messages_per_request: 64,
            frames_per_second: 20,
            frame_burst: 40,
        },
    }
}

fn user_message() -> UserMessage {
    let message = |number, text: &'static str| OutgoingMessage {
        client_message_id: message_uuid(number),
        type_: EntryType::Text,
        content: Bytes::from_static(text.as_bytes()),
    };
    UserMessage {
        conversation_id: ConversationId(0),
        peer_id: BOB,
        messages: vec![message(1, "hi"), message(2, "how are you?")],
        retry: true,
    }
}

fn typing() -> Typing {
    Typing {
        conversation_id: CONVERSATION,
    }
}

fn sync_request() -> SyncRequest {
    let cursor = |conversation, seq| Cursor {
        conversation_id: ConversationId(conversation),
        seq: Seq(seq),
    };
    SyncRequest {
        after_conversation_id: ConversationId(7_000),
        cursors: vec![cursor(7_001, 2), cursor(7_002, 0)],
    }
}

fn user_online() -> UserOnline {
    UserOnline {
        device_id: "laptop".to_owned(),
        replaced: vec![ReplacedSession {
            node_id: "access-2".to_owned(),
            incarnation: Incarnation(NOON as u64),
            session_id: SessionId(400),
        }],
        first: true,
    }
}

fn message_ack() -> MessageAck {
    let stored = AckResult {
        client_message_id: message_uuid(1),
        code: Code::Ok,
        message_id: MessageId(9_001),
        seq: Seq(1),
        message_index: 1,
        created_at: NOON,
    };
    let refused = AckResult {
        client_message_id: message_uuid(2),
        code: Code::TextTooLong,
        ..AckResult::default()
    };
    MessageAck {
        conversation_id: CONVERSATION,
        results: vec![stored, refused],
    }
}

fn sync_response() -> SyncResponse {
    let empty = ConversationState {
        conversation_id: ConversationId(7_002),
        type_: ConversationType::Private,
        peer_id: BOB,
        created_at: NOON,
        ..ConversationState::default()
    };
    SyncResponse {
        conversations: vec![state(), empty],
        entries: vec![entry(1, "hi"), entry(2, "how are you?")],
        next_conversation_id: ConversationId(7_002),
        more: true,
    }
}
