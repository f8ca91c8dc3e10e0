//! Guests who never came back. Tests move the dates in the tables, or say what time it is.

use std::time::{Duration, SystemTime};

use deadpool_postgres::Pool;
use im_shared::config::PostgresConfig;
use im_shared::database;
use im_shared::ids::{ConversationId, UserId};
use im_shared::snowflake::Ids;
use im_shared::testing::wait_until;
use im_shared::wire::Code;
use im_web::guests::sweep;
use im_web::store::Store;
use serde_json::json;

use crate::app::TestApp;
use crate::guest::{arrive, signed_in};
use crate::logic;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The tables, beside the node.
pub(crate) async fn store(postgres: &PostgresConfig) -> (Store, Pool) {
    let pool = database::pool(postgres).unwrap();
    let ids = Ids::lease(&pool).await.unwrap();
    (
        Store::new(pool.clone(), database::breaker(postgres), ids),
        pool,
    )
}

/// Those who are deleted, in the order of their ids.
async fn deleted(app: &TestApp) -> Vec<UserId> {
    let sql = "SELECT id FROM users WHERE deleted = 1 ORDER BY id";
    let found = app.rows(sql, &[]).await;
    found
        .iter()
        .map(|row| UserId::from_sql(row.get(0)))
        .collect()
}

/// Lets the account and its tokens be so many days older.
async fn age(app: &TestApp, user: UserId, days: i32) {
    for table in [
        "users SET created_at = created_at",
        "refresh_tokens SET expires_at = expires_at - make_interval(days => $2), created_at = created_at",
    ] {
        let key = if table.starts_with("users") {
            "id"
        } else {
            "user_id"
        };
        let sql = format!("UPDATE {table} - make_interval(days => $2) WHERE {key} = $1");
        app.execute(&sql, &[&user.to_sql(), &days]).await;
    }
}

/// B11: who has a token of the last 30 days stays; registered users stay for ever.
#[tokio::test]
async fn who_got_no_token_for_thirty_days_is_deleted() {
    let app = TestApp::start().await;
    let (store, _) = store(&app.postgres).await;
    let (pair, other) = (arrive(&app).await, arrive(&app).await);
    let (came_back, stale) = (signed_in(&app, &pair), signed_in(&app, &other));
    let registered = signed_in(&app, &arrive(&app).await);
    let account = json!({"username": "ada", "password": "correct horse"});
    registered.post("/auth/upgrade", account).await.expect_ok();
    for user in [&came_back, &stale, &registered] {
        age(&app, user.id, 29).await;
    }
    let now = SystemTime::now();
    assert_eq!(sweep(&store, now, 30 * DAY).await.unwrap(), 0);

    let refresh = json!({"refreshToken": pair["refreshToken"]});
    app.post("/auth/refresh", refresh).await.expect_ok();
    logic::append(&app, ConversationId::WORLD, stale.id, 1, "hello").await;
    let later = now + 2 * DAY;
    assert_eq!(sweep(&store, later, 30 * DAY).await.unwrap(), 1);
    assert_eq!(deleted(&app).await, [stale.id]);
    assert_eq!(sweep(&store, later, 30 * DAY).await.unwrap(), 0);

    let refresh = json!({"refreshToken": other["refreshToken"]});
    let answer = app.post("/auth/refresh", refresh).await;
    answer.expect(Code::TokenInvalid, 401);
    let account = json!({"username": "bob", "password": "correct horse"});
    let answer = stale.post("/auth/upgrade", account).await;
    answer.expect(Code::UserNotFound, 404);
    let left = "SELECT id FROM refresh_tokens WHERE user_id = $1 AND deleted = 0";
    assert!(app.rows(left, &[&stale.id.to_sql()]).await.is_empty());
    let world = came_back.get("/conversations/1/messages").await.expect_ok();
    assert_eq!(world["messages"][0]["content"], "hello");
}

/// B11: a guest whose tokens have all expired cannot come back, however long guests are kept; one without any is forgotten in time.
#[tokio::test]
async fn without_a_good_token_a_guest_is_deleted_once_old_enough() {
    let app = TestApp::start().await;
    let (store, _) = store(&app.postgres).await;
    let expired = signed_in(&app, &arrive(&app).await);
    let without = store.create_guest("Nobody", None).await.unwrap();
    let now = SystemTime::now();
    let at = |days: u32| sweep(&store, now + days * DAY, 60 * DAY);
    assert_eq!(at(59).await.unwrap(), 0);
    assert_eq!(at(61).await.unwrap(), 2);
    let mut expected = [expired.id, without];
    expected.sort();
    assert_eq!(deleted(&app).await, expected);
}

/// B11, K9: several nodes sweep at once; each guest is deleted once, and more than a batch is no matter.
#[tokio::test]
async fn nodes_that_sweep_together_share_the_work() {
    let app = TestApp::start().await;
    let (store, _) = store(&app.postgres).await;
    let sql = "INSERT INTO users (id, username, nickname, type) SELECT n, 'guest-' || n, 'Guest', 2 FROM generate_series(1, 1203) n";
    app.execute(sql, &[]).await;
    let later = SystemTime::now() + 31 * DAY;
    let sweeps = (0..4).map(|_| sweep(&store, later, 30 * DAY));
    let swept = futures_util::future::try_join_all(sweeps).await.unwrap();
    assert_eq!(swept.iter().sum::<u64>(), 1203, "{swept:?}");
    assert_eq!(deleted(&app).await.len(), 1203);
}

/// B11: whoever is being refreshed or upgraded at that moment is passed over, and not waited for.
#[tokio::test]
async fn a_guest_who_is_just_coming_back_is_passed_over() {
    let app = TestApp::start().await;
    let (store, pool) = store(&app.postgres).await;
    let guest = signed_in(&app, &arrive(&app).await);
    let later = SystemTime::now() + 31 * DAY;
    let mut client = database::acquire(&pool).await.unwrap();
    let transaction = client.transaction().await.unwrap();
    let lock = "SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE";
    transaction
        .query(lock, &[&guest.id.to_sql()])
        .await
        .unwrap();
    assert_eq!(sweep(&store, later, 30 * DAY).await.unwrap(), 0);
    transaction.rollback().await.unwrap();
    assert_eq!(sweep(&store, later, 30 * DAY).await.unwrap(), 1);
}

/// B11, K2: a running node does it by itself, and counts.
#[tokio::test]
async fn a_node_sweeps_by_itself() {
    let app = TestApp::start_with(|config| config.guests.sweep_interval_ms = 100).await;
    let (stale, fresh) = (arrive(&app).await, arrive(&app).await);
    let (stale, fresh) = (signed_in(&app, &stale), signed_in(&app, &fresh));
    age(&app, stale.id, 31).await;
    let swept = async || deleted(&app).await == [stale.id];
    wait_until(swept, Duration::from_secs(20)).await;
    fresh.get("/user/profile").await.expect_ok();
    let counted = async || {
        let metrics = app.http.get(format!("{}/metrics", app.ops_url)).send();
        let metrics = metrics.await.unwrap().text().await.unwrap();
        let count = |line: &str| line.strip_prefix("im_guests_deleted_total ")?.parse().ok();
        metrics
            .lines()
            .filter_map(count)
            .any(|count: u64| count >= 1)
    };
    wait_until(counted, Duration::from_secs(20)).await;
}
