//! Who gets what, in which order.

use im_shared::bus::{encode_friends_event, encode_user_event, encode_user_kick};
use im_shared::ids::{Incarnation, SessionId, SignInId, UserId};
use im_shared::testing::wait_until;
use im_shared::wire::{
    Body, CloseCode, Code, Frame, FriendChange, FriendEvent, Kick, Platform, ProfileEvent,
    ReplacedSession, UserOnline, encode,
};

use crate::access::{codes, text, to_user};
use crate::world::{PATIENCE, World};

/// F3, [R2]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_every_session_of_both_but_the_one_that_sent_it() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let (left, right) = (
        world.access("access-1").await,
        world.access("access-2").await,
    );
    let mut ann = left.session_on(1, Platform::Web).await;
    let mut ann_phone = right.session_on(1, Platform::Ios).await;
    let mut bob = right.session_on(2, Platform::Web).await;
    let mut bob_phone = left.session_on(2, Platform::Ios).await;
    let mut cat = left.session(3).await;

    ann.tell(2, "hello").await;
    for session in [&mut ann_phone, &mut bob, &mut bob_phone] {
        assert_eq!(session.next_texts(1).await, ["hello"]);
    }
    assert!(ann.is_quiet());
    assert!(cat.is_quiet());
    worker.stop().await;
}

/// [M2]
#[tokio::test(flavor = "multi_thread")]
async fn the_push_goes_out_before_the_acknowledgement() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    for n in 0..20 {
        let id = ann.request(to_user(2, &[text(&n.to_string())])).await;
        let acknowledged = ann.reply(id).await.1;
        assert!(bob.next().await.order < acknowledged.order);
    }
    assert_eq!(access.holes(), 0);
    worker.stop().await;
}

/// F2, F6: entries of a start that is over are ignored.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_dead_start_of_a_node_gets_nothing() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let (access, mut dead) = (
        world.access("access-1").await,
        world.access("access-2").await,
    );
    dead.incarnation = Incarnation(1);
    let mut ghost = dead.session_on(2, Platform::Ios).await;
    let (mut ann, mut bob) = (
        access.session(1).await,
        access.session_on(2, Platform::Web).await,
    );
    ann.tell(2, "hello").await;
    assert_eq!(bob.next_texts(1).await, ["hello"]);
    dead.bus().flush(PATIENCE).await.unwrap();
    assert!(ghost.is_quiet());
    worker.stop().await;
}

/// A12, decision 12
#[tokio::test(flavor = "multi_thread")]
async fn a_user_event_reaches_every_session_of_the_user() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut web = access.session_on(1, Platform::Web).await;
    let mut phone = access.session_on(1, Platform::Ios).await;
    let event = FriendEvent {
        change: FriendChange::Accepted,
        request_id: im_shared::ids::FriendRequestId(5),
        user_id: UserId(2),
        message: String::new(),
    };
    let payload = encode_user_event(UserId(1), &encode(&Frame::push(event.clone())));
    access
        .bus()
        .publish(access.bus().subjects().user_event(UserId(1)), payload)
        .await
        .unwrap();
    assert_eq!(web.next_push().await, Body::FriendEvent(event.clone()));
    assert_eq!(phone.next_push().await, Body::FriendEvent(event));
    worker.stop().await;
}

/// F4, [S8]
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_replaced_is_ended_on_its_node() {
    let world = World::new().await;
    world.users(1).await;
    let worker = world.worker().await;
    let (left, right) = (
        world.access("access-1").await,
        world.access("access-2").await,
    );
    let mut old = left.session(1).await;
    let new = right.session(1).await;
    let replaced = ReplacedSession {
        node_id: "access-1".to_owned(),
        incarnation: left.incarnation,
        session_id: old.origin.session,
    };
    let online = UserOnline {
        device_id: "d".to_owned(),
        replaced: vec![replaced],
        first: false,
    };
    right.publish(new.origin, &Frame::push(online)).await;
    let ended = old.next().await.delivery;
    assert_eq!(ended.close, Some(CloseCode::SignedInElsewhere));
    assert!(ended.frame.is_empty());
    worker.stop().await;
}

/// Decision 8
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_numbered_without_a_hole_and_beacons_when_it_is_idle() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    for n in 0..30 {
        ann.tell(2, &n.to_string()).await;
    }
    let before = access.beacons();
    wait_until(async || access.beacons() >= before + 4, PATIENCE).await;
    assert_eq!(access.holes(), 0);
    first.stop().await;
    second.stop().await;
}

/// F6: a session id alone is not enough.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_session_and_user() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let id = ann.request(to_user(2, &[text("x")])).await;
    let (body, arrived) = ann.reply(id).await;
    let Body::MessageAck(ack) = body else {
        panic!("refused")
    };
    assert_eq!(codes(&ack.results), [Code::Ok]);
    let targets: Vec<(SessionId, UserId)> = arrived
        .delivery
        .targets
        .iter()
        .map(|t| (t.session, t.user))
        .collect();
    assert_eq!(targets, [(ann.origin.session, UserId(1))]);
    worker.stop().await;
}

/// A12: what others see of a user changed.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_for_friends_reaches_them_and_the_users_own_sessions_only() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let (mut bob, mut cat) = (access.session(2).await, access.session(3).await);
    let event = ProfileEvent {
        user_id: UserId(1),
        nickname: "Anne".to_owned(),
        avatar: String::new(),
    };
    let payload = encode_friends_event(UserId(1), &encode(&Frame::push(event.clone())));
    let bus = access.bus();
    bus.publish(bus.subjects().user_event(UserId(1)), payload)
        .await
        .unwrap();
    for session in [&mut ann, &mut bob] {
        assert_eq!(session.next_push().await, Body::ProfileEvent(event.clone()));
    }
    assert!(cat.is_quiet());
    worker.stop().await;
}

/// A12, F4: a kick ends the sessions of a user on any node, or those of one device, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_kick_for_a_user_ends_their_sessions_and_nobody_elses() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let (left, right) = (
        world.access("access-1").await,
        world.access("access-2").await,
    );
    let mut browser = left.session_on(1, Platform::Web).await;
    let mut phone = right.session_on(1, Platform::Ios).await;
    let mut bob = left.session(2).await;
    let kick = Kick {
        code: CloseCode::RemovedByAdministrator,
        message: String::new(),
    };
    let frame = encode(&Frame::push(kick));
    let bus = left.bus();
    // A device that nobody has ends nothing.
    for device in ["elsewhere", ""] {
        let payload = encode_user_kick(UserId(1), &frame, device, SignInId(0));
        bus.publish(bus.subjects().user_event(UserId(1)), payload)
            .await
            .unwrap();
    }
    for session in [&mut browser, &mut phone] {
        let closed = session.next().await.delivery.close;
        assert_eq!(closed, Some(CloseCode::RemovedByAdministrator));
        assert!(session.is_quiet(), "once");
    }
    assert!(bob.is_quiet());
    worker.stop().await;
}
