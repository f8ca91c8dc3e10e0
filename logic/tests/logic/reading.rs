//! Sync and history.

use std::collections::BTreeMap;

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{
    Body, Code, ConversationState, ConversationType, Cursor, Direction, Entry, HistoryRequest,
    SyncRequest, SyncResponse, limits,
};

use crate::access::{TestSession, text, to_user};
use crate::world::World;

pub(crate) fn cursor(conversation: u64, seq: u64) -> Cursor {
    Cursor {
        conversation_id: ConversationId(conversation),
        seq: Seq(seq),
    }
}

/// The first page of what changed since then.
pub(crate) async fn sync(
    session: &mut TestSession,
    since: i64,
    cursors: Vec<Cursor>,
) -> SyncResponse {
    let request = SyncRequest {
        since,
        cursors,
        ..SyncRequest::default()
    };
    ask(session, request).await
}

/// All pages, and the `synced_at` of the first one.
pub(crate) async fn sync_all(session: &mut TestSession, since: i64) -> (Vec<SyncResponse>, i64) {
    let mut pages = vec![sync(session, since, Vec::new()).await];
    while let Some(next) = next_page(pages.last().unwrap()) {
        let page = ask(session, SyncRequest { since, ..next }).await;
        assert_eq!(page.synced_at, 0, "[R4]: on the first page only");
        pages.push(page);
    }
    let synced_at = pages[0].synced_at;
    (pages, synced_at)
}

/// The request for what follows a page.
pub(crate) fn next_page(page: &SyncResponse) -> Option<SyncRequest> {
    page.next_conversation_id.is_some().then(|| SyncRequest {
        after_conversation_id: page.next_conversation_id,
        after_activity: page.next_activity,
        ..SyncRequest::default()
    })
}

pub(crate) async fn ask(session: &mut TestSession, request: SyncRequest) -> SyncResponse {
    let id = session.request(request).await;
    match session.reply(id).await {
        (Body::SyncResponse(page), arrived) => {
            assert!(arrived.delivery.bulk, "[T2]");
            page
        }
        (other, _) => panic!("{other:?}"),
    }
}

/// The world chat and the announcements are there as well, for everybody.
fn is_private(state: &&ConversationState) -> bool {
    state.type_ == ConversationType::Private
}

/// User 1 with conversations 1000.. of 3 messages each by the others.
async fn with_conversations(world: &World, count: u64) {
    world.users(count as i64 + 1).await;
    world
        .execute(&format!(
            "INSERT INTO conversations (id, type, user_low, user_high) SELECT 1000 + n, 1, 1, n + 1 FROM generate_series(1, {count}) n; \
             INSERT INTO conversation_members (id, conversation_id, user_id) SELECT n, 1000 + n, 1 FROM generate_series(1, {count}) n; \
             INSERT INTO conversation_members (id, conversation_id, user_id) SELECT 5000 + n, 1000 + n, n + 1 FROM generate_series(1, {count}) n; \
             INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content) \
             SELECT n * 10 + s, 1000 + n, s, s, n + 1, gen_random_uuid(), 1, repeat('x', 400) FROM generate_series(1, {count}) n, generate_series(1, 3) s"
        ))
        .await;
}

/// [R4], D6, G1
#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_conversation_once_and_entries_follow_their_cursors() {
    let world = World::new().await;
    with_conversations(&world, 120).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let cursors: Vec<Cursor> = (1_001..=1_120).map(|id| cursor(id, 1)).collect();

    let (mut request, mut ids, mut pages) = (SyncRequest::default(), Vec::new(), 0);
    let mut entries: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    loop {
        request.cursors.clone_from(&cursors);
        let page = ask(&mut ann, request).await;
        let next = next_page(&page);
        pages += 1;
        assert!(page.conversations.len() <= 100);
        for state in page.conversations.iter().filter(is_private) {
            ids.push(state.conversation_id.0);
            assert_eq!((state.tip_seq, state.unread), (Seq(3), 3));
            assert_eq!(state.last.as_ref().map(|last| last.seq), Some(Seq(3)));
            assert_eq!(state.peer_id.0, state.conversation_id.0 - 999);
        }
        for entry in page.entries {
            entries
                .entry(entry.conversation_id.0)
                .or_default()
                .push(entry.seq.0);
        }
        match next {
            Some(next) => request = next,
            None => break,
        }
    }
    // All of one moment, so that their ids decide.
    assert_eq!(ids, (1_001..=1_120).rev().collect::<Vec<_>>());
    assert!(pages >= 2);
    assert!(!entries.is_empty());
    assert!(entries.values().all(|seqs| *seqs == [2, 3] || *seqs == [2]));
    worker.stop().await;
}

/// [R4]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_of_a_conversation_that_is_up_to_date_or_not_ones_own() {
    let world = World::new().await;
    with_conversations(&world, 3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut bob = access.session(2).await;
    let page = sync(&mut bob, 0, vec![cursor(1_001, 3), cursor(1_002, 0)]).await;
    let states: Vec<_> = page.conversations.iter().filter(is_private).collect();
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].unread, 0, "own messages never count");
    assert!(page.entries.is_empty());
    let many = SyncRequest {
        cursors: vec![cursor(1, 0); limits::MAX_CURSORS + 1],
        ..SyncRequest::default()
    };
    assert_eq!(bob.refused(many).await, Code::InvalidArgument);
    worker.stop().await;
}

pub(crate) async fn history(
    session: &mut TestSession,
    conversation: ConversationId,
    seq: u64,
    direction: Direction,
    limit: u16,
) -> (Vec<Entry>, bool) {
    let request = HistoryRequest {
        conversation_id: conversation,
        seq: Seq(seq),
        direction,
        limit,
    };
    match session.ask(request).await {
        Body::SyncResponse(page) => (page.entries, page.more),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn seqs((entries, more): (Vec<Entry>, bool)) -> (Vec<u64>, bool) {
    (entries.iter().map(|entry| entry.seq.0).collect(), more)
}

/// D8, [R1]
#[tokio::test(flavor = "multi_thread")]
async fn history_comes_in_ascending_order_both_ways_and_to_members_only() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut cat) = (access.session(1).await, access.session(3).await);
    let messages: Vec<_> = (1..=10).map(|n| text(&n.to_string())).collect();
    let ours = ann
        .acknowledged(to_user(2, &messages))
        .await
        .conversation_id;

    assert_eq!(
        seqs(history(&mut ann, ours, 0, Direction::Backward, 3).await),
        (vec![8, 9, 10], true)
    );
    assert_eq!(
        seqs(history(&mut ann, ours, 8, Direction::Backward, 7).await),
        (vec![1, 2, 3, 4, 5, 6, 7], false)
    );
    assert_eq!(
        seqs(history(&mut ann, ours, 0, Direction::Forward, 4).await),
        (vec![1, 2, 3, 4], true)
    );
    assert_eq!(
        seqs(history(&mut ann, ours, 8, Direction::Forward, 200).await),
        (vec![9, 10], false)
    );
    assert_eq!(
        seqs(history(&mut ann, ours, 10, Direction::Forward, 5).await),
        (vec![], false)
    );

    let ask = |limit, conversation_id| HistoryRequest {
        conversation_id,
        seq: Seq(0),
        direction: Direction::Forward,
        limit,
    };
    assert_eq!(cat.refused(ask(5, ours)).await, Code::NotMember);
    assert_eq!(
        cat.refused(ask(5, ConversationId(4))).await,
        Code::ConversationNotFound
    );
    assert_eq!(ann.refused(ask(0, ours)).await, Code::InvalidArgument);
    assert_eq!(ann.refused(ask(201, ours)).await, Code::InvalidArgument);
    worker.stop().await;
}

/// [F2]
#[tokio::test(flavor = "multi_thread")]
async fn long_texts_are_pulled_in_as_many_pages_as_they_need() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let long = "x".repeat(limits::MAX_TEXT);
    let ours = ann.tell(2, &long).await.conversation_id;
    for _ in 0..11 {
        ann.tell(2, &long).await;
    }
    let (mut at, mut all) = (0, Vec::new());
    loop {
        let (found, more) = seqs(history(&mut ann, ours, at, Direction::Forward, 200).await);
        at = found.last().copied().unwrap();
        all.extend(found);
        if !more {
            break;
        }
    }
    assert_eq!(all, (1..=12).collect::<Vec<_>>());
    worker.stop().await;
}
