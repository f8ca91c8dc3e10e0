#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn entry(conversation: u64, seq: u64) -> Entry {
    Entry {
        conversation_id: ConversationId(conversation),
        seq: Seq(seq),
        ..Entry::default()
    }
}

fn state(conversation: u64, tip: u64) -> ConversationState {
    ConversationState {
        conversation_id: ConversationId(conversation),
        type_: ConversationType::Private,
        peer_id: UserId(conversation + 100),
        tip_seq: Seq(tip),
        ..ConversationState::default()
    }
}

fn page(states: &[(u64, u64)], entries: Vec<Entry>, next: u64) -> SyncResponse {
    SyncResponse {
        conversations: states
            .iter()
            .map(|(conversation, tip)| state(*conversation, *tip))
            .collect(),
        entries,
        next_conversation_id: ConversationId(next),
        next_activity: 1_000 * i64::try_from(next).unwrap(),
        more: false,
        ..SyncResponse::default()
    }
}

fn seqs(entries: &[Entry]) -> Vec<(u64, u64)> {
    entries
        .iter()
        .map(|entry| (entry.conversation_id.0, entry.seq.0))
        .collect()
}

/// [R4]
#[test]
fn a_sync_asks_page_by_page_and_pulls_what_did_not_fit() {
    let now = Instant::now();
    let cursor = Cursor {
        conversation_id: ConversationId(1),
        seq: Seq(4),
    };
    let mut sync = Sync::new(Backlog::All, vec![cursor], &[], 0);
    assert_eq!(sync.request(now), None);
    sync.must_sync(now);
    assert_eq!(
        sync.request(now),
        Some(SyncRequest {
            after_conversation_id: ConversationId(0),
            cursors: vec![cursor],
            ..SyncRequest::default()
        })
    );
    assert_eq!(sync.request(now), None, "one page is awaited");
    let applied = sync.page(
        page(&[(1, 5), (2, 3)], vec![entry(1, 5), entry(2, 1)], 2),
        now,
    );
    assert_eq!(seqs(&applied), [(1, 5), (2, 1)]);
    let next = sync.request(now).unwrap();
    assert_eq!(
        (next.after_conversation_id, next.after_activity),
        (ConversationId(2), 2_000)
    );
    assert_eq!(next.cursors, [], "both were on the first page");
    assert!(sync.page(page(&[], vec![], 0), now).is_empty());
    assert!(!sync.caught_up());
    let pulls = sync.pulls(now);
    assert_eq!(pulls.len(), 1);
    assert_eq!(
        (pulls[0].conversation_id, pulls[0].seq),
        (ConversationId(2), Seq(1))
    );
    assert_eq!(
        sync.pulled(ConversationId(2), vec![entry(2, 2), entry(2, 3)], now)
            .len(),
        2
    );
    assert!(sync.caught_up());
    assert!(!sync.caught_up(), "told once");
}

/// [R5]
#[test]
fn an_entry_of_an_unknown_conversation_is_kept_and_asks_for_a_sync() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::All, vec![], &[], 0);
    assert_eq!(seqs(&sync.offer(entry(7, 1), now)), [(7, 1)]);
    assert!(sync.request(now).is_some());
    assert_eq!(
        sync.followed(),
        [Cursor {
            conversation_id: ConversationId(7),
            seq: Seq(0)
        }]
    );
}

/// [R4]
#[test]
fn a_hint_during_a_sync_makes_another_one_follow() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::All, vec![], &[], 0);
    sync.must_sync(now);
    sync.request(now).unwrap();
    sync.must_sync(now);
    assert!(sync.request(now).is_none());
    let _ = sync.page(page(&[], vec![], 0), now);
    assert!(sync.request(now).is_some());
}

#[test]
fn a_client_that_wants_only_the_last_entries_begins_there() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::Last(2), vec![], &[], 0);
    sync.must_sync(now);
    sync.request(now).unwrap();
    let applied = sync.page(
        page(&[(1, 5)], (1..=5).map(|seq| entry(1, seq)).collect(), 0),
        now,
    );
    assert_eq!(seqs(&applied), [(1, 4), (1, 5)]);
    assert_eq!(sync.target(ConversationId(1)), Target::Peer(UserId(101)));
    assert_eq!(
        sync.target(ConversationId(2)),
        Target::Conversation(ConversationId(2))
    );
}

#[test]
fn a_failed_page_is_asked_again_after_its_wait() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::All, vec![], &[], 0);
    sync.must_sync(now);
    sync.request(now).unwrap();
    sync.failed(Duration::from_secs(2), now);
    assert!(sync.request(now).is_none());
    assert_eq!(sync.next_due(), Some(now + Duration::from_secs(2)));
    assert!(sync.request(now + Duration::from_secs(2)).is_some());
}

/// [R4]: only what changed since the last complete sync is asked for.
#[test]
fn after_a_complete_sync_only_what_changed_is_asked_for() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::All, Vec::new(), &[], 0);
    sync.must_sync(now);
    assert_eq!(sync.request(now).unwrap().since, 0);
    let first = SyncResponse {
        synced_at: 77,
        ..page(&[(1, 0)], vec![], 1)
    };
    sync.page(first, now);
    assert_eq!(sync.since(), 0, "a page is still missing");
    assert_eq!(sync.request(now).unwrap().since, 0);
    sync.page(page(&[(2, 0)], vec![], 0), now);
    assert_eq!(sync.since(), 77);
    sync.reconnected(now);
    assert_eq!(sync.request(now).unwrap().since, 77);
}

/// [R4]: many gaps are pulled together, until nothing is missing.
#[test]
fn many_gaps_are_pulled_by_one_request_after_another() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::All, Vec::new(), &[], 0);
    sync.must_sync(now);
    sync.request(now).unwrap();
    let tips: Vec<(u64, u64)> = (1..=10).map(|conversation| (conversation, 2)).collect();
    sync.page(page(&tips, vec![], 0), now);
    let bulk = sync.bulk(now).unwrap();
    assert!(bulk.entries_only);
    assert_eq!(bulk.cursors.len(), 10);
    assert_eq!(sync.bulk(now), None, "one is under way");
    assert!(sync.is_pulling_many());
    assert!(sync.pulls(now).is_empty());
    let asked: Vec<ConversationId> = bulk.cursors.iter().map(|c| c.conversation_id).collect();
    let entries = (1..=3).flat_map(|c| [entry(c, 1), entry(c, 2)]).collect();
    assert_eq!(sync.bulk_pulled(&asked, entries, now).len(), 6);
    assert_eq!(sync.bulk(now).unwrap().cursors.len(), 7);
    sync.bulk_failed(&asked[3..], Duration::ZERO, now);
    assert_eq!(sync.bulk(now), None);
    assert!(!sync.caught_up());
}

/// [R9]
#[test]
fn a_log_is_followed_from_where_the_user_came_in() {
    let now = Instant::now();
    let mut sync = Sync::new(Backlog::All, Vec::new(), &[], 0);
    sync.must_sync(now);
    sync.request(now).unwrap();
    let mut joined = page(&[(1, 9)], vec![entry(1, 8), entry(1, 9)], 0);
    joined.conversations[0].from_seq = Seq(7);
    assert_eq!(seqs(&sync.page(joined, now)), [(1, 8), (1, 9)]);
    assert!(sync.caught_up());
    let begun = sync.followed().pop().unwrap();
    assert_eq!(begun.seq, Seq(7));
}
