//! How often somebody is typing: once per interval, user and conversation. Pure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, UserId};
use parking_lot::Mutex;

use crate::generations::Generations;

/// Typists that are remembered, at about 60 bytes each.
const MAX_TYPISTS: usize = 50_000;

/// Who was typing lately. A cheap clone.
#[derive(Debug, Clone)]
pub struct Typists {
    interval: Duration,
    told: Arc<Mutex<Generations<(UserId, ConversationId), Instant>>>,
}

impl Typists {
    /// Lets one through per `interval`.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            told: Arc::new(Mutex::new(Generations::new(MAX_TYPISTS))),
        }
    }

    /// Whether others are to be told now; then it counts as told.
    #[must_use]
    pub fn admit(&self, user: UserId, conversation: ConversationId, now: Instant) -> bool {
        let key = (user, conversation);
        let mut told = self.told.lock();
        let is_news = told
            .get(&key)
            .is_none_or(|at| now.saturating_duration_since(at) >= self.interval);
        if is_news {
            told.insert(key, now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A20
    #[test]
    fn a_fast_typist_is_told_once_per_interval_and_conversation() {
        let interval = Duration::from_secs(2);
        let (typists, now) = (Typists::new(interval), Instant::now());
        let admit = |conversation, at| typists.admit(UserId(1), ConversationId(conversation), at);
        assert!(admit(7, now));
        assert!(!admit(7, now + interval / 2));
        assert!(admit(8, now + interval / 2));
        assert!(admit(7, now + interval));
    }
}
