//! The state of each dependency, and whether the program is ready.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use serde::Serialize;
use tokio_util::task::AbortOnDropHandle;

/// How often [`Dependency::probe`] asks.
const PROBE_EVERY: Duration = Duration::from_secs(2);

/// What `/ready` says of one dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DependencyState {
    /// It can be used.
    pub up: bool,
    /// The program is not ready without it; else it does with less.
    pub required: bool,
    /// Why not; empty when it is up.
    pub reason: String,
}

/// Whether the program is ready, and why not. A cheap clone.
#[derive(Debug, Clone, Default)]
pub struct Health {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ready: AtomicBool,
    dependencies: RwLock<BTreeMap<&'static str, DependencyState>>,
}

impl Health {
    /// Not ready, without dependencies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a dependency, which is down until it says otherwise. Without it the program is not ready.
    #[must_use]
    pub fn dependency(&self, name: &'static str) -> Dependency {
        self.add(name, true)
    }

    /// Adds a dependency that the program can do without, with less: it is ready all the same.
    #[must_use]
    pub fn optional_dependency(&self, name: &'static str) -> Dependency {
        self.add(name, false)
    }

    fn add(&self, name: &'static str, required: bool) -> Dependency {
        let dependency = Dependency {
            inner: Arc::clone(&self.inner),
            name,
            required,
        };
        dependency.down("not connected yet");
        dependency
    }

    /// Whether the program itself takes work: true after its start, false when it drains.
    pub fn set_ready(&self, ready: bool) {
        self.inner.ready.store(ready, Ordering::Release);
    }

    /// The program takes work and every dependency that it cannot do without is up.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.inner.ready.load(Ordering::Acquire)
            && self
                .inner
                .dependencies
                .read()
                .values()
                .all(|d| d.up || !d.required)
    }

    /// The state of each dependency.
    #[must_use]
    pub fn dependencies(&self) -> BTreeMap<&'static str, DependencyState> {
        self.inner.dependencies.read().clone()
    }
}

/// Reports the state of one dependency. A cheap clone.
#[derive(Debug, Clone)]
pub struct Dependency {
    inner: Arc<Inner>,
    name: &'static str,
    required: bool,
}

impl Dependency {
    /// It can be used.
    pub fn up(&self) {
        self.set(true, "");
    }

    /// It cannot be used. `reason` is shown to operators.
    pub fn down(&self, reason: impl AsRef<str>) {
        self.set(false, reason.as_ref());
    }

    /// Asks every two seconds whether it answers, until the handle is dropped.
    pub fn probe<F, Fut, E>(self, mut ask: F) -> AbortOnDropHandle<()>
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send,
        E: Error,
    {
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                match ask().await {
                    Ok(()) => self.up(),
                    Err(error) => self.down(chain(&error)),
                }
                tokio::time::sleep(PROBE_EVERY).await;
            }
        }))
    }

    fn set(&self, up: bool, reason: &str) {
        metrics::gauge!("im_dependency_up", "dependency" => self.name).set(f64::from(u8::from(up)));
        let mut dependencies = self.inner.dependencies.write();
        let was_up = dependencies.get(self.name).map(|state| state.up);
        let state = DependencyState {
            up,
            required: self.required,
            reason: reason.to_owned(),
        };
        dependencies.insert(self.name, state);
        drop(dependencies);
        let dependency = self.name;
        match (was_up, up) {
            (Some(false), true) => tracing::info!(dependency, "up"),
            (Some(true), false) => tracing::warn!(dependency, reason, "down"),
            _ => {}
        }
    }
}

/// The error and its sources in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K1.
    #[test]
    fn a_program_is_ready_when_it_says_so_and_everything_is_up() {
        let health = Health::new();
        let (redis, nats) = (health.dependency("redis"), health.dependency("nats"));
        health.set_ready(true);
        assert!(!health.is_ready());
        redis.up();
        assert!(!health.is_ready());
        nats.up();
        assert!(health.is_ready());
        redis.down("connection refused");
        assert!(!health.is_ready());
        assert_eq!(health.dependencies()["redis"].reason, "connection refused");
        redis.up();
        health.set_ready(false);
        assert!(!health.is_ready());
    }

    /// K1, J9: what a program can do without is named, and does not take it out of service.
    #[test]
    fn a_program_is_ready_without_what_it_can_do_without() {
        let health = Health::new();
        let redis = health.optional_dependency("redis");
        health.set_ready(true);
        assert!(health.is_ready());
        redis.down("connection refused");
        assert!(health.is_ready());
        let state = &health.dependencies()["redis"];
        assert!(!state.up && !state.required);
    }
}
