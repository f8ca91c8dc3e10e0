//! NATS fails and comes back.

use std::net::SocketAddr;
use std::time::Duration;

use im_shared::testing::{NatsServer, wait_until};
use im_shared::wire::{Body, Code};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
        async || stage.logic.bus.flush(Duration::from_secs(2)).await.is_ok(),
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
    // What is published before the node has noticed is lost without a word.
    wait_until(async || nats_is_down(&stage).await, PATIENCE).await;
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

/// K1: readiness names each dependency, and follows it.
#[tokio::test]
async fn readiness_tells_which_dependency_is_missing() {
    let nats = NatsServer::start();
    let stage = Stage::with(|config| config.nats.url = nats.url().as_str().into()).await;
    let ops = stage.addresses.ops;
    let mut body = String::new();
    let ready = async || {
        body = get(ops, "/ready").await;
        body.starts_with("HTTP/1.1 200")
    };
    wait_until(ready, PATIENCE).await;
    for dependency in ["nats", "redis", "quic"] {
        assert!(
            body.contains(&format!("\"{dependency}\":{{\"up\":true")),
            "{body}"
        );
    }
    assert!(get(ops, "/metrics").await.contains("im_access_sessions"));
    nats.kill().await;
    wait_until(async || nats_is_down(&stage).await, PATIENCE).await;
    assert!(get(ops, "/ready").await.starts_with("HTTP/1.1 503"));
    assert!(
        get(ops, "/live").await.starts_with("HTTP/1.1 200"),
        "it lives, and must not be restarted"
    );
}

async fn nats_is_down(stage: &Stage) -> bool {
    let ready = get(stage.addresses.ops, "/ready").await;
    ready.contains("\"nats\":{\"up\":false")
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
