//! Deliveries from logic to the sessions of this node.
//!
//! One task, owned by `App`, takes the carriers of the node's own subject and of the broadcast subject, and offers each
//! frame to its sessions; it never waits for one. It also watches the links for losses. It ends with the token.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use im_shared::bus::{self, Bus, BusError, Carrier, Delivery, Event, Subscription};
use im_shared::wire::{self, BodyKind, Peek};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::links::{Links, Loss};
use crate::node::Node;
use crate::outbox::{Kind, Offered};
use crate::sessions::Handle;

/// How often the links are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How long a reconnected bus may take to confirm the subscriptions before sessions are told to sync anyway.
const RESUBSCRIBE_WAIT: Duration = Duration::from_secs(2);

/// The subscriptions of a node. Made before the node is announced, so that nothing is sent into the void.
pub(crate) struct Downlink {
    bus: Bus,
    own: Subscription,
    everybody: Subscription,
}

impl Downlink {
    /// Subscribes and waits until the server has confirmed.
    pub(crate) async fn subscribe(
        bus: Bus,
        node: &im_shared::ids::NodeId,
    ) -> Result<Self, BusError> {
        let own = bus.subscribe(bus.subjects().downstream(node)).await?;
        let everybody = bus.subscribe(bus.subjects().broadcast()).await?;
        bus.flush(RESUBSCRIBE_WAIT).await?;
        Ok(Self {
            bus,
            own,
            everybody,
        })
    }

    /// Delivers until `stop`.
    pub(crate) async fn run(self, node: Node, stop: CancellationToken) {
        let Self {
            bus,
            own,
            everybody,
        } = self;
        let events = watch_connection(bus, node.clone());
        let carriers = carry(own, everybody, node);
        let both = async { tokio::join!(events, carriers) };
        stop.run_until_cancelled(both).await;
    }
}

async fn carry(mut own: Subscription, mut everybody: Subscription, node: Node) {
    let mut links = Links::default();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // Carriers before the clock: one that waits here is no silence.
        tokio::select! {
            biased;
            Some(message) = own.next() => receive(message.payload, &mut links, &node),
            Some(message) = everybody.next() => receive(message.payload, &mut links, &node),
            _ = ticks.tick() => lost(links.tick(Instant::now()), &node),
        }
    }
}

/// After a reconnect, and after payloads were dropped in this process, something may have been missed.
async fn watch_connection(bus: Bus, node: Node) {
    let mut events = bus.events();
    loop {
        match events.recv().await {
            Ok(Event::Disconnected) => {}
            Ok(Event::SlowConsumer) => node.hints.request(),
            Ok(Event::Connected) | Err(RecvError::Lagged(_)) => {
                // A sync that is answered before the subscriptions hold again could still miss what comes in between.
                if let Err(error) = bus.flush(RESUBSCRIBE_WAIT).await {
                    tracing::warn!(%error, "subscriptions are not confirmed");
                }
                node.hints.request();
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn receive(payload: Bytes, links: &mut Links, node: &Node) {
    match bus::decode(payload) {
        Ok(Carrier::Downstream {
            link,
            number,
            deliveries,
        }) => {
            let loss = links.heard(link, number, !deliveries.is_empty(), Instant::now());
            for delivery in &deliveries {
                deliver(delivery, node);
            }
            lost(loss, node);
        }
        Ok(Carrier::Upstream { .. } | Carrier::UserEvent { .. } | Carrier::GroupPush(_)) => {
            node.metrics.bad_carrier();
        }
        Err(error) => {
            tracing::warn!(%error, "a payload was no carrier");
            node.metrics.bad_carrier();
        }
    }
}

fn lost(loss: Option<Loss>, node: &Node) {
    if let Some(loss) = loss {
        tracing::warn!(
            kind = loss.name(),
            "deliveries may have been lost on a link"
        );
        node.metrics.loss(loss);
        node.hints.request();
    }
}

fn deliver(delivery: &Delivery, node: &Node) {
    if let Some(code) = delivery.close {
        let missed = node
            .sessions
            .each(&delivery.targets, |handle| handle.outbox.close(code));
        node.metrics.wrong_users(missed.wrong_user);
        return;
    }
    let peek = match wire::peek(&delivery.frame) {
        Ok(peek) => peek,
        Err(error) => {
            tracing::error!(%error, "logic sent what is no frame");
            return node.metrics.bad_carrier();
        }
    };
    let kind = kind_of(peek, delivery);
    let (mut queued, mut dropped) = (0, 0);
    let offer = |handle: &Handle| match handle.outbox.offer(kind, &delivery.frame) {
        Offered::Queued => queued += 1,
        Offered::Dropped => dropped += 1,
    };
    let followed = delivery.followed;
    let missed = if followed.is_some() {
        // What may be lost is no news.
        if kind != Kind::Ephemeral {
            node.news.heard(&node.sessions, followed, &delivery.targets);
        }
        node.sessions
            .each_following(followed, &delivery.targets, offer)
    } else {
        node.sessions.each(&delivery.targets, offer)
    };
    node.metrics
        .frames_out(queued, queued * delivery.frame.len() as u64);
    if dropped > 0 {
        match kind {
            Kind::Push | Kind::Control => node.metrics.pushes_dropped(dropped),
            Kind::Reply | Kind::Bulk => node.metrics.replies_dropped(dropped),
            Kind::Ephemeral => node.metrics.ephemeral_dropped(dropped),
        }
    }
    if missed.unknown > 0 {
        node.metrics.unknown_sessions(missed.unknown);
    }
    if missed.wrong_user > 0 {
        node.metrics.wrong_users(missed.wrong_user);
    }
}

/// What a frame is to an outbox. [S5] says which pushes count.
fn kind_of(peek: Peek, delivery: &Delivery) -> Kind {
    if !peek.request_id.is_push() {
        return if delivery.bulk {
            Kind::Bulk
        } else {
            Kind::Reply
        };
    }
    match peek.kind {
        // What counts is told from the frame alone, because a client sees no more of it.
        kind if kind.is_ephemeral() && delivery.ephemeral => Kind::Ephemeral,
        kind if kind.is_ephemeral() => Kind::Control,
        BodyKind::Drain | BodyKind::Kick | BodyKind::TokenExpiring | BodyKind::SyncHint => {
            Kind::Control
        }
        _ => Kind::Push,
    }
}

#[cfg(test)]
mod tests {
    use im_shared::wire::RequestId;

    use super::*;

    /// [S5]
    #[test]
    fn what_counts_as_a_push_is_every_push_that_is_not_about_the_session() {
        let kind_of = |request, kind, bulk, ephemeral| {
            let peek = Peek {
                request_id: RequestId(request),
                route: 0,
                kind,
            };
            let mut delivery = Delivery::live(Bytes::new(), Vec::new());
            (delivery.bulk, delivery.ephemeral) = (bulk, ephemeral);
            super::kind_of(peek, &delivery)
        };
        let (push, hint) = (BodyKind::PushMessage, BodyKind::SyncHint);
        assert_eq!(kind_of(0, push, false, false), Kind::Push);
        assert_eq!(kind_of(0, push, true, false), Kind::Push);
        assert_eq!(kind_of(0, push, false, true), Kind::Push);
        assert_eq!(kind_of(0, BodyKind(200), false, false), Kind::Push);
        assert_eq!(kind_of(0, hint, false, false), Kind::Control);
        for kind in [BodyKind::TypingEvent, BodyKind::PresenceEvent] {
            assert_eq!(kind_of(0, kind, false, true), Kind::Ephemeral);
            assert_eq!(kind_of(0, kind, false, false), Kind::Control);
        }
        let ack = BodyKind::MessageAck;
        assert_eq!(kind_of(7, ack, false, false), Kind::Reply);
        assert_eq!(kind_of(7, ack, true, false), Kind::Bulk);
    }
}
