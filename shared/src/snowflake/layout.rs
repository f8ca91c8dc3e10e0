//! The bits of an id.

/// 2025-01-01T00:00:00Z in milliseconds since 1970. The time bits last until 2094.
pub const EPOCH_MILLIS: u64 = 1_735_689_600_000;

const WORKER_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;
const TIME_BITS: u32 = 41;

/// The largest worker number.
pub const MAX_WORKER: u16 = (1 << WORKER_BITS) - 1;

pub(super) const MAX_SEQUENCE: u16 = (1 << SEQUENCE_BITS) - 1;
pub(super) const MAX_MILLIS: u64 = EPOCH_MILLIS + (1 << TIME_BITS) - 1;

/// The number that tells the ids of two processes apart: 0 to [`MAX_WORKER`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkerId(u16);

impl WorkerId {
    /// None beyond [`MAX_WORKER`].
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number <= MAX_WORKER {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// What an id is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Parts {
    /// When it was made, in milliseconds since 1970; up to a minute off.
    pub millis: u64,
    /// Who made it.
    pub worker: WorkerId,
    /// Which of that millisecond.
    pub sequence: u16,
}

/// Takes an id apart. None if it has more than 63 bits.
#[must_use]
#[allow(clippy::cast_possible_truncation)]
pub fn parse(id: u64) -> Option<Parts> {
    let worker = (id >> SEQUENCE_BITS) as u16 & MAX_WORKER;
    (id >> 63 == 0).then_some(Parts {
        millis: (id >> (WORKER_BITS + SEQUENCE_BITS)) + EPOCH_MILLIS,
        worker: WorkerId(worker),
        sequence: id as u16 & MAX_SEQUENCE,
    })
}

/// Puts an id together; times outside the 41 bits are moved to their ends.
pub(super) fn compose(parts: Parts) -> u64 {
    let millis = parts.millis.clamp(EPOCH_MILLIS, MAX_MILLIS) - EPOCH_MILLIS;
    millis << (WORKER_BITS + SEQUENCE_BITS)
        | u64::from(parts.worker.0) << SEQUENCE_BITS
        | u64::from(parts.sequence & MAX_SEQUENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// J6: stored ids outlive this code.
    #[test]
    fn the_layout_is_pinned() {
        let parts = Parts {
            millis: EPOCH_MILLIS + 1,
            worker: WorkerId(2),
            sequence: 3,
        };
        assert_eq!(compose(parts), (1 << 22) + (2 << 12) + 3);
        assert_eq!(parse(1 << 63), None);
    }

    proptest! {
        /// J6.
        #[test]
        fn an_id_comes_apart_into_what_it_was_made_of(millis in EPOCH_MILLIS..=MAX_MILLIS, worker in 0..=MAX_WORKER, sequence in 0..=MAX_SEQUENCE) {
            let parts = Parts { millis, worker: WorkerId(worker), sequence };
            let id = compose(parts);
            prop_assert!(id < 1 << 63);
            prop_assert_eq!(parse(id), Some(parts));
        }
    }
}
