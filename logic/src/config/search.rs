//! `[search]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[search]`: how the full text follows the messages (D16).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchConfig {
    /// What was committed is collected for so long and then indexed together, in milliseconds. A search does not wait for it: it indexes
    /// what it needs by itself.
    pub interval_ms: u64,
    /// Entries that the background indexes in a second, at most: 20 to 50 us of PostgreSQL each. What it does not get to, a search does.
    pub entries_per_second: u32,
    /// Conversations that wait; what has no room is indexed by a later message or by a search.
    pub waiting: usize,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            interval_ms: 1_000,
            entries_per_second: 100,
            waiting: 16_384,
        }
    }
}

impl Validate for SearchConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = (10..=600_000).contains(&self.interval_ms);
        problems.check(legal, "interval_ms", "must be 10 to 600000");
        let legal = (1..=1_000_000).contains(&self.entries_per_second);
        problems.check(legal, "entries_per_second", "must be 1 to 1000000");
        let legal = (1..=1_000_000).contains(&self.waiting);
        problems.check(legal, "waiting", "must be 1 to 1000000");
    }
}
