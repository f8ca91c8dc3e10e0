//! Frames on their way from sessions to logic.
//!
//! Sessions offer without waiting; one task packs what is ready into carriers and publishes them. Carriers are at least
//! `linger` apart, so that frames share them under load (a frame alone costs the bus 1.3 us, packed 0.3), and the first
//! after a pause leaves at once. The task is owned by `App`; it ends when the uplink is closed and empty.
//!
//! | file | what it holds |
//! |---|---|
//! | `link` | publishing a carrier, and what happens when the bus does not take it |

mod link;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use im_shared::bus::Origin;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::config::UplinkConfig;
pub(crate) use link::Link;

/// What a frame costs the queue beside its bytes.
const ITEM_BYTES: usize = 64;
/// What a client is told when the bus does not take its frame.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

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

    /// Puts frames back in front of all others, unless the node stops.
    fn put_back(&mut self, items: Vec<(Origin, Bytes)>) {
        if self.closed {
            return;
        }
        for (origin, frame) in items.into_iter().rev() {
            self.bytes += ITEM_BYTES + frame.len();
            self.items.push_front((origin, frame));
        }
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
                let own = link.publish(items).await;
                self.inner.waiting.lock().put_back(own);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

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
            guest: false,
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

    #[test]
    fn what_is_put_back_comes_first_and_in_order() {
        let mut waiting = waiting(1_000_000);
        for session in 1..=4 {
            waiting
                .offer(origin(session), Bytes::from_static(&[0; 100]), 0)
                .unwrap();
        }
        let first = waiting.take(300);
        assert_eq!(first.len(), 1);
        waiting.put_back(first);
        let order: Vec<u64> = waiting
            .take(10_000)
            .iter()
            .map(|(origin, _)| origin.session.0)
            .collect();
        assert_eq!(order, [1, 2, 3, 4]);
        assert_eq!(waiting.bytes, 0);
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
