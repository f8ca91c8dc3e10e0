//! The API while a dependency is away.

use std::time::{Duration, Instant};

use im_shared::database;
use im_shared::testing::{PrivateServers, TestDatabase, wait_until};
use im_shared::wire::Code;
use im_web::config::WebConfig;
use serde_json::{Value, json};

use crate::actors::Answer;
use crate::app::TestApp;
use crate::guest_limits;

async fn start(servers: &PrivateServers) -> TestApp {
    start_with(servers, 300).await
}

/// A node that waits so many milliseconds for Redis.
async fn start_with(servers: &PrivateServers, redis_ms: u64) -> TestApp {
    let database = TestDatabase::create_on(&servers.postgres.url()).await;
    let mut config = WebConfig {
        postgres: database.config(),
        ..WebConfig::default()
    };
    database::migrate(&config.postgres).await.unwrap();
    config.redis.url = servers.redis.url().into();
    config.redis.command_timeout_ms = redis_ms;
    config.limits.wait_ms = redis_ms;
    config.guests.per_address_per_hour = 3;
    config.nats.url = servers.nats.url().into();
    TestApp::serve(config, Some(database)).await
}

/// C3: presence is worth less than the list. J9, K1: readiness says what is missing, and a node is ready without it.
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
    let told = async || health(&app, "ready").await.1["dependencies"]["redis"]["up"] == false;
    wait_until(told, Duration::from_secs(20)).await;
    let (status, said) = health(&app, "ready").await;
    assert_eq!((status, &said["ready"]), (200, &json!(true)));
    assert_eq!(said["dependencies"]["redis"]["required"], false);
}

/// What the ops port says.
async fn health(app: &TestApp, path: &str) -> (u16, Value) {
    let asked = app.http.get(format!("{}/{path}", app.ops_url));
    let answer = asked.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// J9, B8: a Redis that hangs costs a few requests its patience, and then nobody anything; the limit holds on each node, and comes back.
#[tokio::test]
async fn a_hanging_redis_costs_a_few_waits_and_then_nothing() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    let ada = app.user("ada").await;
    ada.get("/user/profile").await.expect_ok();
    servers.redis.pause().await;
    // The shortest that anybody waits for Redis.
    let patience = Duration::from_millis(250);
    let (mut waited, mut served) = (0, Duration::ZERO);
    for _ in 0..200 {
        let asked = Instant::now();
        ada.get("/user/profile").await.expect_ok();
        let took = asked.elapsed();
        if took < patience {
            served += took;
        } else {
            waited += 1;
        }
    }
    // One in twenty; and as Redis is tried again now and then, a few more where the others take long by themselves.
    let most = 10 + 3 * served.as_secs();
    assert!(waited <= most, "{waited} waited, {served:?} for the others");
    guest_limits::let_in(&app, None, 3).await;
    guest_limits::refused(&app, None).await;
    servers.redis.resume().await;
    // Redis has another count of this address: a full bucket.
    let shared = async || guest_limits::comes_in(&app).await;
    wait_until(shared, Duration::from_secs(20)).await;
}

/// K1, K10, J9: without PostgreSQL nothing works, and that is said at once, on every port.
#[tokio::test]
async fn without_postgresql_a_node_is_alive_and_not_ready() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    let ada = app.user("ada").await;
    servers.postgres.kill().await;
    for _ in 0..10 {
        let answer = ada.get("/conversations").await;
        answer.expect(Code::Unavailable, 503);
        assert_eq!(answer.headers["retry-after"], "1");
    }
    let not_ready = async || health(&app, "ready").await.0 == 503;
    wait_until(not_ready, Duration::from_secs(20)).await;
    assert_eq!(health(&app, "live").await.0, 200);
    servers.postgres.restart().await;
    let ready = async || health(&app, "ready").await.0 == 200;
    wait_until(ready, Duration::from_secs(20)).await;
    let back = async || ada.get("/conversations").await.code == 0;
    wait_until(back, Duration::from_secs(20)).await;
}

/// J9: who waits for a bus that is gone is few; the others are told at once.
#[tokio::test]
async fn a_bus_that_hangs_is_not_waited_for_again_and_again() {
    let servers = PrivateServers::start();
    let app = start(&servers).await;
    let (ada, bob) = app.friends("ada", "bob").await;
    servers.nats.pause().await;
    let body = json!({"userId": bob.id.to_string()});
    let asked = (0..5).map(|_| ada.post("/conversations", body.clone()));
    for answer in futures_util::future::join_all(asked).await {
        answer.expect(Code::DeadlineExceeded, 504);
    }
    // Half a second later one of them waits, to see whether it works again; the others never do.
    let asked = (0..5).map(|_| ada.post("/conversations", body.clone()));
    let answers = futures_util::future::join_all(asked).await;
    let is_late = |answer: &&Answer| answer.code == Code::DeadlineExceeded.0;
    assert!(answers.iter().filter(is_late).count() <= 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| !is_late(answer)) {
        answer.expect(Code::Unavailable, 503);
    }
    servers.nats.resume().await;
}

/// B8, B11: guests come in without Redis too, and not without a limit.
#[tokio::test]
async fn without_redis_a_node_counts_guests_by_itself() {
    let servers = PrivateServers::start();
    // All of the first four are counted by Redis.
    let app = start_with(&servers, 2_000).await;
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
    ada.get("/conversations").await.expect_ok();
    servers.postgres.kill().await;
    let answer = ada.get("/conversations").await;
    answer.expect(Code::Unavailable, 503);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.message, Code::Unavailable.text());
    servers.postgres.restart().await;
    let back = async || ada.get("/conversations").await.code == 0;
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
