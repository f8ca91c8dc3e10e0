//! A token bucket that is told the time. Pure.

use std::time::{Duration, Instant};

/// How fast a bucket fills and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// Tokens that come back in a second; more than 0.
    pub(crate) per_second: f64,
    /// Tokens of a full bucket; at least 1.
    pub(crate) burst: f64,
}

/// Lets `burst` through at once and `per_second` in the long run.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    tokens: f64,
    filled_at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: rate.burst,
            filled_at: now,
        }
    }

    /// Takes one token, or says after which time one will be there. A refusal costs nothing.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.rate.per_second).min(self.rate.burst);
        self.filled_at = self.filled_at.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64(
                (1.0 - self.tokens) / self.rate.per_second,
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate {
        per_second: 20.0,
        burst: 40.0,
    };

    /// [S9]
    #[test]
    fn a_burst_passes_and_the_next_frame_is_told_when_to_come_back() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        for _ in 0..40 {
            assert_eq!(bucket.take(start), Ok(()));
        }
        let wait = bucket.take(start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(50));
        assert!(bucket.take(start + wait / 2).is_err());
        assert_eq!(bucket.take(start + wait + Duration::from_micros(1)), Ok(()));
    }

    #[test]
    fn a_clock_that_stands_still_or_steps_back_gives_nothing() {
        let start = Instant::now() + Duration::from_secs(10);
        let mut bucket = Bucket::new(
            Rate {
                per_second: 1.0,
                burst: 1.0,
            },
            start,
        );
        assert_eq!(bucket.take(start), Ok(()));
        assert!(bucket.take(start - Duration::from_secs(5)).is_err());
        assert!(bucket.take(start).is_err());
    }

    proptest! {
        #[test]
        fn never_more_than_burst_plus_rate_times_time(steps in prop::collection::vec(0u64..200, 1..500)) {
            let start = Instant::now();
            let mut bucket = Bucket::new(RATE, start);
            let mut now = start;
            let mut passed = 0u32;
            for step in steps {
                now += Duration::from_millis(step);
                passed += u32::from(bucket.take(now).is_ok());
                let allowed = RATE.burst + RATE.per_second * (now - start).as_secs_f64();
                prop_assert!(f64::from(passed) <= allowed + 1e-6);
            }
        }
    }
}
