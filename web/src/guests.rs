//! Ends the accounts of guests who never came back. What they said in the world chat stays.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::config::GuestConfig;
use crate::error::ApiError;
use crate::store::Store;

/// Guests that are looked at in one transaction.
const BATCH: u32 = 500;

/// Deletes stale guests, again and again. Every web node has one; they pass over what another one has in hand.
pub(crate) struct Sweeper {
    store: Store,
    stale_after: Duration,
    interval: Duration,
}

impl Sweeper {
    pub(crate) fn new(store: Store, config: &GuestConfig) -> Self {
        Self {
            store,
            stale_after: Duration::from_secs(u64::from(config.stale_after_days) * 24 * 60 * 60),
            interval: Duration::from_millis(config.sweep_interval_ms),
        }
    }

    /// Sweeps once per interval, for ever. It may be dropped at any time: a batch is a transaction.
    pub(crate) async fn run(self) {
        // Nodes that start together do not sweep together.
        tokio::time::sleep(self.interval.mul_f64(rand::random())).await;
        loop {
            let began = Instant::now();
            match sweep(&self.store, SystemTime::now(), self.stale_after).await {
                Ok(deleted) => {
                    metrics::counter!("im_guests_deleted_total").increment(deleted);
                    if deleted > 0 {
                        tracing::info!(deleted, "stale guests are deleted");
                    }
                }
                Err(error) => {
                    metrics::counter!("im_guest_sweep_failures_total").increment(1);
                    tracing::warn!(%error, "stale guests stay until the next sweep");
                }
            }
            metrics::histogram!("im_guest_sweep_duration_seconds")
                .record(began.elapsed().as_secs_f64());
            tokio::time::sleep(self.interval).await;
        }
    }
}

/// Deletes every guest who has got no token for `stale_after` before `now`, and says how many there were.
///
/// # Errors
/// When PostgreSQL cannot be asked; batches before the failure stay done.
pub async fn sweep(store: &Store, now: SystemTime, stale_after: Duration) -> Result<u64, ApiError> {
    let cutoff = now - stale_after;
    let (mut after, mut deleted) = (None, 0);
    loop {
        let page = store.guests_made_before(cutoff, after, BATCH).await?;
        let Some(last) = page.last() else {
            return Ok(deleted);
        };
        after = Some(*last);
        deleted += store.delete_stale_guests(&page, cutoff, now).await?;
    }
}
