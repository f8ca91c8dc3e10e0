//! `[presence]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[presence]`: what friends see of each other (F5).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// Who comes back within this time never was away, in milliseconds: a reload or another network is no news.
    pub grace_ms: u64,
    /// Changes that wait; more are dropped and counted.
    pub waiting: usize,
    /// Friends that are told of one user's presence.
    pub max_friends: usize,
    /// One "is typing" is passed on per user and conversation in this time, in milliseconds.
    pub typing_interval_ms: u64,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            grace_ms: 3_000,
            waiting: 8_192,
            max_friends: 1_000,
            typing_interval_ms: 2_000,
        }
    }
}

impl Validate for PresenceConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            self.grace_ms <= 600_000,
            "grace_ms",
            "must be at most 600000",
        );
        for (key, count) in [("waiting", self.waiting), ("max_friends", self.max_friends)] {
            let legal = (1..=1_000_000).contains(&count);
            problems.check(legal, key, "must be 1 to 1000000");
        }
        let legal = (100..=60_000).contains(&self.typing_interval_ms);
        problems.check(legal, "typing_interval_ms", "must be 100 to 60000");
    }
}
