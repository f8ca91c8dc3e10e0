//! Locations, and what logic is told of sessions.

use std::time::{Duration, Instant};

use im_shared::ids::UserId;
use im_shared::testing::{RedisServer, wait_until};
use im_shared::wire::{Body, CloseCode, Code, Platform};

use crate::support::{Client, PATIENCE, Stage, Ticket, Transport, client, error_of};

/// F1, [S4]: heartbeats keep a session; whoever is silent for three intervals is closed, gone from Redis, and logic is told.
#[tokio::test]
async fn a_silent_session_is_closed_after_three_intervals() {
    let interval = Duration::from_secs(2);
    let stage = Stage::with(|config| config.session.heartbeat_interval_ms = 2_000).await;
    let mut web = stage.sign_in(Transport::WebTransport, 1).await;
    let mut phone = stage.sign_in(Transport::WebSocket, 2).await;
    let began = Instant::now();
    // More often than they must, so that a slow machine is not taken for a silent client.
    let mut beats = tokio::time::interval(interval / 4);
    while began.elapsed() < interval * 4 {
        beats.tick().await;
        web.heartbeat().await;
        phone.heartbeat().await;
    }
    assert!(stage.has_sessions(1, &[web.session]).await);
    assert!(stage.has_sessions(2, &[phone.session]).await);
    for (user, client) in [(1, &mut web), (2, &mut phone)] {
        client.expect_kick(CloseCode::HeartbeatTimeout).await;
        let (origin, offline) = stage.logic.next_offline(user).await;
        assert_eq!((origin.session, offline.last), (client.session, true));
        assert!(stage.located(user).await.is_empty());
    }
}

/// F2
#[tokio::test]
async fn a_client_that_leaves_is_gone_from_redis() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let client = stage.sign_in(transport, user).await;
        drop(client);
        wait_until(async || stage.located(user).await.is_empty(), PATIENCE).await;
        assert!(stage.logic.next_offline(user).await.1.last);
    }
}

/// F4, [S8]: logic is told which older sessions to end; of other platforms there is no word.
#[tokio::test]
async fn a_newer_session_of_the_platform_replaces_the_older_one_on_any_node() {
    let first = Stage::start().await;
    let second = first.another("access-2").await;
    let old = first.sign_in(Transport::WebTransport, 1).await;
    let phone = first
        .enter(Transport::WebSocket, &Ticket::of(1).on(Platform::Ios))
        .await;
    let new = second.sign_in(Transport::WebSocket, 1).await;
    assert!(new.session > old.session);
    assert!(first.has_sessions(1, &[phone.session, new.session]).await);
    // Both stand in one queue group, so either may have got it.
    let online = tokio::select! {
        online = of(&first, new.session) => online,
        online = of(&second, new.session) => online,
    };
    assert_eq!(online.replaced.len(), 1);
    assert_eq!(online.replaced[0].session_id, old.session);
    assert_eq!(online.replaced[0].node_id, "access-1");
    assert!(!online.first);
}

async fn of(stage: &Stage, session: im_shared::ids::SessionId) -> im_shared::wire::UserOnline {
    loop {
        let (origin, online) = stage.logic.next_online(1).await;
        if origin.session == session {
            return online;
        }
    }
}

/// F4: a session that nobody ended although a newer one is there ends when its node looks.
#[tokio::test]
async fn a_session_that_was_replaced_ends_even_when_logic_is_silent() {
    let stage = Stage::with(|config| config.presence.reconcile_ms = 50).await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut old = stage.sign_in(transport, user).await;
        let mut new = stage.sign_in(transport, user).await;
        old.expect_kick(CloseCode::SignedInElsewhere).await;
        new.heartbeat().await;
        assert!(stage.has_sessions(user, &[new.session]).await);
    }
}

/// F2, [R8]: what Redis lost is put back by the node, and the sessions are told to sync.
#[tokio::test]
async fn after_redis_lost_everything_locations_come_back_and_sessions_sync() {
    let redis = RedisServer::start();
    let stage = Stage::with(|config| {
        config.redis.url = redis.url().as_str().into();
        config.presence.renew_ms = 50;
    })
    .await;
    let mut clients = Vec::new();
    for (user, transport) in (1..=6).zip(Transport::BOTH.into_iter().cycle()) {
        clients.push((user, stage.sign_in(transport, user).await));
    }
    redis.flush().await;
    for (user, client) in &mut clients {
        wait_until(
            async || stage.has_sessions(*user, &[client.session]).await,
            PATIENCE,
        )
        .await;
        assert!(matches!(client.next().await.body, Body::SyncHint(_)));
    }
    wait_until(async || stage.record().await.is_some(), PATIENCE).await;
}

/// F2: one location alone is missed at the next round.
#[tokio::test]
async fn a_location_that_is_missing_is_put_back() {
    let stage = Stage::with(|config| config.presence.reconcile_ms = 50).await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    let location = stage.located(1).await.remove(0);
    stage.locations.remove(UserId(1), &location).await.unwrap();
    wait_until(
        async || stage.has_sessions(1, &[client.session]).await,
        PATIENCE,
    )
    .await;
    assert!(matches!(client.next().await.body, Body::SyncHint(_)));
}

/// A14, A17, F2: sessions work and end while Redis hangs; who comes is told to come later, since nobody can say whether the token was revoked.
#[tokio::test]
async fn while_redis_hangs_sessions_stay_and_new_ones_are_told_to_come_later() {
    let redis = RedisServer::start();
    let stage = Stage::with(|config| {
        config.redis.url = redis.url().as_str().into();
        config.redis.command_timeout_ms = 2_000;
        config.presence.deadline_ms = 1_000;
        config.presence.reconcile_ms = 100;
    })
    .await;
    let leaving = stage.sign_in(Transport::WebSocket, 9).await;
    let mut stays = stage.sign_in(Transport::WebTransport, 8).await;
    redis.pause().await;
    drop(leaving);
    for (user, transport) in (1..=2).zip(Transport::BOTH) {
        let ticket = Ticket::of(user);
        let mut client = stage.connect(transport).await;
        let token = stage.token(&ticket);
        client.send(&client::auth_request(&token, &ticket)).await;
        let frames = client.expect_kick(CloseCode::Overloaded).await;
        assert_eq!(error_of(&frames[0]).0, Code::RetryLater);
        stays.heartbeat().await;
    }
    redis.resume().await;
    wait_until(async || stage.located(9).await.is_empty(), PATIENCE).await;
    for (user, transport) in (1..=2).zip(Transport::BOTH) {
        let client = sign_in_when_redis_is_back(&stage, transport, user).await;
        // As long as the node leaves Redis alone because it failed, it lets in who comes, and registers them later.
        let is_there = async || stage.has_sessions(user, &[client.session]).await;
        wait_until(is_there, PATIENCE).await;
    }
    stays.heartbeat().await;
}

/// The node finds its way back to Redis by itself, which may take longer than ours.
async fn sign_in_when_redis_is_back(stage: &Stage, transport: Transport, user: u64) -> Client {
    let ticket = Ticket::of(user);
    let mut entered = None;
    let comes = async || {
        let mut client = stage.connect(transport).await;
        let token = stage.token(&ticket);
        client.send(&client::auth_request(&token, &ticket)).await;
        if let Body::AuthResponse(response) = client.next().await.body {
            client.session = response.session_id;
            entered = Some(client);
        }
        entered.is_some()
    };
    wait_until(comes, PATIENCE).await;
    entered.unwrap()
}
