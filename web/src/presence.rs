//! Which users are online, from the locations in Redis.

use im_shared::breaker::Breaker;
use im_shared::ids::UserId;
use im_shared::location::{Arrival, Device, Location, Locations};
use im_shared::nodes::LiveNodes;

/// Reads presence. A cheap clone.
#[derive(Clone)]
pub struct Presence {
    locations: Locations,
    nodes: LiveNodes,
    redis: Breaker,
}

impl Presence {
    /// Reads `locations` on `nodes`, through the breaker of Redis.
    #[must_use]
    pub fn new(locations: Locations, nodes: LiveNodes, redis: Breaker) -> Self {
        Self {
            locations,
            nodes,
            redis,
        }
    }

    /// Whether each of `users` has a session on a live node, in their order. Without Redis nobody counts as online: a list
    /// of friends without presence is better than none.
    pub async fn online(&self, users: &[UserId]) -> Vec<bool> {
        if users.is_empty() {
            return Vec::new();
        }
        let live = |location: &Location| self.nodes.is_live(&location.node, location.incarnation);
        match self.redis.call(self.locations.of(users)).await {
            Ok(found) => found
                .iter()
                .map(|locations| locations.iter().any(live))
                .collect(),
            Err(error) => {
                tracing::debug!(%error, "presence cannot be read");
                vec![false; users.len()]
            }
        }
    }

    /// Whether the user has a session from each of these devices on a live node. Without Redis none counts as online.
    pub async fn devices(&self, user: UserId, devices: &[&str]) -> Vec<bool> {
        let found = self.redis.call(self.locations.arrivals(user)).await;
        let arrivals = found.unwrap_or_else(|error| {
            tracing::debug!(%error, "presence cannot be read");
            Vec::new()
        });
        let live = |arrival: &Arrival| {
            let location = &arrival.location;
            self.nodes.is_live(&location.node, location.incarnation)
        };
        let arrivals = arrivals.into_iter().filter(live);
        let online: Vec<Device> = arrivals.filter_map(|arrival| arrival.device).collect();
        let is_online = |id: &&str| online.contains(&Device::of(id));
        devices.iter().map(is_online).collect()
    }
}
