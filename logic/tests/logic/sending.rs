//! One request: stored, refused, repeated.

use bytes::Bytes;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Body, Code, ConversationOpen, HeartbeatAck};
use uuid::Uuid;

use crate::access::{codes, message, text, to_conversation, to_user};
use crate::world::World;

/// D1, D2, D9, [M2]
#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_stored_before_it_is_acknowledged() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);

    let ack = ann.tell(2, "hello").await;
    assert_eq!(codes(&ack.results), [Code::Ok]);
    assert_eq!(
        world
            .count("SELECT count(*) FROM messages WHERE content = 'hello' AND seq = 1")
            .await,
        1
    );
    let Body::PushMessage(push) = bob.next_push().await else {
        panic!("no message")
    };
    let (entry, result) = (&push.entries[0], &ack.results[0]);
    assert_eq!(entry.content, Bytes::from_static(b"hello"));
    assert_eq!(
        (
            entry.conversation_id,
            entry.seq,
            entry.message_id,
            entry.created_at,
            entry.sender_id
        ),
        (
            ack.conversation_id,
            result.seq,
            result.message_id,
            result.created_at,
            UserId(1)
        )
    );
    worker.stop().await;
}

/// D4, [M4]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_again_gets_the_same_seq_and_is_pushed_again_and_other_content_is_a_conflict() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let id = Uuid::now_v7();

    let first = ann.acknowledged(to_user(2, &[message(id, "once")])).await;
    let again = ann
        .acknowledged(to_conversation(
            first.conversation_id,
            &[message(id, "once"), text("more")],
        ))
        .await;
    let other = ann
        .acknowledged(to_user(2, &[message(id, "twice"), text("last")]))
        .await;

    assert_eq!(first.results[0], again.results[0]);
    assert_eq!(again.results[1].seq, Seq(2));
    assert_eq!(codes(&other.results), [Code::MessageConflict, Code::Ok]);
    assert_eq!(bob.next_texts(4).await, ["once", "once", "more", "last"]);
    // The other one's id is another key.
    let echo = bob
        .acknowledged(to_conversation(
            first.conversation_id,
            &[message(id, "once")],
        ))
        .await;
    assert_eq!(echo.results[0].seq, Seq(4));
    world.audit().await;
    worker.stop().await;
}

/// [M6], D13
#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused_and_a_friendship_counts_at_the_commit() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut cat) = (access.session(1).await, access.session(3).await);

    assert_eq!(
        ann.refused(to_user(3, &[text("x")])).await,
        Code::NotFriends
    );
    assert_eq!(
        ann.refused(to_user(99, &[text("x")])).await,
        Code::UserNotFound
    );
    assert_eq!(
        ann.refused(to_user(1, &[text("x")])).await,
        Code::InvalidArgument
    );
    let ours = ann.tell(2, "hello").await.conversation_id;
    assert_eq!(
        cat.refused(to_conversation(ours, &[text("x")])).await,
        Code::NotMember
    );
    assert_eq!(
        cat.refused(to_conversation(ConversationId(77), &[text("x")]))
            .await,
        Code::ConversationNotFound
    );

    world.unfriend(1, 2).await;
    assert_eq!(
        ann.refused(to_conversation(ours, &[text("x"), text("y")]))
            .await,
        Code::NotFriends
    );
    world.befriend(1, 2).await;
    assert_eq!(ann.tell(2, "again").await.results[0].seq, Seq(2));
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 2);
    worker.stop().await;
}

/// [M5], [M7], [M8], [F4]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_has_a_code_and_a_bad_message_is_refused_alone() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;

    let mut bad = [
        text(""),
        text("a\0b"),
        text("x"),
        text(&"x".repeat(8_193)),
        text("good"),
        text("v4"),
    ];
    bad[2].content = Bytes::from_static(b"\xff");
    bad[5].client_message_id = Uuid::new_v4();
    let ack = ann.acknowledged(to_user(2, &bad)).await;
    let expected = [
        Code::MessageEmpty,
        Code::TextInvalid,
        Code::TextInvalid,
        Code::TextTooLong,
        Code::Ok,
        Code::MessageIdInvalid,
    ];
    assert_eq!(codes(&ack.results), expected);
    assert_eq!(ack.results[4].seq, Seq(1));
    let only_bad = ann.acknowledged(to_user(2, &bad[..2])).await;
    assert_eq!(codes(&only_bad.results), expected[..2]);
    assert_eq!(only_bad.conversation_id, ack.conversation_id);

    let mut both = to_user(2, &[text("x")]);
    both.conversation_id = ack.conversation_id;
    assert_eq!(ann.refused(both).await, Code::InvalidArgument);
    assert_eq!(ann.refused(to_user(2, &[])).await, Code::InvalidArgument);
    let many: Vec<_> = (0..65).map(|_| text("x")).collect();
    assert_eq!(ann.refused(to_user(2, &many)).await, Code::TooManyMessages);
    let of_another_direction = HeartbeatAck::default();
    assert_eq!(ann.refused(of_another_direction).await, Code::Unsupported);
    assert_eq!(ann.refused(Body::Unknown(33)).await, Code::Unsupported);
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 1);
    worker.stop().await;
}

/// [M1]
#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_a_request_are_appended_in_their_order_and_in_one_transaction() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);

    // So long that their push does not fit one frame.
    let sent: Vec<String> = (0..64)
        .map(|n| format!("{n:02}{}", "x".repeat(840)))
        .collect();
    let messages: Vec<_> = sent.iter().map(|content| text(content)).collect();
    let ack = ann.acknowledged(to_user(2, &messages)).await;
    let seqs: Vec<u64> = ack.results.iter().map(|result| result.seq.0).collect();
    assert_eq!(seqs, (1..=64).collect::<Vec<_>>());
    assert_eq!(bob.next_texts(64).await, sent);
    assert_eq!(
        world
            .count("SELECT count(DISTINCT xmin::text) FROM messages")
            .await,
        1
    );
    world.audit().await;
    worker.stop().await;
}

/// A row that PostgreSQL refuses costs nobody else their message (decision 6).
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_postgres_refuses_is_refused_alone() {
    let world = World::new().await;
    world.users(20).await;
    for friend in 2..=20 {
        world.befriend(1, friend).await;
    }
    world
        .execute("ALTER TABLE messages ADD CONSTRAINT no_poison CHECK (content <> 'poison')")
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    // Known conversations, so that the requests of the next carrier meet in one batch.
    for friend in 2..=20 {
        ann.tell(friend, "hello").await;
    }

    let mut ids = Vec::new();
    for friend in 2..=20 {
        let middle = if friend % 7 == 0 { "poison" } else { "fine" };
        ids.push((
            friend,
            ann.request(to_user(friend, &[text("a"), text(middle), text("z")]))
                .await,
        ));
    }
    for (friend, id) in ids {
        let Body::MessageAck(ack) = ann.reply(id).await.0 else {
            panic!("refused")
        };
        let middle = if friend % 7 == 0 {
            Code::InvalidArgument
        } else {
            Code::Ok
        };
        assert_eq!(
            codes(&ack.results),
            [Code::Ok, middle, Code::Ok],
            "friend {friend}"
        );
    }
    world.audit().await;
    worker.stop().await;
}

/// G4
#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_is_opened_from_both_sides_at_once_has_one_conversation() {
    let world = World::new().await;
    world.users(40).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    for pair in 0..20_u64 {
        let (a, b) = (2 * pair + 1, 2 * pair + 2);
        world.befriend(a, b).await;
        let (mut ann, mut bob) = (access.session(a).await, access.session(b).await);
        let (opened, told) = tokio::join!(
            ann.ask(ConversationOpen { peer_id: UserId(b) }),
            bob.tell(a, "hi")
        );
        let Body::ConversationEvent(event) = opened else {
            panic!("{opened:?}")
        };
        assert_eq!(event.state.conversation_id, told.conversation_id);
        assert_eq!(event.state.peer_id, UserId(b));
    }
    let pairs = "SELECT count(*) FROM conversations WHERE type = 1";
    assert_eq!(world.count(pairs).await, 20);
    assert_eq!(
        world
            .count("SELECT count(*) FROM conversation_members")
            .await,
        40
    );
    first.stop().await;
    second.stop().await;
}

/// The blueprint of REST: web asks on behalf of a user and waits for a bare frame.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_waits_on_a_reply_subject_gets_a_bare_frame() {
    use im_shared::bus::{Origin, encode_upstream};
    use im_shared::ids::{Incarnation, SessionId};
    use im_shared::wire::{Frame, Platform, RequestId, decode, encode};

    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let bus = access.bus();
    let origin = Origin {
        session: SessionId(0),
        user: UserId(1),
        platform: Platform::Unknown,
        guest: false,
    };
    let ask = async |peer: u64| {
        let frame = encode(&Frame::request(
            RequestId(1),
            ConversationOpen {
                peer_id: UserId(peer),
            },
        ));
        let carrier = encode_upstream("", Incarnation(0), &[(origin, frame)]);
        let answer = bus
            .request(bus.subjects().upstream(), carrier, crate::world::PATIENCE)
            .await
            .unwrap();
        decode(&answer.payload).unwrap().body
    };
    assert!(
        matches!(ask(2).await, Body::ConversationEvent(event) if event.state.peer_id == UserId(2))
    );
    assert!(matches!(ask(3).await, Body::ErrorResponse(error) if error.code == Code::NotFriends));
    worker.stop().await;
}
