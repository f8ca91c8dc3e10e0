//! Servers that stop, workers that are full or stopped.

use std::collections::HashSet;
use std::time::Duration;

use im_shared::ids::Seq;
use im_shared::testing::wait_until;
use im_shared::wire::{Body, Code};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::access::{TestSession, codes, text, to_conversation, to_user};
use crate::world::{PATIENCE, World};

/// A15, [S9]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_worker_says_so_and_keeps_what_it_took() {
    let mut world = World::new().await;
    world.config.lanes.count = 1;
    world.config.lanes.queue_requests = 4;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let conversation = ann.tell(2, "first").await.conversation_id;

    let held = world.hold(conversation).await;
    let one = to_conversation(conversation, &[text("in the commit")]);
    let mut ids = vec![ann.request(one).await];
    // From here on nothing is taken out of the queue.
    world.until_waiting(1).await;
    for n in 0..30 {
        ids.push(
            ann.request(to_conversation(conversation, &[text(&n.to_string())]))
                .await,
        );
    }
    // The last one finds the queue full.
    let (last, _) = ann.reply(ids.pop().unwrap()).await;
    let Body::ErrorResponse(error) = last else {
        panic!("{last:?}")
    };
    assert_eq!(error.code, Code::RetryLater);
    assert!(error.retry_after_ms > 0);
    drop(held);
    let (mut stored, mut refused) = (0, 0);
    for id in ids {
        match ann.reply(id).await.0 {
            Body::MessageAck(ack) => stored += i64::from(codes(&ack.results) == [Code::Ok]),
            Body::ErrorResponse(error) => refused += i64::from(error.code == Code::RetryLater),
            other => panic!("{other:?}"),
        }
    }
    // The one in the commit and the four of the queue.
    assert_eq!((stored, refused), (5, 25));
    assert_eq!(
        world.count("SELECT count(*) FROM messages").await,
        stored + 1
    );
    world.audit().await;
    worker.stop().await;
}

/// A14: reads that are stuck behind a lock do not hold up a send.
#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_lane_does_not_hold_up_the_reads_and_the_other_lanes() {
    let mut world = World::new().await;
    world.config.lanes.count = 8;
    world.users(40).await;
    for friend in 2..=40 {
        world.befriend(1, friend).await;
    }
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let mut conversations = Vec::new();
    for friend in 2..=40 {
        conversations.push(ann.tell(friend, "first").await.conversation_id);
    }
    let lane = |conversation| im_logic::writer::lane_of(conversation, 8);
    let stuck = conversations[0];
    let other = *conversations
        .iter()
        .find(|id| lane(**id) != lane(stuck))
        .unwrap();
    let held = world.hold(stuck).await;
    let waiting = ann.request(to_conversation(stuck, &[text("waits")])).await;
    let ack = ann
        .acknowledged(to_conversation(other, &[text("passes")]))
        .await;
    assert_eq!(ack.results[0].seq, Seq(2));
    drop(held);
    assert!(matches!(ann.reply(waiting).await.0, Body::MessageAck(_)));
    worker.stop().await;
}

/// D2, D11: what is in hand at a stop is finished; what was not taken is asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_finishes_what_is_in_hand() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let conversation = ann.tell(2, "first").await.conversation_id;
    let mut ids = Vec::new();
    for n in 0..300 {
        ids.push(
            ann.request(to_conversation(conversation, &[text(&n.to_string())]))
                .await,
        );
    }
    let (_, _) = tokio::join!(first.stop(), async {
        for n in 300..600 {
            ids.push(
                ann.request(to_conversation(conversation, &[text(&n.to_string())]))
                    .await,
            );
        }
    });
    let mut seqs = HashSet::new();
    for id in ids {
        let Body::MessageAck(ack) = ann.reply(id).await.0 else {
            panic!("refused")
        };
        assert!(seqs.insert(ack.results[0].seq));
    }
    assert_eq!(seqs.len(), 600);
    assert_eq!(access.holes(), 0);
    world.audit().await;
    second.stop().await;
}

async fn until_stored(session: &mut TestSession, content: &str) {
    let message = [text(content)];
    loop {
        match session.ask(to_user(2, &message)).await {
            Body::MessageAck(ack) => return assert_eq!(codes(&ack.results), [Code::Ok]),
            Body::ErrorResponse(error) => {
                assert!(error.code.may_retry(), "{error:?}");
                assert!(error.retry_after_ms > 0);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// K10, [M3]
#[tokio::test(flavor = "multi_thread")]
async fn without_postgres_requests_are_refused_for_now_and_after_its_restart_they_are_stored_once()
{
    let world = World::private().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    ann.tell(2, "before").await;

    world.servers().postgres.kill().await;
    assert_eq!(
        ann.refused(to_user(2, &[text("lost")])).await,
        Code::Unavailable
    );
    wait_until(async || !ready(worker.ops).await.0, PATIENCE).await;
    assert!(ready(worker.ops).await.1.contains("postgres"));
    world.servers().postgres.restart().await;
    until_stored(&mut ann, "after").await;
    assert_eq!(bob.next_texts(2).await, ["before", "after"]);
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 2);
    wait_until(async || ready(worker.ops).await.0, PATIENCE).await;
    world.audit().await;
    worker.stop().await;
}

/// Nothing is missed while nobody knows where the recipients are.
#[tokio::test(flavor = "multi_thread")]
async fn without_redis_a_message_goes_to_every_node() {
    let world = World::private().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let (left, right) = (
        world.access("access-1").await,
        world.access("access-2").await,
    );
    let (mut ann, mut bob) = (left.session(1).await, right.session(2).await);
    ann.tell(2, "located").await;
    assert!(!bob.next().await.broadcast);

    world.servers().redis.kill().await;
    let ack = ann.tell(2, "blind").await;
    assert_eq!(codes(&ack.results), [Code::Ok]);
    let arrived = bob.next().await;
    assert!(arrived.broadcast);
    assert_eq!(
        arrived
            .delivery
            .targets
            .iter()
            .filter(|target| target.session.is_some())
            .count(),
        0
    );
    world.servers().redis.restart().await;
    worker.stop().await;
}

/// K10
#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_of_nats_the_worker_goes_on() {
    let world = World::private().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    ann.tell(2, "before").await;
    world.servers().nats.restart().await;
    let message = [text("after")];
    loop {
        let id = ann.request(to_user(2, &message)).await;
        if let Ok((Body::MessageAck(ack), _)) =
            tokio::time::timeout(Duration::from_secs(1), ann.reply(id)).await
        {
            break assert_eq!(ack.results[0].seq, Seq(2));
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 2);
    worker.stop().await;
}

/// Decision 6: PostgreSQL's own "try again" is tried again, and the client sees nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    // A sequence does not go back with its transaction: the first two attempts fail.
    world
        .execute(
            "CREATE SEQUENCE attempts; \
             CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               IF nextval('attempts') <= 2 THEN RAISE EXCEPTION 'as if' USING ERRCODE = '40P01'; END IF; RETURN NEW; \
             END $$; \
             CREATE TRIGGER fail_twice BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION fail_twice()",
        )
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    assert_eq!(ann.tell(2, "hello").await.results[0].seq, Seq(1));
    worker.stop().await;
}

/// A hint is only a hint: after a restore from a backup the tip may be below it.
#[tokio::test(flavor = "multi_thread")]
async fn a_tip_below_what_the_worker_remembers_is_looked_up_again() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let mut config = world.config.clone();
    config.lanes.count = 1;
    let worker = crate::world::Worker::start(config).await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    for n in 0..5 {
        ann.tell(2, &n.to_string()).await;
    }
    world.execute("DELETE FROM messages WHERE seq > 2").await;
    assert_eq!(ann.tell(2, "next").await.results[0].seq, Seq(3));
    world.audit().await;
    worker.stop().await;
}

/// The state and the body of `/ready` (K1).
async fn ready(ops: std::net::SocketAddr) -> (bool, String) {
    let mut stream = tokio::net::TcpStream::connect(ops).await.unwrap();
    stream
        .write_all(b"GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (answer.starts_with("HTTP/1.1 200"), answer)
}
