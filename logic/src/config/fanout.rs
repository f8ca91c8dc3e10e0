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
    /// Members of all groups together that a worker remembers, at 40 bytes each.
    pub known_members: usize,
    /// Carriers for large groups that wait for their answer; more are refused with `RetryLater`.
    pub tasks_waiting: usize,
    /// Without an answer for so long such a carrier is published again, three times in all; in milliseconds.
    pub task_deadline_ms: u64,
    /// Groups that this worker pushes to at the same time, as a task.
    pub task_lanes: usize,
}

impl Default for FanoutConfig {
    fn default() -> Self {
        Self {
            large_group: 500,
            known_members: 1_000_000,
            tasks_waiting: 1_024,
            task_deadline_ms: 2_000,
            task_lanes: 4,
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
        problems.check(
            (1..=100_000).contains(&self.tasks_waiting),
            "tasks_waiting",
            "must be 1 to 100000",
        );
        problems.check(
            (100..=60_000).contains(&self.task_deadline_ms),
            "task_deadline_ms",
            "must be 100 to 60000",
        );
        problems.check(
            (1..=64).contains(&self.task_lanes),
            "task_lanes",
            "must be 1 to 64",
        );
    }
}
