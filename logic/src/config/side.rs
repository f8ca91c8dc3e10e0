//! `[side]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[side]`: what is off the message path, each bounded by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SideConfig {
    /// Sync and history requests that run at a time.
    pub reads: usize,
    /// Sync and history requests that wait; more get `RetryLater`.
    pub reads_waiting: usize,
    /// Look-ups of conversations that run at a time.
    pub resolves: usize,
    /// Requests that wait for such a look-up; more get `RetryLater`.
    pub resolves_waiting: usize,
    /// Edits, recalls, reactions, settings and group commands that run at a time.
    pub changes: usize,
    /// Such changes that wait; more get `RetryLater`.
    pub changes_waiting: usize,
    /// User events that are delivered at a time.
    pub events: usize,
    /// User events that wait; more are dropped and counted.
    pub events_waiting: usize,
    /// Positions that wait; more get `RetryLater`.
    pub positions_waiting: usize,
    /// Positions of one statement.
    pub positions_batch: usize,
    /// Conversations that are remembered, at about 100 bytes each.
    pub known_conversations: usize,
}

impl Default for SideConfig {
    fn default() -> Self {
        Self {
            reads: 6,
            reads_waiting: 4_096,
            resolves: 6,
            resolves_waiting: 8_192,
            changes: 4,
            changes_waiting: 8_192,
            events: 32,
            events_waiting: 4_096,
            positions_waiting: 8_192,
            positions_batch: 500,
            known_conversations: 200_000,
        }
    }
}

impl Validate for SideConfig {
    fn validate(&self, problems: &mut Problems) {
        let counts = [
            ("reads", self.reads),
            ("resolves", self.resolves),
            ("changes", self.changes),
            ("events", self.events),
            ("positions_waiting", self.positions_waiting),
            ("positions_batch", self.positions_batch),
        ];
        for (key, count) in counts {
            problems.check(
                (1..=1_000_000).contains(&count),
                key,
                "must be 1 to 1000000",
            );
        }
        let queues = [
            ("reads_waiting", self.reads_waiting),
            ("resolves_waiting", self.resolves_waiting),
            ("changes_waiting", self.changes_waiting),
            ("events_waiting", self.events_waiting),
        ];
        for (key, count) in queues {
            problems.check(count <= 1_000_000, key, "must be at most 1000000");
        }
        problems.check(
            self.known_conversations <= 100_000_000,
            "known_conversations",
            "must be at most 100000000",
        );
    }
}
