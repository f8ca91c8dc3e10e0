//! What every part of the node shares.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::{Incarnation, NodeId};
use im_shared::revocation::Mirror;
use im_shared::tokens::Verifier;
use tokio_util::task::TaskTracker;

use crate::admission::Admission;
use crate::config::Config;
use crate::hints::Hints;
use crate::metrics::Metrics;
use crate::news::News;
use crate::presence::Presence;
use crate::session_ids::SessionIds;
use crate::sessions::Sessions;
use crate::uplink::Uplink;

/// One access node. A cheap clone.
#[derive(Clone)]
pub(crate) struct Node {
    inner: Arc<Inner>,
}

/// The parts of a [`Node`].
pub(crate) struct Inner {
    pub(crate) id: NodeId,
    pub(crate) incarnation: Incarnation,
    pub(crate) config: Config,
    pub(crate) verifier: Verifier,
    pub(crate) admission: Admission,
    pub(crate) sessions: Sessions,
    pub(crate) session_ids: SessionIds,
    pub(crate) uplink: Uplink,
    pub(crate) presence: Presence,
    pub(crate) revoked: Mirror,
    pub(crate) hints: Hints,
    pub(crate) news: News,
    pub(crate) metrics: Metrics,
    /// Owns the task of every connection; a stop waits for all of them.
    pub(crate) tasks: TaskTracker,
    /// The node takes no new sessions.
    pub(crate) draining: AtomicBool,
}

impl Node {
    /// From its parts.
    pub(crate) fn new(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// How long a connection may stay unauthenticated.
    pub(crate) fn handshake_deadline(&self) -> Duration {
        Duration::from_millis(self.config.handshake.deadline_ms)
    }

    /// From now on the node takes no new sessions.
    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the node takes no new sessions.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

impl Deref for Node {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
