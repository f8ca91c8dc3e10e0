//! How fast a bucket fills, and what a request finds in it. Pure; `bucket.lua` is its twin.

use std::time::Duration;

/// More tokens than this at once count as this many; then every number of the script is exact.
const MAX_COST: u32 = 10_000;

/// The longest time for one token.
const MAX_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// How much a bucket holds and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    burst: u32,
    interval_micros: u64,
}

impl Rate {
    /// A bucket of `burst` tokens (1 to 10,000) that gains one in each `interval` (1 us to a day); other values count as the nearest.
    #[must_use]
    pub fn new(burst: u32, interval: Duration) -> Self {
        let interval = interval.clamp(Duration::from_micros(1), MAX_INTERVAL);
        Self {
            burst: burst.clamp(1, MAX_COST),
            interval_micros: u64::try_from(interval.as_micros()).unwrap_or(u64::MAX),
        }
    }

    /// `tokens` at once, and as many again in each `period`, evenly: `Rate::of(20, hour)` is 20, then one in three minutes.
    #[must_use]
    pub fn of(tokens: u32, period: Duration) -> Self {
        Self::new(tokens, period / tokens.max(1))
    }

    /// Tokens of a full bucket.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// The time for one token.
    #[must_use]
    pub const fn interval(self) -> Duration {
        Duration::from_micros(self.interval_micros)
    }

    /// The time for one token, in microseconds; never 0.
    pub(super) const fn interval_micros(self) -> u64 {
        self.interval_micros
    }

    /// How long an empty bucket takes until it is full.
    #[must_use]
    pub const fn time_to_fill(self) -> Duration {
        Duration::from_micros(self.interval_micros * self.burst as u64)
    }

    /// A cost that the rate can count: 1 to 10,000.
    #[must_use]
    pub(super) fn cost(cost: u32) -> u32 {
        cost.clamp(1, MAX_COST)
    }

    /// Takes `cost` tokens at `now` from a bucket that is full at `full_at`, all in microseconds; returns when it is full now.
    ///
    /// What costs more than a full bucket passes when the bucket is full, and the bucket owes the rest: a large request is slow to follow,
    /// but never impossible.
    ///
    /// # Errors
    ///
    /// The time after which the same request passes, if nobody else takes anything. A refusal costs nothing.
    pub fn take(self, full_at: u64, now: u64, cost: u32) -> Result<u64, Duration> {
        let cost = Self::cost(cost);
        let full_at = full_at.max(now);
        // The bucket may be this far from full, so that what is needed is there.
        let spare = u64::from(self.burst - cost.min(self.burst)) * self.interval_micros;
        let wait = (full_at - now).saturating_sub(spare);
        if wait > 0 {
            return Err(Duration::from_micros(wait));
        }
        Ok(full_at + u64::from(cost) * self.interval_micros)
    }

    /// Takes `cost` tokens whether they are there or not; returns when the bucket is full now. What was not there is owed.
    #[must_use]
    pub fn charge(self, full_at: u64, now: u64, cost: u32) -> u64 {
        full_at.max(now) + u64::from(Self::cost(cost)) * self.interval_micros
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// B8
    #[test]
    fn a_burst_passes_and_the_next_is_told_when_to_come_back() {
        let rate = Rate::of(20, Duration::from_secs(3_600));
        assert_eq!(
            (rate.burst(), rate.interval()),
            (20, Duration::from_secs(180))
        );
        let (now, mut full_at) = (1_000_000, 0);
        for _ in 0..20 {
            full_at = rate.take(full_at, now, 1).unwrap();
        }
        let wait = rate.take(full_at, now, 1).unwrap_err();
        assert_eq!(wait, Duration::from_secs(180));
        assert!(rate.take(full_at, now + 179_999_999, 1).is_err());
        assert!(rate.take(full_at, now + 180_000_000, 1).is_ok());
    }

    /// [M9]: an outbox that was filled offline is not stuck for ever.
    #[test]
    fn a_request_above_the_burst_passes_a_full_bucket_and_is_paid_back() {
        let rate = Rate::new(4, Duration::from_millis(500));
        let full_at = rate.take(0, 0, 64).unwrap();
        let wait = rate.take(full_at, 0, 1).unwrap_err();
        assert_eq!(wait, Duration::from_millis(30_500));
    }

    /// B8: what is charged after the fact is owed, also when many come at once.
    #[test]
    fn a_charge_takes_what_is_not_there() {
        let rate = Rate::new(2, Duration::from_secs(10));
        let full_at = (0..4).fold(0, |full_at, _| rate.charge(full_at, 0, 1));
        let wait = rate.take(full_at, 0, 1).unwrap_err();
        assert_eq!(wait, Duration::from_secs(30));
        assert!(rate.take(full_at, 30_000_000, 1).is_ok());
    }

    #[test]
    fn no_rate_is_endless_or_nothing() {
        let least = Rate::new(0, Duration::ZERO);
        assert_eq!(
            (least.burst(), least.interval()),
            (1, Duration::from_micros(1))
        );
        assert!(least.take(0, 0, 0).is_ok());
        let most = Rate::new(u32::MAX, Duration::MAX);
        // Until the year 2200, doubles hold every number of the script.
        let full_at = most.take(0, 7_258_118_400_000_000, u32::MAX).unwrap();
        assert!(full_at < 1 << 53, "{full_at}");
    }

    proptest! {
        /// B8
        #[test]
        fn never_more_than_the_rate_a_burst_and_one_request(
            steps in proptest::collection::vec((0_u64..2_000_000, 1_u32..65), 1..300),
        ) {
            let rate = Rate::new(4, Duration::from_millis(500));
            let (mut now, mut full_at, mut passed) = (0, 0, 0);
            for (step, cost) in steps {
                now += step;
                if let Ok(next) = rate.take(full_at, now, cost) {
                    (full_at, passed) = (next, passed + u64::from(cost));
                }
                prop_assert!(passed <= 4 + now / 500_000 + 64);
            }
        }
    }
}
