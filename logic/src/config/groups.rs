//! `[groups]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[groups]`: how large and how many (E1). All workers should say the same.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupsConfig {
    /// Members of a group; more get `GroupFull`.
    pub max_members: usize,
    /// Groups that a user may own; more get `GroupFull`. Who inherits a group keeps it all the same.
    pub max_owned: usize,
}

impl Default for GroupsConfig {
    fn default() -> Self {
        Self {
            max_members: 10_000,
            max_owned: 500,
        }
    }
}

impl Validate for GroupsConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (2..=100_000).contains(&self.max_members),
            "max_members",
            "must be 2 to 100000",
        );
        problems.check(
            (1..=1_000_000).contains(&self.max_owned),
            "max_owned",
            "must be 1 to 1000000",
        );
    }
}
