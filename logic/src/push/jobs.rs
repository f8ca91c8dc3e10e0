//! Takes jobs that are due, over all workers, and works on some of them at a time.
//!
//! Each channel has places of its own, so that a webhook that hangs holds up nothing but itself: at most its places are taken, each until
//! the deadline of its request.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::pass::Passes;
use crate::store::Channel;

/// What is under way at a stop may take so long; then it is cut off, and its jobs are due again after their lease.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

/// Works on jobs. A cheap clone.
#[derive(Clone)]
pub(super) struct Jobs {
    passes: Arc<Passes>,
}

impl Jobs {
    pub(super) fn new(passes: Arc<Passes>) -> Self {
        Self { passes }
    }

    /// Works on `places` jobs of a channel at a time, until `stop`.
    pub(super) async fn run(self, channel: Channel, places: usize, stop: CancellationToken) {
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            let free = places.saturating_sub(running.len());
            let taken = match free {
                0 => Vec::new(),
                _ => self.passes.take(channel, free).await,
            };
            for job in taken {
                let passes = Arc::clone(&self.passes);
                running.spawn(async move { passes.run(channel, job).await });
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Some(ended) = running.join_next(), if !running.is_empty() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, channel = channel.name(), "a push job failed");
                    }
                }
                // With every place taken, the next look is when one is free.
                () = tokio::time::sleep(self.passes.poll()), if running.len() < places => {}
            }
        }
        let finish = async { while running.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(FINISH_WITHIN, finish).await;
    }
}
