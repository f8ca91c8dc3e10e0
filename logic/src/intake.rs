//! Takes carriers from the bus and applies their frames, in the order of their arrival and without a task per message.
//!
//! One task owns both subscriptions. After a stop it leaves both groups: it ends when the server sends it nothing any more, and what had
//! arrived is applied.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::try_join;
use im_shared::bus::{self, Bus, BusError, Carrier, LOGIC_GROUP, Message, Origin, Subscription};
use im_shared::ids::NodeId;
use im_shared::wire::RequestId;
use parking_lot::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::caller::{Address, Caller};
use crate::command::{self, Replies, Services};
use crate::metrics;

/// A server that does not answer is not waited for longer.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The subscriptions of the queue group.
#[derive(Debug)]
pub struct Intake {
    upstream: Subscription,
    events: Subscription,
    frames: Frames,
}

/// Where what arrives goes.
#[derive(Debug)]
struct Frames {
    services: Services,
    /// The name of the node that the last carrier came from: most come from few nodes.
    node: Option<Arc<NodeId>>,
}

impl Intake {
    /// Subscribes; payloads wait from now on.
    ///
    /// # Errors
    ///
    /// The bus did not take the subscriptions.
    pub async fn subscribe(bus: &Bus, services: Services) -> Result<Self, BusError> {
        let upstream = bus
            .queue_subscribe(bus.subjects().upstream(), LOGIC_GROUP)
            .await?;
        let events = bus
            .queue_subscribe(bus.subjects().user_events(), LOGIC_GROUP)
            .await?;
        // The server has them before anybody is told that this worker is ready.
        bus.flush(ANSWER_WITHIN).await?;
        let frames = Frames {
            services,
            node: None,
        };
        Ok(Self {
            upstream,
            events,
            frames,
        })
    }

    /// Applies what arrives until `stop`, then what had arrived.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let message = tokio::select! {
                () = stop.cancelled() => break,
                message = self.upstream.next() => message,
                message = self.events.next() => message,
            };
            match message {
                Some(message) => self.frames.apply(message),
                None => {
                    tracing::error!("a subscription ended by itself");
                    return;
                }
            }
        }
        let Self {
            upstream,
            events,
            frames,
        } = self;
        // Both at once: a stop waits for a server that does not answer once.
        let frames = Mutex::new(frames);
        let take = |message| frames.lock().apply(message);
        let left = timeout(
            ANSWER_WITHIN,
            try_join(upstream.leave(take), events.leave(take)),
        );
        if let Err(error) = left.await.unwrap_or(Err(BusError::Deadline)) {
            tracing::warn!(%error, "a group could not be left; clients will ask again");
        }
    }
}

impl Frames {
    fn apply(&mut self, message: Message) {
        let reply = message
            .reply
            .as_ref()
            .map(|subject| Arc::from(subject.as_str()));
        match bus::decode(message.payload) {
            Ok(Carrier::Upstream { node, items, .. }) => self.apply_upstream(&node, reply, items),
            // Access nodes hear of revoked sign-ins by themselves.
            Ok(Carrier::UserEvent { sign_in, .. }) if sign_in.is_some() => {}
            Ok(Carrier::UserEvent {
                user,
                frame,
                device,
                friends,
                ..
            }) => {
                metrics::carrier_in(1);
                let event = command::Event {
                    user,
                    frame,
                    device,
                    friends,
                };
                command::user_event(event, &self.services);
            }
            Ok(Carrier::Downstream { .. } | Carrier::GroupPush(_)) => {
                metrics::malformed();
                tracing::warn!(subject = %message.subject, "a carrier of another subject");
            }
            Err(error) => {
                metrics::malformed();
                tracing::warn!(%error, subject = %message.subject, "a payload is no carrier");
            }
        }
    }

    fn apply_upstream(&mut self, node: &str, reply: Option<Arc<str>>, items: Vec<(Origin, Bytes)>) {
        metrics::carrier_in(items.len());
        // A program that waits for the answer has a reply subject; access has none, and a node instead.
        let node = match reply {
            Some(_) => None,
            None => match self.node(node) {
                Some(node) => Some(node),
                None => {
                    metrics::malformed();
                    tracing::warn!("a carrier has neither a legal node id nor a reply subject");
                    return;
                }
            },
        };
        let mut replies = Replies::default();
        for (origin, frame) in items {
            let address = match (&node, &reply) {
                (Some(node), _) => Address::Session {
                    node: Arc::clone(node),
                    session: origin.session,
                },
                (None, Some(subject)) => Address::Inbox(Arc::clone(subject)),
                (None, None) => continue,
            };
            let caller = Caller {
                user: origin.user,
                guest: origin.guest,
                request_id: RequestId(0),
                address,
            };
            command::apply(&frame, caller, &self.services, &mut replies);
        }
        replies.publish(&self.services.publisher);
    }

    fn node(&mut self, name: &str) -> Option<Arc<NodeId>> {
        if let Some(node) = &self.node
            && node.as_str() == name
        {
            return Some(Arc::clone(node));
        }
        let node = Arc::new(name.parse::<NodeId>().ok()?);
        self.node = Some(Arc::clone(&node));
        Some(node)
    }
}
