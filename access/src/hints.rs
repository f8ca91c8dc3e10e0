//! Tells all sessions to sync after something may have been lost ([R8]), spread over a time, so that they do not all ask
//! at once. One task, owned by `App`; it ends with the token.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
use crate::sessions::Sessions;

/// Sessions are hinted in steps of this length.
const STEP: Duration = Duration::from_millis(10);

/// Asks for a round. A cheap clone. Requests during a round make one more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    requested: Arc<Notify>,
}

impl Hints {
    /// Every session that is open now gets a `SyncHint` soon.
    pub(crate) fn request(&self) {
        self.requested.notify_one();
    }

    /// Serves requests until `stop`. A round takes up to `spread`, and a session is hinted once a second at most (its
    /// outbox sees to that).
    pub(crate) async fn run(
        self,
        sessions: Sessions,
        metrics: Metrics,
        spread: Duration,
        stop: CancellationToken,
    ) {
        let rounds = async {
            loop {
                self.requested.notified().await;
                round(&sessions, &metrics, spread).await;
            }
        };
        stop.run_until_cancelled(rounds).await;
    }
}

async fn round(sessions: &Sessions, metrics: &Metrics, spread: Duration) {
    let all = sessions.all();
    tracing::info!(sessions = all.len(), "sessions are told to sync");
    let steps = (spread.as_millis() / STEP.as_millis()).max(1) as usize;
    let mut at = Instant::now();
    for batch in all.chunks(all.len().div_ceil(steps).max(1)) {
        for handle in batch {
            handle.outbox.hint();
            metrics.hint();
        }
        at += STEP;
        sleep_until(at).await;
    }
}
