//! One thread on which pictures are decoded, one after the other. One, because memory that was freed stays with the allocator's arena of a
//! thread: spread over a pool of threads, each would keep what one picture takes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use tokio::sync::oneshot;

use crate::error::ApiError;

type Job = Box<dyn FnOnce() + Send>;

/// The thread; it ends with this.
#[derive(Debug)]
pub(super) struct Desk(mpsc::Sender<Job>);

impl Desk {
    /// Starts the thread.
    pub(super) fn new() -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name("pictures".to_owned())
            .spawn(move || {
                while let Ok(job) = waiting.recv() {
                    job();
                }
            })?;
        Ok(Self(jobs))
    }

    /// Does `work` when it is its turn. Whoever does not wait any longer has it done all the same.
    ///
    /// # Errors
    /// `Internal`: it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            // The thread goes on; who waits sees that there is no answer.
            if let Ok(done) = catch_unwind(AssertUnwindSafe(work)) {
                drop(answer.send(done));
            }
        };
        let sent = self.0.send(Box::new(job));
        sent.map_err(|_| ApiError::internal("looking at a picture", "the thread has ended"))?;
        answered
            .await
            .map_err(|error| ApiError::internal("looking at a picture", error))
    }
}
