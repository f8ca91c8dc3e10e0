//! The graceful stop (decision 16).

use std::time::{Duration, Instant};

use im_shared::testing::wait_until;
use im_shared::wire::{Body, CloseCode};

use crate::support::{PATIENCE, Stage, Transport, request};

/// D11, [S7]: sessions are asked to leave, work goes on meanwhile, and a node whose sessions have left ends at once.
#[tokio::test]
async fn a_stopping_node_asks_its_sessions_to_leave_and_loses_nothing() {
    // The last is asked in its middle; the other half is for a machine that is slow.
    let stage = Stage::with(|config| config.drain.window_ms = 20_000).await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=6).zip(Transport::BOTH.into_iter().cycle()) {
        clients.push((user, stage.sign_in(transport, user).await));
    }
    let began = Instant::now();
    stage.terminate();
    wait_until(
        async || stage.record().await.is_some_and(|record| record.draining),
        PATIENCE,
    )
    .await;
    for transport in Transport::BOTH {
        let refused = async || stage.try_connect(transport).await.is_none();
        wait_until(refused, PATIENCE).await;
    }
    for (user, client) in &mut clients {
        let Body::Drain(drain) = client.next().await.body else {
            panic!("no Drain")
        };
        assert!(drain.within_ms <= 20_000);
        client.send(&request(*user)).await;
        assert_eq!(stage.logic.next_request().await.1.request_id.0, *user);
    }
    drop(clients);
    wait_until(async || stage.has_ended(), PATIENCE).await;
    assert!(
        began.elapsed() < Duration::from_millis(19_900),
        "it does not wait for nobody"
    );
    for user in 1..=6 {
        assert!(stage.logic.next_offline(user).await.1.last);
    }
    for user in 1..=6 {
        assert!(stage.located(user).await.is_empty());
    }
    assert!(stage.record().await.is_none());
}

/// Decision 16: who does not leave is told and closed when the window is over; the stop has an end.
#[tokio::test]
async fn sessions_that_stay_are_closed_when_the_window_is_over() {
    // Long enough that everybody is asked in it, however slow the machine.
    let window = Duration::from_secs(10);
    let stage = Stage::with(|config| config.drain.window_ms = 10_000).await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=4).zip(Transport::BOTH.into_iter().cycle()) {
        clients.push((user, stage.sign_in(transport, user).await));
    }
    let began = Instant::now();
    stage.terminate();
    for (_, client) in &mut clients {
        let frames = client.expect_kick(CloseCode::GoingAway).await;
        assert!(matches!(frames[0].body, Body::Drain(_)));
    }
    wait_until(async || stage.has_ended(), PATIENCE).await;
    for (user, _) in &clients {
        assert!(stage.located(*user).await.is_empty());
    }
    assert!(
        (window..window + PATIENCE).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
}

/// Decision 16
#[tokio::test]
async fn a_node_without_sessions_stops_at_once() {
    // Longer than it is waited for.
    let stage = Stage::with(|config| config.drain.window_ms = 60_000).await;
    stage.terminate();
    wait_until(async || stage.has_ended(), PATIENCE).await;
    assert!(stage.record().await.is_none());
}
