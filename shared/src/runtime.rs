//! Shutdown and backoff.

use std::time::Duration;

use rand::{Rng, RngExt};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first SIGTERM or SIGINT. Call it once, inside the runtime.
///
/// The task that waits for the signals lives as long as the process; signals after the first are ignored, because a stop has its own
/// deadlines.
///
/// # Errors
///
/// When the handlers cannot be registered.
pub fn shutdown() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping");
        cancelled.cancel();
    });
    Ok(token)
}

/// Waits that double up to a limit, each drawn from zero to the current bound ("full jitter"), so that many clients that failed
/// together do not come back together.
#[derive(Debug, Clone)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
    failures: u32,
}

impl Backoff {
    /// The first wait is at most `initial`, every wait at most `max`.
    #[must_use]
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            failures: 0,
        }
    }

    /// How long to wait after one more failure.
    pub fn next(&mut self, rng: &mut impl Rng) -> Duration {
        let bound = self.bound();
        self.failures = self.failures.saturating_add(1);
        rng.random_range(Duration::ZERO..=bound)
    }

    /// The longest that the next wait may be.
    #[must_use]
    pub fn bound(&self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.initial.saturating_mul(factor).min(self.max)
    }

    /// Failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// After a success: the next wait is short again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    proptest! {
        #[test]
        fn no_wait_is_longer_than_its_bound(seed: u64, initial in 1_u64..10_000, max in 1_u64..100_000, failures in 0_usize..100) {
            let (initial, max) = (Duration::from_millis(initial), Duration::from_millis(max));
            let mut backoff = Backoff::new(initial, max);
            let mut rng = StdRng::seed_from_u64(seed);
            for _ in 0..failures {
                let bound = backoff.bound();
                prop_assert!(bound <= max);
                prop_assert!(backoff.next(&mut rng) <= bound);
            }
            backoff.reset();
            prop_assert_eq!(backoff.bound(), initial.min(max));
        }
    }

    #[test]
    fn the_bound_doubles_up_to_the_limit() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let mut rng = StdRng::seed_from_u64(1);
        let bounds = [100, 200, 400, 800, 1_000, 1_000];
        for bound in bounds {
            assert_eq!(backoff.bound(), Duration::from_millis(bound));
            backoff.next(&mut rng);
        }
    }
}
