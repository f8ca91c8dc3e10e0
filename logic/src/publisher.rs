//! The one task that publishes: it numbers the carriers of each link and keeps their order.
//!
//! It ends when every clone of [`Publisher`] is dropped and what it held is flushed to the server.

use std::time::{Duration, Instant};

use bytes::Bytes;
use im_shared::bus::{Bus, BusError, Subject, encode_downstream};
use im_shared::wire::{Frame, encode};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use crate::caller::Caller;
use crate::links::Links;
use crate::metrics;
use crate::pending::Refusal;
use crate::routing::{Answer, Carrier, Destination, Outgoing, Push, Whereabouts, route};

/// A server that does not answer is not waited for longer.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// What waits to be published. Each is at most a batch.
const QUEUE: usize = 256;

/// Hands carriers to the publishing task. A cheap clone.
#[derive(Debug, Clone)]
pub struct Publisher {
    queue: mpsc::Sender<Work>,
    bus: Bus,
}

#[derive(Debug)]
enum Work {
    Publish(Outgoing),
    /// Says when everything before it is published.
    Fence(oneshot::Sender<()>),
}

impl Publisher {
    /// The handle, and the task to spawn.
    pub fn new(bus: Bus) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let links = Links::new(rand::random_range(1..=u64::MAX));
        let publishing = run(bus.clone(), links, inbox);
        (Self { queue, bus }, publishing)
    }

    /// Waits for room. False when the task is gone, which happens only when the process ends without its order of stop.
    pub async fn send(&self, outgoing: Vec<Outgoing>) {
        for item in outgoing {
            if self.queue.send(Work::Publish(item)).await.is_err() {
                metrics::not_published("stopped");
            }
        }
    }

    /// Does not wait: what there is no room for is dropped and counted, and the client asks again.
    pub fn offer(&self, outgoing: Vec<Outgoing>) {
        for item in outgoing {
            if self.queue.try_send(Work::Publish(item)).is_err() {
                metrics::not_published("full");
            }
        }
    }

    /// Waits until the server has what was handed over before: what anybody publishes after this comes behind it.
    ///
    /// # Errors
    ///
    /// Not in time, or the task is gone.
    pub async fn published(&self) -> Result<(), BusError> {
        let (done, fence) = oneshot::channel();
        let handed = self.queue.send(Work::Fence(done)).await;
        if handed.is_err() || fence.await.is_err() {
            return Err(BusError::Deadline);
        }
        self.bus.flush(FLUSH_WITHIN).await
    }

    /// Answers one request.
    pub async fn reply(&self, caller: Caller, reply: Reply) {
        let (frame, bulk) = match reply {
            Reply::Live(frame) => (encode(&frame), false),
            Reply::Bulk(frame) => (encode(&frame), true),
            Reply::Refused(refusal) => (refusal_frame(&caller, refusal), false),
        };
        self.send(answers(vec![Answer {
            caller,
            frame,
            bulk,
        }]))
        .await;
    }
}

/// What a request is answered with.
#[derive(Debug)]
pub enum Reply {
    /// On the live stream.
    Live(Frame),
    /// On a stream of its own ([T2]).
    Bulk(Frame),
    /// With an `ErrorResponse`.
    Refused(Refusal),
}

/// An encoded `ErrorResponse` to this request.
#[must_use]
pub fn refusal_frame(caller: &Caller, refusal: Refusal) -> Bytes {
    metrics::refused(refusal.code);
    im_shared::wire::error(caller.request_id, refusal.code, refusal.retry_after)
}

/// Answers alone.
#[must_use]
pub fn answers(answers: Vec<Answer>) -> Vec<Outgoing> {
    const NOBODY: &[Push] = &[];
    route(NOBODY, answers, &Whereabouts::Unknown)
}

async fn run(bus: Bus, mut links: Links, mut inbox: mpsc::Receiver<Work>) {
    let mut ticks = tokio::time::interval(Links::tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            work = inbox.recv() => match work {
                Some(Work::Publish(outgoing)) => publish(&bus, &mut links, outgoing).await,
                // Who waits for it may have left.
                Some(Work::Fence(done)) => drop(done.send(())),
                None => break,
            },
            _ = ticks.tick() => beacon(&bus, &mut links).await,
        }
    }
    if let Err(error) = bus.flush(FLUSH_WITHIN).await {
        tracing::warn!(%error, "the last carriers may be lost; their clients will ask again");
    }
}

async fn publish(bus: &Bus, links: &mut Links, outgoing: Outgoing) {
    match outgoing {
        Outgoing::Carriers(carriers) => publish_carriers(bus, links, carriers).await,
        Outgoing::Inbox { subject, frame } => {
            if let Err(error) = bus.publish(Subject::from(&*subject), frame).await {
                tracing::warn!(%error, "a reply was not published");
                metrics::not_published("failed");
            }
        }
    }
}

/// In order, up to the first that fails.
async fn publish_carriers(bus: &Bus, links: &mut Links, carriers: Vec<Carrier>) {
    let mut rest = carriers.into_iter();
    while let Some(Carrier {
        destination,
        deliveries,
    }) = rest.next()
    {
        let (subject, number) = match &destination {
            Destination::Node(node) => (
                bus.subjects().downstream(node),
                links.number(node, Instant::now()),
            ),
            Destination::Everyone => (bus.subjects().broadcast(), 0),
        };
        metrics::carrier(deliveries.len());
        let payload = encode_downstream(links.id(), number, &deliveries);
        if let Err(error) = bus.publish(subject, payload).await {
            tracing::warn!(%error, ?destination, "a carrier was not published");
            metrics::not_published("failed");
            // Access sees the holes, the clients get no acknowledgement and send again.
            for Carrier { destination, .. } in rest {
                metrics::not_published("failed");
                if let Destination::Node(node) = destination {
                    links.number(&node, Instant::now());
                }
            }
            return;
        }
    }
}

async fn beacon(bus: &Bus, links: &mut Links) {
    // Beacons that wait for the connection would only tell of a past that the reconnect tells better.
    if !bus.is_connected() {
        return;
    }
    for (node, number) in links.due(Instant::now()) {
        let payload = encode_downstream(links.id(), number, &[]);
        if let Err(error) = bus.publish(bus.subjects().downstream(&node), payload).await {
            tracing::debug!(%error, %node, "a beacon was not published");
        }
    }
}
