//! Who is there, who wants to be seen, who is typing.

use std::time::Duration;

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier};
use im_shared::ids::{ConversationId, UserId};
use im_shared::testing::wait_until;
use im_shared::wire::{
    Body, Code, Done, Frame, PresenceEvent, PresenceSet, Typing, TypingEvent, UserOffline,
    UserOnline,
};

use crate::access::{TestAccess, TestSession};
use crate::world::{PATIENCE, World};

async fn came(access: &TestAccess, session: &TestSession) {
    let online = UserOnline {
        device_id: "d".to_owned(),
        replaced: Vec::new(),
        first: true,
    };
    access.publish(session.origin, &Frame::push(online)).await;
}

async fn went(access: &TestAccess, session: &TestSession) {
    access.forget(session).await;
    let offline = UserOffline {
        device_id: "d".to_owned(),
        last: true,
    };
    access.publish(session.origin, &Frame::push(offline)).await;
}

async fn told(session: &mut TestSession) -> (u64, bool) {
    let arrived = session.next().await;
    assert!(arrived.delivery.ephemeral, "a hint may be lost");
    match im_shared::wire::decode(&arrived.delivery.frame)
        .unwrap()
        .body
    {
        Body::PresenceEvent(PresenceEvent {
            user_id, online, ..
        }) => (user_id.0, online),
        other => panic!("{other:?}"),
    }
}

/// F5
#[tokio::test(flavor = "multi_thread")]
async fn friends_see_a_user_come_and_go_and_others_do_not() {
    let mut world = World::new().await;
    world.config.presence.grace_ms = 0;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut bob, mut cat) = (access.session(2).await, access.session(3).await);
    let ann = access.session(1).await;
    came(&access, &ann).await;
    assert_eq!(told(&mut bob).await, (1, true));
    went(&access, &ann).await;
    assert_eq!(told(&mut bob).await, (1, false));
    assert!(cat.is_quiet());
    let seen = "SELECT count(*) FROM user_presence WHERE id = 1 AND last_seen_at > now() - interval '1 minute'";
    assert_eq!(world.count(seen).await, 1, "last seen is kept");
    worker.stop().await;
}

/// F5
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_within_the_grace_never_was_away() {
    let mut world = World::new().await;
    world.config.presence.grace_ms = 600_000;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(3, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut bob = access.session(2).await;
    let ann = access.session(1).await;
    went(&access, &ann).await;
    let ann = access.session(1).await;
    came(&access, &ann).await;
    // What comes later is all that is told.
    let cat = access.session(3).await;
    came(&access, &cat).await;
    assert_eq!(told(&mut bob).await, (3, true));
    assert!(bob.is_quiet());
    worker.stop().await;
}

/// A12, F5: what friends are told of a user is on the user's subject, and any worker pushes it on.
#[tokio::test(flavor = "multi_thread")]
async fn presence_travels_on_the_subject_of_the_user() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (one, other) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let nats = access.bus();
    let events = nats.subscribe(nats.subjects().user_events()).await;
    let mut events = events.unwrap();
    nats.flush(PATIENCE).await.unwrap();
    let (mut bob, ann) = (access.session(2).await, access.session(1).await);
    came(&access, &ann).await;
    let message = tokio::time::timeout(PATIENCE, events.next()).await;
    let message = message.unwrap().unwrap();
    assert!(message.subject.ends_with(".user.1.event"));
    let Carrier::UserEvent { user, friends, .. } = bus::decode(message.payload).unwrap() else {
        panic!("another carrier");
    };
    assert_eq!((user.0, friends), (1, true));
    assert_eq!(told(&mut bob).await, (1, true));
    one.stop().await;
    other.stop().await;
}

/// F5
#[tokio::test(flavor = "multi_thread")]
async fn who_went_before_a_stop_is_told_before_the_end() {
    let mut world = World::new().await;
    world.config.presence.grace_ms = 600_000;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut bob, ann) = (access.session(2).await, access.session(1).await);
    went(&access, &ann).await;
    // The server has it, so the worker gets it before its drain ends.
    access.bus().flush(PATIENCE).await.unwrap();
    worker.stop().await;
    assert_eq!(told(&mut bob).await, (1, false));
}

/// F5: an invisible user shows nothing.
#[tokio::test(flavor = "multi_thread")]
async fn who_hides_is_gone_at_once_and_shows_nothing_until_they_want_to_be_seen() {
    let mut world = World::new().await;
    world.config.presence.grace_ms = 0;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(3, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut bob, mut ann) = (access.session(2).await, access.session(1).await);
    let done = Body::Done(Done {});
    assert_eq!(ann.ask(PresenceSet { invisible: true }).await, done);
    assert_eq!(told(&mut bob).await, (1, false));
    // Again, and a new session: nothing.
    assert_eq!(ann.ask(PresenceSet { invisible: true }).await, done);
    went(&access, &ann).await;
    let mut ann = access.session(1).await;
    came(&access, &ann).await;
    let cat = access.session(3).await;
    came(&access, &cat).await;
    assert_eq!(told(&mut bob).await, (3, true));
    assert_eq!(ann.ask(PresenceSet { invisible: false }).await, done);
    assert_eq!(told(&mut bob).await, (1, true));
    worker.stop().await;
}

/// A20
#[tokio::test(flavor = "multi_thread")]
async fn typing_reaches_the_peer_as_a_hint_once_per_interval_and_nobody_else() {
    let mut world = World::new().await;
    world.config.presence.typing_interval_ms = 60_000;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let (mut bob, mut cat) = (access.session(2).await, access.session(3).await);
    let conversation_id = ann.tell(2, "hi").await.conversation_id;
    assert_eq!(bob.next_texts(1).await, ["hi"]);
    let typing = Frame::push(Typing { conversation_id });
    for _ in 0..5 {
        access.publish(ann.origin, &typing).await;
    }
    // Strangers, the world chat and what does not exist: nobody hears of it.
    access.publish(cat.origin, &typing).await;
    for conversation_id in [ConversationId::WORLD, ConversationId(0), ConversationId(99)] {
        let typing = Frame::push(Typing { conversation_id });
        access.publish(ann.origin, &typing).await;
    }
    let arrived = bob.next().await;
    assert!(arrived.delivery.ephemeral);
    let event = TypingEvent {
        conversation_id,
        user_id: UserId(1),
    };
    let frame = im_shared::wire::decode(&arrived.delivery.frame).unwrap();
    assert_eq!(frame.body, Body::TypingEvent(event));
    ann.tell(2, "done").await;
    assert_eq!(bob.next_texts(1).await, ["done"]);
    assert!(cat.is_quiet());
    worker.stop().await;
}

/// B12
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_refused_what_is_for_registered_users() {
    let world = World::new().await;
    world.users(1).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut guest = access.session(1).await;
    guest.origin.guest = true;
    let refused = guest.refused(PresenceSet { invisible: true }).await;
    assert_eq!(refused, Code::Forbidden);
    let rows = async || world.count("SELECT count(*) FROM user_presence").await == 0;
    wait_until(rows, PATIENCE.min(Duration::from_secs(5))).await;
    worker.stop().await;
}
