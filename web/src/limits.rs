//! Limits of what may be asked for, counted in Redis over all web nodes. While Redis does not answer, each node counts for itself.

use std::time::{Duration, Instant};

use im_shared::cache::{Buckets, LocalBuckets, Rate};

use crate::client_address::ClientAddress;
use crate::config::GuestConfig;
use crate::error::ApiError;

/// The rule of new guests per address, in keys and metrics.
const GUESTS: &str = "guests";

/// Subjects that a node remembers while Redis is away.
const LOCAL_SUBJECTS: usize = 20_000;

/// What may be asked for. A cheap clone.
#[derive(Clone)]
pub struct Limits {
    buckets: Buckets,
    local: LocalBuckets,
    guests: Rate,
}

impl Limits {
    /// Counts in `buckets`.
    #[must_use]
    pub fn new(buckets: Buckets, guests: &GuestConfig) -> Self {
        Self {
            buckets,
            local: LocalBuckets::new(LOCAL_SUBJECTS),
            guests: Rate::of(guests.per_address_per_hour, Duration::from_secs(3_600)),
        }
    }

    /// Lets one more guest in from `address`.
    ///
    /// # Errors
    /// `RateLimited`.
    pub async fn guest(&self, address: ClientAddress) -> Result<(), ApiError> {
        self.take(GUESTS, &address.to_string(), 1, self.guests)
            .await
    }

    async fn take(
        &self,
        rule: &'static str,
        subject: &str,
        cost: u32,
        rate: Rate,
    ) -> Result<(), ApiError> {
        let taken = match self.buckets.take(rule, subject, cost, rate).await {
            Ok(taken) => taken,
            Err(error) => {
                metrics::counter!("im_rate_limit_local_total", "rule" => rule).increment(1);
                tracing::warn!(%error, rule, "a rate is counted by this node alone");
                self.local.take(rule, subject, cost, rate, Instant::now())
            }
        };
        taken.map_err(|wait| {
            metrics::counter!("im_rate_limited_total", "rule" => rule).increment(1);
            ApiError::RateLimited(wait)
        })
    }
}
