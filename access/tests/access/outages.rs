//! NATS fails and comes back.

use im_shared::testing::{NatsServer, wait_until};
use im_shared::wire::{Body, Code};

use crate::support::logic::target;
use crate::support::{PATIENCE, Stage, Transport, error_of, notice, notice_text, request};

/// K10, decision 8: after a reconnect everything flows again, and every session syncs.
#[tokio::test]
async fn after_nats_restarts_sessions_sync_and_frames_flow_both_ways() {
    let nats = NatsServer::start();
    let stage = Stage::with(|config| config.nats.url = nats.url().as_str().into()).await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=2).zip(Transport::BOTH) {
        clients.push((user, stage.sign_in(transport, user).await));
    }
    nats.kill().await;
    for (_, client) in &mut clients {
        client.heartbeat().await;
    }
    nats.restart().await;
    for (_, client) in &mut clients {
        assert!(matches!(client.next().await.body, Body::SyncHint(_)));
    }
    wait_until(
        async || stage.logic.bus.flush(PATIENCE).await.is_ok(),
        PATIENCE,
    )
    .await;
    for (user, client) in &mut clients {
        stage
            .logic
            .push(target(client.session, *user), &notice("back"))
            .await;
        loop {
            let frame = client.next().await;
            if !matches!(frame.body, Body::SyncHint(_)) {
                assert_eq!(notice_text(&frame), "back");
                break;
            }
        }
        client.send(&request(77)).await;
        loop {
            let (origin, frame) = stage.logic.next_request().await;
            if origin.session == client.session && frame.request_id.0 == 77 {
                break;
            }
        }
    }
}

/// A15: frames that the bus does not take are answered with RetryLater; the client alone retries.
#[tokio::test]
async fn while_nats_is_away_clients_are_told_to_retry() {
    let nats = NatsServer::start();
    let stage = Stage::with(|config| {
        config.nats.url = nats.url().as_str().into();
        config.nats.publish_timeout_ms = 100;
    })
    .await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=2).zip(Transport::BOTH) {
        clients.push(stage.sign_in(transport, user).await);
    }
    nats.kill().await;
    for client in &mut clients {
        for id in 1..=10 {
            client.send(&request(id)).await;
        }
        for id in 1..=10 {
            let (code, request_id, wait) = error_of(&client.next().await);
            assert_eq!((code, request_id), (Code::RetryLater, id));
            assert!(wait > 0);
        }
        client.heartbeat().await;
    }
}
