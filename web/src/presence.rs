//! Which users are online, from the locations in Redis.

use im_shared::ids::UserId;
use im_shared::location::{Location, Locations};
use im_shared::nodes::LiveNodes;

/// Reads presence. A cheap clone.
#[derive(Clone)]
pub struct Presence {
    locations: Locations,
    nodes: LiveNodes,
}

impl Presence {
    /// Reads `locations` on `nodes`.
    #[must_use]
    pub fn new(locations: Locations, nodes: LiveNodes) -> Self {
        Self { locations, nodes }
    }

    /// Whether each of `users` has a session on a live node, in their order. Without Redis nobody counts as online: a list
    /// of friends without presence is better than none.
    pub async fn online(&self, users: &[UserId]) -> Vec<bool> {
        if users.is_empty() {
            return Vec::new();
        }
        let live = |location: &Location| self.nodes.is_live(&location.node, location.incarnation);
        match self.locations.of(users).await {
            Ok(found) => found
                .iter()
                .map(|locations| locations.iter().any(live))
                .collect(),
            Err(error) => {
                tracing::warn!(%error, "presence cannot be read");
                vec![false; users.len()]
            }
        }
    }
}
