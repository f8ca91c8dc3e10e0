//! Reads may go to a replica, which nobody notices (I10).

use std::time::Duration;

use im_shared::testing::{Durability, PostgresServer, TestDatabase, wait_until};
use tokio_postgres::NoTls;

use crate::actors::User;
use crate::app::{TestApp, generous, on_shared_servers};

const PATIENCE: Duration = Duration::from_secs(30);

struct Scene {
    app: TestApp,
    replica: PostgresServer,
    on_replica: tokio_postgres::Client,
    _primary: PostgresServer,
}

impl Scene {
    async fn start() -> Self {
        let primary = PostgresServer::start(Durability::Full);
        let database = TestDatabase::create_on(&primary.url()).await;
        let replica = primary.replica();
        let url = database.url_on(&replica.url());
        let mut config = on_shared_servers(database.config());
        config.limits = generous();
        config.replica.url = Some(url.as_str().into());
        let app = TestApp::serve(config, Some(database)).await;
        let (on_replica, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        // Ends with the client.
        tokio::spawn(connection);
        Self {
            app,
            replica,
            on_replica,
            _primary: primary,
        }
    }

    /// What the user's sent requests say, newest first.
    async fn sent(&self, user: &User<'_>) -> Vec<String> {
        let found = user
            .get("/friends/requests?direction=sent")
            .await
            .expect_ok();
        let requests = found["requests"].as_array().unwrap();
        requests
            .iter()
            .map(|request| request["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// How many statements the replica has answered for the node.
    async fn asked(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%friend_requests%'";
        self.on_replica.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// The replica stands still, or goes on.
    async fn stand_still(&self, still: bool) {
        let sql = match still {
            true => "SELECT pg_wal_replay_pause()",
            false => "SELECT pg_wal_replay_resume()",
        };
        self.on_replica.batch_execute(sql).await.unwrap();
        if still {
            let paused = async || {
                let sql = "SELECT pg_get_wal_replay_pause_state()";
                let row = self.on_replica.query_one(sql, &[]).await.unwrap();
                row.get::<_, String>(0) == "paused"
            };
            wait_until(paused, PATIENCE).await;
        }
    }
}

/// I10: reads go to the replica; what somebody wrote is seen by them, and by who is told of it, while the replica does not have it.
#[tokio::test]
async fn ones_own_write_is_always_seen() {
    let scene = Scene::start().await;
    let (ada, bob) = (scene.app.user("ada").await, scene.app.user("bob").await);
    let cyd = scene.app.user("cyd").await;
    ada.request(&bob).await.expect_ok();
    // The replica follows, and then it is what answers.
    let used = async || scene.sent(&ada).await == ["hello"] && scene.asked().await > 0;
    wait_until(used, PATIENCE).await;

    scene.stand_still(true).await;
    ada.request(&cyd).await.expect_ok();
    for _ in 0..5 {
        assert_eq!(scene.sent(&ada).await, ["hello", "hello"]);
    }
    // Whom it is about was told of it, looks, and finds it.
    let received = cyd.get("/friends/requests").await.expect_ok();
    assert_eq!(received["requests"].as_array().unwrap().len(), 1);
    // Who has not written is told what the replica has; while it takes too long to say where it is, the primary is asked.
    scene.app.user("dan").await;
    let reader = scene.app.user("eve").await;
    let found = async || {
        let found = reader.get("/user/search?q=dan").await.expect_ok();
        found["users"].as_array().unwrap().len()
    };
    wait_until(async || found().await == 0, PATIENCE).await;
    scene.stand_still(false).await;
    wait_until(async || found().await == 1, PATIENCE).await;
}

/// I10: a replica that dies under the reads costs nobody an answer, and one that is back is used again.
#[tokio::test]
async fn a_dead_replica_is_not_noticed() {
    let scene = Scene::start().await;
    let (ada, bob) = (scene.app.user("ada").await, scene.app.user("bob").await);
    ada.request(&bob).await.expect_ok();
    let used = async || scene.sent(&ada).await == ["hello"] && scene.asked().await > 0;
    wait_until(used, PATIENCE).await;
    scene.replica.kill().await;
    for _ in 0..20 {
        assert_eq!(scene.sent(&ada).await, ["hello"]);
    }
    let eve = scene.app.user("eve").await;
    eve.request(&bob).await.expect_ok();
    assert_eq!(scene.sent(&eve).await, ["hello"]);
}
