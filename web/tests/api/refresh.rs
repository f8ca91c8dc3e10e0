//! Refresh tokens: one use, one successor; a lost reply is given again, a stolen token ends the sign-in. Tests move the dates in the tables.

use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use im_shared::database;
use im_shared::snowflake::Ids;
use im_shared::testing::wait_until;
use im_shared::wire::Code;
use im_web::store::{LOST_REPLY, Store};
use im_web::sweep::sweep;
use serde_json::{Value, json};

use crate::actors::Answer;
use crate::app::TestApp;
use crate::auth::{login, refresh, register};

/// Somebody who is signed in on the device `d`.
async fn signed_in(app: &TestApp) -> Value {
    register(app, "ada").await.expect_ok();
    login(app, "ada", "d").await
}

/// Lets every use of a token be so many seconds older.
async fn pass(app: &TestApp, seconds: i32) {
    let sql =
        "UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $1) WHERE status = 2";
    app.execute(sql, &[&f64::from(seconds)]).await;
}

async fn refused(app: &TestApp, token: &Value) {
    refresh(app, token).await.expect(Code::TokenRevoked, 401);
}

/// The bytes of the answer.
async fn raw(app: &TestApp, token: &Value) -> String {
    let request = app.http.post(app.api("/auth/refresh"));
    let answer = request.json(&json!({"refreshToken": token})).send().await;
    answer.unwrap().text().await.unwrap()
}

/// B3: who did not get the reply asks again and gets the same, byte for byte.
#[tokio::test]
async fn a_lost_reply_is_given_again() {
    let app = TestApp::start().await;
    let first = signed_in(&app).await;
    let lost = raw(&app, &first["refreshToken"]).await;
    assert_eq!(raw(&app, &first["refreshToken"]).await, lost);
    let second: Value = serde_json::from_str(&lost).unwrap();
    let second = &second["data"];
    assert_ne!(second["refreshToken"], first["refreshToken"]);
    let claims = app.verifier.verify(second["accessToken"].as_str().unwrap());
    assert_eq!(
        claims.unwrap().user.to_string(),
        first["userId"].as_str().unwrap()
    );
    // The pair is good, also after it was given twice.
    refresh(&app, &second["refreshToken"]).await.expect_ok();
}

/// B3: whoever runs two refreshes at a time loses nothing.
#[tokio::test]
async fn fifty_refreshes_at_once_have_one_successor() {
    let app = TestApp::start().await;
    let first = signed_in(&app).await;
    let token = &first["refreshToken"];
    let answers = join_all((0..50).map(|_| refresh(&app, token))).await;
    let pairs: Vec<Value> = answers.into_iter().map(|one| one.expect_ok()).collect();
    assert!(pairs.iter().all(|pair| *pair == pairs[0]));
    let good = "SELECT id FROM refresh_tokens WHERE status = 1";
    assert_eq!(app.rows(good, &[]).await.len(), 1);
    assert_eq!(
        app.rows("SELECT id FROM refresh_tokens", &[]).await.len(),
        2
    );
    refresh(&app, &pairs[0]["refreshToken"]).await.expect_ok();
}

/// B3.
#[tokio::test]
async fn a_repeat_after_thirty_seconds_revokes_the_family() {
    let app = TestApp::start().await;
    let first = signed_in(&app).await;
    let second = refresh(&app, &first["refreshToken"]).await.expect_ok();
    assert_eq!(LOST_REPLY, Duration::from_secs(30));
    // Not nearer to the thirty: what the test itself takes counts, too.
    pass(&app, 10).await;
    let again = refresh(&app, &first["refreshToken"]).await.expect_ok();
    assert_eq!(again["refreshToken"], second["refreshToken"]);
    pass(&app, 21).await;
    refused(&app, &first["refreshToken"]).await;
    refused(&app, &second["refreshToken"]).await;
    let good = "SELECT id FROM refresh_tokens WHERE status <> 3";
    assert!(app.rows(good, &[]).await.is_empty());
    login(&app, "ada", "d").await;
}

/// B3: a token whose successor is in use is in two hands; neither keeps anything, and the tables keep nothing that could be opened.
#[tokio::test]
async fn a_repeat_after_the_successor_was_used_revokes_the_family() {
    let app = TestApp::start().await;
    let first = signed_in(&app).await;
    let second = refresh(&app, &first["refreshToken"]).await.expect_ok();
    let sealed = "SELECT length(sealed_successor) FROM refresh_tokens ORDER BY id";
    let lengths = async || {
        let rows = app.rows(sealed, &[]).await;
        rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>()
    };
    assert_eq!(lengths().await, [32, 0]);
    refresh(&app, &second["refreshToken"]).await.expect_ok();
    assert_eq!(lengths().await, [0, 32, 0], "what has arrived is forgotten");
    refused(&app, &first["refreshToken"]).await;
    refused(&app, &second["refreshToken"]).await;
}

/// B3, B7: the access tokens of a sign-in end with it, others' do not.
#[tokio::test]
async fn a_reuse_ends_the_sign_in_and_no_other() {
    let app = TestApp::start().await;
    let first = signed_in(&app).await;
    let other = login(&app, "ada", "other").await;
    let second = refresh(&app, &first["refreshToken"]).await.expect_ok();
    pass(&app, 31).await;
    refused(&app, &first["refreshToken"]).await;
    let profile = async |pair: &Value| {
        let token = pair["accessToken"].as_str().unwrap();
        let request = app.http.get(app.api("/user/profile"));
        Answer::of(request.bearer_auth(token)).await
    };
    for pair in [&first, &second] {
        profile(pair).await.expect(Code::TokenRevoked, 401);
    }
    profile(&other).await.expect_ok();
    refresh(&app, &other["refreshToken"]).await.expect_ok();
}

/// B3.
#[tokio::test]
async fn a_used_refresh_token_revokes_its_family() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let first = login(&app, "ada", "d").await;
    let second = refresh(&app, &first["refreshToken"]).await.expect_ok();
    assert_eq!(second["userId"], first["userId"]);
    assert_ne!(second["refreshToken"], first["refreshToken"]);
    let third = refresh(&app, &second["refreshToken"]).await.expect_ok();

    refresh(&app, &first["refreshToken"])
        .await
        .expect(Code::TokenRevoked, 401);
    refresh(&app, &third["refreshToken"])
        .await
        .expect(Code::TokenRevoked, 401);
    login(&app, "ada", "d").await;
}

/// B3.
#[tokio::test]
async fn only_the_hash_of_a_refresh_token_is_kept() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let pair = login(&app, "ada", "d").await;
    let stored: Vec<u8> = app.rows("SELECT token_hash FROM refresh_tokens", &[]).await[0].get(0);
    assert_eq!(stored.len(), 32);
    assert_eq!(pair["refreshToken"].as_str().unwrap().len(), 43);
}

/// B5.
#[tokio::test]
async fn a_refresh_token_lives_30_days() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let pair = login(&app, "ada", "d").await;
    let left = "SELECT extract(epoch FROM expires_at - now())::bigint FROM refresh_tokens";
    let left: i64 = app.rows(left, &[]).await[0].get(0);
    assert!((30 * 86_400 - 60..=30 * 86_400).contains(&left), "{left} s");
    app.execute(
        "UPDATE refresh_tokens SET expires_at = now() - interval '1 second'",
        &[],
    )
    .await;
    refresh(&app, &pair["refreshToken"])
        .await
        .expect(Code::TokenExpired, 401);
}

/// B3.
#[tokio::test]
async fn what_is_no_refresh_token_is_invalid() {
    let app = TestApp::start().await;
    for bad in ["", "abc", "!", &"A".repeat(43), &"A".repeat(1_000)] {
        refresh(&app, &json!(bad))
            .await
            .expect(Code::TokenInvalid, 401);
    }
}

/// B3: each refresh leaves a row behind, and what nobody can use any more goes; a late client is told why for another day.
#[tokio::test]
async fn what_expired_a_day_ago_is_removed() {
    let app = TestApp::start_with(|config| config.tokens.sweep_interval_ms = 86_400_000).await;
    let first = signed_in(&app).await;
    refresh(&app, &first["refreshToken"]).await.expect_ok();
    let pool = database::pool(&app.postgres).unwrap();
    let ids = Ids::lease(&pool).await.unwrap();
    let store = Store::new(pool, database::breaker(&app.postgres), ids);
    let now = SystemTime::now();
    let day = Duration::from_secs(24 * 60 * 60);
    assert_eq!(sweep(&store, now + 30 * day).await.unwrap(), 0);
    refresh(&app, &first["refreshToken"]).await.expect_ok();
    assert_eq!(sweep(&store, now + 32 * day).await.unwrap(), 2);
    assert!(
        app.rows("SELECT id FROM refresh_tokens", &[])
            .await
            .is_empty()
    );
}

/// B3: many go in portions, by the node itself.
#[tokio::test]
async fn a_node_removes_expired_tokens_by_itself() {
    let app = TestApp::start_with(|config| config.tokens.sweep_interval_ms = 100).await;
    let sql = "INSERT INTO refresh_tokens (id, user_id, family_id, device_id, platform, token_hash, status, expires_at) \
               SELECT n, 1, n, 'd', 1, sha256(n::text::bytea), 2, now() - interval '2 days' FROM generate_series(1, 1200) n";
    app.execute(sql, &[]).await;
    let none = async || {
        app.rows("SELECT id FROM refresh_tokens", &[])
            .await
            .is_empty()
    };
    wait_until(none, Duration::from_secs(20)).await;
}
