//! `[lanes]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[lanes]`: how messages are batched and written (D10).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LanesConfig {
    /// Lanes, each with a connection of its own. Two keep PostgreSQL busy while a commit waits for the disk.
    pub count: usize,
    /// Requests that wait in a lane; more get `RetryLater`.
    pub queue_requests: usize,
    /// Bytes that wait in a lane; more get `RetryLater`.
    pub queue_bytes: usize,
    /// Rows of a batch. All batches under way together take up to lanes x rows of PostgreSQL's lock slots
    /// (`max_locks_per_transaction` x connections, 6,400 by default), over all workers.
    pub batch_rows: usize,
    /// Bytes of a batch.
    pub batch_bytes: usize,
    /// The commits of a lane begin so far apart under load, in microseconds; the first after a pause begins at once. 0: each begins when the one
    /// before it has ended.
    pub linger_us: u64,
    /// A commit that takes longer is given up with its connection, in milliseconds.
    pub commit_timeout_ms: u64,
}

impl Default for LanesConfig {
    fn default() -> Self {
        Self {
            count: 2,
            queue_requests: 8_192,
            queue_bytes: 32 * 1024 * 1024,
            batch_rows: 1_000,
            batch_bytes: 1024 * 1024,
            linger_us: 1_000,
            commit_timeout_ms: 10_000,
        }
    }
}

impl Validate for LanesConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check((1..=64).contains(&self.count), "count", "must be 1 to 64");
        problems.check(
            (1..=1_000_000).contains(&self.queue_requests),
            "queue_requests",
            "must be 1 to 1000000",
        );
        let legal = (128 * 1024..=4 << 30).contains(&self.queue_bytes);
        problems.check(legal, "queue_bytes", "must be 128 KiB to 4 GiB");
        problems.check(
            (1..=5_000).contains(&self.batch_rows),
            "batch_rows",
            "must be 1 to 5000",
        );
        let legal = (16 * 1024..=16 << 20).contains(&self.batch_bytes);
        problems.check(legal, "batch_bytes", "must be 16 KiB to 16 MiB");
        problems.check(
            self.linger_us <= 100_000,
            "linger_us",
            "must be at most 100000",
        );
        let legal = (100..=600_000).contains(&self.commit_timeout_ms);
        problems.check(legal, "commit_timeout_ms", "must be 100 to 600000");
    }
}
