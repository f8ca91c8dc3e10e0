//! One family of cached values as it lies in Redis: what a key holds, and how that changes.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use fred::prelude::KeysInterface;
use fred::types::scripts::Script;
use fred::types::{Expiration, SetOptions};
use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Keys, Redis, RedisError};

static PUT: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("cached.lua")));

/// A lease ends by itself after this: its process may be gone.
pub(super) const LEASE: Duration = Duration::from_secs(3);

/// That a row is not there is remembered for this long at most.
const ABSENT_LIVES: Duration = Duration::from_secs(30);

/// Keys of one MGET.
const CHUNK: usize = 256;

/// What a key holds.
pub(super) enum Held<V> {
    Value(Arc<V>),
    /// There is no such row.
    Absent,
    Lease(String),
    Nothing,
}

/// What is known of the ids that were asked for; `None` is a row that is not there.
pub(super) type Found<V> = HashMap<u64, Option<Arc<V>>>;

/// The keys of one family.
pub(super) struct Shelf {
    redis: Redis,
    keys: Keys,
    pub(super) family: &'static str,
    /// How long a value lives.
    pub(super) lives: Duration,
    /// An answer that takes longer is not worth waiting for: PostgreSQL is asked.
    pub(super) answer_within: Duration,
}

impl Shelf {
    pub(super) fn new(
        redis: Redis,
        keys: Keys,
        family: &'static str,
        lives: Duration,
        answer_within: Duration,
    ) -> Self {
        Self {
            redis,
            keys,
            family,
            lives,
            answer_within,
        }
    }

    fn key(&self, id: u64) -> String {
        self.keys.cached(self.family, id)
    }

    /// What each of `ids` holds.
    pub(super) async fn read<V: DeserializeOwned>(
        &self,
        ids: &[u64],
    ) -> Result<Vec<Held<V>>, RedisError> {
        let mut held = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            let keys: Vec<String> = ids.iter().map(|id| self.key(*id)).collect();
            let values: Vec<Option<String>> = self.within(self.redis.mget(keys)).await?;
            for (id, value) in ids.iter().zip(values) {
                held.push(match value.as_deref().map(|text| (text.get(..1), text)) {
                    None => Held::Nothing,
                    Some((Some("L"), lease)) => Held::Lease(lease.to_owned()),
                    Some((Some("A"), _)) => Held::Absent,
                    Some((_, text)) => match text.get(1..).map(serde_json::from_str) {
                        Some(Ok(value)) => Held::Value(Arc::new(value)),
                        // Of another release.
                        _ => {
                            metrics::counter!("im_cache_unreadable_total", "family" => self.family)
                                .increment(1);
                            self.delete(&[*id]).await?;
                            Held::Nothing
                        }
                    },
                });
            }
        }
        Ok(held)
    }

    /// Puts `lease` where nothing is, and says where that was.
    pub(super) async fn lease(&self, ids: &[u64], lease: &str) -> Result<Vec<u64>, RedisError> {
        let (client, life) = (self.redis.next_connected(), Expiration::PX(millis(LEASE)));
        let takes = ids.iter().map(async |id| {
            let (key, life) = (self.key(*id), Some(life.clone()));
            let taken: Option<String> = self
                .within(client.set(key, lease, life, Some(SetOptions::NX), false))
                .await?;
            Ok::<_, RedisError>(taken.map(|_| *id))
        });
        let taken: Result<Vec<_>, _> = join_all(takes).await.into_iter().collect();
        Ok(taken?.into_iter().flatten().collect())
    }

    /// Puts what was read where the lease still stands. When that fails, the lease ends by itself.
    pub(super) async fn put<V: Serialize>(
        &self,
        ids: &[u64],
        lease: &str,
        landed: Option<Arc<Found<V>>>,
    ) {
        let client = self.redis.next_connected().clone();
        let puts = ids.iter().map(async |id| {
            let row = landed.as_ref().and_then(|landed| landed.get(id));
            let (value, life) = match row {
                Some(Some(value)) => (encode(&**value), self.lives),
                Some(None) => ("A".to_owned(), self.lives.min(ABSENT_LIVES)),
                // The load failed: the next one may try.
                None => (String::new(), Duration::ZERO),
            };
            let arguments = vec![lease.to_owned(), value, millis(life).to_string()];
            self.within(PUT.evalsha_with_reload::<i64, _, _>(&client, self.key(*id), arguments))
                .await
        });
        for put in join_all(puts).await {
            let result = match put {
                Ok(0) => "overtaken",
                Ok(_) => "stored",
                Err(_) => "failed",
            };
            metrics::counter!("im_cache_fills_total", "family" => self.family, "result" => result)
                .increment(1);
        }
    }

    /// Leaves nothing there, neither values nor leases.
    pub(super) async fn delete(&self, ids: &[u64]) -> Result<(), RedisError> {
        let client = self.redis.next_connected();
        // One key each: they lie in different slots of a cluster.
        let deletes = ids
            .iter()
            .map(|id| self.within(client.del::<i64, _>(self.key(*id))));
        for deleted in join_all(deletes).await {
            deleted?;
        }
        metrics::counter!("im_cache_invalidations_total", "family" => self.family)
            .increment(ids.len() as u64);
        Ok(())
    }

    async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, fred::error::Error>>,
    ) -> Result<T, RedisError> {
        match tokio::time::timeout(self.answer_within, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(RedisError::NotConnected),
        }
    }
}

/// Nothing, as if the load had failed, for a value that has no form in JSON.
fn encode(value: &impl Serialize) -> String {
    serde_json::to_string(value).map_or_else(|_| String::new(), |json| format!("V{json}"))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
