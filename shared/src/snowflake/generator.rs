//! The next id of one worker number, at a given time.

use super::layout::{EPOCH_MILLIS, MAX_MILLIS, MAX_SEQUENCE, Parts, WorkerId, compose};

/// All ids up to the bound are used; there will be more after the next renewal of the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no id is left before the bound")]
pub struct Exhausted;

/// Gives each id once. When the clock steps back, it goes on from the last time that it used; when a millisecond is used up, it borrows
/// from the next one. It never goes beyond a bound, which the holder of the worker number has written down before.
#[derive(Debug)]
pub struct Generator {
    worker: WorkerId,
    millis: u64,
    /// Of `millis`; more than the largest when all are used.
    next_sequence: u16,
    bound_millis: u64,
}

impl Generator {
    /// Ids later than `floor_millis` and no later than `bound_millis`, both in milliseconds since 1970.
    #[must_use]
    pub fn new(worker: WorkerId, floor_millis: u64, bound_millis: u64) -> Self {
        Self {
            worker,
            millis: floor_millis.saturating_add(1).max(EPOCH_MILLIS),
            next_sequence: 0,
            bound_millis: bound_millis.min(MAX_MILLIS),
        }
    }

    /// Whose ids these are.
    #[must_use]
    pub const fn worker(&self) -> WorkerId {
        self.worker
    }

    /// No id that was given has a later time; milliseconds since 1970.
    #[must_use]
    pub const fn last_millis(&self) -> u64 {
        self.millis
    }

    /// Moves the bound; it never moves back.
    pub fn extend(&mut self, bound_millis: u64) {
        self.bound_millis = self.bound_millis.max(bound_millis.min(MAX_MILLIS));
    }

    /// The next id, when the clock says `now_millis`.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the bound is reached.
    pub fn next(&mut self, now_millis: u64) -> Result<u64, Exhausted> {
        let (millis, sequence) = if now_millis > self.millis {
            (now_millis, 0)
        } else if self.next_sequence <= MAX_SEQUENCE {
            (self.millis, self.next_sequence)
        } else {
            (self.millis + 1, 0)
        };
        if millis > self.bound_millis {
            return Err(Exhausted);
        }
        self.millis = millis;
        self.next_sequence = sequence + 1;
        Ok(compose(Parts {
            millis,
            worker: self.worker,
            sequence,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::snowflake::parse;
    use proptest::prelude::*;

    const START: u64 = EPOCH_MILLIS + 1_000_000;

    fn generator(bound: u64) -> Generator {
        Generator::new(WorkerId::new(5).unwrap(), START, bound)
    }

    proptest! {
        /// I5: whatever the clock does, ids grow and none comes twice.
        #[test]
        fn ids_grow_whatever_the_clock_does(clock in prop::collection::vec((-5_000_i64..5_000, 1_usize..200), 1..60)) {
            let mut generator = generator(u64::MAX);
            let (mut now, mut last) = (START, 0);
            for (step, ids) in clock {
                now = now.saturating_add_signed(step);
                for _ in 0..ids {
                    let id = generator.next(now).unwrap();
                    prop_assert!(id > last);
                    prop_assert!(parse(id).unwrap().millis > START);
                    last = id;
                }
            }
        }

        /// I5: two holders of a number, one after the other, never give the same id.
        #[test]
        fn the_next_holder_begins_after_the_bound(first in 0_u64..3, second in 0_u64..3, ids in 1_usize..10_000) {
            let mut before = generator(START + 2);
            let mut seen = HashSet::new();
            for _ in 0..ids {
                if let Ok(id) = before.next(START + first) {
                    prop_assert!(seen.insert(id));
                }
            }
            let mut after = Generator::new(before.worker(), START + 2, u64::MAX);
            for _ in 0..ids {
                prop_assert!(seen.insert(after.next(START + second).unwrap()));
            }
        }
    }

    #[test]
    fn a_full_millisecond_borrows_from_the_next_one() {
        let mut generator = generator(u64::MAX);
        let now = START + 10;
        for _ in 0..=MAX_SEQUENCE {
            assert_eq!(parse(generator.next(now).unwrap()).unwrap().millis, now);
        }
        let parts = parse(generator.next(now).unwrap()).unwrap();
        assert_eq!((parts.millis, parts.sequence), (now + 1, 0));
    }

    /// I5.
    #[test]
    fn nothing_is_given_beyond_the_bound() {
        let mut generator = generator(START + 1);
        for _ in 0..=MAX_SEQUENCE {
            generator.next(START).unwrap();
        }
        assert_eq!(generator.next(START), Err(Exhausted));
        assert_eq!(generator.next(START + 2), Err(Exhausted));
        generator.extend(START + 2);
        assert!(generator.next(START).is_ok());
        assert_eq!(generator.last_millis(), START + 2);
    }
}
