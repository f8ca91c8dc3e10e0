//! `Idempotency-Key` of what web itself creates (mission J7).

use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use im_shared::wire::Code;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::actors::{Answer, User};
use crate::app::TestApp;
use crate::stale_guests::store;

async fn post(app: &TestApp, path: &str, key: Uuid, body: &Value) -> Answer {
    let request = app.http.post(app.api(path)).json(body);
    Answer::of(request.header("idempotency-key", key.to_string())).await
}

async fn ask(user: &User<'_>, key: Uuid, body: &Value) -> Answer {
    let request = user.app.http.post(user.app.api("/friends/request"));
    let request = request.header("idempotency-key", key.to_string());
    user.send(request.json(body)).await
}

fn account(name: &str) -> Value {
    json!({"username": name, "password": "a perfectly fine phrase"})
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let rows = app
        .rows(&format!("SELECT count(*) FROM {table}"), &[])
        .await;
    rows[0].get(0)
}

/// J7, B1: a lost answer is asked for again.
#[tokio::test]
async fn a_repeated_registration_is_one_account() {
    let app = TestApp::start().await;
    let key = Uuid::now_v7();
    let first = post(&app, "/auth/register", key, &account("ada")).await;
    let again = post(&app, "/auth/register", key, &account("ada")).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.data, again.data);
    assert_eq!(count(&app, "users").await, 1);
    // Without the key, or with another one, it is a new request.
    for answer in [
        app.post("/auth/register", account("ada")).await,
        post(&app, "/auth/register", Uuid::now_v7(), &account("ada")).await,
    ] {
        answer.expect(Code::UsernameTaken, 409);
    }
}

/// J7: of many at the same moment one creates, and the others wait for it.
#[tokio::test]
async fn repeats_at_the_same_moment_are_one() {
    let app = TestApp::start().await;
    let (key, body) = (Uuid::now_v7(), account("ada"));
    let answers = join_all((0..8).map(|_| post(&app, "/auth/register", key, &body))).await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.data, answers[0].data);
    }
    assert_eq!(count(&app, "users").await, 1);
}

/// J7: a key is for one request; another body under it is a mistake of the client.
#[tokio::test]
async fn another_body_under_the_same_key_is_a_conflict() {
    let app = TestApp::start().await;
    let key = Uuid::now_v7();
    let first = post(&app, "/auth/register", key, &account("ada")).await;
    assert_eq!(first.status, 201);
    let mut other = account("ada");
    other["password"] = json!("another perfectly fine phrase");
    for body in [account("bob"), other] {
        let answer = post(&app, "/auth/register", key, &body).await;
        answer.expect(Code::IdempotencyConflict, 409);
    }
    assert_eq!(count(&app, "users").await, 1);
    let request = app.http.post(app.api("/auth/register"));
    let request = request.header("idempotency-key", "mine");
    let answer = Answer::of(request.json(&account("bob"))).await;
    assert_eq!(answer.code, Code::InvalidArgument.0);
}

/// J7: what failed left nothing behind: the same key may do it right.
#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let app = TestApp::start().await;
    let key = Uuid::now_v7();
    let ada = app.user("ada").await;
    let taken = post(&app, "/auth/register", key, &account("ada")).await;
    taken.expect(Code::UsernameTaken, 409);
    assert_eq!(count(&app, "idempotency_keys").await, 0);
    let sql = "UPDATE users SET username = 'someone' WHERE id = $1";
    app.execute(sql, &[&ada.id.to_sql()]).await;
    let made = post(&app, "/auth/register", key, &account("ada")).await;
    assert_eq!(made.status, 201);
}

/// J7, B11: the guest whose tokens were lost gets new ones, until it has a password of its own.
#[tokio::test]
async fn a_repeated_arrival_is_one_guest() {
    let app = TestApp::start().await;
    let (key, body) = (
        Uuid::now_v7(),
        json!({"deviceId": "phone-1", "platform": "ios"}),
    );
    let first = post(&app, "/auth/guest", key, &body).await.expect_ok();
    let again = post(&app, "/auth/guest", key, &body).await.expect_ok();
    assert_eq!(first["userId"], again["userId"]);
    let token = again["accessToken"].as_str().unwrap();
    let refresh = json!({"refreshToken": again["refreshToken"]});
    app.post("/auth/refresh", refresh).await.expect_ok();
    let request = app.http.post(app.api("/auth/upgrade"));
    let request = request.bearer_auth(token).json(&account("ada"));
    Answer::of(request).await.expect_ok();
    let late = post(&app, "/auth/guest", key, &body).await;
    late.expect(Code::IdempotencyConflict, 409);
}

/// J7, C1: a repeat is no second request, and no other user's key is in its way.
#[tokio::test]
async fn a_repeated_friend_request_is_one() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let (key, body) = (Uuid::now_v7(), json!({"friendId": bob.id.to_string()}));
    let first = ask(&ada, key, &body).await;
    let again = ask(&ada, key, &body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.data, again.data);
    let other = ask(&eve, key, &body).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.data, first.data);
    let to_eve = json!({"friendId": eve.id.to_string()});
    let conflict = ask(&ada, key, &to_eve).await;
    conflict.expect(Code::IdempotencyConflict, 409);
    assert_eq!(count(&app, "friend_requests").await, 2);
}

/// J7: after a day a key is a new one, and the rows go.
#[tokio::test]
async fn a_key_is_kept_for_a_day() {
    let app = TestApp::start().await;
    let (key, body) = (
        Uuid::now_v7(),
        json!({"deviceId": "phone-1", "platform": "ios"}),
    );
    let first = post(&app, "/auth/guest", key, &body).await.expect_ok();
    let sql = "SELECT 1 FROM idempotency_keys WHERE expires_at - now() BETWEEN '23 hours 59 minutes' AND '24 hours'";
    assert_eq!(app.rows(sql, &[]).await.len(), 1);
    let sql = "UPDATE idempotency_keys SET expires_at = now() - interval '1 second'";
    app.execute(sql, &[]).await;
    let second = post(&app, "/auth/guest", key, &body).await.expect_ok();
    assert_ne!(first["userId"], second["userId"]);

    let (store, _pool) = store(&app.postgres).await;
    let now = SystemTime::now();
    assert_eq!(store.forget_creations(now, 10).await.unwrap(), 0);
    let tomorrow = now + Duration::from_secs(86_401);
    assert_eq!(store.forget_creations(tomorrow, 10).await.unwrap(), 1);
}

/// J7, K7: who reads the table learns neither the key, which opens a guest's account, nor the password of a registration.
#[tokio::test]
async fn neither_key_nor_request_can_be_read_from_the_table() {
    let app = TestApp::start().await;
    let key = Uuid::now_v7();
    let made = post(&app, "/auth/register", key, &account("ada")).await;
    assert_eq!(made.status, 201);
    let rows = app
        .rows("SELECT key_hash, request_hash FROM idempotency_keys", &[])
        .await;
    let (key_hash, request_hash): (Vec<u8>, Vec<u8>) = (rows[0].get(0), rows[0].get(1));
    assert_eq!((key_hash.len(), request_hash.len()), (32, 32));
    assert!(!key_hash.starts_with(key.as_bytes()));
}
