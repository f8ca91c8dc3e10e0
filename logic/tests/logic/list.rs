//! The list of conversations: order, pages, what changed since, what a member may see ([R4], [R9] to [R14]).

use std::collections::{BTreeMap, BTreeSet};

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{
    Body, ConversationSet, ConversationState, ConversationType, Cursor, Direction, GroupLeave,
    Role, Setting, SyncRequest,
};
use uuid::Uuid;

use crate::access::{TestSession, text, to_conversation};
use crate::changes::group;
use crate::positions::read;
use crate::reading::{ask, cursor, history, next_page, seqs, sync, sync_all};
use crate::world::World;

/// User 1 with conversations 10,001.. with users 2.., of `messages` short texts each by the other one. The higher the id, the later; all of
/// it yesterday.
async fn with_conversations(world: &World, count: u64, messages: u64) {
    world
        .execute(&format!(
            "INSERT INTO users (id, username) SELECT n, 'user' || n FROM generate_series(1, {count} + 1) n; \
             INSERT INTO conversations (id, type, user_low, user_high, created_at, updated_at) \
             SELECT 10000 + n, 1, 1, n + 1, y, y FROM generate_series(1, {count}) n, (SELECT now() - interval '1 day' AS y) AS t; \
             INSERT INTO conversation_members (id, conversation_id, user_id, created_at, updated_at) \
             SELECT k * 100000 + n, 10000 + n, CASE k WHEN 1 THEN 1 ELSE n + 1 END, y, y \
             FROM generate_series(1, {count}) n, generate_series(1, 2) k, (SELECT now() - interval '1 day' AS y) AS t; \
             INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content, created_at) \
             SELECT n * 1000 + s, 10000 + n, s, s, n + 1, gen_random_uuid(), 1, 'text', \
                    now() - interval '1 day' + n * interval '1 second' + s * interval '1 millisecond' \
             FROM generate_series(1, {count}) n, generate_series(1, {messages}) s; \
             UPDATE conversations SET created_at = now() - interval '2 days', updated_at = now() - interval '2 days' WHERE id IN (1, 2); \
             ANALYZE"
        ))
        .await;
}

fn ids(states: &[ConversationState]) -> Vec<u64> {
    states.iter().map(|state| state.conversation_id.0).collect()
}

async fn state(session: &mut TestSession, conversation: u64) -> Option<ConversationState> {
    let (pages, _) = sync_all(session, 0).await;
    let mut states = pages.into_iter().flat_map(|page| page.conversations);
    states.find(|state| state.conversation_id.0 == conversation)
}

/// G1, [R4]: whatever is sent while the pages come, nothing is missing that was not pushed, and no page says it twice.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_active_come_first_and_who_becomes_active_meanwhile_is_pushed() {
    let world = World::new().await;
    with_conversations(&world, 350, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    // The last ones of the list, which are not on a page yet.
    let friends: Vec<u64> = (2..=40).collect();
    for friend in &friends {
        world.befriend(1, *friend).await;
    }
    let mut page = sync(&mut ann, 0, Vec::new()).await;
    let (mut listed, mut last) = (ids(&page.conversations), i64::MAX);
    let mut waiting = friends.into_iter();
    loop {
        for state in &page.conversations {
            assert!(state.activity <= last, "[R4]: the last active come first");
            last = state.activity;
        }
        let Some(request) = next_page(&page) else {
            break;
        };
        for friend in waiting.by_ref().take(13) {
            let mut friend = access.session(friend).await;
            friend.tell(1, "hello").await;
        }
        page = ask(&mut ann, request).await;
        listed.extend(ids(&page.conversations));
    }
    assert_eq!(waiting.next(), None, "all were sent while pages came");
    let (mut pushed, mut texts) = (BTreeSet::new(), 0);
    while texts < 39 {
        if let Body::PushMessage(push) = ann.next_push().await {
            texts += push.entries.len();
            pushed.extend(push.entries.iter().map(|entry| entry.conversation_id.0));
        }
    }
    let once: BTreeSet<u64> = listed.iter().copied().collect();
    assert_eq!(once.len(), listed.len(), "a page says nothing twice");
    let everything: BTreeSet<u64> = (10_001..=10_350).chain([1, 2]).collect();
    assert_eq!(&once | &pushed, everything);
    assert!(
        once.len() < everything.len(),
        "some moved ahead of the pages"
    );
    worker.stop().await;
}

/// G1, [R4]: what a client that was away for a moment gets does not depend on how much there is.
#[tokio::test(flavor = "multi_thread")]
async fn with_five_thousand_conversations_a_later_sync_is_one_small_page() {
    let world = World::new().await;
    with_conversations(&world, 5_000, 1).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let (pages, synced_at) = sync_all(&mut ann, 0).await;
    let all: BTreeSet<u64> = pages
        .iter()
        .flat_map(|page| ids(&page.conversations))
        .collect();
    assert_eq!(all.len(), 5_002);
    assert!(pages.len() <= 70, "{} pages", pages.len());

    let (pages, _) = sync_all(&mut ann, synced_at).await;
    assert_eq!(ids(&pages[0].conversations), [0; 0], "nothing changed");
    assert_eq!(pages.len(), 1);
    // An entry, a position of one's own, one of the peer, a setting.
    bob.tell(1, "hello").await;
    read(&mut ann, ConversationId(10_400), 1).await;
    let mut peer = access.session(301).await;
    read(&mut peer, ConversationId(10_300), 1).await;
    let pin = ConversationSet {
        conversation_id: ConversationId(10_200),
        setting: Setting::Pin,
        value: 5,
        text: String::new(),
    };
    ann.ask(pin).await;
    let (pages, again) = sync_all(&mut ann, synced_at).await;
    assert_eq!(pages.len(), 1);
    assert_eq!(
        ids(&pages[0].conversations),
        [10_001, 10_400, 10_300, 10_200]
    );
    assert!(again >= synced_at);
    // A clock that is ahead does no harm, and neither does one of another era.
    assert!(
        sync(&mut ann, i64::MAX, Vec::new())
            .await
            .conversations
            .is_empty()
    );
    assert!(sync(&mut ann, -1, Vec::new()).await.conversations.len() > 50);
    worker.stop().await;
}

/// D6, G1, [R4]: after a week away the list is there with the first reply, and all that was missed with as many requests as its bytes need.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_missed_messages_come_in_a_bounded_number_of_requests() {
    let world = World::new().await;
    with_conversations(&world, 200, 50).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let mut held: BTreeMap<u64, u64> = (10_001..=10_200).map(|id| (id, 0)).collect();
    let cursors = |held: &BTreeMap<u64, u64>| -> Vec<Cursor> {
        // The last active first, as the client shows them.
        let behind = held.iter().rev().filter(|(_, seq)| **seq < 50);
        behind.map(|(id, seq)| cursor(*id, *seq)).collect()
    };
    let take = |held: &mut BTreeMap<u64, u64>, entries: Vec<im_shared::wire::Entry>| {
        for entry in entries {
            let seq = held.get_mut(&entry.conversation_id.0).unwrap();
            assert_eq!(entry.seq.0, *seq + 1, "consecutive after the cursor");
            *seq = entry.seq.0;
        }
    };
    let first = sync(&mut ann, 0, cursors(&held)).await;
    assert!(first.conversations.len() >= 60, "a screen of conversations");
    for state in &first.conversations {
        assert_eq!(state.unread, 50);
        assert_eq!(state.last.as_ref().map(|last| last.seq), Some(Seq(50)));
    }
    let (mut requests, mut next) = (1, next_page(&first));
    take(&mut held, first.entries);
    while let Some(request) = next {
        let page = ask(&mut ann, request).await;
        requests += 1;
        next = next_page(&page);
    }
    assert!(requests <= 4, "{requests} pages of states");
    loop {
        let request = SyncRequest {
            cursors: cursors(&held),
            entries_only: true,
            ..SyncRequest::default()
        };
        let page = ask(&mut ann, request).await;
        requests += 1;
        assert!(page.conversations.is_empty() && !page.entries.is_empty());
        take(&mut held, page.entries);
        if !page.more {
            break;
        }
    }
    assert!(held.values().all(|seq| *seq == 50));
    assert!(requests <= 40, "{requests} requests");
    worker.stop().await;
}

/// [R10], D8: what was before the time of a member, and what came after it, is in no answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_the_entries_of_their_own_time_only() {
    let world = World::new().await;
    world.users(4).await;
    let ours = group(&world, 901, &[(1, 3), (2, 1), (3, 1)], 10).await;
    world
        .execute(
            "UPDATE conversation_members SET from_seq = 4, read_seq = 4, read_index = 4 WHERE conversation_id = 901 AND user_id = 2; \
             UPDATE conversation_members SET deleted = 1, until_seq = 7, read_seq = 2, read_index = 2 \
              WHERE conversation_id = 901 AND user_id = 3",
        )
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut bob, mut cat) = (access.session(2).await, access.session(3).await);

    let page = sync(&mut bob, 0, vec![cursor(901, 1)]).await;
    let joined = &page.conversations[0];
    assert_eq!((joined.from_seq, joined.until_seq), (Seq(4), Seq(0)));
    assert_eq!((joined.tip_seq, joined.unread), (Seq(10), 6));
    assert_eq!(seqs((page.entries, false)).0, [5, 6, 7, 8, 9, 10]);
    assert_eq!(
        seqs(history(&mut bob, ours, 0, Direction::Forward, 3).await),
        (vec![5, 6, 7], true)
    );

    let page = sync(&mut cat, 0, vec![cursor(901, 5)]).await;
    let left = &page.conversations[0];
    assert_eq!((left.role, left.until_seq), (Role::None, Seq(7)));
    assert_eq!((left.tip_seq, left.tip_index, left.unread), (Seq(7), 7, 5));
    assert_eq!(left.last.as_ref().map(|last| last.seq), Some(Seq(7)));
    assert_eq!((left.owner_id.0, left.member_count), (0, 0));
    assert_eq!(left.name, "group");
    assert_eq!(seqs((page.entries, false)).0, [6, 7]);
    assert_eq!(
        seqs(history(&mut cat, ours, 0, Direction::Backward, 3).await),
        (vec![5, 6, 7], true)
    );
    let only = |cursors| SyncRequest {
        cursors,
        entries_only: true,
        ..SyncRequest::default()
    };
    let page = ask(&mut cat, only(vec![cursor(77, 0), cursor(901, 6)])).await;
    assert_eq!((seqs((page.entries, false)).0, page.more), (vec![7], false));
    // A stranger gets nothing by naming it.
    let mut dan = access.session(4).await;
    let page = ask(&mut dan, only(vec![cursor(901, 0)])).await;
    assert!(page.entries.is_empty() && !page.more);
    assert_eq!(state(&mut dan, 901).await, None);
    worker.stop().await;
}

/// G5, E5, [R9]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_says_what_a_group_is_and_what_its_member_may() {
    let world = World::new().await;
    world.users(3).await;
    let ours = group(&world, 903, &[(1, 3), (2, 2), (3, 1)], 2).await;
    world
        .execute(
            "UPDATE conversations SET name = 'tea', avatar = '/tea.png', silenced = 1 WHERE id = 903; \
             UPDATE conversation_members SET silenced_until = 'epoch'::timestamptz + interval '5 seconds', delivered_seq = 2 \
              WHERE conversation_id = 903 AND user_id = 3",
        )
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    for (user, role) in [(1, Role::Owner), (2, Role::Admin), (3, Role::Member)] {
        let mut session = access.session(user).await;
        let state = state(&mut session, 903).await.unwrap();
        assert_eq!((state.conversation_id, state.role), (ours, role));
        assert_eq!(state.type_, ConversationType::Group);
        assert_eq!(
            (state.name.as_str(), state.avatar.as_str()),
            ("tea", "/tea.png")
        );
        assert_eq!((state.owner_id.0, state.member_count), (1, 3));
        assert_eq!((state.peer_id.0, state.peer_read_seq), (0, Seq(0)));
        assert_eq!((state.tip_seq, state.tip_index), (Seq(2), 2));
        let last = state.last.unwrap();
        assert_eq!((last.seq, last.content.as_ref()), (Seq(2), &b"text 2"[..]));
        assert_eq!(state.activity, last.created_at);
        assert!(state.created_at > 0 && state.silenced);
        let own = if user == 3 {
            (5_000, Seq(2))
        } else {
            (0, Seq(0))
        };
        assert_eq!((state.silenced_until, state.delivered_seq), own);
        assert_eq!(state.unread, if user == 1 { 0 } else { 2 });
    }
    worker.stop().await;
}

/// [R13], E1: who has left keeps what was theirs until they put it away, and other devices learn of both.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_left_stays_until_it_is_hidden() {
    let world = World::new().await;
    world.users(3).await;
    let ours = group(&world, 902, &[(1, 3), (2, 1), (3, 1)], 3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let leave = GroupLeave {
        conversation_id: ours,
        client_message_id: Uuid::now_v7(),
    };
    let answer = bob.ask(leave).await;
    assert!(!matches!(answer, Body::ErrorResponse(_)), "{answer:?}");
    ann.acknowledged(to_conversation(ours, &[text("gone?")]))
        .await;

    let left = state(&mut bob, 902).await.unwrap();
    assert_eq!((left.role, left.tip_seq), (Role::None, Seq(4)));
    assert_eq!((left.unread, left.hidden), (3, false));
    assert_eq!(read(&mut bob, ours, 99).await, 4, "[R6]: up to the end");
    let hide = ConversationSet {
        conversation_id: ours,
        setting: Setting::Hide,
        value: 99,
        text: String::new(),
    };
    let Body::ConversationEvent(event) = bob.ask(hide).await else {
        panic!("not hidden")
    };
    assert!(event.state.hidden);
    ann.acknowledged(to_conversation(ours, &[text("gone!")]))
        .await;
    assert_eq!(state(&mut bob, 902).await, None, "nothing brings it back");
    let later = sync(&mut bob, 1, Vec::new()).await.conversations;
    let told = later.iter().find(|state| state.conversation_id == ours);
    assert!(
        told.unwrap().hidden,
        "another device learns that it is hidden"
    );
    worker.stop().await;
}

/// I9: the statement of a page reads by index only, however it was planned.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_thousand_conversations_is_read_by_index_only() {
    let world = World::new().await;
    with_conversations(&world, 1_000, 5).await;
    world
        .execute(
            "CREATE FUNCTION scanned() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE found bigint; BEGIN \
               PERFORM * FROM list_conversations(1, now() - interval '1 hour', NULL, 0, 101); \
               SELECT count(*) INTO found FROM ( \
                 SELECT array_agg(l.conversation_id) AS ids FROM list_conversations(1, NULL, NULL, 0, 101) l \
               ) l, conversation_states(array_fill(1::bigint, ARRAY[cardinality(l.ids)]), l.ids) s; \
               ASSERT found = 101, found; \
               RETURN (SELECT sum(seq_scan) FROM pg_stat_xact_user_tables); \
             END $$",
        )
        .await;
    let scanned = world.count("SELECT scanned()").await;
    assert_eq!(scanned, 0, "tables were read from end to end");
}
