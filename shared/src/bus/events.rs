//! What happened to the connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::broadcast;

/// So many events wait for a listener; a listener that falls behind treats it as [`Event::Connected`].
const WAITING_EVENTS: usize = 64;

/// What happened to the connection. After any of these something may have been missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Connected, or connected again. Subscriptions hold again after a [`Bus::flush`](super::Bus::flush).
    Connected,
    /// The connection is gone; it comes back by itself.
    Disconnected,
    /// A subscription of this process was full and one payload was dropped.
    SlowConsumer,
}

/// Counts the events, logs them and hands them to the listeners.
#[derive(Debug)]
pub(super) struct Events {
    listeners: broadcast::Sender<Event>,
    connected: AtomicBool,
    /// How often the connection was lost, or a payload dropped.
    faults: AtomicU64,
}

impl Events {
    pub(super) fn new() -> Self {
        metrics::counter!("im_nats_slow_consumers_total").absolute(0);
        Self {
            listeners: broadcast::Sender::new(WAITING_EVENTS),
            connected: AtomicBool::new(false),
            faults: AtomicU64::new(0),
        }
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Event> {
        self.listeners.subscribe()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    pub(super) fn faults(&self) -> u64 {
        self.faults.load(Ordering::Acquire)
    }

    pub(super) fn happened(&self, event: &async_nats::Event) {
        let event = match event {
            async_nats::Event::Connected => Event::Connected,
            async_nats::Event::Disconnected | async_nats::Event::Closed => Event::Disconnected,
            async_nats::Event::SlowConsumer(_) => Event::SlowConsumer,
            async_nats::Event::LameDuckMode | async_nats::Event::Draining => return,
            async_nats::Event::ServerError(error) => {
                tracing::warn!(%error, "NATS refused something");
                return;
            }
            async_nats::Event::ClientError(error) => {
                tracing::warn!(%error, "the NATS client failed");
                return;
            }
        };
        match event {
            Event::Connected => self.set_connected(true),
            Event::Disconnected => {
                self.faults.fetch_add(1, Ordering::AcqRel);
                self.set_connected(false);
            }
            // One per dropped payload, so it is counted and not logged.
            Event::SlowConsumer => {
                self.faults.fetch_add(1, Ordering::AcqRel);
                metrics::counter!("im_nats_slow_consumers_total").increment(1);
            }
        }
        // Nobody has to listen.
        let _ = self.listeners.send(event);
    }

    pub(super) fn set_connected(&self, connected: bool) {
        metrics::gauge!("im_nats_connected").set(f64::from(u8::from(connected)));
        if self.connected.swap(connected, Ordering::AcqRel) != connected {
            tracing::info!(connected, "NATS connection");
        }
    }
}
