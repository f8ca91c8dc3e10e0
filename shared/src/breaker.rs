//! A circuit breaker: who failed again and again is not asked for a while, so that nobody waits for a dependency that is away (mission J9).
//!
//! Closed, every call passes. After [`Policy::failures`] in a row, or when half of many calls failed, it opens: calls are refused at once.
//! After a while one call is let through as a probe; it closes the breaker, or opens it again for twice as long. [`Core`] is the pure
//! state machine, which gets the time as an argument; [`Breaker`] is the handle that programs share.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// So many failures in a row open it.
    pub failures: u32,
    /// So many calls within `window`, of which half failed, open it too.
    pub calls: u32,
    /// How long calls are counted together.
    pub window: Duration,
    /// How long it stays open at first.
    pub rest: Duration,
    /// How long it stays open at most: it doubles with each probe that fails.
    pub longest_rest: Duration,
    /// A call that takes longer has failed, and is given up.
    pub patience: Duration,
}

impl Default for Policy {
    /// 5 failures in a row, or half of 20 calls in 10 s; open for 0.5 s, doubling to 4 s; calls may take 2 s.
    fn default() -> Self {
        Self {
            failures: 5,
            calls: 20,
            window: Duration::from_secs(10),
            rest: Duration::from_millis(500),
            longest_rest: Duration::from_secs(4),
            patience: Duration::from_secs(2),
        }
    }
}

impl Policy {
    /// As the default, for calls that may take so long.
    #[must_use]
    pub fn patient_for(patience: Duration) -> Self {
        Self {
            patience,
            ..Self::default()
        }
    }
}

/// What a breaker does with calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They pass.
    Closed,
    /// One is let through to see whether it works again.
    HalfOpen,
    /// They are refused.
    Open,
}

/// Permission for one call, given back with its outcome. It is of one era of the breaker; the outcome of an earlier one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    era: u64,
    is_probe: bool,
}

/// The state machine, without clock and lock.
#[derive(Debug)]
pub struct Core {
    policy: Policy,
    state: State,
    era: u64,
    window_began: Instant,
    calls: u32,
    failed: u32,
    in_a_row: u32,
    rest: Duration,
    open_until: Instant,
}

impl Core {
    /// Closed.
    #[must_use]
    pub fn new(policy: Policy, now: Instant) -> Self {
        Self {
            policy,
            state: State::Closed,
            era: 0,
            window_began: now,
            calls: 0,
            failed: 0,
            in_a_row: 0,
            rest: policy.rest,
            open_until: now,
        }
    }

    /// What it does with calls now.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Lets a call pass.
    ///
    /// # Errors
    ///
    /// It is open; the time after which asking again makes sense.
    pub fn admit(&mut self, now: Instant) -> Result<Ticket, Duration> {
        match self.state {
            State::Closed => Ok(self.ticket(false)),
            State::Open if now >= self.open_until => {
                self.turn(State::HalfOpen);
                Ok(self.ticket(true))
            }
            State::Open => Err(self.open_until - now),
            // The probe is under way.
            State::HalfOpen => Err(self.policy.rest),
        }
    }

    /// The call worked.
    pub fn succeeded(&mut self, ticket: Ticket, now: Instant) {
        if ticket.era != self.era {
            return;
        }
        if ticket.is_probe {
            self.rest = self.policy.rest;
            self.turn(State::Closed);
            self.begin_window(now);
            return;
        }
        self.count(now);
        self.in_a_row = 0;
    }

    /// The call failed.
    pub fn failed(&mut self, ticket: Ticket, now: Instant) {
        if ticket.era != self.era {
            return;
        }
        if ticket.is_probe {
            self.rest = (self.rest * 2).min(self.policy.longest_rest);
            self.open(now);
            return;
        }
        self.count(now);
        self.failed += 1;
        self.in_a_row += 1;
        let mostly = self.calls >= self.policy.calls && self.failed * 2 >= self.calls;
        if self.in_a_row >= self.policy.failures || mostly {
            self.open(now);
        }
    }

    /// Nobody waited for the outcome. Of a probe it is a failure, for nobody else may ask before there is one.
    pub fn abandoned(&mut self, ticket: Ticket, now: Instant) {
        if ticket.is_probe {
            self.failed(ticket, now);
        }
    }

    fn ticket(&self, is_probe: bool) -> Ticket {
        Ticket {
            era: self.era,
            is_probe,
        }
    }

    fn count(&mut self, now: Instant) {
        if now.saturating_duration_since(self.window_began) >= self.policy.window {
            self.begin_window(now);
        }
        self.calls += 1;
    }

    fn begin_window(&mut self, now: Instant) {
        (self.window_began, self.calls, self.failed, self.in_a_row) = (now, 0, 0, 0);
    }

    fn open(&mut self, now: Instant) {
        self.open_until = now + self.rest;
        self.turn(State::Open);
    }

    fn turn(&mut self, state: State) {
        self.state = state;
        self.era += 1;
    }
}

/// Why a call through a [`Breaker`] gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Broken<E> {
    /// It was not made: the breaker is open.
    #[error("{name} failed again and again and is left alone for a moment")]
    Open {
        /// The dependency.
        name: &'static str,
        /// After this time it makes sense to ask again.
        retry_after: Duration,
    },
    /// No answer within [`Policy::patience`].
    #[error("{name} did not answer in time")]
    Late {
        /// The dependency.
        name: &'static str,
    },
    /// It failed by itself.
    #[error(transparent)]
    Failed(#[from] E),
}

/// The breaker of one dependency. A cheap clone; all clones are one breaker.
///
/// `im_breaker_state{dependency}` is 0 closed, 1 half-open, 2 open; `im_breaker_opened_total` and `im_breaker_refused_total` count.
#[derive(Debug, Clone)]
pub struct Breaker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: &'static str,
    patience: Duration,
    core: Mutex<Core>,
}

impl Breaker {
    /// A closed one; `name` is the dependency in metrics and logs.
    #[must_use]
    pub fn new(name: &'static str, policy: Policy) -> Self {
        metrics::gauge!("im_breaker_state", "dependency" => name).set(0.0);
        Self(Arc::new(Inner {
            name,
            patience: policy.patience,
            core: Mutex::new(Core::new(policy, Instant::now())),
        }))
    }

    /// What it does with calls now.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.core.lock().state()
    }

    /// Makes the call, unless the breaker is open. Every error of it is a failure.
    ///
    /// # Errors
    ///
    /// The call's own, `Late`, or `Open` when it was not made.
    pub async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Broken<E>> {
        self.call_if(call, |_| true).await
    }

    /// As [`Breaker::call`], for a call whose error says nothing against the dependency unless `is_failure`.
    ///
    /// # Errors
    ///
    /// The call's own, `Late`, or `Open` when it was not made.
    pub async fn call_if<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        is_failure: impl FnOnce(&E) -> bool,
    ) -> Result<T, Broken<E>> {
        let mut call_of = self.enter()?;
        match tokio::time::timeout(self.0.patience, call).await {
            Ok(Ok(value)) => {
                call_of.end(Core::succeeded);
                Ok(value)
            }
            Ok(Err(error)) => {
                if is_failure(&error) {
                    call_of.end(Core::failed);
                } else {
                    call_of.end(Core::succeeded);
                }
                Err(Broken::Failed(error))
            }
            Err(_) => {
                call_of.end(Core::failed);
                let name = self.0.name;
                Err(Broken::Late { name })
            }
        }
    }

    fn enter<E>(&self) -> Result<Entered<'_>, Broken<E>> {
        let admitted = self.change(|core, now| core.admit(now));
        match admitted {
            Ok(ticket) => Ok(Entered {
                breaker: self,
                ticket: Some(ticket),
            }),
            Err(retry_after) => {
                let name = self.0.name;
                metrics::counter!("im_breaker_refused_total", "dependency" => name).increment(1);
                Err(Broken::Open { name, retry_after })
            }
        }
    }

    /// Changes the state, and tells where that led.
    fn change<T>(&self, change: impl FnOnce(&mut Core, Instant) -> T) -> T {
        let mut core = self.0.core.lock();
        let before = core.state();
        let result = change(&mut core, Instant::now());
        let after = core.state();
        drop(core);
        if before != after {
            let dependency = self.0.name;
            let told = match after {
                State::Closed => 0.0,
                State::HalfOpen => 1.0,
                State::Open => 2.0,
            };
            metrics::gauge!("im_breaker_state", "dependency" => dependency).set(told);
            match (before, after) {
                (_, State::Closed) => tracing::info!(dependency, "is asked again"),
                (State::Closed, State::Open) => {
                    metrics::counter!("im_breaker_opened_total", "dependency" => dependency)
                        .increment(1);
                    tracing::warn!(dependency, "failed again and again: is left alone");
                }
                _ => {}
            }
        }
        result
    }
}

/// A call that is under way; dropped without an end it was abandoned.
struct Entered<'a> {
    breaker: &'a Breaker,
    ticket: Option<Ticket>,
}

impl Entered<'_> {
    fn end(&mut self, outcome: fn(&mut Core, Ticket, Instant)) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.change(|core, now| outcome(core, ticket, now));
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.end(Core::abandoned);
    }
}

#[cfg(test)]
mod tests;
