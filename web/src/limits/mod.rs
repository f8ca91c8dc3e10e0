//! How often may be asked: token buckets in Redis over all web nodes, by rules that change while running.
//!
//! A request takes a token for its address before anything of it is looked at, and one for its user once it is known who calls. While
//! Redis does not answer, a breaker keeps everybody from waiting for it, and each node counts for itself with the same rules.
//!
//! | file | what it holds |
//! |---|---|
//! | `rules` | which request takes a token of whose bucket: pure |
//! | `quota` | what one request may still do, and what its answer tells |
//! | `watch` | the task that follows what operators change |

mod quota;
mod rules;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use im_shared::breaker::Breaker;
use im_shared::cache::{self, Buckets, LocalBuckets, RedisError};

pub use quota::Quota;
pub(crate) use quota::layer;
pub use rules::{Changes, Counted, Pace, Per, Rule, RuleError, Rules};
pub(crate) use watch::Watch;

use crate::client_address::Network;
use crate::config::LimitConfig;
use crate::error::ApiError;

/// Subjects that a node remembers while Redis is away.
const LOCAL_SUBJECTS: usize = 20_000;

/// The setting of what operators changed, in `runtime_settings`.
pub(crate) const SETTING: &str = "limits";

/// What may be asked for. A cheap clone.
#[derive(Debug, Clone)]
pub struct Limits(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    buckets: Buckets,
    redis: Breaker,
    local: LocalBuckets,
    enabled: bool,
    wait: Duration,
    exempt: Vec<Network>,
    configured: Rules,
    rules: ArcSwap<Rules>,
}

/// Redis gave no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error(transparent)]
    Failed(#[from] RedisError),
    #[error("no answer in time")]
    Late,
}

impl Limits {
    /// Counts in `buckets`, through the breaker of Redis.
    ///
    /// # Errors
    /// A rule cannot be.
    pub fn new(buckets: Buckets, redis: Breaker, config: &LimitConfig) -> Result<Self, RuleError> {
        let configured = Rules::configured(config)?;
        Ok(Self(Arc::new(Inner {
            buckets,
            redis,
            local: LocalBuckets::new(LOCAL_SUBJECTS),
            enabled: config.enabled,
            wait: config.wait(),
            exempt: config.exempt.clone(),
            rules: ArcSwap::from_pointee(configured.clone()),
            configured,
        })))
    }

    /// The rules as they are now.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        self.0.rules.load_full()
    }

    /// Whether operators may make these changes.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn check(&self, changes: &Changes) -> Result<(), ApiError> {
        self.0
            .configured
            .check(changes)
            .map_err(|error| ApiError::invalid(format!("rules.{}", error.rule), error.must))
    }

    /// From now on these changes hold on this node.
    pub(crate) fn change(&self, changes: &Changes) {
        self.0
            .rules
            .store(Arc::new(self.0.configured.changed(changes)));
    }

    /// Takes a token of the bucket that `rule` has for `subject`.
    async fn take(&self, rule: &Rule, subject: &str) -> cache::Counted {
        let (name, rate) = (&*rule.name, rule.pace.rate());
        let asked = self.0.redis.call(async {
            let taking = self.0.buckets.take_counted(name, subject, 1, rate);
            match tokio::time::timeout(self.0.wait, taking).await {
                Ok(answer) => Ok(answer?),
                Err(_) => Err(NoAnswer::Late),
            }
        });
        let counted = asked.await.unwrap_or_else(|error| {
            let rule = name.to_owned();
            metrics::counter!("im_rate_limit_local_total", "rule" => rule).increment(1);
            tracing::debug!(%error, rule = name, "a rate is counted by this node alone");
            let now = Instant::now();
            self.0.local.take_counted(name, subject, 1, rate, now)
        });
        if counted.taken.is_err() {
            metrics::counter!("im_rate_limited_total", "rule" => name.to_owned()).increment(1);
        }
        counted
    }
}
