//! Friends of whom one has blocked the other: neither reaches the other (C5).

use im_shared::bus::{encode_friends_event, encode_user_event};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{
    Body, Code, ConversationOpen, Frame, PresenceEvent, ProfileEvent, Typing, UserOnline, encode,
};

use crate::access::{TestAccess, TestSession, codes, text, to_conversation, to_user};
use crate::changes::{edit, made, react, recall};
use crate::groups::{Scene, code, creation, invite};
use crate::world::World;

/// C5, [M6]: at the commit, in both directions, whatever the worker knows of the conversation.
#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_friends_message_is_refused_at_the_commit() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(2, 3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = ann.tell(2, "hello").await.conversation_id;
    assert_eq!(bob.next_texts(1).await, ["hello"]);

    world.block(2, 1).await;
    for session in [&mut ann, &mut bob] {
        let refused = session.refused(to_conversation(ours, &[text("x")])).await;
        assert_eq!(refused, Code::Blocked);
    }
    assert_eq!(ann.refused(to_user(2, &[text("x")])).await, Code::Blocked);
    // Others are not concerned, also where they are written in the same moment.
    let mut cat = access.session(3).await;
    assert_eq!(codes(&cat.tell(2, "me").await.results), [Code::Ok]);
    assert_eq!(bob.next_texts(1).await, ["me"]);
    assert!(bob.is_quiet());
    let stored = "SELECT count(*) FROM messages WHERE content = 'x'";
    assert_eq!(world.count(stored).await, 0);
    world.audit().await;
    worker.stop().await;
}

/// C5, [M4]: what was stored before the block is acknowledged when its client repeats it.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_what_was_stored_before_the_block_is_a_repeat() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let message = text("hello");
    let request = to_user(2, std::slice::from_ref(&message));
    let first = ann.acknowledged(request.clone()).await;
    world.block(2, 1).await;
    assert_eq!(ann.acknowledged(request).await.results, first.results);
    worker.stop().await;
}

/// C5, [C1]: who may not write may neither edit nor react; what was said may be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn edits_and_reactions_of_the_blocked_are_refused_and_recalls_are_not() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = ann.tell(2, "hello").await.conversation_id;
    bob.tell(1, "hello yourself").await;
    world.block(2, 1).await;
    for (session, own) in [(&mut ann, 1), (&mut bob, 2)] {
        let edited = session.refused(edit(ours, own, "x")).await;
        let reacted = session.refused(react(ours, 1, "👍")).await;
        assert_eq!((edited, reacted), (Code::Blocked, Code::Blocked));
    }
    made(&mut ann, recall(ours, 1)).await;
    worker.stop().await;
}

/// C5, A20
#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_the_blocked_type() {
    let mut world = World::new().await;
    world.config.presence.typing_interval_ms = 0;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(3, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let mut cat = access.session(3).await;
    let ours = ann.tell(2, "a").await.conversation_id;
    let theirs = cat.tell(2, "c").await.conversation_id;
    let mut texts = bob.next_texts(2).await;
    texts.sort();
    assert_eq!(texts, ["a", "c"]);
    world.block(2, 1).await;
    let typing = |conversation_id| Frame::push(Typing { conversation_id });
    access.publish(ann.origin, &typing(ours)).await;
    // What comes later is all that is told, and then what was typed first would have come.
    access.publish(cat.origin, &typing(theirs)).await;
    assert_eq!(typist(&mut bob).await, 3);
    world.unblock(2, 1).await;
    access.publish(ann.origin, &typing(ours)).await;
    assert_eq!(typist(&mut bob).await, 1);
    worker.stop().await;
}

async fn typist(session: &mut TestSession) -> u64 {
    match pushed(session).await {
        Body::TypingEvent(event) => event.user_id.0,
        other => panic!("{other:?}"),
    }
}

async fn pushed(session: &mut TestSession) -> Body {
    let arrived = session.next().await;
    im_shared::wire::decode(&arrived.delivery.frame)
        .unwrap()
        .body
}

/// C5, G4: none is made for them; one that is there can be read on.
#[tokio::test(flavor = "multi_thread")]
async fn no_conversation_is_made_for_the_blocked() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(1, 3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let open = |peer| ConversationOpen {
        peer_id: UserId(peer),
    };
    let old = ann.tell(3, "hello").await.conversation_id;
    world.block(2, 1).await;
    world.block(3, 1).await;
    assert_eq!(ann.refused(open(2)).await, Code::Blocked);
    assert_eq!(ann.refused(to_user(2, &[text("x")])).await, Code::Blocked);
    assert_eq!(bob.refused(open(1)).await, Code::Blocked);
    let pairs = "SELECT count(*) FROM conversations WHERE type = 1";
    assert_eq!(world.count(pairs).await, 1);
    match ann.ask(open(3)).await {
        Body::ConversationEvent(event) => assert_eq!(event.state.conversation_id, old),
        other => panic!("{other:?}"),
    }
    worker.stop().await;
}

/// C5, E1, [G4]: neither is brought into a group by the other; the friends beside them are not either, as the invitation is one.
#[tokio::test(flavor = "multi_thread")]
async fn the_blocked_invite_each_other_nowhere() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[4]).await;
    let theirs = scene.group_of(2, &[4]).await;
    scene.world.block(2, 1).await;
    let mut ann = scene.session(1).await;
    let mut bob = scene.session(2).await;
    assert_eq!(code(&mut ann, invite(id, &[2])).await, Code::Blocked);
    assert_eq!(code(&mut ann, invite(id, &[2, 3])).await, Code::Blocked);
    assert_eq!(code(&mut bob, invite(theirs, &[1])).await, Code::Blocked);
    assert_eq!(code(&mut ann, creation("Tea", &[2])).await, Code::Blocked);
    assert_eq!(code(&mut ann, invite(id, &[3])).await, Code::Ok);
    // Who is no friend is told so first.
    scene.world.unfriend(1, 2).await;
    assert_eq!(
        code(&mut ann, creation("Tea", &[2])).await,
        Code::NotFriends
    );
    scene.audit().await;
    scene.stop().await;
}

/// C5, F5, A12: the blocked hear neither that somebody came nor of a new face.
#[tokio::test(flavor = "multi_thread")]
async fn presence_and_profiles_are_not_told_to_the_blocked() {
    let mut world = World::new().await;
    world.config.presence.grace_ms = 0;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(1, 3).await;
    world.block(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut bob, mut cat) = (access.session(2).await, access.session(3).await);
    let ann = access.session(1).await;
    came(&access, &ann).await;
    let seen = pushed(&mut cat).await;
    assert!(matches!(&seen, Body::PresenceEvent(event) if event.online && event.user_id.0 == 1));
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
    assert_eq!(pushed(&mut cat).await, Body::ProfileEvent(event));
    assert!(bob.is_quiet());
    worker.stop().await;
}

/// C5: what web tells one user of another goes to that user, and not to the friends of either.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_for_one_is_gone_for_that_one_only() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(2, 3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut bob, mut cat) = (access.session(2).await, access.session(3).await);
    let event = PresenceEvent {
        user_id: UserId(1),
        online: false,
        last_seen: 0,
    };
    let payload = encode_user_event(UserId(2), &encode(&Frame::push(event.clone())));
    let bus = access.bus();
    bus.publish(bus.subjects().user_event(UserId(2)), payload)
        .await
        .unwrap();
    assert_eq!(pushed(&mut bob).await, Body::PresenceEvent(event));
    assert!(cat.is_quiet());
    worker.stop().await;
}

async fn came(access: &TestAccess, session: &TestSession) {
    let online = UserOnline {
        device_id: "d".to_owned(),
        replaced: Vec::new(),
        first: true,
    };
    access.publish(session.origin, &Frame::push(online)).await;
}

/// C5: nothing else is needed.
#[tokio::test(flavor = "multi_thread")]
async fn unblocking_is_enough() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    world.block(2, 1).await;
    world.block(1, 2).await;
    assert_eq!(ann.refused(to_user(2, &[text("x")])).await, Code::Blocked);
    // Each has a block of their own.
    world.unblock(2, 1).await;
    assert_eq!(ann.refused(to_user(2, &[text("x")])).await, Code::Blocked);
    world.unblock(1, 2).await;
    let ours: ConversationId = ann.tell(2, "again").await.conversation_id;
    assert_eq!(bob.next_texts(1).await, ["again"]);
    made(&mut bob, react(ours, 1, "👍")).await;
    worker.stop().await;
}
