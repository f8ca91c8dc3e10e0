//! `[limits]`

use std::collections::BTreeMap;
use std::time::Duration;

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

use crate::client_address::Network;
use crate::limits::{Per, Rules};

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitConfig {
    /// False: nothing is limited but new guests and accounts.
    pub enabled: bool,
    /// Networks whose addresses no rule per address counts: `["127.0.0.0/8"]`. Rules per user hold for them, too.
    pub exempt: Vec<Network>,
    /// Longest wait for Redis, in milliseconds; then the node counts by itself.
    pub wait_ms: u64,
    /// How often each node looks for rules that were changed while running, in milliseconds.
    pub watch_ms: u64,
    /// Rules by name: `[limits.rules.login]`. What a rule that is built in leaves out is as it is built in.
    pub rules: BTreeMap<String, RuleConfig>,
}

/// `[limits.rules.NAME]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleConfig {
    /// Routes such as `POST /api/v1/auth/login`; `*` for all.
    pub routes: Option<Vec<String>>,
    /// Who has a bucket each.
    pub per: Option<Per>,
    /// Requests at once.
    pub burst: Option<u32>,
    /// So many come again in each period, evenly; in seconds.
    pub period_secs: Option<u32>,
}

impl LimitConfig {
    /// Longest wait for Redis.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_ms)
    }
}

impl Default for LimitConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            exempt: Vec::new(),
            wait_ms: 250,
            watch_ms: 500,
            rules: BTreeMap::new(),
        }
    }
}

impl Validate for LimitConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (10..=10_000).contains(&self.wait_ms),
            "wait_ms",
            "must be 10 to 10000",
        );
        problems.check(
            (50..=60_000).contains(&self.watch_ms),
            "watch_ms",
            "must be 50 to 60000",
        );
        if let Err(problem) = Rules::configured(self) {
            problems.check(false, &format!("rules.{}", problem.rule), problem.must);
        }
    }
}
