//! Plain values in, pages out.

use bytes::Bytes;
use im_shared::ids::{MessageId, UserId};
use im_shared::wire::{
    ConversationType, EntryType, Frame, RequestId, SyncResponse, decode, encode,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn entry(conversation: u64, seq: u64, length: usize) -> Entry {
    Entry {
        conversation_id: ConversationId(conversation),
        seq: Seq(seq),
        message_index: seq,
        message_id: MessageId(u64::MAX / 3),
        client_message_id: Uuid::from_u128(u128::MAX / 3),
        sender_id: UserId(u64::MAX / 3),
        type_: EntryType::Text,
        content: Bytes::from(vec![b'x'; length]),
        created_at: 1_700_000_000_000,
        target_seq: Seq(9),
        ..Entry::default()
    }
}

fn state(conversation: u64, tip: u64, length: usize) -> ConversationState {
    ConversationState {
        conversation_id: ConversationId(conversation),
        type_: ConversationType::Private,
        peer_id: UserId(u64::MAX / 3),
        tip_seq: Seq(tip),
        tip_index: tip,
        read_seq: Seq(1),
        delivered_seq: Seq(1),
        peer_read_seq: Seq(1),
        peer_delivered_seq: Seq(1),
        unread: 7,
        last: (tip > 0).then(|| entry(conversation, tip, length)),
        created_at: 1_700_000_000_000,
        ..ConversationState::default()
    }
}

/// [R4]
#[test]
fn the_last_page_has_no_next() {
    let mut states = vec![state(1, 5, 10), state(2, 0, 0)];
    assert_eq!(
        cut_states(&mut states, 100, &mut Budget::default()),
        ConversationId(0)
    );
    assert_eq!(states.len(), 2);
}

/// [R4]
#[test]
fn a_page_ends_at_its_limit_and_at_its_bytes() {
    let mut many: Vec<_> = (1..=101).map(|id| state(id, 0, 0)).collect();
    assert_eq!(
        cut_states(&mut many, 100, &mut Budget::default()),
        ConversationId(100)
    );
    let mut large: Vec<_> = (1..=20).map(|id| state(id, 5, limits::MAX_TEXT)).collect();
    let next = cut_states(&mut large, 100, &mut Budget::default());
    assert_eq!(large.len(), 5);
    assert_eq!(next, ConversationId(5));
}

/// [R4]
#[test]
fn entries_come_after_the_cursors_of_the_page_only() {
    let states = [state(1, 5, 10), state(2, 5, 10), state(3, 5, 10)];
    let cursor = |conversation, seq| Cursor {
        conversation_id: ConversationId(conversation),
        seq: Seq(seq),
    };
    let cursors = [cursor(9, 1), cursor(2, 5), cursor(3, 0), cursor(3, 2)];
    assert_eq!(behind(&states, &cursors), [cursor(3, 2)]);
}

/// [R4]: consecutive after the cursor of their conversation.
#[test]
fn nothing_follows_a_hole() {
    let cursors = [Cursor {
        conversation_id: ConversationId(1),
        seq: Seq(4),
    }];
    let mut entries = vec![
        entry(1, 5, 1),
        entry(1, 6, 1),
        entry(1, 8, 1),
        entry(1, 9, 1),
    ];
    cut_entries(&mut entries, &cursors, &mut Budget::default());
    assert_eq!(
        entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(),
        [5, 6]
    );
}

proptest! {
    /// [F2], [F3]: whatever lies in the database, a page is a legal frame.
    #[test]
    fn every_page_is_a_legal_frame(lengths in proptest::collection::vec(0_usize..limits::MAX_TEXT, 0..120), short in 0_usize..600) {
        let mut states: Vec<_> = lengths.iter().enumerate().map(|(id, length)| state(id as u64 + 1, 1, *length)).collect();
        let mut budget = Budget::default();
        let next = cut_states(&mut states, 100, &mut budget);
        let mut entries: Vec<_> = (1..=short as u64).map(|seq| entry(1, seq, 3)).collect();
        cut_entries(&mut entries, &[], &mut budget);
        let response = SyncResponse { conversations: states, entries, next_conversation_id: next, more: false, ..SyncResponse::default() };
        let frame = encode(&Frame::reply(RequestId(1), response));
        prop_assert!(decode(&frame).is_ok(), "{} bytes", frame.len());
    }
}
