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
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use fred::prelude::KeysInterface;
use fred::types::scripts::Script;
use fred::types::{Expiration, SetOptions};
use futures_util::future::join_all;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::flights::{Flights, Landing};
use super::{Keys, Redis, RedisError};

static PUT: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("cached.lua")));

/// A lease ends by itself after this: its process may be gone.
const LEASE: Duration = Duration::from_secs(2);

/// An answer that takes longer is not worth waiting for: PostgreSQL is asked.
const ANSWER_WITHIN: Duration = Duration::from_millis(250);

/// After a failure Redis is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// How often what is owed is tried again.
const PAY_EVERY: Duration = Duration::from_millis(100);

/// More than this owed at once, and nothing of the family is believed until all of it has ended by itself.
const MAX_OWED: usize = 10_000;

/// That a row is not there is remembered for this long at most.
const ABSENT_LIVES: Duration = Duration::from_secs(30);

/// Keys of one MGET.
const CHUNK: usize = 256;

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
    redis: Redis,
    keys: Keys,
    /// By lease: what this process reads for all.
    leased: Flights<String, S::Value, S::Error>,
    /// By ids: what this process reads for itself while Redis is away.
    alone: Flights<Vec<u64>, S::Value, S::Error>,
    state: Mutex<State>,
}

/// Whether Redis is asked.
#[derive(Debug, Default)]
struct State {
    rests_until: Option<Instant>,
    owed: BTreeSet<u64>,
    /// A task is about to pay.
    paying: bool,
}

/// What a key holds.
enum Held<V> {
    Value(Arc<V>),
    Absent,
    Lease(String),
    Nothing,
}

/// What is known of the ids that were asked for; `None` is a row that is not there.
type Found<V> = HashMap<u64, Option<Arc<V>>>;

impl<S: Source> Cache<S> {
    /// The family of `source` under the prefix of `keys`.
    #[must_use]
    pub fn new(redis: Redis, keys: Keys, source: S) -> Self {
        Self(Arc::new(Inner {
            source,
            redis,
            keys,
            leased: Flights::default(),
            alone: Flights::default(),
            state: Mutex::default(),
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
        let gives_up_at = Instant::now() + LEASE + ANSWER_WITHIN;
        let mut pause = Duration::from_millis(5);
        while !wanted.is_empty() {
            if !self.is_trusted() {
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

    /// Forgets `ids`. Call it after the commit of whatever changed them, before the change is answered.
    pub async fn invalidate(&self, ids: &[u64]) {
        if ids.is_empty() {
            return;
        }
        self.0
            .alone
            .cut(|read| ids.iter().any(|id| read.contains(id)));
        let rests = {
            let state = self.0.state.lock();
            state
                .rests_until
                .is_some_and(|until| Instant::now() < until)
        };
        if !rests {
            match self.0.delete(ids).await {
                Ok(()) => return,
                Err(error) => self.rest(&error),
            }
        }
        self.owe(ids);
    }

    /// Reads `wanted`, takes what is there, and loads what nobody has a lease for. The leases of others are returned. The inner error: Redis did
    /// not answer.
    async fn look(
        &self,
        wanted: &mut Vec<u64>,
        found: &mut Found<S::Value>,
    ) -> Result<Result<BTreeSet<String>, ()>, Arc<S::Error>> {
        let held = match self.0.read(wanted).await {
            Ok(held) => held,
            Err(error) => {
                self.rest(&error);
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
                    self.rest(&error);
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
        let won = self.0.lease(&free, &lease).await?;
        if won.is_empty() {
            return Ok(None);
        }
        let (cache, inner, ids) = (self.clone(), Arc::clone(&self.0), won.clone());
        let read = async move { cache.load(&won).await };
        let landing = flight
            .fly(read, async move |landing: Landing<_, _>| {
                inner.put(&ids, &lease, landing.ok()).await;
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
            let landing = match self.0.alone.join(&ids).await {
                Some(landing) => Some(landing),
                None => {
                    let (cache, ids) = (self.clone(), ids.clone());
                    let flight = self.0.alone.begin(ids.clone());
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

    fn is_trusted(&self) -> bool {
        let mut state = self.0.state.lock();
        if state
            .rests_until
            .is_some_and(|until| Instant::now() >= until)
        {
            state.rests_until = None;
        }
        state.rests_until.is_none() && state.owed.is_empty()
    }

    fn rest(&self, error: &RedisError) {
        tracing::debug!(%error, family = S::FAMILY, "the cache is passed by");
        let until = Instant::now() + REST;
        let mut state = self.0.state.lock();
        state.rests_until = state.rests_until.max(Some(until));
    }

    /// `ids` are deleted as soon as Redis answers.
    fn owe(&self, ids: &[u64]) {
        metrics::counter!("im_cache_invalidations_owed_total", "family" => S::FAMILY)
            .increment(ids.len() as u64);
        let mut state = self.0.state.lock();
        state.owed.extend(ids);
        if state.owed.len() > MAX_OWED {
            state.owed.clear();
            state.rests_until = Some(Instant::now() + S::LIVES);
        }
        if std::mem::replace(&mut state.paying, true) {
            return;
        }
        // Ends when nothing is owed any more, or with the cache.
        let inner = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PAY_EVERY).await;
                let Some(inner) = inner.upgrade() else { return };
                if inner.pay().await {
                    return;
                }
            }
        });
    }

    fn count(&self, result: &'static str, ids: usize) {
        if ids > 0 {
            metrics::counter!("im_cache_requests_total", "family" => S::FAMILY, "result" => result)
                .increment(ids as u64);
        }
    }
}

impl<S: Source> Inner<S> {
    fn key(&self, id: u64) -> String {
        self.keys.cached(S::FAMILY, id)
    }

    async fn read(&self, ids: &[u64]) -> Result<Vec<Held<S::Value>>, RedisError> {
        let mut held = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            let keys: Vec<String> = ids.iter().map(|id| self.key(*id)).collect();
            let values: Vec<Option<String>> = within(self.redis.mget(keys)).await?;
            for (id, value) in ids.iter().zip(values) {
                held.push(match value.as_deref().map(|text| (text.get(..1), text)) {
                    None => Held::Nothing,
                    Some((Some("L"), lease)) => Held::Lease(lease.to_owned()),
                    Some((Some("A"), _)) => Held::Absent,
                    Some((_, text)) => match text.get(1..).map(serde_json::from_str) {
                        Some(Ok(value)) => Held::Value(Arc::new(value)),
                        // Of another release.
                        _ => {
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
    async fn lease(&self, ids: &[u64], lease: &str) -> Result<Vec<u64>, RedisError> {
        let (client, life) = (self.redis.next_connected(), Expiration::PX(millis(LEASE)));
        let takes = ids.iter().map(async |id| {
            let (key, life) = (self.key(*id), Some(life.clone()));
            let taken: Option<String> =
                within(client.set(key, lease, life, Some(SetOptions::NX), false)).await?;
            Ok::<_, RedisError>(taken.map(|_| *id))
        });
        let taken: Result<Vec<_>, _> = join_all(takes).await.into_iter().collect();
        Ok(taken?.into_iter().flatten().collect())
    }

    /// Puts what was read where the lease still stands. When that fails, the lease ends by itself.
    async fn put(&self, ids: &[u64], lease: &str, landed: Option<Arc<Found<S::Value>>>) {
        let client = self.redis.next_connected().clone();
        let puts = ids.iter().map(async |id| {
            let row = landed.as_ref().and_then(|landed| landed.get(id));
            let (value, life) = match row {
                Some(Some(value)) => (encode(&**value), S::LIVES),
                Some(None) => ("A".to_owned(), S::LIVES.min(ABSENT_LIVES)),
                // The load failed: the next one may try.
                None => (String::new(), Duration::ZERO),
            };
            let arguments = vec![lease.to_owned(), value, millis(life).to_string()];
            within(PUT.evalsha_with_reload::<i64, _, _>(&client, self.key(*id), arguments)).await
        });
        for put in join_all(puts).await {
            let result = match put {
                Ok(0) => "overtaken",
                Ok(_) => "stored",
                Err(_) => "failed",
            };
            metrics::counter!("im_cache_fills_total", "family" => S::FAMILY, "result" => result)
                .increment(1);
        }
    }

    async fn delete(&self, ids: &[u64]) -> Result<(), RedisError> {
        let client = self.redis.next_connected();
        // One key each: they lie in different slots of a cluster.
        let deletes = ids
            .iter()
            .map(|id| within(client.del::<i64, _>(self.key(*id))));
        for deleted in join_all(deletes).await {
            deleted?;
        }
        metrics::counter!("im_cache_invalidations_total", "family" => S::FAMILY)
            .increment(ids.len() as u64);
        Ok(())
    }

    /// Deletes what is owed. True when nothing is any more.
    async fn pay(&self) -> bool {
        let owed: Vec<u64> = self.state.lock().owed.iter().copied().collect();
        if self.delete(&owed).await.is_err() {
            return false;
        }
        let mut state = self.state.lock();
        for id in &owed {
            state.owed.remove(id);
        }
        state.paying = !state.owed.is_empty();
        !state.paying
    }
}

async fn within<T>(
    answer: impl Future<Output = Result<T, fred::error::Error>>,
) -> Result<T, RedisError> {
    match tokio::time::timeout(ANSWER_WITHIN, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(RedisError::NotConnected),
    }
}

/// Nothing, as if the load had failed, for a value that has no form in JSON.
fn encode(value: &impl Serialize) -> String {
    serde_json::to_string(value).map_or_else(|_| String::new(), |json| format!("V{json}"))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
