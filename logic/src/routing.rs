//! Which carriers go where, and in which order. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use im_shared::bus::{Delivery, Target};
use im_shared::ids::{ConversationId, NodeId, SessionId, UserId};
use im_shared::location::Location;

use crate::caller::{Address, Caller};

/// Frames and targets of one carrier, in bytes: NATS takes 1 MiB, and a large carrier holds up the small ones behind it.
const MAX_CARRIER_BYTES: usize = 256 * 1024;

/// What a delivery costs beside its frame.
const DELIVERY_OVERHEAD: usize = 64;

/// What a target costs.
const TARGET_BYTES: usize = 16;

/// Whose sessions get a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Those of these users, wherever they are.
    Users(Vec<UserId>),
    /// Those that follow this conversation; the others get a hint now and then. One carrier for every node, without a look at locations.
    Followers(ConversationId),
    /// All that there are: one carrier for every node, without a look at locations.
    Everybody,
}

/// A frame for every session of its audience.
#[derive(Debug, Clone)]
pub struct Push {
    /// Encoded once.
    pub frame: Bytes,
    /// Whose sessions.
    pub audience: Audience,
    /// The session that caused it and knows already. What goes to every node goes to it too, and its client drops it ([R1]).
    pub except: Option<(Arc<NodeId>, SessionId)>,
    /// May be lost: as a datagram, where the transport has them.
    pub ephemeral: bool,
}

/// A frame for whoever asked.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who asked.
    pub caller: Caller,
    /// The reply.
    pub frame: Bytes,
    /// On a stream of its own, where the transport has them ([T2]).
    pub bulk: bool,
}

/// Where a carrier goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// One access node.
    Node(Arc<NodeId>),
    /// Every access node.
    Everyone,
}

/// One payload for the bus.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// Where it goes.
    pub destination: Destination,
    /// In their order.
    pub deliveries: Vec<Delivery>,
}

/// What the publisher does next.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// Carriers in their order. When one cannot be published, the rest is not: an acknowledgement never goes out without its push.
    Carriers(Vec<Carrier>),
    /// A bare frame to a program that waits for it.
    Inbox {
        /// The reply subject.
        subject: Arc<str>,
        /// The reply.
        frame: Bytes,
    },
}

/// Where pushes go.
pub enum Whereabouts<'a> {
    /// To the live sessions of each user.
    Known(&'a HashMap<UserId, Vec<Location>>),
    /// Nobody knows: to every node, for all sessions of each user.
    Unknown,
}

/// All pushes, then all answers ([M2]). One carrier per node for each, and the last push carrier takes the answers of its node along.
#[must_use]
pub fn route(
    pushes: &[Push],
    answers: Vec<Answer>,
    whereabouts: &Whereabouts<'_>,
) -> Vec<Outgoing> {
    let mut outgoing = Vec::new();
    let mut carriers = Carriers::default();
    for push in pushes {
        match (&push.audience, whereabouts) {
            (Audience::Users(users), Whereabouts::Known(locations)) => {
                carriers.push_located(push, users, locations);
            }
            (Audience::Users(users), Whereabouts::Unknown) => {
                carriers.push_everywhere(push, users);
            }
            // User 0 stands for everybody.
            (Audience::Followers(_) | Audience::Everybody, _) => {
                carriers.push_everywhere(push, &[UserId(0)]);
            }
        }
    }
    let mut groups = carriers.finish();
    let mut carriers = Carriers::starting_with(groups.pop());
    for answer in answers {
        match answer.caller.address {
            Address::Session { node, session } => {
                let target = Target {
                    session,
                    user: answer.caller.user,
                };
                let delivery = if answer.bulk {
                    Delivery::bulk(answer.frame, vec![target])
                } else {
                    Delivery::live(answer.frame, vec![target])
                };
                carriers.add(Destination::Node(node), delivery);
            }
            Address::Inbox(subject) => outgoing.push(Outgoing::Inbox {
                subject,
                frame: answer.frame,
            }),
        }
    }
    groups.extend(carriers.finish());
    if !groups.is_empty() {
        outgoing.insert(0, Outgoing::Carriers(groups));
    }
    outgoing
}

/// To these of the push's sessions.
fn delivery(push: &Push, targets: Vec<Target>) -> Delivery {
    let followed = match push.audience {
        Audience::Followers(conversation) => conversation,
        Audience::Users(_) | Audience::Everybody => ConversationId(0),
    };
    Delivery {
        followed,
        ephemeral: push.ephemeral,
        ..Delivery::live(push.frame.clone(), targets)
    }
}

/// One open carrier per destination, in the order of their first delivery.
#[derive(Default)]
struct Carriers {
    done: Vec<Carrier>,
    open: Vec<(Carrier, usize)>,
}

impl Carriers {
    fn starting_with(carrier: Option<Carrier>) -> Self {
        let sized = carrier.map(|carrier| {
            let bytes = carrier.deliveries.iter().map(size).sum();
            (carrier, bytes)
        });
        Self {
            done: Vec::new(),
            open: sized.into_iter().collect(),
        }
    }

    /// To every node, for all sessions of `users`.
    fn push_everywhere(&mut self, push: &Push, users: &[UserId]) {
        let target = |user: &UserId| Target {
            session: SessionId(0),
            user: *user,
        };
        let targets = users.iter().map(target).collect();
        self.add(Destination::Everyone, delivery(push, targets));
    }

    fn push_located(
        &mut self,
        push: &Push,
        users: &[UserId],
        locations: &HashMap<UserId, Vec<Location>>,
    ) {
        // Few nodes and few sessions: a list is faster than a map.
        let mut targets: Vec<(&NodeId, Vec<Target>)> = Vec::new();
        for user in users {
            for location in locations.get(user).into_iter().flatten() {
                let is_cause = |(node, session): &(Arc<NodeId>, SessionId)| {
                    **node == location.node && *session == location.session
                };
                if push.except.as_ref().is_some_and(is_cause) {
                    continue;
                }
                let target = Target {
                    session: location.session,
                    user: *user,
                };
                match targets.iter_mut().find(|(node, _)| **node == location.node) {
                    Some((_, list)) => list.push(target),
                    None => targets.push((&location.node, vec![target])),
                }
            }
        }
        for (node, list) in targets {
            let destination = self.destination(node);
            self.add(destination, delivery(push, list));
        }
    }

    /// Reuses the name of a node that is open already.
    fn destination(&self, wanted: &NodeId) -> Destination {
        let same = |(carrier, _): &&(Carrier, usize)| matches!(&carrier.destination, Destination::Node(node) if **node == *wanted);
        match self.open.iter().find(same) {
            Some((carrier, _)) => carrier.destination.clone(),
            None => Destination::Node(Arc::new(wanted.clone())),
        }
    }

    fn add(&mut self, destination: Destination, delivery: Delivery) {
        let bytes = size(&delivery);
        if let Some(place) = self
            .open
            .iter()
            .position(|(carrier, _)| carrier.destination == destination)
        {
            let (carrier, held) = &mut self.open[place];
            if *held + bytes <= MAX_CARRIER_BYTES {
                carrier.deliveries.push(delivery);
                *held += bytes;
                return;
            }
            // With all that were opened before it: the first of them may hold pushes, and an answer must not overtake them.
            let closed = self.open.drain(..=place);
            self.done.extend(closed.map(|(carrier, _)| carrier));
        }
        self.open.push((
            Carrier {
                destination,
                deliveries: vec![delivery],
            },
            bytes,
        ));
    }

    fn finish(self) -> Vec<Carrier> {
        let mut all = self.done;
        all.extend(self.open.into_iter().map(|(carrier, _)| carrier));
        all
    }
}

fn size(delivery: &Delivery) -> usize {
    delivery.frame.len() + DELIVERY_OVERHEAD + TARGET_BYTES * delivery.targets.len()
}

#[cfg(test)]
#[path = "routing_tests.rs"]
mod tests;
