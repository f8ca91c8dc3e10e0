//! Publishing a carrier, and what happens when the bus does not take it.

use std::time::Duration;

use bytes::Bytes;
use im_shared::bus::{Bus, BusError, Origin, Subject, encode_upstream};
use im_shared::ids::{Incarnation, NodeId};
use im_shared::wire::{self, BodyKind, Code};
use tokio::time::{Instant, sleep};

use super::RETRY_AFTER;
use crate::metrics::Metrics;
use crate::outbox::Kind;
use crate::sessions::Sessions;

/// How often it is looked whether the bus is connected again.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Where the carriers go.
pub(crate) struct Link {
    pub(crate) bus: Bus,
    pub(crate) subject: Subject,
    pub(crate) node: NodeId,
    pub(crate) incarnation: Incarnation,
    pub(crate) sessions: Sessions,
    pub(crate) metrics: Metrics,
    /// How long a carrier waits for the connection to come back.
    pub(crate) patience: Duration,
}

impl Link {
    /// Publishes one carrier. When the bus does not take it in time, every client is told to try again, because only the
    /// client retries (architecture, sentence 3). What the node itself had to say has no client: it is given back.
    pub(super) async fn publish(&self, items: Vec<(Origin, Bytes)>) -> Vec<(Origin, Bytes)> {
        let carrier = encode_upstream(self.node.as_str(), self.incarnation, &items);
        let Err(error) = self.send(carrier).await else {
            self.metrics.uplink_sent(items.len());
            return Vec::new();
        };
        tracing::warn!(%error, frames = items.len(), "the bus did not take a carrier");
        let (own, of_clients): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|(_, frame)| is_own(frame));
        self.metrics.uplink_lost(of_clients.len());
        for (origin, frame) in of_clients {
            self.tell_to_retry(origin, &frame);
        }
        own
    }

    fn tell_to_retry(&self, origin: Origin, frame: &Bytes) {
        let request_id = match wire::peek(frame) {
            Ok(peek) if !peek.request_id.is_push() => peek.request_id,
            _ => return,
        };
        if let Some(handle) = self.sessions.find(origin.session, origin.user) {
            let reply = wire::error(request_id, Code::RetryLater, Some(RETRY_AFTER));
            // Without room the client's own timer makes it retry.
            handle.outbox.offer(Kind::Reply, &reply);
        }
    }

    /// While disconnected the library would take thousands of carriers into memory; here they wait where there is a limit
    /// in bytes, and the first only for as long as a publish may take.
    async fn send(&self, carrier: Bytes) -> Result<(), BusError> {
        let until = Instant::now() + self.patience;
        while !self.bus.is_connected() {
            if Instant::now() >= until {
                return Err(BusError::Deadline);
            }
            sleep(LOOK_EVERY).await;
        }
        self.bus.publish(self.subject.clone(), carrier).await
    }
}

/// Whether the node itself said it: no client's frame of these kinds gets this far.
fn is_own(frame: &Bytes) -> bool {
    let kind = wire::peek(frame).map(|peek| peek.kind);
    matches!(kind, Ok(BodyKind::UserOnline | BodyKind::UserOffline))
}
