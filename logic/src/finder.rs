//! Where users' sessions are, as far as Redis says.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use im_shared::ids::UserId;
use im_shared::location::{Location, Locations};
use im_shared::nodes::LiveNodes;
use parking_lot::Mutex;

use crate::metrics;

/// Locations that come later are not worth waiting for: an acknowledgement waits with them.
const LOCATE_WITHIN: Duration = Duration::from_millis(250);

/// So long after a failure nobody asks again, so that a Redis that hangs costs each lane one wait and not one per batch.
const BLIND_FOR: Duration = Duration::from_secs(1);

/// Finds live sessions. A cheap clone.
#[derive(Debug, Clone)]
pub struct Finder {
    locations: Locations,
    live: LiveNodes,
    blind_until: Arc<Mutex<Option<Instant>>>,
}

impl Finder {
    /// Over an open connection.
    #[must_use]
    pub fn new(locations: Locations, live: LiveNodes) -> Self {
        Self {
            locations,
            live,
            blind_until: Arc::default(),
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
        match tokio::time::timeout(LOCATE_WITHIN, looking).await {
            Ok(Ok(mut found)) => {
                found.retain(|location| self.live.is_live(&location.node, location.incarnation));
                Some(found)
            }
            Ok(Err(_)) | Err(_) => None,
        }
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
        if self
            .blind_until
            .lock()
            .is_some_and(|end| Instant::now() < end)
        {
            return None;
        }
        let reason = match tokio::time::timeout(LOCATE_WITHIN, self.locations.of(users)).await {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(reason, "locations are not known: pushing to every node");
        *self.blind_until.lock() = Some(Instant::now() + BLIND_FOR);
        None
    }
}
