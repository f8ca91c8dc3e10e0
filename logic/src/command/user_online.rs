//! `UserOnline`: ends the sessions that the new one replaced ([S8], F4), and tells friends when it is the first (F5).

use std::sync::Arc;

use im_shared::bus::{Delivery, Target};
use im_shared::ids::NodeId;
use im_shared::wire::{CloseCode, ReplacedSession, UserOnline};

use super::Services;
use crate::caller::Caller;
use crate::presence::Change;
use crate::routing::{Carrier, Destination, Outgoing};

pub(super) fn apply(request: &UserOnline, caller: &Caller, services: &Services) {
    let carriers: Vec<Carrier> = request
        .replaced
        .iter()
        .filter_map(|session| kick(session, caller))
        .collect();
    if !carriers.is_empty() {
        services.publisher.offer(vec![Outgoing::Carriers(carriers)]);
    }
    if request.first {
        services.presence.offer(Change::Came(caller.user));
    }
}

/// Session and user must both match on access, so a kick that comes late ends nobody else's session.
fn kick(session: &ReplacedSession, caller: &Caller) -> Option<Carrier> {
    let Ok(node) = session.node_id.parse::<NodeId>() else {
        tracing::warn!(user = %caller.user, "a replaced session has no legal node id");
        return None;
    };
    let target = Target {
        session: session.session_id,
        user: caller.user,
    };
    Some(Carrier {
        destination: Destination::Node(Arc::new(node)),
        deliveries: vec![Delivery::close(CloseCode::SignedInElsewhere, vec![target])],
    })
}
