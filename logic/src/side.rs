//! Work off the message path, with bounded concurrency: what asks PostgreSQL for something before it can go on or be answered.
//!
//! Each piece of work is a task of its own, owned by the [`Side`] that started it; [`Side::finish`] waits for all of them.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::metrics;

/// A bounded number of tasks that run, and a bounded number that wait for their turn. A cheap clone.
#[derive(Debug, Clone)]
pub struct Side {
    name: &'static str,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// There is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("full")]
pub struct Full;

impl Side {
    /// `running` at a time, `waiting` more in the queue. `name` labels the metrics.
    #[must_use]
    pub fn new(name: &'static str, running: usize, waiting: usize) -> Self {
        Self {
            name,
            places: Arc::new(Semaphore::new(running + waiting)),
            turns: Arc::new(Semaphore::new(running)),
            tasks: TaskTracker::new(),
        }
    }

    /// Starts `work` now or when it is its turn. Never waits.
    ///
    /// # Errors
    ///
    /// Too much is waiting; `work` is not started.
    pub fn start(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), Full> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            metrics::full(self.name);
            return Err(Full);
        };
        let turns = Arc::clone(&self.turns);
        self.tasks.spawn(async move {
            let _place = place;
            // The semaphore is never closed.
            let _turn = turns.acquire().await;
            work.await;
        });
        metrics::under_way(self.name, self.tasks.len());
        Ok(())
    }

    /// Waits until everything that was started has ended.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A15
    #[tokio::test]
    async fn what_has_no_place_is_refused_at_once_and_what_has_one_runs_in_turn() {
        let side = Side::new("test", 1, 1);
        let gate = Arc::new(Semaphore::new(0));
        let work = || {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
            }
        };
        assert_eq!(side.start(work()), Ok(()));
        assert_eq!(side.start(work()), Ok(()));
        assert_eq!(side.start(work()), Err(Full));
        gate.add_permits(2);
        side.finish().await;
        assert_eq!(side.start(async {}), Ok(()));
    }
}
