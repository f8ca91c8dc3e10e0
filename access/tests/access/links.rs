//! Losses on the way from logic (decision 8).

use im_shared::ids::SessionId;
use im_shared::wire::Body;

use crate::support::logic::target;
use crate::support::{Stage, Transport, notice, notice_text};

/// Decision 8, [R8]
#[tokio::test]
async fn a_hole_in_a_link_makes_every_session_sync() {
    let stage = Stage::start().await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=4).zip(Transport::BOTH.into_iter().cycle()) {
        clients.push(stage.sign_in(transport, user).await);
    }
    stage
        .logic
        .push_numbered(target(SessionId(0), 1), &notice("first"))
        .await;
    stage.logic.lose_one();
    // At once: a link that is silent for a second makes sessions sync as well.
    stage
        .logic
        .push_numbered(target(SessionId(0), 1), &notice("third"))
        .await;
    assert_eq!(notice_text(&clients[0].next().await), "first");
    assert_eq!(
        notice_text(&clients[0].next().await),
        "third",
        "what arrives is delivered"
    );
    for client in &mut clients {
        assert!(matches!(client.next().await.body, Body::SyncHint(_)));
    }
}

/// Decision 8: a loss at the tail only shows by the beacon.
#[tokio::test]
async fn a_beacon_tells_of_a_lost_tail() {
    let stage = Stage::start().await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    stage
        .logic
        .push_numbered(target(client.session, 1), &notice("first"))
        .await;
    stage.logic.beacon().await;
    client.next().await;
    assert_eq!(client.heartbeat().await, 1);
    assert_eq!(client.waiting(), 0, "a beacon that fits says nothing");
    stage.logic.lose_one();
    stage.logic.beacon().await;
    assert!(matches!(client.next().await.body, Body::SyncHint(_)));
}

/// Decision 8: a logic process that dies may have had something to say.
#[tokio::test]
async fn a_busy_link_that_falls_silent_makes_every_session_sync() {
    let stage = Stage::start().await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=2).zip(Transport::BOTH) {
        clients.push(stage.sign_in(transport, user).await);
    }
    stage
        .logic
        .push_numbered(target(clients[0].session, 1), &notice("last words"))
        .await;
    assert_eq!(notice_text(&clients[0].next().await), "last words");
    for client in &mut clients {
        assert!(matches!(client.next().await.body, Body::SyncHint(_)));
    }
}
