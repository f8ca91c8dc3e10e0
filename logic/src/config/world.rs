//! `[world]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[world]`: how fast a user may write in the world chat ([M9]), over all workers. While Redis is away each worker counts for itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldConfig {
    /// Messages of a user in a second, in the long run; more get `RetryLater`.
    pub messages_per_second: f64,
    /// Messages of a user at once.
    pub burst: u32,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            messages_per_second: 1.0,
            burst: 5,
        }
    }
}

impl Validate for WorldConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (0.001..=1_000.0).contains(&self.messages_per_second),
            "messages_per_second",
            "must be 0.001 to 1000",
        );
        problems.check(
            (1..=1_000).contains(&self.burst),
            "burst",
            "must be 1 to 1000",
        );
    }
}
