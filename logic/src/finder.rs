//! Where users' sessions are, as far as Redis says.

use std::collections::{BTreeMap, HashMap};

use im_shared::breaker::{Breaker, Broken};
use im_shared::ids::UserId;
use im_shared::location::{Location, Locations};
use im_shared::nodes::LiveNodes;

use crate::metrics;

/// Finds live sessions. A cheap clone.
#[derive(Debug, Clone)]
pub struct Finder {
    locations: Locations,
    live: LiveNodes,
    redis: Breaker,
}

impl Finder {
    /// Over an open connection, through the breaker of Redis: an acknowledgement waits with it.
    #[must_use]
    pub fn new(locations: Locations, live: LiveNodes, redis: Breaker) -> Self {
        Self {
            locations,
            live,
            redis,
        }
    }

    /// Which of `users` have a live session; none when Redis does not answer.
    pub(crate) async fn online(&self, users: &[UserId]) -> Option<BTreeMap<UserId, bool>> {
        let located = self.locate(users.to_vec()).await?;
        Some(
            located
                .into_iter()
                .map(|(user, locations)| (user, !locations.is_empty()))
                .collect(),
        )
    }

    /// The live sessions of `user`, on one device or, with an empty one, on all; none when Redis does not answer.
    pub(crate) async fn sessions(&self, user: UserId, device: &str) -> Option<Vec<Location>> {
        if device.is_empty() {
            return self.locate(vec![user]).await?.remove(&user);
        }
        let looking = self.locations.on_device(user, device);
        let mut found = self.redis.call(looking).await.ok()?;
        found.retain(|location| self.live.is_live(&location.node, location.incarnation));
        Some(found)
    }

    /// The live sessions of `users`; none when Redis does not answer.
    pub(crate) async fn locate(
        &self,
        mut users: Vec<UserId>,
    ) -> Option<HashMap<UserId, Vec<Location>>> {
        if users.is_empty() {
            return Some(HashMap::new());
        }
        users.sort_unstable();
        users.dedup();
        let found = self.ask(&users).await;
        if found.is_none() {
            metrics::located_blind();
        }
        let found = found?;
        let mut dead = 0;
        let mut known = HashMap::with_capacity(users.len());
        for (user, mut locations) in users.into_iter().zip(found) {
            let before = locations.len();
            locations.retain(|location| self.live.is_live(&location.node, location.incarnation));
            dead += before - locations.len();
            known.insert(user, locations);
        }
        metrics::dead_locations(dead as u64);
        Some(known)
    }

    async fn ask(&self, users: &[UserId]) -> Option<Vec<Vec<Location>>> {
        match self.redis.call(self.locations.of(users)).await {
            Ok(found) => Some(found),
            Err(Broken::Open { .. }) => None,
            Err(error) => {
                tracing::warn!(%error, "locations are not known: pushing to every node");
                None
            }
        }
    }
}
