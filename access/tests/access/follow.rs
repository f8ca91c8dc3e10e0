//! [S12], [S13]: what is broadcast in a conversation goes to those who look at it, and a hint to the others.

use std::time::{Duration, Instant};

use im_shared::bus::Delivery;
use im_shared::ids::{ConversationId, SessionId};
use im_shared::wire::{self, Body, Code, Done, Follow, SyncHint};

use crate::support::logic::target;
use crate::support::{Client, Stage, Transport, notice, notice_text};

const WORLD: ConversationId = ConversationId::WORLD;

async fn follow(client: &mut Client, conversation_id: ConversationId, ended: bool) -> Body {
    let follow = Follow {
        conversation_id,
        ended,
    };
    client.ask(follow).await
}

async fn say_in_world(stage: &Stage, text: &str) {
    let everybody = vec![target(SessionId(0), 0)];
    let delivery = Delivery {
        followed: WORLD,
        ..Delivery::live(wire::encode(&notice(text)), everybody)
    };
    stage.logic.broadcast(&[delivery]).await;
}

async fn expect_hint(client: &mut Client) {
    let hint = SyncHint {
        conversation_id: WORLD,
    };
    assert_eq!(client.next().await.body, Body::SyncHint(hint));
}

/// E3, [S5], [S12], [S13]
#[tokio::test]
async fn a_broadcast_goes_live_to_followers_and_others_get_a_hint() {
    let stage = Stage::with(|config| config.session.hint_interval_ms = 400).await;
    let second = stage.another("access-2").await;
    for (transport, users) in Transport::BOTH.into_iter().zip([[1, 2], [3, 4]]) {
        let mut reader = stage.sign_in(transport, users[0]).await;
        let mut other = second.sign_in(transport, users[1]).await;
        assert_eq!(
            follow(&mut reader, WORLD, false).await,
            Body::Done(Done {}),
            "{transport:?}"
        );
        say_in_world(&stage, "live").await;
        assert_eq!(notice_text(&reader.next().await), "live");
        expect_hint(&mut other).await;
        assert_eq!(reader.heartbeat().await, 1);
        assert_eq!(other.heartbeat().await, 0, "what is not live is no push");
        assert_eq!(reader.waiting() + other.waiting(), 0);

        follow(&mut other, WORLD, false).await;
        follow(&mut reader, WORLD, true).await;
        say_in_world(&stage, "the other way round").await;
        assert_eq!(notice_text(&other.next().await), "the other way round");
        expect_hint(&mut reader).await;
        assert_eq!(other.heartbeat().await, 1);
    }
}

/// [S13]
#[tokio::test]
async fn hints_about_a_conversation_are_an_interval_apart() {
    let interval = Duration::from_millis(400);
    let stage = Stage::with(|config| config.session.hint_interval_ms = 400).await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    let began = Instant::now();
    for hints in 0..3 {
        for _ in 0..20 {
            say_in_world(&stage, "many").await;
        }
        expect_hint(&mut client).await;
        // Counted from the beginning: one that came late is followed sooner.
        let passed = began.elapsed();
        assert!(passed >= interval * hints, "{hints} before: {passed:?}");
        say_in_world(&stage, "more").await;
    }
    assert_eq!(client.heartbeat().await, 0);
}

/// [S12]
#[tokio::test]
async fn a_session_follows_sixteen_conversations() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let refused = |body: &Body| match body {
            Body::ErrorResponse(error) => Some(error.code),
            _ => None,
        };
        let none = follow(&mut client, ConversationId(0), false).await;
        assert_eq!(refused(&none), Some(Code::InvalidArgument));
        for id in 1..=17 {
            let answer = follow(&mut client, ConversationId(id), false).await;
            let expected = (id > 16).then_some(Code::InvalidArgument);
            assert_eq!(refused(&answer), expected, "{id}");
        }
        follow(&mut client, ConversationId(5), true).await;
        let answer = follow(&mut client, ConversationId(17), false).await;
        assert_eq!(answer, Body::Done(Done {}));
    }
}
