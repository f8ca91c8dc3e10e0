//! Session ids: larger is newer, on one node always and between nodes as far as their clocks agree.
//!
//! 41 bits of milliseconds since 1970 and 22 random bits, so that two nodes do not give the same id and nobody guesses
//! one. Within a millisecond, and when the clock steps back, the id counts on from the last.

use std::sync::atomic::{AtomicU64, Ordering};

use im_shared::ids::SessionId;

const RANDOM_BITS: u32 = 22;

/// Gives the ids of one node.
#[derive(Debug, Default)]
pub(crate) struct SessionIds {
    last: AtomicU64,
}

impl SessionIds {
    /// The id of a session that opens at `now_ms` (milliseconds since 1970); `random` fills the low bits.
    pub(crate) fn next(&self, now_ms: u64, random: u32) -> SessionId {
        let low = u64::from(random) & ((1 << RANDOM_BITS) - 1);
        // 63 bits hold until 2039; masked, so that a wild clock cannot reach the sign bit.
        let wanted = ((now_ms << RANDOM_BITS) | low) & (i64::MAX as u64);
        let last = self.last.fetch_max(wanted, Ordering::Relaxed);
        if wanted > last {
            SessionId(wanted)
        } else {
            SessionId(self.last.fetch_add(1, Ordering::Relaxed) + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// [S8]
        #[test]
        fn later_sessions_have_larger_ids_even_when_the_clock_steps_back(
            steps in prop::collection::vec((-5_000i64..5_000, any::<u32>()), 1..200),
        ) {
            let ids = SessionIds::default();
            let mut now = 1_800_000_000_000i64;
            let mut last = SessionId(0);
            for (step, random) in steps {
                now += step;
                let id = ids.next(now as u64, random);
                prop_assert!(id > last);
                prop_assert!(id.0 <= i64::MAX as u64);
                last = id;
            }
        }
    }
}
