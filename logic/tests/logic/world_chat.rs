//! The conversation that everybody is in ([M9]).

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{
    Body, Code, ConversationType, Direction, Entry, HistoryRequest, MessageDelivered, Platform,
};
use uuid::Uuid;

use crate::access::{TestSession, message, text, to_conversation};
use crate::positions::read;
use crate::reading::{cursor, history, seqs, sync};
use crate::world::World;

const WORLD: ConversationId = ConversationId::WORLD;

/// The next `count` entries that are pushed to a session, which must come by the broadcast subject.
async fn broadcast(session: &mut TestSession, count: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    while entries.len() < count {
        let arrived = session.next().await;
        assert!(arrived.broadcast, "{arrived:?}");
        assert_eq!(arrived.delivery.followed, WORLD, "live to who follows it");
        let frame = im_shared::wire::decode(&arrived.delivery.frame).unwrap();
        let Body::PushMessage(push) = frame.body else {
            panic!("{frame:?}")
        };
        assert!(frame.request_id.is_push());
        entries.extend(push.entries);
    }
    entries
}

/// E3, [M9], D5: no friends, no membership, two workers, two nodes, one log.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_write_and_everybody_gets_all_of_it_in_one_log() {
    let world = World::new().await;
    world.users(4).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let (left, right) = (
        world.access("access-1").await,
        world.access("access-2").await,
    );
    let mut everybody = [
        left.session(1).await,
        right.session(2).await,
        left.session(3).await,
        right.session(4).await,
    ];
    let mut told = Vec::new();
    for round in 0..2 {
        for session in everybody.iter_mut().take(3) {
            let said = format!("{} {round}", session.user());
            let ack = session
                .acknowledged(to_conversation(WORLD, &[text(&said)]))
                .await;
            assert_eq!(ack.conversation_id, WORLD);
            told.push((ack.results[0].seq.0, said));
        }
    }
    let expected: Vec<u64> = (1..=6).collect();
    assert_eq!(
        told.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(),
        expected
    );
    for session in &mut everybody {
        let mut got: Vec<_> = broadcast(session, 6)
            .await
            .into_iter()
            .map(|entry| {
                (
                    entry.seq.0,
                    String::from_utf8(entry.content.to_vec()).unwrap(),
                )
            })
            .collect();
        // Two workers publish on connections of their own.
        got.sort_unstable();
        assert_eq!(got, told);
        assert!(session.is_quiet());
    }
    let members = "SELECT count(*) FROM conversation_members";
    assert_eq!(world.count(members).await, 0);
    world.audit().await;
    first.stop().await;
    second.stop().await;
}

/// [M4], [M9]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_acknowledged_with_the_same_seq_and_pushed_again() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let id = Uuid::now_v7();
    let request = to_conversation(WORLD, &[message(id, "hello")]);
    let stored = ann.acknowledged(request.clone()).await.results;
    let again = ann.acknowledged(request).await.results;
    assert_eq!(again, stored);
    for entry in broadcast(&mut bob, 2).await {
        assert_eq!((entry.seq, entry.client_message_id), (stored[0].seq, id));
    }
    let other = to_conversation(WORLD, &[message(id, "other")]);
    let refused = ann.acknowledged(other).await.results;
    assert_eq!(refused[0].code, Code::MessageConflict);
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 1);
    worker.stop().await;
}

/// E3, [M9]
#[tokio::test(flavor = "multi_thread")]
async fn who_writes_too_fast_is_told_when_to_come_back_and_nobody_else_is() {
    let mut world = World::new().await;
    world.config.world.messages_per_second = 0.01;
    world.config.world.burst = 2;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let hello = || to_conversation(WORLD, &[text("hello")]);
    ann.acknowledged(to_conversation(WORLD, &[text("a"), text("b")]))
        .await;
    match ann.ask(hello()).await {
        Body::ErrorResponse(error) => {
            assert_eq!(error.code, Code::RetryLater);
            assert!((1..=100_001).contains(&error.retry_after_ms));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bob.acknowledged(hello()).await.results[0].seq, Seq(3));
    assert_eq!(ann.tell(2, "private").await.results[0].code, Code::Ok);
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 4);
    worker.stop().await;
}

/// E3, [M9], J8: whoever takes the requests, one bucket is taken from.
#[tokio::test(flavor = "multi_thread")]
async fn the_rate_holds_over_all_workers() {
    let mut world = World::new().await;
    world.config.world.messages_per_second = 0.01;
    world.config.world.burst = 6;
    world.users(2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    for session in [&mut ann, &mut bob] {
        let mut asked = Vec::new();
        for _ in 0..30 {
            let hello = to_conversation(WORLD, &[text("hello")]);
            asked.push(session.request(hello).await);
        }
        let mut stored = 0;
        for id in asked {
            match session.reply(id).await.0 {
                Body::MessageAck(_) => stored += 1,
                Body::ErrorResponse(error) => assert_eq!(error.code, Code::RetryLater),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(stored, 6);
    }
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 12);
    first.stop().await;
    second.stop().await;
}

/// E3, [M9]: while Redis is away each worker counts for itself, and the world goes on.
#[tokio::test(flavor = "multi_thread")]
async fn without_redis_a_worker_counts_alone() {
    let mut world = World::private().await;
    world.config.world.messages_per_second = 0.01;
    world.config.world.burst = 2;
    world.users(1).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    world.servers().redis.kill().await;
    let hello = || to_conversation(WORLD, &[text("hello")]);
    for _ in 0..2 {
        assert_eq!(ann.acknowledged(hello()).await.results[0].code, Code::Ok);
    }
    assert_eq!(ann.refused(hello()).await, Code::RetryLater);
    world.servers().redis.restart().await;
    worker.stop().await;
}

/// E3, [R4], D8
#[tokio::test(flavor = "multi_thread")]
async fn history_and_sync_show_it_to_everybody_as_read() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);

    let empty = sync(&mut bob, 0, Vec::new()).await.conversations;
    let ids: Vec<_> = empty.iter().map(|state| state.conversation_id).collect();
    assert_eq!(ids, [ConversationId::ANNOUNCEMENTS, WORLD]);
    assert_eq!((empty[1].tip_seq, &empty[1].last), (Seq(0), &None));
    let messages = [text("a"), text("b"), text("c")];
    ann.acknowledged(to_conversation(WORLD, &messages)).await;

    let page = sync(&mut bob, 0, vec![cursor(WORLD.0, 1)]).await;
    let state = &page.conversations[0];
    assert_eq!(
        (state.conversation_id, state.type_, state.peer_id.0),
        (WORLD, ConversationType::World, 0)
    );
    assert_eq!(
        (state.tip_seq, state.tip_index, state.read_seq, state.unread),
        (Seq(3), 3, Seq(3), 0)
    );
    assert_eq!(state.last.as_ref().unwrap().content.as_ref(), b"c");
    assert_eq!(seqs((page.entries, false)), (vec![2, 3], false));
    assert_eq!(page.next_conversation_id.0, 0);

    assert_eq!(
        seqs(history(&mut bob, WORLD, 0, Direction::Backward, 2).await),
        (vec![2, 3], true)
    );
    worker.stop().await;
}

/// [M9], [R6], [R7]: the position begins with the first read, and only the reader hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_kept_and_told_to_the_readers_other_sessions() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let mut phone = access.session_on(2, Platform::Ios).await;
    assert_eq!(read(&mut bob, WORLD, 5).await, 0, "nothing is there");
    ann.acknowledged(to_conversation(WORLD, &[text("a"), text("b")]))
        .await;
    let delivered = MessageDelivered {
        conversation_id: WORLD,
        seq: Seq(2),
    };
    bob.request(delivered).await;
    let world_state = async |session: &mut TestSession| {
        let page = sync(session, 0, Vec::new()).await;
        let state = page.conversations.into_iter();
        let mut state = state.filter(|state| state.conversation_id == WORLD);
        state.next().unwrap()
    };
    let fresh = world_state(&mut bob).await;
    assert_eq!((fresh.read_seq, fresh.unread), (Seq(2), 0), "never read");
    for (seq, held) in [(1, 1), (99, 2), (1, 2), (0, 2)] {
        assert_eq!(read(&mut bob, WORLD, seq).await, held);
    }
    let expected = [1, 2];
    let mut told = Vec::new();
    while told.len() < expected.len() {
        if let Body::ReadReceipt(receipt) = phone.next_push().await {
            assert_eq!((receipt.conversation_id, receipt.user_id.0), (WORLD, 2));
            told.push(receipt.seq.0);
        }
    }
    assert_eq!(told, expected);
    let more = [text("c"), text("d")];
    ann.acknowledged(to_conversation(WORLD, &more)).await;
    bob.acknowledged(to_conversation(WORLD, &[text("e")])).await;
    let state = world_state(&mut bob).await;
    assert_eq!(
        (state.tip_seq, state.read_seq, state.unread),
        (Seq(5), Seq(2), 2)
    );
    // What comes after the reads has come, and nobody else was told.
    assert_eq!(broadcast(&mut ann, 5).await.len(), 5);
    assert!(ann.is_quiet());
    assert_eq!(
        world
            .count("SELECT count(*) FROM conversation_members")
            .await,
        0
    );
    worker.stop().await;
}

/// [M6], D13: what is open to everybody opens nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_private_conversation_stays_private() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut cat) = (access.session(1).await, access.session(3).await);
    let private = ann.tell(2, "between us").await.conversation_id;
    cat.acknowledged(to_conversation(WORLD, &[text("hello")]))
        .await;
    let write = to_conversation(private, &[text("me too")]);
    assert_eq!(cat.refused(write).await, Code::NotMember);
    let look = HistoryRequest {
        conversation_id: private,
        seq: Seq(0),
        direction: Direction::Forward,
        limit: 5,
    };
    assert_eq!(cat.refused(look).await, Code::NotMember);
    worker.stop().await;
}
