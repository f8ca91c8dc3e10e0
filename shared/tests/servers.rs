//! The servers for tests do what fault tests need of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use im_shared::database;
use im_shared::testing::{PrivateServers, TestDatabase, wait_until};

/// [K10] Committed rows survive an immediate shutdown, and the pool finds its way back by itself.
#[tokio::test]
async fn postgresql_may_be_killed_and_restarted() {
    let servers = PrivateServers::start();
    let database = TestDatabase::create_on(&servers.postgres.url()).await;
    let pool = database.pool();
    let client = database::acquire(&pool).await.unwrap();
    let sql = "INSERT INTO users (id, username) VALUES (1, 'ann')";
    client.batch_execute(sql).await.unwrap();
    drop(client);

    servers.postgres.kill().await;
    assert!(database::ping(&pool).await.is_err());
    servers.postgres.restart().await;
    let answers = async || database::ping(&pool).await.is_ok();
    wait_until(answers, Duration::from_secs(20)).await;
    let client = database::acquire(&pool).await.unwrap();
    let row = client.query_one("SELECT username FROM users", &[]);
    assert_eq!(row.await.unwrap().get::<_, String>(0), "ann");
}

/// A statement that takes too long is ended by PostgreSQL, and its connection stays good.
#[tokio::test]
async fn a_statement_has_a_time_limit() {
    let database = TestDatabase::create().await;
    let mut config = database.config();
    // Not for the statement after it, however slow the machine.
    config.statement_timeout_ms = 1_000;
    let pool = database::pool(&config).unwrap();
    let client = database::acquire(&pool).await.unwrap();
    let error = client.query("SELECT pg_sleep(60)", &[]).await.unwrap_err();
    let code = tokio_postgres::error::SqlState::QUERY_CANCELED;
    assert_eq!(error.code(), Some(&code));
    drop(client);
    database::ping(&pool).await.unwrap();
}

/// [I9] A full pool answers after its time limit instead of never.
#[tokio::test]
async fn a_full_pool_refuses_after_its_time_limit() {
    let database = TestDatabase::create().await;
    let mut config = database.config();
    config.pool_size = 1;
    config.acquire_timeout_ms = 50;
    let pool = database::pool(&config).unwrap();
    let held = database::acquire(&pool).await.unwrap();
    assert!(database::acquire(&pool).await.is_err());
    drop(held);
    database::ping(&pool).await.unwrap();
}
