//! Frames on their way from sessions to logic.
//!
//! Sessions offer without waiting; one task packs what is ready into carriers and publishes them. Carriers are at least
//! `linger` apart, so that frames share them under load (a frame alone costs the bus 1.3 us, packed 0.3), and the first
//! after a pause leaves at once. The task is owned by `App`; it ends when the uplink is closed and empty.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use im_shared::bus::{Bus, BusError, Origin, Subject, encode_upstream};
use im_shared::ids::{Incarnation, NodeId};
use im_shared::wire::{self, Code};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::config::UplinkConfig;
use crate::metrics::Metrics;
use crate::outbox::Kind;
use crate::sessions::Sessions;

/// What a frame costs the queue beside its bytes.
const ITEM_BYTES: usize = 64;
/// What a client is told when the bus does not take its frame.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often it is looked whether the bus is connected again.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The queue has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// Takes frames for logic. A cheap clone.
#[derive(Debug, Clone)]
pub(crate) struct Uplink {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    waiting: Mutex<Waiting>,
    changed: Notify,
    carrier_bytes: usize,
    linger: Duration,
}

/// The pure part.
#[derive(Debug)]
struct Waiting {
    items: VecDeque<(Origin, Bytes)>,
    bytes: usize,
    limit: usize,
    closed: bool,
}

impl Waiting {
    fn offer(&mut self, origin: Origin, frame: Bytes, reserve: usize) -> Result<(), Full> {
        let cost = ITEM_BYTES + frame.len();
        if self.bytes + cost > self.limit + reserve {
            return Err(Full);
        }
        self.bytes += cost;
        self.items.push_back((origin, frame));
        Ok(())
    }

    /// The oldest frames, up to `limit` bytes, and at least one if there is any.
    fn take(&mut self, limit: usize) -> Vec<(Origin, Bytes)> {
        let mut bytes = 0;
        let mut count = 0;
        for (_, frame) in &self.items {
            bytes += ITEM_BYTES + frame.len();
            if count > 0 && bytes > limit {
                bytes -= ITEM_BYTES + frame.len();
                break;
            }
            count += 1;
        }
        self.bytes -= bytes;
        self.items.drain(..count).collect()
    }
}

impl Uplink {
    /// Empty and open.
    pub(crate) fn new(config: &UplinkConfig) -> Self {
        let waiting = Waiting {
            items: VecDeque::new(),
            bytes: 0,
            limit: config.queue_bytes,
            closed: false,
        };
        Self {
            inner: Arc::new(Inner {
                waiting: Mutex::new(waiting),
                changed: Notify::new(),
                carrier_bytes: config.carrier_bytes,
                linger: Duration::from_micros(config.linger_us),
            }),
        }
    }

    /// Offers a client's frame. Never waits.
    pub(crate) fn offer(&self, origin: Origin, frame: Bytes) -> Result<(), Full> {
        self.put(origin, frame, 0)
    }

    /// Offers a frame of the node itself, which finds room when clients no longer do.
    pub(crate) fn offer_own(&self, origin: Origin, frame: Bytes) -> Result<(), Full> {
        let reserve = self.inner.waiting.lock().limit;
        self.put(origin, frame, reserve)
    }

    fn put(&self, origin: Origin, frame: Bytes, reserve: usize) -> Result<(), Full> {
        let mut waiting = self.inner.waiting.lock();
        let was_empty = waiting.items.is_empty();
        waiting.offer(origin, frame, reserve)?;
        drop(waiting);
        if was_empty {
            self.inner.changed.notify_one();
        }
        Ok(())
    }

    /// Lets the task publish what waits and end.
    pub(crate) fn close(&self) {
        self.inner.waiting.lock().closed = true;
        self.inner.changed.notify_one();
    }

    /// Publishes until the uplink is closed and empty.
    pub(crate) async fn run(self, link: Link) {
        let mut next_at = Instant::now();
        loop {
            let (items, closed) = {
                let mut waiting = self.inner.waiting.lock();
                // A full carrier does not wait for more.
                let early = !waiting.closed
                    && waiting.bytes < self.inner.carrier_bytes
                    && Instant::now() < next_at;
                let items = if early {
                    Vec::new()
                } else {
                    waiting.take(self.inner.carrier_bytes)
                };
                (items, waiting.closed && waiting.items.is_empty())
            };
            if !items.is_empty() {
                link.publish(&items).await;
                next_at = Instant::now() + self.inner.linger;
            } else if closed {
                return;
            } else if self.inner.waiting.lock().items.is_empty() {
                self.inner.changed.notified().await;
            } else {
                sleep_until(next_at).await;
            }
        }
    }
}

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
    /// Publishes one carrier. When the bus does not take it in time, every sender is told to try again: only the client
    /// retries (architecture, sentence 3).
    async fn publish(&self, items: &[(Origin, Bytes)]) {
        let carrier = encode_upstream(self.node.as_str(), self.incarnation, items);
        let Err(error) = self.send(carrier).await else {
            return self.metrics.uplink_sent(items.len());
        };
        tracing::warn!(%error, frames = items.len(), "the bus did not take a carrier");
        self.metrics.uplink_lost(items.len());
        for (origin, frame) in items {
            let Ok(peek) = wire::peek(frame) else {
                continue;
            };
            if peek.request_id.is_push() {
                continue;
            }
            if let Some(handle) = self.sessions.find(origin.session, origin.user) {
                let reply = wire::error(peek.request_id, Code::RetryLater, Some(RETRY_AFTER));
                // Without room the client's own timer makes it retry.
                handle.outbox.offer(Kind::Reply, &reply);
            }
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

#[cfg(test)]
mod tests {
    use im_shared::ids::{SessionId, UserId};
    use im_shared::wire::Platform;
    use proptest::prelude::*;

    use super::*;

    fn waiting(limit: usize) -> Waiting {
        Waiting {
            items: VecDeque::new(),
            bytes: 0,
            limit,
            closed: false,
        }
    }

    fn origin(session: u64) -> Origin {
        Origin {
            session: SessionId(session),
            user: UserId(1),
            platform: Platform::Web,
        }
    }

    /// A15
    #[test]
    fn a_full_queue_refuses_and_has_room_again_once_it_is_taken() {
        let mut waiting = waiting(300);
        let frame = Bytes::from_static(&[0; 100]);
        assert_eq!(waiting.offer(origin(1), frame.clone(), 0), Ok(()));
        assert_eq!(waiting.offer(origin(1), frame.clone(), 0), Err(Full));
        assert_eq!(
            waiting.offer(origin(1), frame.clone(), 300),
            Ok(()),
            "the node's own frames have a reserve"
        );
        assert_eq!(waiting.take(1_000).len(), 2);
        assert_eq!(waiting.bytes, 0);
        assert_eq!(waiting.offer(origin(1), frame, 0), Ok(()));
    }

    proptest! {
        #[test]
        fn carriers_keep_the_order_and_their_limit(sizes in prop::collection::vec(1usize..5_000, 1..100)) {
            let mut waiting = waiting(usize::MAX / 2);
            for (index, size) in sizes.iter().enumerate() {
                prop_assert!(waiting.offer(origin(index as u64 + 1), vec![0; *size].into(), 0).is_ok());
            }
            let mut taken = Vec::new();
            loop {
                let items = waiting.take(8_000);
                if items.is_empty() {
                    break;
                }
                let bytes: usize = items.iter().map(|(_, frame)| frame.len() + ITEM_BYTES).sum();
                prop_assert!(items.len() == 1 || bytes <= 8_000);
                taken.extend(items.iter().map(|(origin, _)| origin.session.0));
            }
            prop_assert_eq!(taken, (1..=sizes.len() as u64).collect::<Vec<_>>());
            prop_assert_eq!(waiting.bytes, 0);
        }
    }
}
