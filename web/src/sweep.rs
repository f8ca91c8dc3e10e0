//! Removes refresh tokens that have expired; each refresh leaves one behind. Sign-ins are removed by [`crate::revocation`].

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::error::ApiError;
use crate::store::Store;

/// Rows that are removed in one statement.
const BATCH: u32 = 500;

/// Rows stay for so long after they have expired: a client that comes a little late is told `TokenExpired`, and clocks may differ.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps again and again. Every web node has one; they pass over what another one has in hand.
pub(crate) struct Sweeper {
    store: Store,
    interval: Duration,
}

impl Sweeper {
    pub(crate) fn new(store: Store, interval: Duration) -> Self {
        Self { store, interval }
    }

    /// Sweeps once per interval, for ever. It may be dropped at any time: a batch is one statement.
    pub(crate) async fn run(self) {
        // Nodes that start together do not sweep together.
        tokio::time::sleep(self.interval.mul_f64(rand::random())).await;
        loop {
            let began = Instant::now();
            match sweep(&self.store, SystemTime::now()).await {
                Ok(removed) => {
                    metrics::counter!("im_refresh_tokens_removed_total").increment(removed);
                    tracing::debug!(removed, "expired refresh tokens are removed");
                }
                Err(error) => {
                    metrics::counter!("im_token_sweep_failures_total").increment(1);
                    tracing::warn!(%error, "expired refresh tokens stay until the next sweep");
                }
            }
            metrics::histogram!("im_token_sweep_duration_seconds")
                .record(began.elapsed().as_secs_f64());
            tokio::time::sleep(self.interval).await;
        }
    }
}

/// Removes every refresh token that expired a day before `now`, and says how many.
///
/// # Errors
/// When PostgreSQL cannot be asked; batches before the failure stay done.
pub async fn sweep(store: &Store, now: SystemTime) -> Result<u64, ApiError> {
    let cutoff = now - GRACE;
    let mut removed = 0;
    loop {
        let batch = store.delete_expired_tokens(cutoff, BATCH).await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            return Ok(removed);
        }
    }
}
