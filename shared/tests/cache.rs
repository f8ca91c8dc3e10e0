//! What Redis remembers of PostgreSQL: two processes with one Redis, and a table that says how often it is read.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fred::prelude::KeysInterface;
use futures_util::future::{join_all, try_join_all};
use im_shared::cache::{self, Cache, Keys, Redis, Source};
use im_shared::testing::{RedisServer, Servers, unique_prefix, wait_until};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// Redis has so long to answer before the table is asked instead: how often that is read is counted here, on slow machines too.
const WITHIN: Duration = Duration::from_secs(20);

/// A table of names. Every read waits until it may end, and then gives what was there when it began.
#[derive(Clone)]
struct Table {
    rows: Arc<Mutex<HashMap<u64, String>>>,
    reads: Arc<AtomicUsize>,
    may_end: Arc<Semaphore>,
}

struct Names(Table);

impl Source for Names {
    type Value = String;
    type Error = &'static str;
    const FAMILY: &'static str = "names";
    const LIVES: Duration = Duration::from_secs(600);

    async fn load(&self, ids: &[u64]) -> Result<HashMap<u64, String>, &'static str> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        let rows = self.0.rows.lock().clone();
        let _ends = self.0.may_end.acquire().await.map_err(|_| "gone")?;
        let row = |id: &u64| Some((*id, rows.get(id)?.clone()));
        Ok(ids.iter().filter_map(row).collect())
    }
}

impl Table {
    /// With one row, 1, which is called "ada"; reads end at once.
    fn new() -> Self {
        Self {
            rows: Arc::new(Mutex::new(HashMap::from([(1, "ada".to_owned())]))),
            reads: Arc::default(),
            may_end: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    /// Reads do not end before [`Table::let_end`].
    fn slow() -> Self {
        Self {
            may_end: Arc::new(Semaphore::new(0)),
            ..Self::new()
        }
    }

    fn let_end(&self) {
        self.may_end.add_permits(1_000);
    }

    fn set(&self, name: &str) {
        self.rows.lock().insert(1, name.to_owned());
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// A process with this table.
    async fn node(&self, prefix: &str) -> (Cache<Names>, Redis) {
        self.node_within(prefix, WITHIN).await
    }

    async fn node_within(&self, prefix: &str, within: Duration) -> (Cache<Names>, Redis) {
        let mut config = Servers::redis(prefix);
        config.command_timeout_ms = 20_000;
        let redis = cache::connect(&config).await.unwrap();
        let (keys, source) = (Keys::new(prefix), Names(self.clone()));
        (Cache::new(redis.clone(), keys, within, source), redis)
    }

    async fn is_read(&self, times: usize) {
        wait_until(async || self.reads() >= times, WITHIN).await;
    }
}

async fn name(cache: &Cache<Names>) -> Option<String> {
    let found = cache.one(1).await.unwrap();
    found.map(|name| String::clone(&name))
}

/// J3: five hundred on two nodes who want the same at the same time are one statement.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_readers_are_one_load() {
    let (table, prefix) = (Table::slow(), unique_prefix());
    let (one, redis) = table.node(&prefix).await;
    let (other, _) = table.node(&prefix).await;
    let readers = (0..500).map(|number| {
        let cache = if number % 2 == 0 { &one } else { &other }.clone();
        tokio::spawn(async move { name(&cache).await })
    });
    let readers: Vec<_> = readers.collect();
    table.is_read(1).await;
    // All of them have met the lease, or will: only then does it become a value.
    let key = Keys::new(&prefix).cached("names", 1);
    let lease: String = redis.get(&key).await.unwrap();
    assert!(lease.starts_with('L'), "{lease}");
    table.let_end();
    for reader in join_all(readers).await {
        assert_eq!(reader.unwrap().as_deref(), Some("ada"));
    }
    assert_eq!(table.reads(), 1);
}

/// I7: nobody is given what was read before a write, once that was answered, and nothing of it stays.
#[tokio::test]
async fn a_fill_that_began_before_a_write_is_thrown_away() {
    let (table, prefix) = (Table::slow(), unique_prefix());
    let (one, redis) = table.node(&prefix).await;
    let (other, _) = table.node(&prefix).await;
    let early = tokio::spawn({
        let one = one.clone();
        async move { name(&one).await }
    });
    table.is_read(1).await;
    // Another node writes while that read is under way.
    table.set("bob");
    other.forget().forget(&[1]).await;
    let late = tokio::spawn({
        let one = one.clone();
        async move { name(&one).await }
    });
    table.is_read(2).await;
    table.let_end();
    assert_eq!(late.await.unwrap().as_deref(), Some("bob"));
    assert_eq!(early.await.unwrap().as_deref(), Some("ada"), "asked before");
    let key = Keys::new(&prefix).cached("names", 1);
    let stored = async || redis.get::<String, _>(&key).await.unwrap() == "V\"bob\"";
    wait_until(stored, WITHIN).await;
    assert_eq!(name(&other).await.as_deref(), Some("bob"));
    assert_eq!(table.reads(), 2);
}

/// I7: a write on one node is seen by the next read on every other.
#[tokio::test]
async fn a_write_is_seen_by_the_next_read_everywhere() {
    let (table, prefix) = (Table::new(), unique_prefix());
    let (one, _) = table.node(&prefix).await;
    let (other, _) = table.node(&prefix).await;
    for round in 0..50 {
        let told = format!("ada-{round}");
        table.set(&told);
        one.forget().forget(&[1]).await;
        let seen = try_join_all([other.one(1), one.one(1), other.one(1)]).await;
        for seen in seen.unwrap() {
            assert_eq!(seen.as_deref(), Some(&told));
        }
    }
}

/// J3: that there is no such row is an answer, and remembered as one.
#[tokio::test]
async fn an_absent_row_is_a_typed_miss() {
    let (table, prefix) = (Table::new(), unique_prefix());
    let (cache, _) = table.node(&prefix).await;
    for _ in 0..3 {
        let found = cache.many(&[1, 2, 3, 2]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(*found[&1], "ada");
        assert_eq!(cache.one(2).await.unwrap(), None);
    }
    assert_eq!(table.reads(), 1, "together, and once");
    table.rows.lock().insert(2, "bob".to_owned());
    cache.forget().forget(&[2]).await;
    assert_eq!(
        cache.one(2).await.unwrap().as_deref(),
        Some(&"bob".to_owned())
    );
}

/// J3: a load that failed is told to all who waited for it, and the next one tries again.
#[tokio::test]
async fn a_failure_is_not_remembered() {
    let (table, prefix) = (Table::new(), unique_prefix());
    let broken = Table::slow();
    broken.may_end.close();
    let (one, _) = broken.node(&prefix).await;
    assert_eq!(*one.one(1).await.unwrap_err(), "gone");
    let (other, _) = table.node(&prefix).await;
    assert_eq!(name(&other).await.as_deref(), Some("ada"));
}

/// I7: what another release has written is read anew.
#[tokio::test]
async fn a_value_that_cannot_be_read_is_loaded() {
    let (table, prefix) = (Table::new(), unique_prefix());
    let (cache, redis) = table.node(&prefix).await;
    let key = Keys::new(&prefix).cached("names", 1);
    for unreadable in ["V{\"name\":7}", "", "?"] {
        let () = redis
            .set(&key, unreadable, None, None, false)
            .await
            .unwrap();
        assert_eq!(name(&cache).await.as_deref(), Some("ada"));
    }
}

/// J3: a node that died with a lease holds nobody up for longer than that lives.
#[tokio::test]
async fn a_lease_that_nobody_fills_ends() {
    let (table, prefix) = (Table::new(), unique_prefix());
    let within = Servers::redis(&prefix).cache_timeout();
    let (cache, redis) = table.node_within(&prefix, within).await;
    let key = Keys::new(&prefix).cached("names", 1);
    let life = fred::types::Expiration::PX(60_000);
    let () = redis
        .set(&key, "Lgone", Some(life), None, false)
        .await
        .unwrap();
    let began = Instant::now();
    assert_eq!(name(&cache).await.as_deref(), Some("ada"));
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(30), "{waited:?} of 60 s");
}

/// I7, J3: without Redis everything is read from the table, once for those who ask together; and what was written
/// meanwhile is not forgotten when Redis is back with what it had.
#[tokio::test]
async fn without_redis_the_loader_answers() {
    let server = RedisServer::start();
    let mut config = Servers::redis("t");
    config.url = server.url().as_str().into();
    config.command_timeout_ms = 3_000;
    let redis = cache::connect(&config).await.unwrap();
    let table = Table::new();
    let (keys, within) = (Keys::new("t"), Duration::from_secs(3));
    let cache = Cache::new(redis.clone(), keys, within, Names(table.clone()));
    assert_eq!(name(&cache).await.as_deref(), Some("ada"));
    assert_eq!(name(&cache).await.as_deref(), Some("ada"));
    assert_eq!(table.reads(), 1);

    // It hangs, and keeps what it has.
    server.pause().await;
    table.set("bob");
    cache.forget().forget(&[1]).await;
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(name(&cache).await.as_deref(), Some("bob"));
    }
    // A minute if each of them waited for Redis.
    assert!(began.elapsed() < WITHIN, "nobody waits");
    let before = table.reads();
    let seen = try_join_all((0..100).map(|_| cache.one(1))).await.unwrap();
    assert!(seen.iter().all(|name| name.as_deref().unwrap() == "bob"));
    assert_eq!(table.reads(), before + 1);

    server.resume().await;
    let remembered = async || {
        let before = table.reads();
        assert_eq!(name(&cache).await.as_deref(), Some("bob"));
        table.reads() == before
    };
    wait_until(remembered, 3 * WITHIN).await;
}
