//! A table of the live nodes, refreshed every second.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;

use super::{NodeRecord, Nodes, TIME_TO_LIVE, now_millis};
use crate::cache::RedisError;
use crate::ids::{Incarnation, NodeId};

const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// A cheap clone. The task that refreshes ends when the last clone is dropped.
///
/// While Redis does not answer, the table stays as it was last seen.
#[derive(Debug, Clone)]
pub struct LiveNodes {
    table: Arc<RwLock<Table>>,
    _refresh: Arc<AbortOnDropHandle<()>>,
}

type Table = HashMap<NodeId, Arc<NodeRecord>>;

impl LiveNodes {
    /// Reads the nodes once, then goes on by itself.
    ///
    /// # Errors
    ///
    /// Redis did not answer the first time.
    pub async fn watch(nodes: Nodes) -> Result<Self, RedisError> {
        let table = Arc::new(RwLock::new(to_table(nodes.list().await?)));
        let refreshed = Arc::clone(&table);
        let refresh = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(REFRESH_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut failing = false;
            loop {
                ticks.tick().await;
                match nodes.list().await {
                    Ok(records) => {
                        *refreshed.write() = to_table(records);
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
            _refresh: Arc::new(AbortOnDropHandle::new(refresh)),
        })
    }

    /// Whether this start of the node is alive, as far as is known.
    ///
    /// A start that is younger than a node's time to live counts as alive: its first announcement may not have been read yet, and a
    /// carrier to nobody costs nothing, while ignoring a live session does.
    #[must_use]
    pub fn is_live(&self, node: &NodeId, incarnation: Incarnation) -> bool {
        let known = self.table.read().get(node).map(|r| r.incarnation);
        judge(known, incarnation, now_millis())
    }

    /// The nodes that are alive, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<NodeRecord>> {
        let mut all: Vec<_> = self.table.read().values().cloned().collect();
        all.sort_by(|a, b| a.node_id.cmp(&b.node_id));
        all
    }
}

fn to_table(records: Vec<NodeRecord>) -> Table {
    let entry = |record: NodeRecord| (record.node_id.clone(), Arc::new(record));
    records.into_iter().map(entry).collect()
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
}
