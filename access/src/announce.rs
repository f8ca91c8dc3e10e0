//! The node's record in Redis: that it lives, where clients find it, and which certificates they may see.
//!
//! One task, owned by `App`, renews it; it ends with the token, and `App` then withdraws the record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use im_shared::cache::RedisError;
use im_shared::nodes::{NodeRecord, Nodes, WebSocketEndpoint, WebTransportEndpoint};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::certificate::Certificates;
use crate::node::Node;

/// So long after the record is back, every logic worker has read it: they look every second. Until then they may take the node for dead
/// and push nothing to it, after its sessions were told to sync; so those are told once more.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// Announces one node.
pub(crate) struct Announcer {
    pub(crate) nodes: Nodes,
    pub(crate) node: Node,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) web_transport_url: String,
    pub(crate) web_socket_url: String,
    pub(crate) announced: AtomicBool,
}

/// What the last announcement led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The record is there.
    Alive,
    /// It was gone, and is there again.
    Restored,
    /// A later start of the same node took over.
    Superseded,
    /// Redis did not answer.
    Unanswered,
}

impl Announcer {
    /// Announces until `stop`; asks the process to stop when a later start of the same node is there.
    pub(crate) async fn run(self: Arc<Self>, shutdown: CancellationToken, stop: CancellationToken) {
        let every = Duration::from_millis(self.node.config.presence.renew_ms);
        let renewals = async {
            let mut hint_at = None;
            loop {
                match self.announce().await {
                    Outcome::Superseded => {
                        tracing::error!("another process has this node id: stopping");
                        shutdown.cancel();
                    }
                    Outcome::Restored => hint_at = Some(Instant::now() + SEEN_WITHIN),
                    Outcome::Alive | Outcome::Unanswered => {}
                }
                if hint_at.is_some_and(|at| at <= Instant::now()) {
                    hint_at = None;
                    self.node.hints.request();
                }
                sleep(every).await;
            }
        };
        stop.run_until_cancelled(renewals).await;
    }

    /// Announces once more, so that a draining node gets no new clients.
    pub(crate) async fn announce_draining(&self) {
        self.announce().await;
    }

    /// Takes the record back.
    pub(crate) async fn withdraw(&self) {
        let withdraw = self.nodes.withdraw(&self.node.id, self.node.incarnation);
        if let Err(error) = self.answer(withdraw).await {
            tracing::warn!(%error, "the node's record stays until it runs out");
        }
    }

    async fn announce(&self) -> Outcome {
        let record = self.record();
        match self.answer(self.nodes.announce(&record)).await {
            Ok(announced) if announced.superseded => Outcome::Superseded,
            Ok(announced) => {
                let first = !self.announced.swap(true, Ordering::Relaxed);
                if announced.was_missing && !first {
                    tracing::warn!("Redis has lost this node: all locations are registered again");
                    self.node.presence.restore();
                    return Outcome::Restored;
                }
                Outcome::Alive
            }
            Err(error) => {
                tracing::warn!(%error, "the node was not announced");
                Outcome::Unanswered
            }
        }
    }

    fn record(&self) -> NodeRecord {
        NodeRecord {
            node_id: self.node.id.clone(),
            incarnation: self.node.incarnation,
            draining: self.node.is_draining(),
            sessions: self.node.sessions.len() as u64,
            web_transport: Some(WebTransportEndpoint {
                url: self.web_transport_url.clone(),
                certificate_hashes: self.certificates.hashes(),
            }),
            web_socket: Some(WebSocketEndpoint {
                url: self.web_socket_url.clone(),
            }),
        }
    }

    async fn answer<T>(
        &self,
        asked: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, RedisError> {
        let deadline = Duration::from_millis(self.node.config.presence.deadline_ms);
        timeout(deadline, asked)
            .await
            .unwrap_or(Err(RedisError::NotConnected))
    }
}
