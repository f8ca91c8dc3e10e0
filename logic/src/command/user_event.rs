//! A user-level event: to every session of the user, by location like any push (decision 12, A12). A `Kick` ends sessions instead, and
//! presence is for the friends alone.

use bytes::Bytes;
use im_shared::bus::{Delivery, Target};
use im_shared::ids::{SessionId, UserId};
use im_shared::wire::{Body, BodyKind, CloseCode, decode_shared, peek};

use super::Services;
use crate::metrics;
use crate::routing::{Audience, Carrier, Destination, Outgoing, Push};

/// What another program has for a user.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose.
    pub user: UserId,
    /// A complete frame.
    pub frame: Bytes,
    /// Of a `Kick`: only the sessions of this device; empty: all.
    pub device: String,
    /// To the user's friends as well.
    pub friends: bool,
}

/// Delivers `event`. When there is no place it is dropped and counted: the client finds the same by REST, and a session whose tokens are
/// revoked ends when they do.
pub fn apply(event: Event, services: &Services) {
    let own = services.clone();
    let kind = peek(&event.frame).map(|peek| peek.kind).ok();
    // What is for the user alone is about somebody else: web says who is gone for whom, and here again, when one blocks the other.
    if kind == Some(BodyKind::PresenceEvent) && event.friends {
        return services.presence.tell((event.user, event.frame));
    }
    let is_kick = kind == Some(BodyKind::Kick);
    let _ = services.events.start(async move {
        if is_kick {
            kick(&event, &own).await;
        } else {
            push(event, &own).await;
        }
    });
}

async fn push(event: Event, services: &Services) {
    let mut users = vec![event.user];
    if event.friends {
        match services.store.friends(&users, MAX_FRIENDS).await {
            Ok(friends) => users.extend(friends.into_iter().map(|(_, friend)| friend)),
            Err(error) => drop(error.refusal("telling friends of an event")),
        }
    }
    let push = Push {
        frame: event.frame,
        audience: Audience::Users(users),
        except: None,
        ephemeral: false,
    };
    services.fanout.deliver(&[push], Vec::new()).await;
}

/// Friends that are told of an event.
const MAX_FRIENDS: i64 = 5_000;

async fn kick(event: &Event, services: &Services) {
    let code = match decode_shared(&event.frame).map(|frame| frame.body) {
        Ok(Body::Kick(kick)) => kick.code,
        _ => CloseCode::SignedOut,
    };
    let close = |session| {
        let target = Target {
            session,
            user: event.user,
        };
        vec![Delivery::close(code, vec![target])]
    };
    let carriers = match services.fanout.sessions(event.user, &event.device).await {
        Some(locations) => locations
            .into_iter()
            .map(|location| Carrier {
                destination: Destination::Node(std::sync::Arc::new(location.node)),
                deliveries: close(location.session),
            })
            .collect(),
        // Nobody knows where: all of them, on every node. One device alone cannot be told apart then.
        None if event.device.is_empty() => vec![Carrier {
            destination: Destination::Everyone,
            deliveries: close(SessionId(0)),
        }],
        None => {
            metrics::not_published("unknown");
            return;
        }
    };
    if !carriers.is_empty() {
        services
            .publisher
            .send(vec![Outgoing::Carriers(carriers)])
            .await;
    }
}
