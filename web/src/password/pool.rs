//! Threads for work that takes long on a processor.
//!
//! They are the system's, not the runtime's, and give way to it: each lowers its own priority, so that a storm of logins costs
//! other requests next to nothing. At most `threads` jobs run and `queue` wait; more are refused with the time after which there
//! is room. A [`Place`] is room for a job that is not known yet: who needs other things first is refused before they are asked for. A job whose caller has left is not begun. The threads end when the pool is dropped.

use std::collections::VecDeque;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::error::ApiError;

/// Added to the niceness of the process: of two that want a processor, the runtime gets it nine times out of ten. Not 19: a busy node must
/// still let people in.
const NICENESS: i32 = 10;

/// What a job takes until one was measured: bcrypt of cost 10 (findings.md).
const FIRST_GUESS: Duration = Duration::from_millis(54);

type Job = Box<dyn FnOnce() + Send>;

pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: usize,
    queue: usize,
}

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

struct State {
    waiting: VecDeque<Job>,
    /// Places whose jobs are not there yet.
    reserved: usize,
    running: usize,
    /// How long a job takes, as the last ones did.
    usual: Duration,
    closed: bool,
}

impl Pool {
    pub(super) fn start(threads: usize, queue: usize) -> io::Result<Self> {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                waiting: VecDeque::with_capacity(queue),
                reserved: 0,
                running: 0,
                usual: FIRST_GUESS,
                closed: false,
            }),
            wake: Condvar::new(),
        });
        // Dropped on a failure: it ends the threads that did start.
        let pool = Self {
            shared,
            threads,
            queue,
        };
        for number in 0..threads {
            let shared = pool.shared.clone();
            // Ends when the pool is dropped.
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&shared))?;
        }
        Ok(pool)
    }

    /// Room for one job, until it is dropped.
    ///
    /// # Errors
    /// `RetryLater` when there is none.
    pub(super) fn place(&self) -> Result<Place, ApiError> {
        let mut state = self.shared.state.lock();
        let held = state.running + state.waiting.len() + state.reserved;
        if held >= self.threads + self.queue {
            metrics::counter!("im_password_refused_total").increment(1);
            return Err(ApiError::BusyFor {
                what: "the password pool",
                wait: wait(held, self.threads, state.usual),
            });
        }
        state.reserved += 1;
        Ok(Place(Some(self.shared.clone())))
    }
}

/// Room for one job.
pub(super) struct Place(Option<Arc<Shared>>);

impl Place {
    /// Runs `job` on one of the threads.
    ///
    /// # Errors
    /// `Internal` when it panicked.
    pub(super) async fn run<T: Send + 'static>(
        mut self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let (reply, done) = oneshot::channel();
        let asked = Instant::now();
        let job: Job = Box::new(move || {
            metrics::histogram!("im_password_wait_seconds").record(asked.elapsed().as_secs_f64());
            if !reply.is_closed() {
                let _ = reply.send(job());
            }
        });
        // From here on the job is what takes the room.
        if let Some(shared) = self.0.take() {
            let mut state = shared.state.lock();
            state.reserved -= 1;
            state.waiting.push_back(job);
            drop(state);
            shared.wake.notify_one();
        }
        let lost = |error| ApiError::internal("a job on a password thread ended", error);
        done.await.map_err(lost)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(shared) = &self.0 {
            shared.state.lock().reserved -= 1;
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state.lock().closed = true;
        self.shared.wake.notify_all();
    }
}

/// When what is held now will have been done.
fn wait(held: usize, threads: usize, usual: Duration) -> Duration {
    let rounds = held.div_ceil(threads);
    usual.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
}

fn work(shared: &Shared) {
    // Nobody but this thread: on Linux a priority is a thread's. Refused where it is forbidden to change it; then it stays.
    let inherited = rustix::process::getpriority_process(None).unwrap_or(0);
    if let Err(error) = rustix::process::setpriority_process(None, inherited + NICENESS) {
        tracing::warn!(%error, "a password thread keeps the usual priority");
    }
    while let Some(job) = next(shared) {
        metrics::gauge!("im_password_jobs").increment(1);
        let began = Instant::now();
        // Whoever waits for the job learns of it: the reply is dropped with it. The panic's own text is logged by the program's hook.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(job));
        metrics::gauge!("im_password_jobs").decrement(1);
        let mut state = shared.state.lock();
        state.running -= 1;
        state.usual = (state.usual * 7 + began.elapsed()) / 8;
    }
}

/// Waits for a job; none when the pool is gone.
fn next(shared: &Shared) -> Option<Job> {
    let mut state = shared.state.lock();
    loop {
        if let Some(job) = state.waiting.pop_front() {
            state.running += 1;
            return Some(job);
        }
        if state.closed {
            return None;
        }
        shared.wake.wait(&mut state);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::mpsc;

    use futures_util::future::join_all;

    use super::*;

    /// A15: what runs and what waits is bounded, and who is refused learns how long the rest takes.
    #[tokio::test]
    async fn a_full_pool_says_how_long_it_is_busy() {
        let pool = Arc::new(Pool::start(1, 2).unwrap());
        let (release, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.place()?.run(move || held.recv().unwrap()).await }
        });
        while pool.shared.state.lock().running == 0 {
            tokio::task::yield_now().await;
        }
        let second = (0..2).map(|number| {
            let pool = pool.clone();
            tokio::spawn(async move { pool.place()?.run(move || number).await })
        });
        let second: Vec<_> = second.collect();
        while pool.shared.state.lock().waiting.len() < 2 {
            tokio::task::yield_now().await;
        }
        let Err(ApiError::BusyFor { wait, .. }) = pool.place() else {
            panic!("there is room");
        };
        assert_eq!(wait, FIRST_GUESS * 3);
        release.send(()).unwrap();
        first.await.unwrap().unwrap();
        for done in join_all(second).await {
            done.unwrap().unwrap();
        }
    }

    /// A15: room is held for a job that is still to come, and given back with it or without.
    #[tokio::test]
    async fn a_place_is_room_until_it_is_dropped() {
        let pool = Pool::start(1, 1).unwrap();
        let (first, second) = (pool.place().unwrap(), pool.place().unwrap());
        assert!(pool.place().is_err());
        drop(first);
        let third = pool.place().unwrap();
        assert!(pool.place().is_err());
        second.run(|| ()).await.unwrap();
        third.run(|| ()).await.unwrap();
        while pool.shared.state.lock().running > 0 {
            tokio::task::yield_now().await;
        }
        let all = [pool.place(), pool.place()];
        assert!(all.iter().all(Result::is_ok));
    }

    /// A15: work that nobody waits for is not done.
    #[tokio::test]
    async fn what_a_caller_left_is_not_begun() {
        let pool = Arc::new(Pool::start(1, 8).unwrap());
        let (release, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.place()?.run(move || held.recv().unwrap()).await }
        });
        while pool.shared.state.lock().running == 0 {
            tokio::task::yield_now().await;
        }
        let (began, begun) = mpsc::channel::<()>();
        let left = tokio::spawn({
            let pool = pool.clone();
            async move { pool.place()?.run(move || began.send(())).await }
        });
        while pool.shared.state.lock().waiting.is_empty() {
            tokio::task::yield_now().await;
        }
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
        release.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert!(begun.recv().is_err(), "its sender was dropped unused");
    }

    /// B6: the threads give way to the runtime.
    #[tokio::test]
    async fn the_threads_have_a_lower_priority() {
        let pool = Pool::start(1, 1).unwrap();
        let here = rustix::process::getpriority_process(None).unwrap();
        let place = pool.place().unwrap();
        let there = place.run(|| rustix::process::getpriority_process(None).unwrap());
        assert_eq!(there.await.unwrap(), (here + NICENESS).min(19));
    }

    /// A panic is told to who waits, and the thread goes on.
    #[tokio::test]
    async fn a_job_that_panics_takes_no_thread_with_it() {
        let pool = Pool::start(1, 1).unwrap();
        let place = pool.place().unwrap();
        let lost = place.run(|| -> () { panic!("on purpose") }).await;
        assert!(matches!(lost, Err(ApiError::Internal { .. })));
        assert_eq!(pool.place().unwrap().run(|| 7).await.unwrap(), 7);
    }

    #[test]
    fn the_wait_is_what_is_held_over_the_threads() {
        let usual = Duration::from_millis(54);
        assert_eq!(wait(66, 2, usual), Duration::from_millis(54 * 33));
        assert_eq!(wait(1, 4, usual), usual);
    }
}
