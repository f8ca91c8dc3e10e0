//! Any body of any kind.

use bytes::Bytes;
use im_shared::ids::*;
use im_shared::wire::*;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..100).prop_map(Bytes::from)
}

fn text() -> impl Strategy<Value = String> {
    ".{0,30}"
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

prop_compose! {
    fn entry()(numbers: [u64; 7], client_message_id in id(), type_: u8, content in bytes(), created_at: i64) -> Entry {
        let [conversation, seq, message_index, message, sender, target, _] = numbers;
        Entry {
            conversation_id: ConversationId(conversation),
            seq: Seq(seq),
            message_index,
            message_id: MessageId(message),
            client_message_id,
            sender_id: UserId(sender),
            type_: EntryType(type_),
            content,
            created_at,
            target_seq: Seq(target), ..Entry::default() }
    }
}

prop_compose! {
    fn state()(numbers: [u64; 8], type_: u8, unread: u32, last in prop::option::of(entry()), created_at: i64) -> ConversationState {
        let [conversation, peer, tip_seq, tip_index, read, delivered, peer_read, peer_delivered] = numbers;
        ConversationState {
            conversation_id: ConversationId(conversation),
            type_: ConversationType(type_),
            peer_id: UserId(peer),
            tip_seq: Seq(tip_seq),
            tip_index,
            read_seq: Seq(read),
            delivered_seq: Seq(delivered),
            peer_read_seq: Seq(peer_read),
            peer_delivered_seq: Seq(peer_delivered),
            unread,
            last,
            created_at, ..ConversationState::default() }
    }
}

prop_compose! {
    fn outgoing()(client_message_id in id(), type_: u8, content in bytes()) -> OutgoingMessage {
        OutgoingMessage { client_message_id, type_: EntryType(type_), content, ..OutgoingMessage::default() }
    }
}

prop_compose! {
    fn result()(client_message_id in id(), code: u16, numbers: [u64; 3], created_at: i64) -> AckResult {
        let [message, seq, message_index] = numbers;
        AckResult { client_message_id, code: Code(code), message_id: MessageId(message), seq: Seq(seq), message_index, created_at }
    }
}

prop_compose! {
    fn replaced()(node_id in text(), incarnation: u64, session: u64) -> ReplacedSession {
        ReplacedSession { node_id, incarnation: Incarnation(incarnation), session_id: SessionId(session) }
    }
}

prop_compose! {
    fn limits()(bytes: [u32; 2], counts: [u16; 3]) -> Limits {
        Limits {
            max_frame_bytes: bytes[0],
            max_text_bytes: bytes[1],
            max_messages_per_request: counts[0],
            frames_per_second: counts[1],
            frame_burst: counts[2],
        }
    }
}

/// The loose values that most bodies are made of.
#[derive(Debug, Clone)]
struct Loose {
    conversation: ConversationId,
    user: UserId,
    seq: Seq,
    number: u64,
    small: u32,
    short: u16,
    byte: u8,
    yes: bool,
    time: i64,
    text: String,
    other_text: String,
    uuid: Uuid,
    content: Bytes,
}

prop_compose! {
    fn loose()(
        numbers: [u64; 4], small: u32, short: u16, byte: u8, yes: bool, time: i64,
        text in text(), other_text in text(), uuid in id(), content in bytes(),
    ) -> Loose {
        let [conversation, user, seq, number] = numbers;
        let (conversation, user, seq) = (ConversationId(conversation), UserId(user), Seq(seq));
        Loose { conversation, user, seq, number, small, short, byte, yes, time, text, other_text, uuid, content }
    }
}

/// Bodies with lists or tables in them.
fn composed() -> impl Strategy<Value = Body> {
    prop_oneof![
        (loose(), limits()).prop_map(|(l, limits)| AuthResponse {
            session_id: SessionId(l.number),
            user_id: l.user,
            node_id: l.text,
            server_time: l.time,
            heartbeat_interval_ms: l.small,
            token_expires_at: l.time.wrapping_neg(),
            limits,
        }
        .into()),
        (loose(), vec(outgoing(), 0..5)).prop_map(|(l, messages)| UserMessage {
            conversation_id: l.conversation,
            peer_id: l.user,
            messages,
            retry: l.yes,
        }
        .into()),
        (loose(), vec((any::<u64>(), any::<u64>()), 0..20)).prop_map(|(l, cursors)| SyncRequest {
            after_conversation_id: l.conversation,
            cursors: cursors
                .into_iter()
                .map(|(c, s)| Cursor {
                    conversation_id: ConversationId(c),
                    seq: Seq(s)
                })
                .collect(),
            ..SyncRequest::default()
        }
        .into()),
        (loose(), vec(replaced(), 0..4)).prop_map(|(l, replaced)| UserOnline {
            device_id: l.text,
            replaced,
            first: l.yes
        }
        .into()),
        (loose(), vec(result(), 0..5)).prop_map(|(l, results)| MessageAck {
            conversation_id: l.conversation,
            results
        }
        .into()),
        vec(entry(), 0..5).prop_map(|entries| PushMessage { entries }.into()),
        (loose(), vec(state(), 0..4), vec(entry(), 0..5)).prop_map(
            |(l, conversations, entries)| SyncResponse {
                conversations,
                entries,
                next_conversation_id: l.conversation,
                more: l.yes,
                ..SyncResponse::default()
            }
            .into()
        ),
        state().prop_map(|state| ConversationEvent { state }.into()),
    ]
}

fn plain(kind: usize, l: Loose) -> Body {
    let (conversation_id, user_id, seq) = (l.conversation, l.user, l.seq);
    let (target_seq, client_message_id) = (l.seq, l.uuid);
    match kind {
        0 => AuthRequest {
            token: l.text.clone().into(),
            device_id: l.other_text,
            platform: Platform(l.byte),
            client_version: l.text,
        }
        .into(),
        1 => Heartbeat {
            client_time: l.time,
        }
        .into(),
        2 => HeartbeatAck {
            client_time: l.time,
            server_time: l.time,
            pushed: l.number,
        }
        .into(),
        3 => Drain { within_ms: l.small }.into(),
        4 => Kick {
            code: CloseCode(l.short),
            message: l.text,
        }
        .into(),
        5 => TokenExpiring { expires_at: l.time }.into(),
        6 => Reauth {
            token: l.text.into(),
        }
        .into(),
        7 => MessageEdit {
            conversation_id,
            target_seq,
            client_message_id,
            content: l.content,
            ..MessageEdit::default()
        }
        .into(),
        8 => MessageRecall {
            conversation_id,
            target_seq,
            client_message_id,
        }
        .into(),
        9 => MessageReaction {
            conversation_id,
            target_seq,
            client_message_id,
            reaction: l.text,
            remove: l.yes,
        }
        .into(),
        10 => ConversationRead {
            conversation_id,
            seq,
        }
        .into(),
        11 => MessageDelivered {
            conversation_id,
            seq,
        }
        .into(),
        12 => HistoryRequest {
            conversation_id,
            seq,
            direction: Direction(l.byte),
            limit: l.short,
        }
        .into(),
        13 => Typing { conversation_id }.into(),
        14 => ConversationOpen { peer_id: user_id }.into(),
        15 => UserOffline {
            device_id: l.text,
            last: l.yes,
        }
        .into(),
        16 => ReadReceipt {
            conversation_id,
            user_id,
            seq,
        }
        .into(),
        17 => DeliveryReceipt {
            conversation_id,
            user_id,
            seq,
        }
        .into(),
        18 => SyncHint { conversation_id }.into(),
        19 => SystemNotification {
            notification_id: l.number,
            title: l.text,
            content: l.other_text,
            created_at: l.time,
            ..SystemNotification::default()
        }
        .into(),
        20 => TypingEvent {
            conversation_id,
            user_id,
        }
        .into(),
        21 => PresenceEvent {
            user_id,
            online: l.yes,
            last_seen: l.time,
        }
        .into(),
        22 => FriendEvent {
            change: FriendChange(l.byte),
            request_id: FriendRequestId(l.number),
            user_id,
            message: l.text,
        }
        .into(),
        23 => ErrorResponse {
            code: Code(l.short),
            message: l.text,
            retry_after_ms: l.small,
        }
        .into(),
        _ => Body::Unknown(l.byte | 0x80),
    }
}

/// Any body of any kind, unknown ones included.
pub(crate) fn any_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        composed(),
        (0_usize..25, loose()).prop_map(|(kind, loose)| plain(kind, loose)),
    ]
}
