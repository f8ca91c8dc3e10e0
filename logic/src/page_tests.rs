//! Plain values in, pages out.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use im_shared::ids::{MessageId, UserId};
use im_shared::wire::{
    ConversationType, EntryType, Frame, RequestId, Role, SyncResponse, decode, encode,
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
        mentions: vec![UserId(u64::MAX / 3); limits::MAX_MENTIONS],
        edited_seq: Seq(9),
        recalled_seq: Seq(9),
    }
}

/// With every field set: none is larger on the wire.
fn state(conversation: u64, tip: u64, length: usize) -> ConversationState {
    ConversationState {
        conversation_id: ConversationId(conversation),
        type_: ConversationType::Group,
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
        activity: 1_700_000_000_000 - 1_000 * i64::try_from(conversation).unwrap(),
        role: Role::Owner,
        from_seq: Seq(1),
        until_seq: Seq(0),
        mentions: 3,
        pinned_at: 1_700_000_000_000,
        muted_until: 1_700_000_000_000,
        archived: true,
        hidden: true,
        draft: "d".repeat(length / 3),
        draft_at: 1_700_000_000_000,
        silenced_until: 1_700_000_000_000,
        silenced: true,
        name: "n".repeat(length % 64),
        avatar: "a".repeat(length % 512),
        owner_id: UserId(u64::MAX / 3),
        member_count: 9,
    }
}

fn cursor(conversation: u64, seq: u64) -> Cursor {
    Cursor {
        conversation_id: ConversationId(conversation),
        seq: Seq(seq),
    }
}

/// [R4]
#[test]
fn the_last_page_has_no_next() {
    let mut states = vec![state(1, 5, 10), state(2, 0, 0)];
    assert_eq!(cut_states(&mut states, 100, &mut Budget::default()), None);
    assert_eq!(states.len(), 2);
}

/// [R4]: the next page comes after the last state of this one.
#[test]
fn a_page_ends_at_its_limit_and_at_its_bytes() {
    let after = |state: &ConversationState| Place {
        activity: state.activity,
        conversation: state.conversation_id,
    };
    let mut many: Vec<_> = (1..=101).map(|id| state(id, 0, 0)).collect();
    let last = after(&many[99]);
    let next = cut_states(&mut many, 100, &mut Budget::default());
    assert_eq!((many.len(), next), (100, Some(last)));
    let mut large: Vec<_> = (1..=20).map(|id| state(id, 5, limits::MAX_TEXT)).collect();
    let last = after(&large[3]);
    let next = cut_states(&mut large, 100, &mut Budget::default());
    assert_eq!((large.len(), next), (4, Some(last)));
}

/// [R4]: however large one state is, a page holds it, so that the list goes on.
#[test]
fn the_largest_state_fits_a_page() {
    let mut largest = vec![state(1, 5, limits::MAX_TEXT)];
    largest[0].draft = "d".repeat(limits::MAX_DRAFT);
    largest[0].avatar = "a".repeat(512);
    assert_eq!(cut_states(&mut largest, 100, &mut Budget::default()), None);
    assert_eq!(largest.len(), 1);
}

/// [R4]
#[test]
fn entries_come_after_the_cursors_of_the_page_only() {
    let mut joined = state(4, 9, 10);
    joined.from_seq = Seq(7);
    let mut left = state(5, 6, 10);
    (left.from_seq, left.until_seq) = (Seq(2), Seq(6));
    let states = [
        state(1, 5, 10),
        state(2, 5, 10),
        state(3, 5, 10),
        joined,
        left,
    ];
    let cursors = [
        cursor(9, 1),
        cursor(2, 5),
        cursor(3, 0),
        cursor(3, 2),
        cursor(4, 0),
        cursor(5, 3),
    ];
    let behind: Vec<_> = behind(&states, &cursors)
        .into_iter()
        .map(|(cursor, span)| (cursor, span.from.0, span.until.map(|seq| seq.0)))
        .collect();
    assert_eq!(
        behind,
        [
            (cursor(3, 2), 1, None),
            (cursor(4, 0), 7, None),
            (cursor(5, 3), 2, Some(6))
        ]
    );
}

/// [R4]
#[test]
fn of_two_cursors_of_a_conversation_the_higher_one_counts() {
    let cursors = [cursor(3, 2), cursor(1, 1), cursor(3, 7), cursor(3, 4)];
    assert_eq!(distinct(&cursors), [cursor(3, 7), cursor(1, 1)]);
}

/// [R4]: consecutive after the cursor of their conversation, or after the place where the user's time begins.
#[test]
fn nothing_follows_a_hole() {
    let after_join = Span {
        from: Seq(4),
        until: None,
    };
    for begin in [(cursor(1, 4), Span::default()), (cursor(1, 0), after_join)] {
        let mut entries = vec![
            entry(1, 5, 1),
            entry(1, 6, 1),
            entry(1, 8, 1),
            entry(1, 9, 1),
        ];
        cut_entries(&mut entries, &[begin], &mut Budget::default());
        assert_eq!(
            entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(),
            [5, 6]
        );
    }
}

proptest! {
    /// [F2], [F3]: whatever lies in the database, a page is a legal frame.
    #[test]
    fn every_page_is_a_legal_frame(lengths in proptest::collection::vec(0_usize..limits::MAX_TEXT, 0..120), short in 0_usize..600) {
        let mut states: Vec<_> = lengths.iter().enumerate().map(|(id, length)| state(id as u64 + 1, 1, *length)).collect();
        let mut budget = Budget::default();
        let _ = cut_states(&mut states, 100, &mut budget);
        let mut entries: Vec<_> = (1..=short as u64).map(|seq| entry(1, seq, 3)).collect();
        cut_entries(&mut entries, &[], &mut budget);
        let response = SyncResponse { conversations: states, entries, more: true, ..SyncResponse::default() };
        let frame = encode(&Frame::reply(RequestId(1), response));
        prop_assert!(decode(&frame).is_ok(), "{} bytes", frame.len());
    }
}
