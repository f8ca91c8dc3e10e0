//! A table of the live nodes, refreshed every second.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;

use super::{NodeRecord, Nodes, TIME_TO_LIVE, now_millis};
use crate::cache::RedisError;
use crate::ids::{Incarnation, NodeId};

const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// A node that is gone from Redis counts as alive for so long: when Redis has lost everything, its nodes are back after one renewal (3 s)
/// and are seen after one refresh (1 s). Deliveries in between must reach them: they have told their sessions to sync before.
const GRACE: Duration = Duration::from_secs(5);

/// A cheap clone. The task that refreshes ends when the last clone is dropped.
///
/// While Redis does not answer, the table stays as it was last seen.
#[derive(Debug, Clone)]
pub struct LiveNodes {
    table: Arc<RwLock<Table>>,
    _refresh: Arc<AbortOnDropHandle<()>>,
}

#[derive(Debug)]
struct Table {
    nodes: HashMap<NodeId, Seen>,
    /// When Redis was asked last.
    at: Instant,
}

/// A node as it was last listed.
#[derive(Debug)]
struct Seen {
    record: Arc<NodeRecord>,
    at: Instant,
}

impl LiveNodes {
    /// Reads the nodes once, then goes on by itself.
    ///
    /// # Errors
    ///
    /// Redis did not answer the first time.
    pub async fn watch(nodes: Nodes) -> Result<Self, RedisError> {
        let mut first = Table {
            nodes: HashMap::new(),
            at: Instant::now(),
        };
        first.refresh(nodes.list().await?, Instant::now());
        let table = Arc::new(RwLock::new(first));
        let refreshed = Arc::clone(&table);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(REFRESH_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut failing = false;
            loop {
                ticks.tick().await;
                match nodes.list().await {
                    Ok(records) => {
                        refreshed.write().refresh(records, Instant::now());
                        failing = false;
                    }
                    Err(error) => {
                        if !failing {
                            tracing::warn!(%error, "the table of live nodes is not refreshed");
                        }
                        failing = true;
                    }
                }
            }
        });
        Ok(Self {
            table,
            _refresh: Arc::new(AbortOnDropHandle::new(task)),
        })
    }

    /// Whether this start of the node is alive, as far as is known.
    ///
    /// A start that is younger than a node's time to live counts as alive: its first announcement may not have been read yet, and a
    /// carrier to nobody costs nothing, while ignoring a live session does.
    #[must_use]
    pub fn is_live(&self, node: &NodeId, incarnation: Incarnation) -> bool {
        let known = self.table.read().incarnation(node);
        judge(known, incarnation, now_millis())
    }

    /// The nodes of the last list, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<NodeRecord>> {
        let mut all = self.table.read().listed();
        all.sort_by(|a, b| a.node_id.cmp(&b.node_id));
        all
    }
}

impl Table {
    /// Takes over a list, and forgets the nodes that have been gone for longer than the grace.
    fn refresh(&mut self, records: Vec<NodeRecord>, now: Instant) {
        self.at = now;
        self.nodes
            .retain(|_, seen| now.duration_since(seen.at) < GRACE);
        let entry = |record: NodeRecord| {
            let node = record.node_id.clone();
            let record = Arc::new(record);
            (node, Seen { record, at: now })
        };
        self.nodes.extend(records.into_iter().map(entry));
    }

    fn incarnation(&self, node: &NodeId) -> Option<Incarnation> {
        self.nodes.get(node).map(|seen| seen.record.incarnation)
    }

    fn listed(&self) -> Vec<Arc<NodeRecord>> {
        let listed = self.nodes.values().filter(|seen| seen.at == self.at);
        listed.map(|seen| Arc::clone(&seen.record)).collect()
    }
}

fn judge(known: Option<Incarnation>, asked: Incarnation, now_millis: u64) -> bool {
    let young = asked
        .0
        .saturating_add(u64::try_from(TIME_TO_LIVE.as_millis()).unwrap_or(0))
        > now_millis;
    match known {
        Some(known) if asked == known => true,
        Some(known) => asked > known && young,
        None => young,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// F2, F6.
    #[test]
    fn a_start_is_dead_once_a_later_one_is_known_or_nobody_speaks_for_it() {
        let (old, new) = (Incarnation(1_000), Incarnation(50_000));
        assert!(judge(Some(old), old, 1_000_000));
        assert!(!judge(Some(new), old, 50_001));
        assert!(judge(Some(old), new, 50_001));
        assert!(!judge(Some(old), new, 65_001));
        assert!(judge(None, new, 64_999));
        assert!(!judge(None, new, 65_000));
    }

    /// D3, K10: Redis has lost everything, and a node is back before the next list; deliveries reach it all the time.
    #[test]
    fn a_node_that_is_gone_from_redis_is_alive_for_a_while_but_not_listed() {
        let record = NodeRecord {
            node_id: "a".parse().unwrap(),
            incarnation: Incarnation(1_000),
            draining: false,
            sessions: 0,
            web_transport: None,
            web_socket: None,
        };
        let (node, begin) = (record.node_id.clone(), Instant::now());
        let mut table = Table {
            nodes: HashMap::new(),
            at: begin,
        };
        table.refresh(vec![record.clone()], begin);
        assert_eq!(table.listed().len(), 1);

        let soon = begin + GRACE / 2;
        table.refresh(Vec::new(), soon);
        assert_eq!(table.incarnation(&node), Some(Incarnation(1_000)));
        assert!(table.listed().is_empty());

        table.refresh(Vec::new(), begin + GRACE);
        assert_eq!(table.incarnation(&node), None);
    }
}
