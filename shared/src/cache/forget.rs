//! Writes forget what Redis remembers of a family, and what they could not forget is owed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::shelf::Shelf;
use super::{Keys, Redis, RedisError};

/// After a failure Redis is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// How often what is owed is tried again.
const PAY_EVERY: Duration = Duration::from_millis(100);

/// More than this owed at once, and nothing of the family is believed until all of it has ended by itself.
const MAX_OWED: usize = 10_000;

/// Forgets what is remembered of one family: for who writes rows that others read through a [`super::Cache`]. A cheap clone.
#[derive(Clone)]
pub struct Forget(Arc<Inner>);

impl std::fmt::Debug for Forget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Forget").field(&self.0.shelf.family).finish()
    }
}

struct Inner {
    shelf: Shelf,
    state: Mutex<State>,
}

/// Whether Redis is asked.
#[derive(Debug, Default)]
struct State {
    rests_until: Option<Instant>,
    owed: BTreeSet<u64>,
    /// A task is about to pay.
    paying: bool,
    /// How often something was forgotten.
    times: u64,
}

impl Forget {
    /// Of the family that [`super::Source::FAMILY`] names, whose values live so long. Redis answers within `answer_within`, or is away.
    #[must_use]
    pub fn new(
        redis: Redis,
        keys: Keys,
        family: &'static str,
        lives: Duration,
        answer_within: Duration,
    ) -> Self {
        Self(Arc::new(Inner {
            shelf: Shelf::new(redis, keys, family, lives, answer_within),
            state: Mutex::default(),
        }))
    }

    /// Forgets `ids`. Call it after the commit of whatever changed them, before the change is answered. While Redis is away it is owed: this
    /// process believes nothing of the family until it is paid, and others may see older values for as long as these live.
    pub async fn forget(&self, ids: &[u64]) {
        if ids.is_empty() {
            return;
        }
        let rests = {
            let mut state = self.0.state.lock();
            state.times += 1;
            state
                .rests_until
                .is_some_and(|until| Instant::now() < until)
        };
        if !rests {
            match self.0.shelf.delete(ids).await {
                Ok(()) => return,
                Err(error) => self.rest(&error),
            }
        }
        self.owe(ids);
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    /// How often something was forgotten here.
    pub(super) fn times(&self) -> u64 {
        self.0.state.lock().times
    }

    /// Whether what Redis says counts.
    pub(super) fn is_trusted(&self) -> bool {
        let mut state = self.0.state.lock();
        if state
            .rests_until
            .is_some_and(|until| Instant::now() >= until)
        {
            state.rests_until = None;
        }
        state.rests_until.is_none() && state.owed.is_empty()
    }

    /// Leaves Redis alone for a moment.
    pub(super) fn rest(&self, error: &RedisError) {
        tracing::debug!(%error, family = self.0.shelf.family, "the cache is passed by");
        let until = Instant::now() + REST;
        let mut state = self.0.state.lock();
        state.rests_until = state.rests_until.max(Some(until));
    }

    /// `ids` are deleted as soon as Redis answers.
    fn owe(&self, ids: &[u64]) {
        let Shelf { family, lives, .. } = &self.0.shelf;
        metrics::counter!("im_cache_invalidations_owed_total", "family" => *family)
            .increment(ids.len() as u64);
        let mut state = self.0.state.lock();
        state.owed.extend(ids);
        if state.owed.len() > MAX_OWED {
            state.owed.clear();
            state.rests_until = Some(Instant::now() + *lives);
        }
        if std::mem::replace(&mut state.paying, true) {
            return;
        }
        // Ends when nothing is owed any more, or with the last handle.
        let inner = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PAY_EVERY).await;
                let Some(inner) = inner.upgrade() else { return };
                if inner.pay().await {
                    return;
                }
            }
        });
    }
}

impl Inner {
    /// Deletes what is owed. True when nothing is any more.
    async fn pay(&self) -> bool {
        let owed: Vec<u64> = self.state.lock().owed.iter().copied().collect();
        if self.shelf.delete(&owed).await.is_err() {
            return false;
        }
        let mut state = self.state.lock();
        for id in &owed {
            state.owed.remove(id);
        }
        state.paying = !state.owed.is_empty();
        !state.paying
    }
}
