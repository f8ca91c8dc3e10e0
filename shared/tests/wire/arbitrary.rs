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

fn users() -> impl Strategy<Value = Vec<UserId>> {
    vec(any::<u64>().prop_map(UserId), 0..5)
}

prop_compose! {
    fn entry()(
        numbers: [u64; 8], client_message_id in id(), type_: u8, content in bytes(), created_at: i64, mentions in users(),
    ) -> Entry {
        let [conversation, seq, message_index, message, sender, target, edited, recalled] = numbers;
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
            target_seq: Seq(target),
            mentions,
            edited_seq: Seq(edited),
            recalled_seq: Seq(recalled),
        }
    }
}

/// What the first fields of a state do not say.
#[derive(Debug, Clone)]
struct View {
    counts: [u32; 2],
    seqs: [u64; 2],
    owner: u64,
    times: [i64; 5],
    role: u8,
    flags: [bool; 3],
    texts: [String; 3],
}

prop_compose! {
    fn view()(
        counts: [u32; 2], seqs: [u64; 2], owner: u64, times: [i64; 5], role: u8, flags: [bool; 3], texts in [text(), text(), text()],
    ) -> View {
        View { counts, seqs, owner, times, role, flags, texts }
    }
}

prop_compose! {
    fn state()(
        numbers: [u64; 8], type_: u8, unread: u32, last in prop::option::of(entry()), created_at: i64, view in view(),
    ) -> ConversationState {
        let [conversation, peer, tip_seq, tip_index, read, delivered, peer_read, peer_delivered] = numbers;
        let [activity, pinned_at, muted_until, draft_at, silenced_until] = view.times;
        let [draft, name, avatar] = view.texts;
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
            created_at,
            activity,
            role: Role(view.role),
            from_seq: Seq(view.seqs[0]),
            until_seq: Seq(view.seqs[1]),
            mentions: view.counts[0],
            pinned_at,
            muted_until,
            archived: view.flags[0],
            hidden: view.flags[1],
            draft,
            draft_at,
            silenced_until,
            silenced: view.flags[2],
            name,
            avatar,
            owner_id: UserId(view.owner),
            member_count: view.counts[1],
        }
    }
}

prop_compose! {
    fn outgoing()(client_message_id in id(), type_: u8, content in bytes(), reply_to: u64, mentions in users()) -> OutgoingMessage {
        OutgoingMessage { client_message_id, type_: EntryType(type_), content, reply_to_seq: Seq(reply_to), mentions }
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
    users: Vec<UserId>,
}

prop_compose! {
    fn loose()(
        numbers: [u64; 4], small: u32, short: u16, byte: u8, yes: bool, time: i64,
        text in text(), other_text in text(), uuid in id(), content in bytes(), users in users(),
    ) -> Loose {
        let [conversation, user, seq, number] = numbers;
        let (conversation, user, seq) = (ConversationId(conversation), UserId(user), Seq(seq));
        Loose { conversation, user, seq, number, small, short, byte, yes, time, text, other_text, uuid, content, users }
    }
}

/// Every field is given or not, whatever its value.
fn group_update(
    (l, [history_open, silenced], given): (Loose, [Option<bool>; 2], [bool; 4]),
) -> Body {
    GroupUpdate {
        conversation_id: l.conversation,
        client_message_id: l.uuid,
        name: given[0].then_some(l.text),
        avatar: given[1].then_some(l.other_text.clone()),
        description: given[2].then_some(l.other_text),
        join_policy: given[3].then_some(JoinPolicy(l.byte)),
        history_open,
        silenced,
    }
    .into()
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
            after_activity: l.time,
            since: l.time.wrapping_neg(),
            entries_only: l.yes,
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
                next_activity: l.time,
                synced_at: l.time.wrapping_neg(),
            }
            .into()
        ),
        state().prop_map(|state| ConversationEvent { state }.into()),
        (loose(), prop::option::of(entry())).prop_map(|(l, entry)| SystemNotification {
            notification_id: l.number,
            title: l.text,
            content: l.other_text,
            created_at: l.time,
            entry,
        }
        .into()),
        (loose(), any::<[u32; 3]>(), vec(any::<[u64; 3]>(), 0..5)).prop_map(
            |(l, [members, delivered, read], receipts)| ReceiptResponse {
                conversation_id: l.conversation,
                seq: l.seq,
                members,
                delivered,
                read,
                receipts: receipts
                    .into_iter()
                    .map(|[user, read, delivered]| MemberReceipt {
                        user_id: UserId(user),
                        read_seq: Seq(read),
                        delivered_seq: Seq(delivered),
                    })
                    .collect(),
                next_user_id: l.user,
            }
            .into()
        ),
        (loose(), vec(entry(), 0..5)).prop_map(|(l, entries)| SearchResponse {
            entries,
            next_message_id: MessageId(l.number),
        }
        .into()),
        (loose(), any::<[Option<bool>; 2]>(), any::<[bool; 4]>()).prop_map(group_update),
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
            mentions: l.users,
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
        19 => Follow {
            conversation_id,
            ended: l.yes,
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
        24 => ConversationSet {
            conversation_id,
            setting: Setting(l.byte),
            value: l.time,
            text: l.text,
        }
        .into(),
        25 => ReceiptRequest {
            conversation_id,
            seq,
            after_user_id: user_id,
            limit: l.short,
        }
        .into(),
        26 => SearchRequest {
            query: l.text,
            conversation_id,
            before_message_id: MessageId(l.number),
            limit: l.short,
        }
        .into(),
        27 => PushSubscribe {
            device_id: l.text.clone(),
            endpoint: l.other_text.clone(),
            p256dh: l.text,
            auth: l.other_text,
            hide_content: l.yes,
        }
        .into(),
        28 => PushUnsubscribe { device_id: l.text }.into(),
        29 => PresenceSet { invisible: l.yes }.into(),
        30 => JoinEvent {
            conversation_id,
            user_id,
            change: JoinChange(l.byte),
            message: l.text,
        }
        .into(),
        31 => Done {}.into(),
        32 => ProfileEvent {
            user_id,
            nickname: l.text,
            avatar: l.other_text,
        }
        .into(),
        _ => Body::Unknown(l.byte | 0x80),
    }
}

/// Bodies that travel between programs only.
fn internal(kind: usize, l: Loose) -> Body {
    let (conversation_id, user_id, client_message_id) = (l.conversation, l.user, l.uuid);
    match kind {
        0 => GroupCreate {
            client_message_id,
            name: l.text.clone(),
            avatar: l.other_text,
            description: l.text,
            join_policy: JoinPolicy(l.byte),
            history_open: l.yes,
            member_ids: l.users,
        }
        .into(),
        1 => GroupInvite {
            conversation_id,
            client_message_id,
            user_ids: l.users,
        }
        .into(),
        2 => GroupJoin {
            conversation_id,
            client_message_id,
            message: l.text,
        }
        .into(),
        3 => GroupAnswer {
            conversation_id,
            client_message_id,
            user_id,
            accept: l.yes,
        }
        .into(),
        4 => GroupRemove {
            conversation_id,
            client_message_id,
            user_id,
        }
        .into(),
        5 => GroupLeave {
            conversation_id,
            client_message_id,
        }
        .into(),
        6 => GroupTransfer {
            conversation_id,
            client_message_id,
            user_id,
        }
        .into(),
        7 => GroupDissolve {
            conversation_id,
            client_message_id,
        }
        .into(),
        8 => GroupRole {
            conversation_id,
            client_message_id,
            user_id,
            role: Role(l.byte),
        }
        .into(),
        9 => GroupSilence {
            conversation_id,
            client_message_id,
            user_id,
            until: l.time,
        }
        .into(),
        _ => SystemNotify {
            client_message_id,
            user_ids: l.users,
            everybody: l.yes,
            title: l.text,
            content: l.other_text,
        }
        .into(),
    }
}

/// Any body of any kind, unknown ones included.
pub(crate) fn any_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        composed(),
        (0_usize..34, loose()).prop_map(|(kind, loose)| plain(kind, loose)),
        (0_usize..11, loose()).prop_map(|(kind, loose)| internal(kind, loose)),
    ]
}
