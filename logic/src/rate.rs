//! A token bucket per user that is told the time. Pure.

use std::time::{Duration, Instant};

use im_shared::ids::UserId;

use crate::generations::Generations;

/// How fast a bucket fills and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Tokens that come back in a second; more than 0.
    pub per_second: f64,
    /// Tokens of a full bucket; at least 1.
    pub burst: f64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// The buckets of the users that were busy lately. A user who is forgotten has a full one.
#[derive(Debug)]
pub struct Buckets {
    rate: Rate,
    buckets: Generations<UserId, Bucket>,
}

impl Buckets {
    /// Remembers up to `capacity` users, at about 50 bytes each.
    #[must_use]
    pub fn new(rate: Rate, capacity: usize) -> Self {
        let buckets = Generations::new(capacity);
        Self { rate, buckets }
    }

    /// Takes `cost` tokens of `user`.
    ///
    /// What costs more than a full bucket passes when the bucket is full, and the bucket owes the rest: a large request is slow to follow,
    /// but never impossible.
    ///
    /// # Errors
    ///
    /// The time after which the tokens will be there. A refusal costs nothing.
    pub fn take(&mut self, user: UserId, cost: f64, now: Instant) -> Result<(), Duration> {
        let Rate { per_second, burst } = self.rate;
        let full = Bucket {
            tokens: burst,
            filled_at: now,
        };
        let mut bucket = self.buckets.get(&user).unwrap_or(full);
        let elapsed = now.saturating_duration_since(bucket.filled_at);
        bucket.tokens = (bucket.tokens + elapsed.as_secs_f64() * per_second).min(burst);
        bucket.filled_at = bucket.filled_at.max(now);
        let missing = cost.min(burst) - bucket.tokens;
        let taken = if missing > 0.0 {
            Err(Duration::from_secs_f64(missing / per_second))
        } else {
            bucket.tokens -= cost;
            Ok(())
        };
        self.buckets.insert(user, bucket);
        taken
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate {
        per_second: 2.0,
        burst: 4.0,
    };
    const ANN: UserId = UserId(1);
    const BOB: UserId = UserId(2);

    /// [M9]
    #[test]
    fn a_burst_passes_and_the_next_is_told_when_to_come_back() {
        let (mut buckets, start) = (Buckets::new(RATE, 10), Instant::now());
        for _ in 0..4 {
            assert_eq!(buckets.take(ANN, 1.0, start), Ok(()));
        }
        let wait = buckets.take(ANN, 1.0, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        assert_eq!(buckets.take(BOB, 1.0, start), Ok(()), "each has their own");
        assert!(buckets.take(ANN, 1.0, start + wait / 2).is_err());
        let later = start + wait + Duration::from_millis(1);
        assert_eq!(buckets.take(ANN, 1.0, later), Ok(()));
    }

    /// [M9]: an outbox that was filled offline is not stuck for ever.
    #[test]
    fn a_request_above_the_burst_passes_a_full_bucket_and_is_paid_back() {
        let (mut buckets, start) = (Buckets::new(RATE, 10), Instant::now());
        assert_eq!(buckets.take(ANN, 64.0, start), Ok(()));
        let wait = buckets.take(ANN, 1.0, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(30_500));
    }

    #[test]
    fn a_clock_that_stands_still_or_steps_back_gives_nothing() {
        let start = Instant::now() + Duration::from_secs(10);
        let mut buckets = Buckets::new(RATE, 10);
        assert_eq!(buckets.take(ANN, 4.0, start), Ok(()));
        let earlier = start - Duration::from_secs(5);
        assert!(buckets.take(ANN, 1.0, earlier).is_err());
        assert!(buckets.take(ANN, 1.0, start).is_err());
    }

    proptest! {
        /// [M9]
        #[test]
        fn never_more_than_the_rate_a_burst_and_one_request(
            steps in proptest::collection::vec((0_u64..2_000, 1_u32..65), 1..300),
        ) {
            let (mut buckets, start) = (Buckets::new(RATE, 10), Instant::now());
            let (mut now, mut passed) = (start, 0);
            for (step, cost) in steps {
                now += Duration::from_millis(step);
                if buckets.take(ANN, f64::from(cost), now).is_ok() {
                    passed += cost;
                }
                let allowed = RATE.burst + RATE.per_second * (now - start).as_secs_f64() + 64.0;
                prop_assert!(f64::from(passed) <= allowed + 1e-6);
            }
        }
    }
}
