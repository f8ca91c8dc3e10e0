//! Leases of worker numbers, in a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashSet;

use futures_util::future::try_join_all;
use im_shared::database;
use im_shared::snowflake::{IdError, Ids, LeaseError, parse};
use im_shared::testing::TestDatabase;

/// [I5]
#[tokio::test]
async fn processes_that_start_together_lease_different_numbers() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let leases = try_join_all((0..8).map(|_| Ids::lease(&pool)))
        .await
        .unwrap();
    let workers: HashSet<_> = leases.iter().map(Ids::worker).collect();
    assert_eq!(workers.len(), 8);
    let mut seen = HashSet::new();
    for _ in 0..5_000 {
        for ids in &leases {
            assert!(seen.insert(ids.next().unwrap()));
        }
    }
}

/// [I5]
#[tokio::test]
async fn a_released_number_is_leased_again_and_its_ids_go_on() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let first = Ids::lease(&pool).await.unwrap();
    let clone = first.clone();
    let worker = first.worker();
    let mut last = 0;
    // Enough to run ahead of the clock.
    for _ in 0..100_000 {
        last = first.next().unwrap();
    }
    first.release().await.unwrap();
    assert_eq!(clone.next(), Err(IdError::LeaseEnded));
    let second = Ids::lease(&pool).await.unwrap();
    assert_eq!(second.worker(), worker);
    let next = second.next().unwrap();
    assert!(parse(next).unwrap().millis > parse(last).unwrap().millis);
}

/// [I5] The holder was killed, and the clock of the next one is an hour behind.
#[tokio::test]
async fn a_number_of_a_dead_process_begins_after_the_fence() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let dead = Ids::lease(&pool).await.unwrap();
    let worker = dead.worker();
    drop(dead);
    let client = database::acquire(&pool).await.unwrap();
    let sql = "UPDATE id_workers SET expires_at = now() - interval '1 s', last_millis = last_millis + 3600000 RETURNING last_millis";
    let fence: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
    let ids = Ids::lease(&pool).await.unwrap();
    assert_eq!(ids.worker(), worker);
    let parts = parse(ids.next().unwrap()).unwrap();
    assert_eq!(parts.millis, u64::try_from(fence).unwrap() + 1);
}

/// [I5]
#[tokio::test]
async fn a_number_that_is_held_is_not_leased() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let client = database::acquire(&pool).await.unwrap();
    let sql = "INSERT INTO id_workers (id, holder, expires_at) SELECT n, 'x', now() + interval '1 h' FROM generate_series(0, 1022) n";
    client.batch_execute(sql).await.unwrap();
    let last = Ids::lease(&pool).await.unwrap();
    assert_eq!(last.worker().get(), 1_023);
    let refused = Ids::lease(&pool).await;
    assert!(matches!(refused, Err(LeaseError::NoneFree)), "{refused:?}");
}
