//! When a sign-in was last seen: noted now and then, not at each request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use im_shared::ids::SignInId;
use parking_lot::Mutex;

use crate::store::Store;

/// A sign-in is noted at most once in this time, by each node.
const INTERVAL: Duration = Duration::from_secs(300);
/// Sign-ins that are remembered; beyond them those that are not due are noted anew.
const REMEMBERED: usize = 100_000;

/// Notes who was seen. A cheap clone.
#[derive(Clone)]
pub struct Sightings {
    store: Store,
    seen: Arc<Mutex<HashMap<SignInId, Instant>>>,
}

impl Sightings {
    /// Notes in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            seen: Arc::default(),
        }
    }

    /// The sign-in made a request. Never waits; what PostgreSQL does not take is noted the next time.
    pub fn note(&self, sign_in: SignInId) {
        if !is_due(&mut self.seen.lock(), sign_in, Instant::now()) {
            return;
        }
        let store = self.store.clone();
        // Ends by itself: one statement.
        tokio::spawn(async move {
            if let Err(error) = store.note_seen(sign_in).await {
                tracing::debug!(%error, "a sighting is lost");
            }
        });
    }
}

/// Whether the sign-in is to be noted at `now`; then it is remembered.
fn is_due(seen: &mut HashMap<SignInId, Instant>, sign_in: SignInId, now: Instant) -> bool {
    let is_recent = |at: &Instant| now.duration_since(*at) < INTERVAL;
    if seen.get(&sign_in).is_some_and(is_recent) {
        return false;
    }
    if seen.len() >= REMEMBERED {
        seen.retain(|_, at| is_recent(at));
    }
    if seen.len() >= REMEMBERED {
        seen.clear();
    }
    seen.insert(sign_in, now);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B16: a busy client costs one statement in five minutes.
    #[test]
    fn a_sign_in_is_noted_once_in_a_while() {
        let (mut seen, now) = (HashMap::new(), Instant::now());
        assert!(is_due(&mut seen, SignInId(1), now));
        assert!(!is_due(&mut seen, SignInId(1), now + INTERVAL / 2));
        assert!(is_due(&mut seen, SignInId(2), now));
        assert!(is_due(&mut seen, SignInId(1), now + INTERVAL));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut seen, now) = (HashMap::new(), Instant::now());
        for id in 0..=REMEMBERED as u64 {
            is_due(&mut seen, SignInId(id), now);
        }
        assert!(seen.len() <= REMEMBERED);
    }
}
