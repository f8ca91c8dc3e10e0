//! Pushes to large groups, in the background and on whatever worker has time (E4).
//!
//! The worker that committed publishes one carrier for all that its batch has for a group, and acknowledges: it looks at nobody's location,
//! and what the rest costs depends on the members who are online. Whoever takes the carrier from the queue group answers once
//! everything is published; without an answer the same carrier is published again, and pushes twice do no harm ([R2]).
//!
//! | file | what it holds |
//! |---|---|
//! | `worker` | takes carriers, finds who is online, pushes |

mod worker;

use std::sync::Arc;
use std::time::Duration;

use im_shared::bus::{Bus, BusError, GroupPush, encode_group_push};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub use self::worker::Worker;
use crate::config::FanoutConfig;
use crate::metrics;
use crate::pending::Refusal;

/// Tries of one carrier in all.
const ATTEMPTS: usize = 3;

/// Hands pushes for large groups to whichever worker takes them. A cheap clone.
#[derive(Debug, Clone)]
pub struct Tasks {
    bus: Bus,
    places: Arc<Semaphore>,
    deadline: Duration,
    waiting: TaskTracker,
}

impl Tasks {
    /// At most `fanout.tasks_waiting` carriers wait for their answers.
    #[must_use]
    pub fn new(bus: Bus, config: &FanoutConfig) -> Self {
        Self {
            bus,
            places: Arc::new(Semaphore::new(config.tasks_waiting)),
            deadline: Duration::from_millis(config.task_deadline_ms),
            waiting: TaskTracker::new(),
        }
    }

    /// Publishes `push`. It is on its way when this returns; whether it arrives is watched over from here on.
    ///
    /// # Errors
    ///
    /// Too much waits, or the bus has no room: nothing was published.
    pub async fn send(&self, push: &GroupPush) -> Result<(), Refusal> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            metrics::full("tasks");
            return Err(Refusal::FULL);
        };
        let payload = encode_group_push(push);
        let subject = self.bus.subjects().task();
        let asked = self.bus.ask(subject.clone(), payload.clone()).await;
        let mut asked = asked.map_err(|error| {
            tracing::warn!(%error, group = %push.conversation, "a push to a large group was not published");
            metrics::not_published("failed");
            Refusal::UNAVAILABLE
        })?;
        let (bus, deadline, group) = (self.bus.clone(), self.deadline, push.conversation);
        self.waiting.spawn(async move {
            let _place = place;
            for attempt in 1..=ATTEMPTS {
                let error = match asked.answer(deadline).await {
                    Ok(_) => return metrics::task("done"),
                    Err(error) => error,
                };
                if attempt == ATTEMPTS {
                    // The members find it with the next entry, at the next sync or by their heartbeats.
                    tracing::error!(%error, %group, "a push to a large group is lost");
                    return metrics::task("lost");
                }
                metrics::task("again");
                // Nobody listens for a moment when the last worker but one has just gone.
                if matches!(error, BusError::NoResponders) {
                    tokio::time::sleep(deadline).await;
                }
                match bus.ask(subject.clone(), payload.clone()).await {
                    Ok(again) => asked = again,
                    Err(error) => {
                        tracing::error!(%error, %group, "a push to a large group is lost");
                        return metrics::task("lost");
                    }
                }
            }
        });
        Ok(())
    }

    /// Waits until every carrier is answered, or given up.
    pub async fn finish(&self) {
        self.waiting.close();
        self.waiting.wait().await;
    }
}
