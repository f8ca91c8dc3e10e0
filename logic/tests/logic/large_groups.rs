//! Groups whose pushes are tasks: everybody who is online gets everything, and nobody is looked for who is not (E4).

use std::collections::BTreeSet;

use fred::prelude::{KeysInterface, SortedSetsInterface};
use futures_util::StreamExt;
use im_shared::bus::TASK_GROUP;
use im_shared::cache::{self, Keys};
use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{Body, SyncRequest};

use crate::access::{TestAccess, TestSession, text, to_conversation};
use crate::groups::{Scene, done, invite, leave, next_entries, remove};
use crate::world::{PATIENCE, World};

/// Groups of more than three are large here.
async fn scene(users: i64) -> Scene {
    Scene::over(world().await, users).await
}

async fn world() -> World {
    let mut world = World::new().await;
    world.config.fanout.large_group = 3;
    world
}

async fn say(session: &mut TestSession, id: ConversationId, said: &str) -> Seq {
    let ack = session
        .acknowledged(to_conversation(id, &[text(said)]))
        .await;
    ack.results[0].seq
}

/// A session that begins as every session does, with a sync.
async fn online(access: &TestAccess, user: u64) -> TestSession {
    let mut session = access.session(user).await;
    let answer = session.ask(SyncRequest::default()).await;
    assert!(matches!(answer, Body::SyncResponse(_)), "{answer:?}");
    session
}

/// The seq of the next message that says so. What was under way before comes first.
async fn hears(session: &mut TestSession, said: &str) -> Seq {
    loop {
        for entry in next_entries(session, 1).await {
            if *entry.content == *said.as_bytes() {
                return entry.seq;
            }
        }
    }
}

async fn roster(scene: &Scene, id: ConversationId) -> Vec<String> {
    let redis = cache::connect(&scene.world.config.redis).await.unwrap();
    let keys = Keys::new(&scene.world.config.redis.prefix);
    let held: Vec<String> = redis
        .zrange(keys.roster(id), 0, -1, None, false, None, false)
        .await
        .unwrap();
    held
}

/// E2, E4: on two workers and two nodes, in the order of the log.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_is_online_gets_everything() {
    let scene = scene(8).await;
    let id = scene.group(&[2, 3, 4, 5, 6, 7, 8]).await;
    let other_node = scene.world.access("access-2").await;
    let mut ann = online(&scene.access, 1).await;
    let mut members = [
        online(&other_node, 2).await,
        online(&scene.access, 3).await,
        online(&other_node, 4).await,
    ];
    for round in 0..10 {
        let said = format!("hello {round}");
        let seq = say(&mut ann, id, &said).await;
        for session in &mut members {
            assert_eq!(hears(session, &said).await, seq);
        }
    }
    let mut known = roster(&scene, id).await;
    known.sort();
    let expected = ["1", "2", "3", "4", "built", "seq"];
    assert_eq!(known, expected, "nobody who is away");
    scene.audit().await;
    scene.stop().await;
}

/// E4: who connects later, who joins later, who leaves.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_gets_what_is_said_from_then_on_and_who_goes_nothing_more() {
    let scene = scene(9).await;
    let id = scene.group(&[2, 3, 4, 5, 6]).await;
    let mut ann = online(&scene.access, 1).await;
    let mut bob = online(&scene.access, 2).await;
    say(&mut ann, id, "one").await;
    hears(&mut bob, "one").await;

    let mut cat = online(&scene.access, 3).await;
    say(&mut ann, id, "two").await;
    hears(&mut cat, "two").await;

    // Online before they were a member: no sync of theirs has put them on the roster.
    let mut gus = online(&scene.access, 7).await;
    scene.world.befriend(1, 7).await;
    done(&mut ann, invite(id, &[7])).await;
    let invited = next_entries(&mut gus, 1).await[0].seq;
    let third = say(&mut ann, id, "three").await;
    assert_eq!(third, invited.next());
    assert_eq!(hears(&mut gus, "three").await, third);

    done(&mut ann, remove(id, 7)).await;
    let removed = next_entries(&mut gus, 1).await[0].seq;
    assert_eq!(removed, third.next(), "that they go");
    done(&mut cat, leave(id)).await;
    say(&mut ann, id, "four").await;
    // Bob has it, so it is everywhere where it goes.
    hears(&mut bob, "four").await;
    assert!(gus.is_quiet());
    scene.audit().await;
    scene.stop().await;
}

/// E4, F2: Redis holds only what can be derived again.
#[tokio::test(flavor = "multi_thread")]
async fn a_roster_that_was_lost_is_filled_again_by_the_next_push() {
    let scene = scene(6).await;
    let id = scene.group(&[2, 3, 4, 5, 6]).await;
    let mut ann = online(&scene.access, 1).await;
    let mut bob = online(&scene.access, 2).await;
    say(&mut ann, id, "one").await;
    hears(&mut bob, "one").await;
    let redis = cache::connect(&scene.world.config.redis).await.unwrap();
    let keys = Keys::new(&scene.world.config.redis.prefix);
    let _: u64 = redis.del(keys.roster(id)).await.unwrap();
    say(&mut ann, id, "two").await;
    hears(&mut bob, "two").await;
    scene.stop().await;
}

/// E4: whoever takes a push and dies has not answered, and another one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_its_worker_did_not_finish_comes_again() {
    let mut world = world().await;
    world.config.fanout.task_deadline_ms = 300;
    let scene = Scene::over(world, 6).await;
    let id = scene.group(&[2, 3, 4, 5, 6]).await;
    let mut ann = online(&scene.access, 1).await;
    let mut bob = online(&scene.access, 2).await;
    // Takes its share, and says nothing.
    let bus = ann.access.bus().clone();
    let mut silent = bus
        .queue_subscribe(bus.subjects().task(), TASK_GROUP)
        .await
        .unwrap();
    bus.flush(PATIENCE).await.unwrap();
    let swallowed = tokio::spawn(async move { silent.next().await.is_some() });
    let mut missing = BTreeSet::new();
    while !swallowed.is_finished() {
        missing.insert(say(&mut ann, id, "hello").await);
    }
    assert!(swallowed.await.unwrap());
    while !missing.is_empty() {
        for entry in next_entries(&mut bob, 1).await {
            missing.remove(&entry.seq);
        }
    }
    scene.stop().await;
}
