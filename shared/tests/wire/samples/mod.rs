//! One frame of each kind, with values that are easy to recognise in a dump.

mod down;
mod session;
mod up;

use bytes::Bytes;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    Body, ConversationState, ConversationType, Entry, EntryType, Frame, RequestId,
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

/// One frame of each kind.
pub(crate) fn samples() -> Vec<Sample> {
    [session::samples(), up::samples(), down::samples()].concat()
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
