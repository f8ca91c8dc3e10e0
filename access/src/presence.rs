//! Where this node's sessions are, in Redis, and what logic is told of it (decision 7).
//!
//! A session registers when it opens and takes itself back when it ends; both wait for Redis for a bounded time only. The
//! reconciler (one task, owned by `App`) does later what could not be done, puts back what Redis lost, and ends sessions
//! that a newer one has superseded.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use im_shared::breaker::{Breaker, Policy};
use im_shared::cache::RedisError;
use im_shared::ids::{Incarnation, NodeId, UserId};
use im_shared::location::{Added, Arrival, Location, Locations, Removed};
use im_shared::wire::{self, CloseCode, Frame, ReplacedSession, UserOffline, UserOnline};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::config::PresenceConfig;
use crate::metrics::Metrics;
use crate::session::origin;
use crate::sessions::{Handle, Sessions};
use crate::uplink::Uplink;

/// Sessions that are compared with Redis at once.
const BATCH: usize = 500;
/// Locations that are put back at once.
const CONCURRENCY: usize = 32;
/// Sessions that ended while Redis was away; of more, the locations stay until the node's incarnation ends.
const MAX_LEFTOVERS: usize = 65_536;

/// A question to Redis.
type Asked<'a, T> = BoxFuture<'a, Result<T, RedisError>>;

/// What became of a session's location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is in Redis.
    Registered,
    /// Redis did not answer; the reconciler will see to it.
    Later,
    /// A newer session is there: end this one with the code.
    Superseded(CloseCode),
}

/// What became of a location that was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Release {
    /// It is gone.
    Gone,
    /// It is gone, but may come after this: Redis was asked for it and did not say that it was there. The next round looks once more.
    Doubtful,
    /// Redis did not answer.
    Unanswered,
}

/// Registers and releases locations. A cheap clone.
#[derive(Clone)]
pub(crate) struct Presence {
    inner: Arc<Inner>,
}

struct Inner {
    locations: Locations,
    node: NodeId,
    incarnation: Incarnation,
    redis: Breaker,
    every: Duration,
    uplink: Uplink,
    metrics: Metrics,
    /// Sessions that ended, whose locations may still be in Redis.
    leftovers: Mutex<Vec<Arc<Handle>>>,
    restore: Notify,
}

impl Presence {
    /// For the sessions of one start of a node.
    pub(crate) fn new(
        locations: Locations,
        node: NodeId,
        incarnation: Incarnation,
        config: &PresenceConfig,
        uplink: Uplink,
        metrics: Metrics,
    ) -> Self {
        let deadline = Duration::from_millis(config.deadline_ms);
        Self {
            inner: Arc::new(Inner {
                locations,
                node,
                incarnation,
                redis: Breaker::new("redis", Policy::patient_for(deadline)),
                every: Duration::from_millis(config.reconcile_ms),
                uplink,
                metrics,
                leftovers: Mutex::new(Vec::new()),
                restore: Notify::new(),
            }),
        }
    }

    /// Registers a session that opens.
    pub(crate) async fn online(&self, handle: &Handle) -> Place {
        let place = match self.add(handle).await {
            Some(added) => self.settle(handle, added),
            None => Place::Later,
        };
        handle.settle();
        place
    }

    /// Takes the location of a session that ended back, now or later.
    pub(crate) async fn offline(&self, handle: &Arc<Handle>) {
        if self.release(handle).await != Release::Gone {
            self.leave(vec![Arc::clone(handle)]);
        }
    }

    /// Redis may have lost everything: compare all locations now.
    pub(crate) fn restore(&self) {
        self.inner.restore.notify_one();
    }

    /// Compares the locations of all sessions with Redis, again and again, until `stop`.
    pub(crate) async fn run(self, sessions: Sessions, stop: CancellationToken) {
        let rounds = async {
            loop {
                let pause = tokio::select! {
                    () = self.inner.restore.notified() => Duration::ZERO,
                    () = sleep(self.inner.every) => self.inner.every,
                };
                self.reconcile(&sessions, pause).await;
            }
        };
        stop.run_until_cancelled(rounds).await;
    }

    /// One round. Batches are spread over `pause`, but a loss that is noticed meanwhile ends the pause.
    async fn reconcile(&self, sessions: &Sessions, pause: Duration) {
        self.release_leftovers().await;
        let settled = sessions.settled();
        let batches = settled.len().div_ceil(BATCH).max(1) as u32;
        for batch in settled.chunks(BATCH) {
            let Some(missing) = self.missing(batch).await else {
                return;
            };
            let restored = stream::iter(missing).map(|handle| self.put_back(handle, sessions));
            let restored = restored
                .buffer_unordered(CONCURRENCY)
                .filter(|back| std::future::ready(*back));
            let restored = restored.count().await as u64;
            if restored > 0 {
                tracing::info!(restored, "locations were missing in Redis");
                self.inner.metrics.restored(restored);
            }
            if batches > 1 && !pause.is_zero() {
                tokio::select! {
                    () = sleep(pause / batches) => {}
                    () = self.inner.restore.notified() => return self.inner.restore.notify_one(),
                }
            }
        }
    }

    /// Those of `batch` that are not in Redis, or that logic has not been told of.
    async fn missing(&self, batch: &[Arc<Handle>]) -> Option<Vec<Arc<Handle>>> {
        let users: Vec<UserId> = batch.iter().map(|handle| handle.user).collect();
        let found = self
            .answer(Box::pin(self.inner.locations.of(&users)))
            .await?;
        let lost = |(handle, found): &(&Arc<Handle>, Vec<Location>)| {
            !handle.is_announced() || !found.contains(&self.location(handle))
        };
        Some(
            batch
                .iter()
                .zip(found)
                .filter(lost)
                .map(|(handle, _)| Arc::clone(handle))
                .collect(),
        )
    }

    /// Registers again; whether it was put back.
    async fn put_back(&self, handle: Arc<Handle>, sessions: &Sessions) -> bool {
        let Some(added) = self.add(&handle).await else {
            return false;
        };
        if !sessions.contains(handle.id) {
            // It ended meanwhile and has taken back what was not there yet.
            self.offline(&handle).await;
            return false;
        }
        match self.settle(&handle, added) {
            Place::Superseded(code) => {
                handle.outbox.close(code);
                false
            }
            Place::Registered | Place::Later => {
                // While it was missing, pushes were not addressed to it.
                handle.outbox.hint();
                self.inner.metrics.hint();
                true
            }
        }
    }

    async fn release(&self, handle: &Handle) -> Release {
        let Some(removed) = self.remove(handle).await else {
            return Release::Unanswered;
        };
        // Not removed: a newer session took its place, and the user did not leave.
        if removed.removed {
            let device_id = handle.device.to_string();
            let offline = UserOffline {
                device_id,
                last: removed.last,
            };
            self.tell_logic(handle, Frame::push(offline));
        }
        if handle.take_doubt() {
            Release::Doubtful
        } else {
            Release::Gone
        }
    }

    fn leave(&self, handles: Vec<Arc<Handle>>) {
        let mut leftovers = self.inner.leftovers.lock();
        let room = MAX_LEFTOVERS.saturating_sub(leftovers.len());
        leftovers.extend(handles.into_iter().take(room));
    }

    /// Releases what could not be released before, until Redis does not answer again.
    async fn release_leftovers(&self) {
        let mut leftovers = std::mem::take(&mut *self.inner.leftovers.lock());
        let mut again = Vec::new();
        while let Some(handle) = leftovers.pop() {
            match self.release(&handle).await {
                Release::Gone => {}
                Release::Doubtful => again.push(handle),
                Release::Unanswered => {
                    leftovers.push(handle);
                    break;
                }
            }
        }
        leftovers.append(&mut again);
        self.leave(leftovers);
    }

    /// Tells logic, unless the session is superseded.
    fn settle(&self, handle: &Handle, added: Added) -> Place {
        if let Some(newer) = added.superseded {
            // When a newer start of this very node has taken over, the client has nothing to decide.
            let restarted =
                newer.node == self.inner.node && newer.incarnation > self.inner.incarnation;
            return Place::Superseded(if restarted {
                CloseCode::GoingAway
            } else {
                CloseCode::SignedInElsewhere
            });
        }
        let known = handle.announce();
        if !known || !added.replaced.is_empty() {
            let replaced = added.replaced.into_iter().map(|old| ReplacedSession {
                node_id: old.node.to_string(),
                incarnation: old.incarnation,
                session_id: old.session,
            });
            let online = UserOnline {
                device_id: handle.device.to_string(),
                replaced: replaced.collect(),
                first: added.first && !known,
            };
            self.tell_logic(handle, Frame::push(online));
        }
        Place::Registered
    }

    fn tell_logic(&self, handle: &Handle, frame: Frame) {
        if self
            .inner
            .uplink
            .offer_own(origin(handle), wire::encode(&frame))
            .is_err()
        {
            self.inner.metrics.uplink_full();
        }
    }

    async fn add(&self, handle: &Handle) -> Option<Added> {
        let arrival = Arrival::of(self.location(handle), &handle.device);
        let added = self
            .answer(Box::pin(self.inner.locations.add(handle.user, arrival)))
            .await;
        if added.is_none() {
            handle.doubt();
        }
        added
    }

    async fn remove(&self, handle: &Handle) -> Option<Removed> {
        let location = self.location(handle);
        self.answer(Box::pin(
            self.inner.locations.remove(handle.user, &location),
        ))
        .await
    }

    /// What Redis says within the deadline; nothing while it is left alone because it failed again and again (J9).
    ///
    /// Boxed by who asks: what a question to Redis needs is 6 kB, which every idle session's task would hold.
    async fn answer<T>(&self, asked: Asked<'_, T>) -> Option<T> {
        match self.inner.redis.call(asked).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::debug!(%error, "a location was not read or changed");
                None
            }
        }
    }

    fn location(&self, handle: &Handle) -> Location {
        Location {
            node: self.inner.node.clone(),
            incarnation: self.inner.incarnation,
            session: handle.id,
            platform: handle.platform,
        }
    }
}
