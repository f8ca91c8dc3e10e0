//! The world chat: one conversation that is always there and has everybody as a member ([M9]).
//!
//! It has no member rows, so nothing about it is looked up: who is signed in may write, as fast as their bucket allows. The bucket is in Redis,
//! one for all workers; each worker has one of its own before it, so that who is far too fast costs no round trip, and which alone decides
//! while Redis does not answer. Its messages take the same path as all others; only their fan-out differs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use im_shared::breaker::{Breaker, Broken};
use im_shared::cache::{Buckets, LocalBuckets, Rate};
use im_shared::ids::UserId;
use im_shared::wire::Code;

use crate::config::WorldConfig;
use crate::metrics;
use crate::pending::Refusal;

/// The name of the limit.
const RULE: &str = "world";

/// Writers that are remembered, at about 100 bytes each.
const MAX_WRITERS: usize = 50_000;

/// What this worker knows of the world chat. A cheap clone.
#[derive(Debug, Clone)]
pub struct WorldChat(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rate: Rate,
    own: LocalBuckets,
    shared: Buckets,
    redis: Breaker,
}

impl WorldChat {
    /// With full buckets; `shared` are those of all workers, asked through the breaker of Redis.
    #[must_use]
    pub fn new(config: &WorldConfig, shared: Buckets, redis: Breaker) -> Self {
        Self(Arc::new(Inner {
            rate: rate(config),
            own: LocalBuckets::new(MAX_WRITERS),
            shared,
            redis,
        }))
    }

    /// Whether `user` may write so many messages, as far as this worker knows. Repeats count as well: each of them is pushed to everybody
    /// again ([M4]).
    ///
    /// # Errors
    ///
    /// `RetryLater` with the time after which the same request passes here.
    pub fn admit_here(&self, user: UserId, messages: usize) -> Result<(), Refusal> {
        let Inner { rate, own, .. } = &*self.0;
        let taken = own.take(
            RULE,
            &user.to_string(),
            cost(messages),
            *rate,
            Instant::now(),
        );
        taken.map_err(later)
    }

    /// Whether `user` may write so many messages, as far as all workers know together. Asked after [`WorldChat::admit_here`].
    ///
    /// # Errors
    ///
    /// `RetryLater` with the time after which the same request passes.
    pub async fn admit(&self, user: UserId, messages: usize) -> Result<(), Refusal> {
        let inner = &*self.0;
        let subject = user.to_string();
        let taking = inner
            .shared
            .take(RULE, &subject, cost(messages), inner.rate);
        match inner.redis.call(taking).await {
            Ok(taken) => taken.map_err(later),
            Err(Broken::Open { .. }) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "the rate of the world chat is not known: this worker decides alone");
                metrics::rated_alone();
                Ok(())
            }
        }
    }
}

fn rate(config: &WorldConfig) -> Rate {
    Rate::new(
        config.burst,
        Duration::from_secs_f64(1.0 / config.messages_per_second),
    )
}

fn cost(messages: usize) -> u32 {
    u32::try_from(messages).unwrap_or(u32::MAX)
}

fn later(wait: Duration) -> Refusal {
    Refusal {
        code: Code::RetryLater,
        // The wire has whole milliseconds; one rounded down would be one too early.
        retry_after: Some(wait + Duration::from_millis(1)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use im_shared::breaker::Policy;
    use im_shared::cache::{self, Keys};
    use im_shared::testing::{Servers, unique_prefix};

    use super::*;

    /// With buckets that nothing flows into while a test runs, and a Redis that may take its time.
    async fn worker(prefix: &str) -> WorldChat {
        let patience = Duration::from_secs(20);
        let mut settings = Servers::redis(prefix);
        settings.connect_timeout_ms = 20_000;
        settings.command_timeout_ms = 20_000;
        let redis = cache::connect(&settings).await.unwrap();
        let config = WorldConfig {
            messages_per_second: 0.01,
            ..WorldConfig::default()
        };
        WorldChat::new(
            &config,
            Buckets::new(redis, Keys::new(prefix)),
            Breaker::new("redis", Policy::patient_for(patience)),
        )
    }

    /// [M9]: the sixth message at once is told when to come back.
    #[tokio::test]
    async fn a_fast_writer_is_told_to_wait() {
        let world = worker(&unique_prefix()).await;
        assert_eq!(world.admit_here(UserId(1), 5), Ok(()));
        let refusal = world.admit_here(UserId(1), 1).unwrap_err();
        assert_eq!(refusal.code, Code::RetryLater);
        let wait = refusal.retry_after.unwrap();
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_millis(100_001));
    }

    /// [M9], J8: what one worker gave counts at the other.
    #[tokio::test]
    async fn two_workers_give_one_burst() {
        let prefix = unique_prefix();
        let (one, other) = (worker(&prefix).await, worker(&prefix).await);
        assert_eq!(one.admit(UserId(1), 5).await, Ok(()));
        assert_eq!(other.admit_here(UserId(1), 1), Ok(()));
        let refusal = other.admit(UserId(1), 1).await.unwrap_err();
        assert_eq!(refusal.code, Code::RetryLater);
        assert_eq!(other.admit(UserId(2), 5).await, Ok(()));
    }
}
