//! The API while a dependency is away.

use std::time::Duration;

use im_shared::database;
use im_shared::testing::{PrivateServers, TestDatabase, wait_until};
use im_shared::wire::Code;
use im_web::config::WebConfig;
use serde_json::json;

use crate::app::TestApp;
use crate::guest_limits;

async fn start(servers: &PrivateServers) -> TestApp {
    let database = TestDatabase::create_on(&servers.postgres.url()).await;
    let mut config = WebConfig {
        postgres: database.config(),
        ..WebConfig::default()
    };
    database::migrate(&config.postgres).await.unwrap();
    config.redis.url = servers.redis.url().into();
    config.redis.command_timeout_ms = 300;
    config.guests.per_address_per_hour = 3;
    config.nats.url = servers.nats.url().into();
    TestApp::serve(config, Some(database)).await
}

/// C3: presence is worth less than the list. K1: readiness says what is missing.
#[tokio::test]
async fn without_redis_friends_are_listed_as_offline() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    let (ada, bob) = app.friends("ada", "bob").await;
    servers.redis.kill().await;
    assert_eq!(ada.friends().await, [bob.id.to_string()]);
    assert_eq!(
        ada.get("/friends").await.expect_ok()["friends"][0]["online"],
        false
    );
    app.get("/access/endpoints").await.expect_ok();
    let not_ready = async || {
        app.http
            .get(format!("{}/ready", app.ops_url))
            .send()
            .await
            .unwrap()
            .status()
            == 503
    };
    wait_until(not_ready, Duration::from_secs(20)).await;
}

/// B8, B11: guests come in without Redis too, and not without a limit.
#[tokio::test]
async fn without_redis_a_node_counts_guests_by_itself() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    guest_limits::let_in(&app, None, 3).await;
    guest_limits::refused(&app, None).await;
    servers.redis.kill().await;
    guest_limits::let_in(&app, None, 3).await;
    guest_limits::refused(&app, None).await;
}

/// K10.
#[tokio::test]
async fn postgresql_may_go_and_come_back() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    let ada = app.user("ada").await;
    ada.get("/user/profile").await.expect_ok();
    servers.postgres.kill().await;
    let answer = ada.get("/user/profile").await;
    answer.expect(Code::Unavailable, 503);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.message, Code::Unavailable.text());
    servers.postgres.restart().await;
    let back = async || ada.get("/user/profile").await.code == 0;
    wait_until(back, Duration::from_secs(20)).await;
}

/// An event is a hint: what was committed is answered as done.
#[tokio::test]
async fn without_nats_friends_are_made_and_conversations_wait() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    servers.nats.kill().await;
    let id = ada.request(&bob).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    bob.post(&format!("/friends/requests/{id}/accept"), json!(null))
        .await
        .expect_ok();
    assert_eq!(ada.friends().await, [bob.id.to_string()]);
    let answer = ada
        .post("/conversations", json!({"userId": bob.id.to_string()}))
        .await;
    assert!(
        [Code::Unavailable.0, Code::DeadlineExceeded.0].contains(&answer.code),
        "{answer:?}"
    );
}
