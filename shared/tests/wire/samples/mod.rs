//! At least one frame of each kind, with values that are easy to recognise in a dump. A sample never changes: fields that came later are
//! shown by another sample of the same kind.

mod down;
mod group;
mod session;
mod up;

use bytes::Bytes;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    Body, ConversationState, ConversationType, Entry, EntryType, Frame, RequestId, Role,
};
use uuid::Uuid;

const ALICE: UserId = UserId(1_001);
const BOB: UserId = UserId(1_002);
const CONVERSATION: ConversationId = ConversationId(7_001);
const ANOTHER_CONVERSATION: ConversationId = ConversationId(7_002);
/// 2026-01-02 03:04:05.678 UTC, in milliseconds.
const NOW: i64 = 1_767_323_045_678;

/// The file in `schema/golden/` and the frame in it.
type Sample = (&'static str, Frame);

/// At least one frame of each kind.
pub(crate) fn samples() -> Vec<Sample> {
    [
        session::samples(),
        up::samples(),
        group::samples(),
        down::samples(),
    ]
    .concat()
}

fn request(name: &'static str, body: impl Into<Body>) -> Sample {
    (name, Frame::request(RequestId(5), body))
}

fn reply(name: &'static str, body: impl Into<Body>) -> Sample {
    (name, Frame::reply(RequestId(5), body))
}

fn push(name: &'static str, body: impl Into<Body>) -> Sample {
    (name, Frame::push(body))
}

/// A UUIDv7 of [`NOW`] with this number at its end.
fn message_uuid(number: u64) -> Uuid {
    Uuid::from_u64_pair((NOW as u64) << 16 | 0x7abc, 0x8000_0000_0000_0000 | number)
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
        created_at: NOW,
        target_seq: Seq(0),
        ..Entry::default()
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
        created_at: NOW - 60_000,
        ..ConversationState::default()
    }
}

/// A message that answers another, mentions Bob and everybody, and was edited.
fn answer() -> Entry {
    Entry {
        target_seq: Seq(1),
        mentions: vec![BOB, UserId(0)],
        edited_seq: Seq(4),
        ..entry(3, "Fine, Bob")
    }
}

/// A message that was taken back: its content is gone.
fn taken_back() -> Entry {
    Entry {
        recalled_seq: Seq(5),
        ..entry(2, "")
    }
}

/// A group as a member sees it who came late, was silenced and left.
fn group_state() -> ConversationState {
    ConversationState {
        type_: ConversationType::Group,
        peer_id: UserId(0),
        last: Some(answer()),
        activity: NOW,
        role: Role::Admin,
        from_seq: Seq(1),
        until_seq: Seq(3),
        mentions: 2,
        pinned_at: NOW - 1_000,
        muted_until: NOW + 1_000,
        archived: true,
        hidden: true,
        draft: "I think".to_owned(),
        draft_at: NOW - 2_000,
        silenced_until: NOW + 2_000,
        silenced: true,
        name: "Tea".to_owned(),
        avatar: "https://example.com/tea.png".to_owned(),
        owner_id: ALICE,
        member_count: 12,
        ..state()
    }
}
