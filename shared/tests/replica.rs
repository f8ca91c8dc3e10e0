//! The replica for tests follows its primary.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use im_shared::config::PostgresConfig;
use im_shared::database;
use im_shared::testing::{Durability, PostgresServer, TestDatabase, wait_until};

/// I10: what is committed is streamed to the replica, which takes no writes, and which may go.
#[tokio::test]
async fn a_replica_follows_and_takes_no_writes() {
    let primary = PostgresServer::start(Durability::Full);
    let database = TestDatabase::create_on(&primary.url()).await;
    let replica = primary.replica();
    let pool = database.pool();
    let client = database::acquire(&pool).await.unwrap();
    let sql = "INSERT INTO users (id, username) VALUES (1, 'ann')";
    client.batch_execute(sql).await.unwrap();

    let config = PostgresConfig {
        url: database.url_on(&replica.url()).into(),
        connect_timeout_ms: 20_000,
        ..PostgresConfig::default()
    };
    let copies = database::pool(&config).unwrap();
    let client = database::acquire(&copies).await.unwrap();
    let arrived = async || {
        client
            .query("SELECT 1 FROM users", &[])
            .await
            .unwrap()
            .len()
            == 1
    };
    wait_until(arrived, Duration::from_secs(20)).await;
    assert!(client.batch_execute("DELETE FROM users").await.is_err());
    replica.kill().await;
    database::ping(&pool).await.unwrap();
}
