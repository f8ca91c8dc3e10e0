//! The world chat: one conversation that is always there and has everybody as a member ([M9]).
//!
//! It has no member rows, so nothing about it is looked up: who is signed in may write, as fast as their bucket allows. Its messages take the
//! same path as all others; only their fan-out differs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use im_shared::ids::{Seq, UserId};
use im_shared::wire::Code;
use parking_lot::Mutex;

use crate::config::WorldConfig;
use crate::pending::Refusal;
use crate::rate::{Buckets, Rate};

/// Writers that are remembered, at about 50 bytes each.
const MAX_WRITERS: usize = 100_000;

/// What this worker knows of the world chat. A cheap clone.
#[derive(Debug, Clone)]
pub struct WorldChat(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    buckets: Mutex<Buckets>,
    tip: AtomicU64,
}

impl WorldChat {
    /// With full buckets.
    #[must_use]
    pub fn new(config: &WorldConfig) -> Self {
        let rate = Rate {
            per_second: config.messages_per_second,
            burst: f64::from(config.burst),
        };
        Self(Arc::new(Inner {
            buckets: Mutex::new(Buckets::new(rate, MAX_WRITERS)),
            tip: AtomicU64::new(0),
        }))
    }

    /// Lets `user` write so many messages. Repeats count as well: each of them is pushed to everybody again ([M4]).
    ///
    /// # Errors
    ///
    /// `RetryLater` with the time after which the same request passes.
    pub fn admit(&self, user: UserId, messages: usize) -> Result<(), Refusal> {
        let cost = f64::from(u32::try_from(messages).unwrap_or(u32::MAX));
        let taken = self.0.buckets.lock().take(user, cost, Instant::now());
        taken.map_err(|wait| Refusal {
            code: Code::RetryLater,
            // The wire has whole milliseconds; one rounded down would be one too early.
            retry_after: Some(wait + Duration::from_millis(1)),
        })
    }

    /// The log holds `seq`.
    pub fn learn(&self, seq: Seq) {
        self.0.tip.fetch_max(seq.0, Ordering::Relaxed);
    }

    /// The highest seq that the log is known to hold: a lower bound of the tip.
    #[must_use]
    pub fn known_tip(&self) -> Seq {
        Seq(self.0.tip.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// [M9]: the sixth message at once is told when to come back.
    #[test]
    fn a_fast_writer_is_told_to_wait() {
        let world = WorldChat::new(&WorldConfig::default());
        assert_eq!(world.admit(UserId(1), 5), Ok(()));
        let refusal = world.admit(UserId(1), 1).unwrap_err();
        assert_eq!(refusal.code, Code::RetryLater);
        let wait = refusal.retry_after.unwrap();
        assert!(wait > Duration::from_millis(500) && wait <= Duration::from_millis(1_001));
    }

    /// [R6]
    #[test]
    fn the_known_tip_never_falls() {
        let world = WorldChat::new(&WorldConfig::default());
        world.learn(Seq(7));
        world.learn(Seq(3));
        assert_eq!(world.known_tip(), Seq(7));
    }
}
