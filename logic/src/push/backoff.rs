//! How long after a failure something is tried again. Pure.

use std::time::Duration;

/// After the first failure.
const FIRST: Duration = Duration::from_secs(5);

/// Never longer.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The wait after the `failures`-th failure in a row: 5 s, doubling up to an hour. `spread` from 0 to 1 takes up to a fifth off, so that what
/// failed together does not come back together. A longer wait that the other side asked for is respected, up to an hour.
#[must_use]
pub(super) fn after(failures: u32, spread: f64, asked: Option<Duration>) -> Duration {
    let doubled = 2_u32
        .checked_pow(failures.saturating_sub(1))
        .and_then(|factor| FIRST.checked_mul(factor))
        .map_or(LONGEST, |wait| wait.min(LONGEST));
    let own = doubled.mul_f64(1.0 - spread.clamp(0.0, 1.0) / 5.0);
    asked.map_or(own, |asked| own.max(asked.min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E6
    #[test]
    fn the_wait_doubles_from_five_seconds_to_an_hour() {
        let waits: Vec<u64> = (1..=13).map(|n| after(n, 0.0, None).as_secs()).collect();
        assert_eq!(
            waits,
            [
                5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600, 3_600
            ]
        );
        assert_eq!(after(u32::MAX, 0.0, None), LONGEST);
        assert_eq!(after(0, 0.0, None), FIRST);
        assert_eq!(after(1, 1.0, None), Duration::from_secs(4));
    }

    /// RFC 9110, 10.2.3
    #[test]
    fn a_longer_wait_that_was_asked_for_is_respected_up_to_an_hour() {
        let asked = |secs| Some(Duration::from_secs(secs));
        assert_eq!(after(1, 0.0, asked(60)).as_secs(), 60);
        assert_eq!(after(5, 0.0, asked(60)).as_secs(), 80);
        assert_eq!(after(1, 0.0, asked(1_000_000)), LONGEST);
    }
}
