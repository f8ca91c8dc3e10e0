//! `[changes]`

use std::time::Duration;

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[changes]`: how long and how often messages are edited, recalled and reacted to ([C2] to [C4]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangesConfig {
    /// A message may be edited so long after it was stored, in seconds.
    pub edit_within_secs: u64,
    /// An own message may be recalled so long after it was stored, in seconds. Admins of a group recall those of members at any time.
    pub recall_within_secs: u64,
    /// Edits of one message.
    pub max_edits: usize,
    /// Different reactions of one user to one message, at a time.
    pub max_reactions: usize,
}

impl Default for ChangesConfig {
    fn default() -> Self {
        Self {
            edit_within_secs: 86_400,
            recall_within_secs: 86_400,
            max_edits: 50,
            max_reactions: 20,
        }
    }
}

impl ChangesConfig {
    /// As a time.
    #[must_use]
    pub const fn edit_within(&self) -> Duration {
        Duration::from_secs(self.edit_within_secs)
    }

    /// As a time.
    #[must_use]
    pub const fn recall_within(&self) -> Duration {
        Duration::from_secs(self.recall_within_secs)
    }
}

impl Validate for ChangesConfig {
    fn validate(&self, problems: &mut Problems) {
        // A century is for ever; more would not fit the arithmetic of times.
        let longest = 100 * 366 * 86_400;
        for (key, seconds) in [
            ("edit_within_secs", self.edit_within_secs),
            ("recall_within_secs", self.recall_within_secs),
        ] {
            problems.check(
                (1..=longest).contains(&seconds),
                key,
                "must be 1 second to 100 years",
            );
        }
        // What is there of a user or of a message is read with each change.
        for (key, count) in [
            ("max_edits", self.max_edits),
            ("max_reactions", self.max_reactions),
        ] {
            problems.check((1..=1_000).contains(&count), key, "must be 1 to 1000");
        }
    }
}
