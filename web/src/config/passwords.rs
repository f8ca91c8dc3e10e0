//! `[passwords]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[passwords]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordConfig {
    /// Hashes that run at once, 54 ms of CPU each.
    pub threads: usize,
    /// Hashes that wait; more are answered with `RetryLater`.
    pub queue: usize,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            queue: 64,
        }
    }
}

impl Validate for PasswordConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (1..=256).contains(&self.threads),
            "threads",
            "must be 1 to 256",
        );
        problems.check(self.queue <= 10_000, "queue", "must be at most 10000");
    }
}
