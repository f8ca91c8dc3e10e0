//! How the sessions of a stopping node are asked to leave (decision 16): in random order, at an even pace, then ended.
//! [`Plan`] is pure.

use std::sync::Arc;
use std::time::Duration;

use im_shared::wire::{self, CloseCode, Drain, Frame};
use rand::Rng;
use rand::seq::SliceRandom;
use tokio::time::{Instant, sleep, timeout};

use crate::node::Node;
use crate::outbox::Kind;
use crate::sessions::Handle;

/// How often it is looked who is next.
const STEP: Duration = Duration::from_millis(20);
/// How long sessions may take to end after the window: a last write, a close, and Redis.
const END_WAIT: Duration = Duration::from_secs(5);

/// The part of the window in which `Drain` frames go out; the rest is for the last to move.
const SPREAD_PERCENT: u32 = 60;

/// Who is asked when.
#[derive(Debug)]
pub(crate) struct Plan<T> {
    /// In reverse, so that the next one is at the end.
    order: Vec<T>,
    total: usize,
    window: Duration,
}

impl<T> Plan<T> {
    /// Random order, so that neither the oldest nor one tenant's sessions all move first.
    pub(crate) fn new(mut sessions: Vec<T>, window: Duration, random: &mut impl Rng) -> Self {
        sessions.shuffle(random);
        Self {
            total: sessions.len(),
            order: sessions,
            window,
        }
    }

    /// Everybody whose turn has come after `elapsed`, each once.
    pub(crate) fn due(&mut self, elapsed: Duration) -> Vec<T> {
        let spread = self.window * SPREAD_PERCENT / 100;
        let due = if elapsed >= spread {
            self.total
        } else {
            let share = elapsed.as_secs_f64() / spread.as_secs_f64();
            // The first is asked at once.
            ((self.total as f64 * share) as usize + 1).min(self.total)
        };
        let left = self.total - due;
        if left >= self.order.len() {
            return Vec::new();
        }
        self.order.split_off(left)
    }

    /// Whether everybody was asked.
    pub(crate) fn is_done(&self) -> bool {
        self.order.is_empty()
    }
}

/// Resolves when every session has left, after the window and what their ends take at the latest.
pub(crate) async fn run(node: &Node) {
    let window = Duration::from_millis(node.config.drain.window_ms);
    let started = Instant::now();
    node.tasks.close();
    let mut plan = Plan::new(node.sessions.all(), window, &mut rand::rng());
    tracing::info!(
        sessions = plan.total,
        window_ms = node.config.drain.window_ms,
        "draining"
    );
    while started.elapsed() < window && !(plan.is_done() && node.tasks.is_empty()) {
        let elapsed = started.elapsed();
        for handle in plan.due(elapsed) {
            ask(&handle, window.saturating_sub(elapsed));
        }
        sleep(STEP).await;
    }
    let left = node.sessions.all();
    if !left.is_empty() {
        tracing::info!(
            sessions = left.len(),
            "the drain window is over: sessions are closed"
        );
    }
    for handle in left {
        handle.outbox.close(CloseCode::GoingAway);
    }
    if timeout(END_WAIT, node.tasks.wait()).await.is_err() {
        tracing::warn!(
            connections = node.tasks.len(),
            "connections did not end in time"
        );
    }
}

fn ask(handle: &Arc<Handle>, left: Duration) {
    let within_ms = u32::try_from(left.as_millis()).unwrap_or(u32::MAX);
    // A client that does not even read this is closed when the window ends.
    handle.outbox.offer(
        Kind::Control,
        &wire::encode(&Frame::push(Drain { within_ms })),
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    proptest! {
        /// Decision 16
        #[test]
        fn everybody_is_asked_once_within_the_spread_and_never_in_a_storm(
            count in 0usize..2_000, window_ms in 1u64..60_000, seed in any::<u64>(),
        ) {
            let window = Duration::from_millis(window_ms);
            let mut plan = Plan::new((0..count).collect(), window, &mut StdRng::seed_from_u64(seed));
            let mut asked = BTreeSet::new();
            let steps = 100u32;
            for step in 0..=steps {
                let due = plan.due(window * step / steps);
                prop_assert!(due.len() <= count / 30 + 2, "{} at once of {count}", due.len());
                for session in due {
                    prop_assert!(asked.insert(session));
                }
            }
            prop_assert_eq!(asked.len(), count);
            prop_assert!(plan.is_done());
        }
    }
}
