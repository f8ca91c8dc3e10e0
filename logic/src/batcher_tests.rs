//! Plain values in, batches out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use im_shared::ids::Seq;
use im_shared::wire::{EntryType, RequestId};
use proptest::prelude::*;

use super::*;
use crate::caller::{Address, Caller};
use crate::content::Content;
use crate::pending::{Message, Room, Verdict};

fn request(number: u64, conversation: u64, sender: u64, ids: &[u128], length: usize) -> Pending {
    let message = |id: &u128| Message {
        client_message_id: Uuid::from_u128(*id),
        entry_type: EntryType::Text,
        reply_to: Seq(0),
        mentions: Vec::new(),
        verdict: Verdict::Append(Content::text(Bytes::from(vec![b'a'; length])).unwrap()),
    };
    Pending {
        caller: Caller {
            user: UserId(sender),
            guest: false,
            request_id: RequestId(number),
            address: Address::Inbox("test".into()),
        },
        conversation: ConversationId(conversation),
        room: Room::Private { peer: UserId(99) },
        messages: ids.iter().map(message).collect(),
    }
}

fn numbers(batch: &[Pending]) -> Vec<u64> {
    batch
        .iter()
        .map(|request| request.caller.request_id.0)
        .collect()
}

const WIDE: Policy = Policy {
    rows: 1_000,
    bytes: 1 << 20,
};

/// D4
#[test]
fn a_key_that_is_in_the_open_batch_goes_into_the_next() {
    let mut batcher = Batcher::new(WIDE);
    batcher.offer(request(1, 7, 1, &[10], 5));
    batcher.offer(request(2, 7, 1, &[11, 10], 5));
    batcher.offer(request(3, 7, 2, &[10], 5));
    assert_eq!(numbers(&batcher.close()), [1, 3]);
    assert_eq!(numbers(&batcher.close()), [2]);
    assert!(batcher.is_empty());
}

/// [M1]
#[test]
fn a_later_request_of_the_same_sender_does_not_overtake_one_that_waits() {
    let mut batcher = Batcher::new(WIDE);
    batcher.offer(request(1, 7, 1, &[10], 5));
    batcher.offer(request(2, 7, 1, &[10], 5));
    batcher.offer(request(3, 7, 1, &[11], 5));
    assert_eq!(numbers(&batcher.close()), [1]);
    assert_eq!(numbers(&batcher.close()), [2, 3]);
}

/// D10
#[test]
fn a_batch_ends_at_its_rows_and_at_its_bytes() {
    let mut rows = Batcher::new(Policy {
        rows: 3,
        bytes: 1 << 20,
    });
    let mut bytes = Batcher::new(Policy {
        rows: 100,
        bytes: 2_500,
    });
    for number in 0..4_u64 {
        let id = u128::from(number);
        rows.offer(request(number, number, 1, &[id * 10, id * 10 + 1], 5));
        bytes.offer(request(number, number, 1, &[id], 1_000));
    }
    assert_eq!(numbers(&rows.close()), [0]);
    assert_eq!(numbers(&bytes.close()), [0, 1]);
}

/// [M1]
#[test]
fn a_request_larger_than_a_batch_is_a_batch_of_its_own() {
    let mut batcher = Batcher::new(Policy {
        rows: 2,
        bytes: 100,
    });
    batcher.offer(request(1, 7, 1, &[1, 2, 3, 4], 5));
    batcher.offer(request(2, 8, 1, &[5], 5));
    assert!(batcher.is_full());
    assert_eq!(numbers(&batcher.close()), [1]);
    assert_eq!(numbers(&batcher.close()), [2]);
}

proptest! {
    /// D5, [M1]: every request is in exactly one batch, no batch holds a key twice, conversations stand together, and the requests of one
    /// sender to one conversation keep their order.
    #[test]
    fn batches_hold_every_request_once_and_in_order(
        offers in proptest::collection::vec((1_u64..4, 1_u64..3, proptest::collection::vec(0_u128..12, 1..4)), 0..60),
        rows in 1_usize..20,
    ) {
        let mut batcher = Batcher::new(Policy { rows, bytes: 1 << 20 });
        let mut batches = Vec::new();
        for (number, (conversation, sender, ids)) in offers.iter().enumerate() {
            let mut ids = ids.clone();
            ids.sort_unstable();
            ids.dedup();
            batcher.offer(request(number as u64, *conversation, *sender, &ids, 5));
            if batcher.is_full() {
                batches.push(batcher.close());
            }
        }
        while !batcher.is_empty() {
            batches.push(batcher.close());
        }

        let mut seen: Vec<u64> = batches.iter().flat_map(|batch| numbers(batch)).collect();
        let by_sender = |sender: u64, conversation: u64| -> Vec<u64> {
            batches.iter().flatten()
                .filter(|r| r.caller.user.0 == sender && r.conversation.0 == conversation)
                .map(|r| r.caller.request_id.0)
                .collect()
        };
        for sender in 1..3 {
            for conversation in 1..4 {
                prop_assert!(by_sender(sender, conversation).is_sorted());
            }
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..offers.len() as u64).collect::<Vec<_>>());
        for batch in &batches {
            let all: Vec<Key> = batch.iter().flat_map(keys).collect();
            let distinct: HashSet<Key> = all.iter().copied().collect();
            prop_assert_eq!(all.len(), distinct.len());
            prop_assert!(batch.iter().map(|r| r.conversation).is_sorted());
        }
    }
}
