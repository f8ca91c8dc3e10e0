//! What PostgreSQL has and Redis remembers (missions I7, J3): typed miss, single-flight, invalidation by the write.
//!
//! A key is empty, or holds a value, or a lease. Who finds it empty takes the lease, reads PostgreSQL and puts the value where the lease
//! stands; who finds a lease waits for that read. A write deletes the key after its commit, and a lease with it, so a read that
//! began before the write ends nowhere: neither is it stored, nor is it given to anybody who asked after the write.
//!
//! Redis may be away: then each process reads PostgreSQL, once for those who ask at the same time. What could not be deleted is owed: until it
//! is paid, this process asks PostgreSQL, and others may see the older value for as long as it lives.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::flights::{Flights, Landing};
use super::forget::Forget;
use super::shelf::{Found, Held, LEASE};
use super::{Keys, Redis, RedisError};

/// Where the values of one family come from.
pub trait Source: Send + Sync + 'static {
    /// What is remembered. A value that cannot be read, of another release, is loaded again.
    type Value: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// Why it cannot be loaded. All who wait for a load get the same.
    type Error: Send + Sync + 'static;
    /// Names keys and metrics; `[a-z0-9_]`.
    const FAMILY: &'static str;
    /// How long a value lives. It bounds what a lost invalidation can do.
    const LIVES: Duration;

    /// Reads those of `ids` that exist, all in one go, from where every commit is seen: no replica.
    fn load(
        &self,
        ids: &[u64],
    ) -> impl Future<Output = Result<HashMap<u64, Self::Value>, Self::Error>> + Send;
}

/// One family of cached values. A cheap clone.
pub struct Cache<S: Source>(Arc<Inner<S>>);

impl<S: Source> Clone for Cache<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Source> fmt::Debug for Cache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&S::FAMILY).finish()
    }
}

struct Inner<S: Source> {
    source: S,
    redis: Forget,
    /// By lease: what this process reads for all.
    leased: Flights<String, S::Value, S::Error>,
    /// By ids: what this process reads for itself while Redis is away. Nobody joins a read that began before something was forgotten.
    alone: Flights<(u64, Vec<u64>), S::Value, S::Error>,
}

impl<S: Source> Cache<S> {
    /// The family of `source` under the prefix of `keys`. Redis answers within `answer_within`, or `source` is asked instead.
    #[must_use]
    pub fn new(redis: Redis, keys: Keys, answer_within: Duration, source: S) -> Self {
        Self(Arc::new(Inner {
            source,
            redis: Forget::new(redis, keys, S::FAMILY, S::LIVES, answer_within),
            leased: Flights::default(),
            alone: Flights::default(),
        }))
    }

    /// The value of `id`; `None` when there is no such row. One round trip when it is remembered.
    ///
    /// # Errors
    ///
    /// It was not remembered and could not be loaded.
    pub async fn one(&self, id: u64) -> Result<Option<Arc<S::Value>>, Arc<S::Error>> {
        Ok(self.many(&[id]).await?.remove(&id))
    }

    /// The values of those of `ids` that exist. What is not remembered is loaded together.
    ///
    /// # Errors
    ///
    /// Something was not remembered and could not be loaded.
    pub async fn many(&self, ids: &[u64]) -> Result<HashMap<u64, Arc<S::Value>>, Arc<S::Error>> {
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let mut found = HashMap::with_capacity(wanted.len());
        let gives_up_at = Instant::now() + LEASE + self.0.redis.shelf().answer_within;
        let mut pause = Duration::from_millis(5);
        while !wanted.is_empty() {
            if !self.0.redis.is_trusted() {
                self.count("bypassed", wanted.len());
                found.extend(self.load_alone(wanted).await?);
                break;
            }
            let Ok(leases) = self.look(&mut wanted, &mut found).await? else {
                continue;
            };
            if wanted.is_empty() {
                break;
            }
            if !self.join(leases, &mut wanted, &mut found).await? {
                if Instant::now() >= gives_up_at {
                    self.count("bypassed", wanted.len());
                    found.extend(self.load_alone(wanted).await?);
                    break;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(50));
            }
        }
        let rows = found
            .into_iter()
            .filter_map(|(id, row): (u64, Option<_>)| Some((id, row?)));
        Ok(rows.collect())
    }

    /// For who writes the rows: [`Forget::forget`].
    #[must_use]
    pub fn forget(&self) -> Forget {
        self.0.redis.clone()
    }

    /// Reads `wanted`, takes what is there, and loads what nobody has a lease for. The leases of others are returned. The inner error: Redis did
    /// not answer.
    async fn look(
        &self,
        wanted: &mut Vec<u64>,
        found: &mut Found<S::Value>,
    ) -> Result<Result<BTreeSet<String>, ()>, Arc<S::Error>> {
        let held = match self.0.redis.shelf().read(wanted).await {
            Ok(held) => held,
            Err(error) => {
                self.0.redis.rest(&error);
                return Ok(Err(()));
            }
        };
        let (mut free, mut leases) = (Vec::new(), BTreeSet::new());
        let (mut hits, mut absent) = (0, 0);
        for (id, held) in wanted.iter().zip(held) {
            match held {
                Held::Value(value) => {
                    hits += 1;
                    found.insert(*id, Some(value));
                }
                Held::Absent => {
                    absent += 1;
                    found.insert(*id, None);
                }
                Held::Lease(lease) => {
                    leases.insert(lease);
                }
                Held::Nothing => free.push(*id),
            }
        }
        self.count("hit", hits);
        self.count("absent", absent);
        if !free.is_empty() {
            match self.lead(free).await {
                Ok(Some(landing)) => {
                    let landed = landing?;
                    self.count("miss", landed.len());
                    found.extend(landed.iter().map(|(id, row)| (*id, row.clone())));
                }
                Ok(None) => {}
                Err(error) => {
                    self.0.redis.rest(&error);
                    return Ok(Err(()));
                }
            }
        }
        wanted.retain(|id| !found.contains_key(id));
        Ok(Ok(leases))
    }

    /// Takes the leases of `free` and loads those that it got. None: others were first with all of them, or the load was lost.
    async fn lead(
        &self,
        free: Vec<u64>,
    ) -> Result<Option<Landing<S::Value, S::Error>>, RedisError> {
        let lease = format!("L{:032x}", rand::random::<u128>());
        // Known here before it is known there: who finds it there joins.
        let flight = self.0.leased.begin(lease.clone());
        let won = self.0.redis.shelf().lease(&free, &lease).await?;
        if won.is_empty() {
            return Ok(None);
        }
        let (cache, inner, ids) = (self.clone(), Arc::clone(&self.0), won.clone());
        let read = async move { cache.load(&won).await };
        let landing = flight
            .fly(read, async move |landing: Landing<_, _>| {
                inner.redis.shelf().put(&ids, &lease, landing.ok()).await;
            })
            .await;
        Ok(landing)
    }

    /// Waits for what this process reads under one of `leases`. False when nothing is known now that was not before.
    async fn join(
        &self,
        leases: BTreeSet<String>,
        wanted: &mut Vec<u64>,
        found: &mut Found<S::Value>,
    ) -> Result<bool, Arc<S::Error>> {
        let before = wanted.len();
        for lease in leases {
            let Some(landing) = self.0.leased.join(&lease).await else {
                continue;
            };
            let landed = landing?;
            let known = wanted
                .iter()
                .filter_map(|id| Some((*id, landed.get(id)?.clone())));
            found.extend(known);
            wanted.retain(|id| !found.contains_key(id));
        }
        self.count("joined", before - wanted.len());
        Ok(wanted.len() < before)
    }

    /// Without Redis: once for all in this process who want the same now.
    async fn load_alone(&self, ids: Vec<u64>) -> Result<Found<S::Value>, Arc<S::Error>> {
        loop {
            let name = (self.0.redis.times(), ids.clone());
            let landing = match self.0.alone.join(&name).await {
                Some(landing) => Some(landing),
                None => {
                    let (cache, ids) = (self.clone(), ids.clone());
                    let flight = self.0.alone.begin(name);
                    let read = async move { cache.load(&ids).await };
                    flight.fly(read, |_| std::future::ready(())).await
                }
            };
            if let Some(landing) = landing {
                let landed = landing?;
                return Ok(landed.iter().map(|(id, row)| (*id, row.clone())).collect());
            }
        }
    }

    /// Every one of `ids`, from the source.
    async fn load(&self, ids: &[u64]) -> Result<Arc<Found<S::Value>>, Arc<S::Error>> {
        metrics::counter!("im_cache_loads_total", "family" => S::FAMILY).increment(1);
        let began = Instant::now();
        let loaded = self.0.source.load(ids).await;
        metrics::histogram!("im_cache_load_seconds", "family" => S::FAMILY).record(began.elapsed());
        let mut loaded = loaded.map_err(Arc::new)?;
        let row = |id: &u64| (*id, loaded.remove(id).map(Arc::new));
        Ok(Arc::new(ids.iter().map(row).collect()))
    }

    fn count(&self, result: &'static str, ids: usize) {
        if ids > 0 {
            metrics::counter!("im_cache_requests_total", "family" => S::FAMILY, "result" => result)
                .increment(ids as u64);
        }
    }
}
