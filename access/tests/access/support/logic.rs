//! The other end of the bus: takes what access sends up, and sends deliveries down on a numbered link.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;
use im_shared::bus::{self, Bus, Carrier, Delivery, LOGIC_GROUP, Origin, Subscription, Target};
use im_shared::ids::{NodeId, SessionId, UserId};
use im_shared::wire::{self, Body, Frame, UserOffline, UserOnline};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::PATIENCE;

/// A logic process, as access sees it.
pub(crate) struct Logic {
    pub(crate) bus: Bus,
    pub(crate) node: NodeId,
    link: u64,
    number: AtomicU64,
    upstream: Mutex<(Subscription, VecDeque<(Origin, Frame)>)>,
}

impl Logic {
    pub(crate) async fn new(bus: Bus, node: NodeId) -> Self {
        let upstream = bus
            .queue_subscribe(bus.subjects().upstream(), LOGIC_GROUP)
            .await
            .unwrap();
        bus.flush(PATIENCE).await.unwrap();
        Self {
            bus,
            node,
            link: rand::random(),
            number: AtomicU64::new(0),
            upstream: Mutex::new((upstream, VecDeque::new())),
        }
    }

    /// The next frame of a client, without what access says itself.
    pub(crate) async fn next_request(&self) -> (Origin, Frame) {
        let of_client =
            |frame: &Frame| !matches!(frame.body, Body::UserOnline(_) | Body::UserOffline(_));
        self.first(|_, frame| of_client(frame).then(|| frame.clone()))
            .await
    }

    /// The next `UserOnline` of this user.
    pub(crate) async fn next_online(&self, user: u64) -> (Origin, UserOnline) {
        self.first(|origin, frame| match &frame.body {
            Body::UserOnline(online) if origin.user.0 == user => Some(online.clone()),
            _ => None,
        })
        .await
    }

    /// The next `UserOffline` of this user.
    pub(crate) async fn next_offline(&self, user: u64) -> (Origin, UserOffline) {
        self.first(|origin, frame| match &frame.body {
            Body::UserOffline(offline) if origin.user.0 == user => Some(offline.clone()),
            _ => None,
        })
        .await
    }

    /// Takes the first frame that is `wanted`, and leaves the others where they are.
    async fn first<T>(&self, wanted: impl Fn(&Origin, &Frame) -> Option<T>) -> (Origin, T) {
        let mut upstream = self.upstream.lock().await;
        let (subscriber, waiting) = &mut *upstream;
        loop {
            for (index, (origin, frame)) in waiting.iter().enumerate() {
                if let Some(found) = wanted(origin, frame) {
                    let origin = *origin;
                    waiting.remove(index);
                    return (origin, found);
                }
            }
            let message = timeout(PATIENCE, subscriber.next())
                .await
                .expect("a carrier in time");
            let carrier = bus::decode(message.expect("a subscription").payload).unwrap();
            let Carrier::Upstream { items, .. } = carrier else {
                panic!("not upstream")
            };
            waiting.extend(
                items
                    .iter()
                    .map(|(origin, frame)| (*origin, wire::decode(frame).unwrap())),
            );
        }
    }

    /// A carrier with these deliveries. It has no number: without beacons a numbered link counts as silent after a second, and then every
    /// session is told to sync, in the middle of whatever a slow test expects.
    pub(crate) async fn deliver(&self, deliveries: &[Delivery]) {
        self.send(0, deliveries).await;
    }

    /// One frame for one target, without a number.
    pub(crate) async fn push(&self, target: Target, frame: &Frame) {
        self.deliver(&[Delivery::live(wire::encode(frame), vec![target])])
            .await;
    }

    /// One frame for one target, with the link's next number.
    pub(crate) async fn push_numbered(&self, target: Target, frame: &Frame) {
        let number = self.number.fetch_add(1, Ordering::Relaxed) + 1;
        let delivery = Delivery::live(wire::encode(frame), vec![target]);
        self.send(number, &[delivery]).await;
    }

    /// A number that is given and never sent.
    pub(crate) fn lose_one(&self) {
        self.number.fetch_add(1, Ordering::Relaxed);
    }

    /// The last number once more, without deliveries.
    pub(crate) async fn beacon(&self) {
        self.send(self.number.load(Ordering::Relaxed), &[]).await;
    }

    /// To every access node.
    pub(crate) async fn broadcast(&self, deliveries: &[Delivery]) {
        let payload = bus::encode_downstream(self.link, 0, deliveries);
        self.bus
            .publish(self.bus.subjects().broadcast(), payload)
            .await
            .unwrap();
    }

    async fn send(&self, number: u64, deliveries: &[Delivery]) {
        let payload = bus::encode_downstream(self.link, number, deliveries);
        let subject = self.bus.subjects().downstream(&self.node);
        self.bus.publish(subject, payload).await.unwrap();
    }
}

/// One session of one user.
pub(crate) fn target(session: SessionId, user: u64) -> Target {
    Target {
        session,
        user: UserId(user),
    }
}
