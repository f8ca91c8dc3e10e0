//! `[groups]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[groups]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupConfig {
    /// What is told as the limit of members; logic, which keeps it, has the same setting.
    pub max_members: u32,
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self {
            max_members: 10_000,
        }
    }
}

impl Validate for GroupConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (2..=100_000).contains(&self.max_members),
            "max_members",
            "must be 2 to 100000",
        );
    }
}
