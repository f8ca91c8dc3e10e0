//! `[fanout]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[fanout]`: how what was committed reaches the members of a group (E2, E4).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FanoutConfig {
    /// Members of a group whose messages the committing worker sends out by itself; larger groups are a task of their own, and nobody is told
    /// who is typing there.
    pub large_group: usize,
    /// Members of all groups together that a worker remembers, at 32 bytes each.
    pub known_members: usize,
}

impl Default for FanoutConfig {
    fn default() -> Self {
        Self {
            large_group: 500,
            known_members: 1_000_000,
        }
    }
}

impl Validate for FanoutConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (1..=100_000).contains(&self.large_group),
            "large_group",
            "must be 1 to 100000",
        );
        problems.check(
            self.known_members <= 100_000_000,
            "known_members",
            "must be at most 100000000",
        );
    }
}
