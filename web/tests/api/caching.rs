//! What Redis remembers of users and friends (I7, J3); of conversations: `caching_conversations`.

use std::time::Duration;

use fred::prelude::KeysInterface;
use futures_util::future::join_all;
use im_shared::cache::family;
use im_shared::ids::UserId;
use im_shared::testing::{PrivateServers, TestDatabase, wait_until};
use im_web::config::WebConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_postgres::NoTls;

use crate::actors::{Answer, User};
use crate::app::{OtherNode, TestApp};

const PATIENCE: Duration = Duration::from_secs(20);

/// What the path is answered with at this node.
pub(crate) async fn ask(node: &str, user: &User<'_>, path: &str) -> Answer {
    let request = user.app.http.get(format!("{node}/api/v1{path}"));
    user.send(request).await
}

/// The data of that answer, which is a success.
pub(crate) async fn get(node: &str, user: &User<'_>, path: &str) -> Value {
    ask(node, user, path).await.expect_ok()
}

pub(crate) fn held(app: &TestApp, family: &str, id: u64) -> String {
    app.keys.cached(family, id)
}

/// I7: what is asked for again is not read again; a value of the cache is what is told.
#[tokio::test]
async fn what_is_remembered_is_not_read_again() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    for path in ["/user/profile", "/friends"] {
        let first = ada.get(path).await.expect_ok();
        assert_eq!(ada.get(path).await.expect_ok(), first);
    }
    // Behind the back of everybody: nobody who writes by the API is passed by like that.
    let sql = "UPDATE users SET nickname = 'other'";
    app.execute_unnoticed(sql, &[]).await;
    let friends = ada.get("/friends").await.expect_ok();
    assert_eq!(friends["friends"][0]["profile"]["nickname"], "BOB");
    let profile = ada.get("/user/profile").await.expect_ok();
    assert_eq!(profile["nickname"], "ADA");
    let seen = ada.get(&format!("/user/{}", bob.id)).await.expect_ok();
    assert_eq!(seen["nickname"], "BOB");
}

/// I7: no hash of a password lies in Redis.
#[tokio::test]
async fn no_secret_is_remembered() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let sql = "UPDATE users SET password_hash = 'a-hash-of-hers' WHERE id = $1";
    app.execute(sql, &[&ada.id.to_sql()]).await;
    ada.get("/user/profile").await.expect_ok();
    let key = held(&app, family::USERS, ada.id.0);
    let text = async || app.redis.get::<Option<String>, _>(&key).await.unwrap();
    wait_until(
        async || text().await.is_some_and(|text| text.starts_with('V')),
        PATIENCE,
    )
    .await;
    assert!(!text().await.unwrap().contains("a-hash-of-hers"));
}

/// J3: five hundred who ask two nodes at the same time are one read of PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn a_stampede_is_one_query() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.user("ada").await;
    let key = held(&app, family::USERS, ada.id.0);
    let asked = ("/user/profile", "user_presence", key.as_str());
    let profiles = stampede(&app, &other, &ada, asked).await;
    assert!(profiles.iter().all(|profile| profile["nickname"] == "ADA"));
}

/// What five hundred on two nodes are told, who ask for a path at the same time. What it needs stands in a table, which is read once, and is
/// remembered under a key.
pub(crate) async fn stampede(
    app: &TestApp,
    other: &OtherNode,
    user: &User<'_>,
    (path, table, key): (&str, &str, &str),
) -> Vec<Value> {
    // A table that cannot be read yet: whoever asks is waiting when the first of them is answered.
    let (mut blocker, connection) = tokio_postgres::connect(app.postgres.url.expose(), NoTls)
        .await
        .unwrap();
    // Ends with the client.
    tokio::spawn(connection);
    let transaction = blocker.transaction().await.unwrap();
    let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    transaction.batch_execute(&lock).await.unwrap();
    let asking = (0..500).map(|number| {
        let node = if number % 2 == 0 {
            &app.url
        } else {
            &other.url
        };
        get(node, user, path)
    });
    let waiting = async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'";
        let reads = async || app.rows(sql, &[&table]).await[0].get::<_, i64>(0);
        wait_until(async || reads().await > 0, PATIENCE).await;
        // As long as it is locked, every further read would wait too, and be seen here.
        for _ in 0..5 {
            assert_eq!(reads().await, 1);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        transaction.commit().await.unwrap();
    };
    // A lease ends by itself after 3 s, and then somebody else reads: on a slow machine the table may be locked for longer.
    let holding = async {
        loop {
            let () = app.redis.persist(key).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        (answers, ()) = futures_util::future::join(join_all(asking), waiting) => answers,
        () = holding => unreachable!(),
    }
}

/// I7: between a commit and what follows it nothing is cut off, though nobody waits for the answer any more.
#[tokio::test]
async fn a_write_whose_client_has_left_is_done_and_seen() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let path = format!("/user/{}", ada.id);
    assert_eq!(bob.get(&path).await.expect_ok()["nickname"], "ADA");
    let (mut blocker, connection) = tokio_postgres::connect(app.postgres.url.expose(), NoTls)
        .await
        .unwrap();
    // Ends with the client.
    tokio::spawn(connection);
    let transaction = blocker.transaction().await.unwrap();
    let lock = "SELECT id FROM users WHERE id = $1 FOR UPDATE";
    transaction
        .query_one(lock, &[&ada.id.to_sql()])
        .await
        .unwrap();

    let mut client = TcpStream::connect(app.url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let body = r#"{"nickname":"Countess"}"#;
    let request = format!(
        "PUT /api/v1/user/profile HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        ada.token,
        body.len()
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let is_waiting = async || app.rows(sql, &[]).await[0].get::<_, i64>(0) == 1;
    wait_until(is_waiting, PATIENCE).await;
    client.shutdown().await.unwrap();
    // The node has noticed it: nobody waits.
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(answer.is_empty());

    transaction.commit().await.unwrap();
    let is_seen = async || bob.get(&path).await.expect_ok()["nickname"] == "Countess";
    wait_until(is_seen, PATIENCE).await;
}

/// I7: whatever is written at one node is seen by the next read at the other.
#[tokio::test]
async fn a_write_is_seen_by_the_next_read_on_the_other_node() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (profile, friends) = (format!("/user/{}", ada.id), "/friends");
    // Remembered on both, before each write.
    let look = async || {
        for node in [&app.url, &other.url] {
            get(node, &ada, friends).await;
            get(node, &bob, friends).await;
            get(node, &bob, &profile).await;
        }
    };
    look().await;
    let id = ada.request(&bob).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    let accept = format!("/friends/requests/{id}/accept");
    bob.post(&accept, Value::Null).await.expect_ok();
    for user in [&ada, &bob] {
        let found = get(&other.url, user, friends).await;
        assert_eq!(found["friends"].as_array().unwrap().len(), 1);
    }

    look().await;
    let name = json!({"nickname": "Ada L"});
    ada.put("/user/profile", name).await.expect_ok();
    let seen = get(&other.url, &bob, &profile).await;
    assert_eq!(seen["nickname"], "Ada L");
    let own = get(&other.url, &ada, "/user/profile").await;
    assert_eq!(own["nickname"], "Ada L");
    let found = get(&other.url, &bob, friends).await;
    assert_eq!(found["friends"][0]["profile"]["nickname"], "Ada L");

    look().await;
    let remark = format!("/friends/{}/remark", ada.id);
    bob.put(&remark, json!({"remark": "A"})).await.expect_ok();
    let found = get(&other.url, &bob, friends).await;
    assert_eq!(found["friends"][0]["remark"], "A");

    look().await;
    let block = format!("/blocks/{}", ada.id);
    bob.put(&block, Value::Null).await.expect_ok();
    let found = get(&other.url, &bob, friends).await;
    assert_eq!(found["friends"][0]["blocked"], true);

    look().await;
    let friend = format!("/friends/{}", bob.id);
    ada.delete(&friend).await.expect_ok();
    for user in [&ada, &bob] {
        let found = get(&other.url, user, friends).await;
        assert!(found["friends"].as_array().unwrap().is_empty());
    }
}

/// I7: who has another name stands elsewhere in the lists of friends.
#[tokio::test]
async fn a_new_name_sorts_the_lists_of_friends_anew() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let cyd = app.user("cyd").await;
    let id = cyd.request(&ada).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    let accept = format!("/friends/requests/{id}/accept");
    ada.post(&accept, Value::Null).await.expect_ok();
    let ids = |users: [UserId; 2]| users.map(|user| user.to_string());
    assert_eq!(ada.friends().await, ids([bob.id, cyd.id]));
    bob.put("/user/profile", json!({"nickname": "Zoe"}))
        .await
        .expect_ok();
    assert_eq!(ada.friends().await, ids([cyd.id, bob.id]));
}

/// I7, J3: without Redis the tables answer, and so they do when it is back with what it had before.
#[tokio::test]
async fn a_redis_that_was_away_tells_nothing_old() {
    let servers = PrivateServers::start();
    let database = TestDatabase::create_on(&servers.postgres.url()).await;
    let mut config = WebConfig {
        postgres: database.config(),
        ..WebConfig::default()
    };
    config.redis.url = servers.redis.url().as_str().into();
    config.redis.command_timeout_ms = 300;
    config.nats.url = servers.nats.url().as_str().into();
    let app = TestApp::serve(config, Some(database)).await;
    let ada = app.user("ada").await;
    let nickname = async || ada.get("/user/profile").await.expect_ok()["nickname"].clone();
    assert_eq!(nickname().await, "ADA");
    servers.redis.pause().await;
    ada.put("/user/profile", json!({"nickname": "Ada"}))
        .await
        .expect_ok();
    assert_eq!(nickname().await, "Ada");
    servers.redis.resume().await;
    let key = held(&app, family::USERS, ada.id.0);
    let remembered = async || {
        assert_eq!(nickname().await, "Ada");
        let held = app.redis.get::<Option<String>, _>(&key).await;
        held.is_ok_and(|text| text.is_some_and(|text| text.contains("\"Ada\"")))
    };
    wait_until(remembered, PATIENCE).await;
}
