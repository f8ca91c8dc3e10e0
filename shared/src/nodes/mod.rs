//! Which access nodes are alive.
//!
//! Each node announces itself every 3 s under one key that lives 15 s. Whoever routes keeps a table of these, see [`LiveNodes`].

mod live;
mod record;

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fred::prelude::{KeysInterface, SortedSetsInterface};
use fred::types::scripts::Script;

use crate::cache::{Keys, Redis, RedisError};
use crate::ids::{Incarnation, NodeId};

pub use live::LiveNodes;
pub use record::{NodeRecord, WebSocketEndpoint, WebTransportEndpoint};

/// A node that has not announced itself for so long is dead.
pub const TIME_TO_LIVE: Duration = Duration::from_secs(15);

/// How often a node announces itself.
pub const RENEW_EVERY: Duration = Duration::from_secs(3);

/// Node ids are forgotten so long after their last announcement, in milliseconds.
const INDEX_MILLIS: u64 = 24 * 60 * 60 * 1_000;

static ANNOUNCE: LazyLock<Script> =
    LazyLock::new(|| Script::from_lua(include_str!("announce.lua")));
static WITHDRAW: LazyLock<Script> =
    LazyLock::new(|| Script::from_lua(include_str!("withdraw.lua")));

/// What [`Nodes::announce`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// The key was not there: the first announcement, or Redis lost its data and every session has to be added again.
    pub was_missing: bool,
    /// A later start of the same node is there; this process is not the node any more and was not announced.
    pub superseded: bool,
}

/// Announces and lists nodes. A cheap clone.
#[derive(Debug, Clone)]
pub struct Nodes {
    redis: Redis,
    keys: Keys,
}

impl Nodes {
    /// Over an open connection.
    #[must_use]
    pub fn new(redis: Redis, keys: Keys) -> Self {
        Self { redis, keys }
    }

    /// Says that the node is alive for the next [`TIME_TO_LIVE`].
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn announce(&self, record: &NodeRecord) -> Result<Announced, RedisError> {
        let client = self.redis.next_connected().clone();
        let arguments = vec![
            record.incarnation.0.to_string(),
            record.to_json(),
            TIME_TO_LIVE.as_millis().to_string(),
        ];
        let state: String = ANNOUNCE
            .evalsha_with_reload(&client, self.keys.node(&record.node_id), arguments)
            .await?;
        if state == "superseded" {
            return Ok(Announced {
                was_missing: false,
                superseded: true,
            });
        }
        let index = self.keys.nodes();
        let member = (score(now_millis()), record.node_id.as_str());
        let added = self
            .redis
            .zadd::<(), _, _>(&index, None, None, false, false, member);
        added.await?;
        let oldest = score(now_millis().saturating_sub(INDEX_MILLIS));
        let () = self.redis.zremrangebyscore(index, 0.0, oldest).await?;
        Ok(Announced {
            was_missing: state == "missing",
            superseded: false,
        })
    }

    /// Says that this start of the node is gone; a later start stays.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn withdraw(
        &self,
        node: &NodeId,
        incarnation: Incarnation,
    ) -> Result<(), RedisError> {
        let client = self.redis.next_connected().clone();
        let arguments = vec![incarnation.0.to_string()];
        let () = WITHDRAW
            .evalsha_with_reload(&client, self.keys.node(node), arguments)
            .await?;
        Ok(())
    }

    /// The nodes that are alive, by name.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn list(&self) -> Result<Vec<NodeRecord>, RedisError> {
        let index = self.keys.nodes();
        let names: Vec<String> = self
            .redis
            .zrangebyscore(index, 0.0, f64::INFINITY, false, None)
            .await?;
        let nodes: Vec<NodeId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = nodes.iter().map(|node| self.keys.node(node)).collect();
        let values: Vec<Option<String>> = self.redis.mget(keys).await?;
        let mut records: Vec<NodeRecord> = values
            .iter()
            .flatten()
            .filter_map(|value| NodeRecord::from_stored(value))
            .collect();
        records.sort_by(|a, b| a.node_id.cmp(&b.node_id));
        Ok(records)
    }
}

/// Milliseconds of this century are exact in the numbers of a sorted set.
#[allow(clippy::cast_precision_loss)]
const fn score(millis: u64) -> f64 {
    millis as f64
}

fn now_millis() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(elapsed.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
