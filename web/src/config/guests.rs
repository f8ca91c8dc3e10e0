//! `[guests]`

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[guests]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuestConfig {
    /// New guests from one address (IPv4, or an IPv6 /64) at once; as many again come evenly in each hour. Over all web nodes.
    pub per_address_per_hour: u32,
    /// A guest who got no token for so many days is deleted. More than the 7 days that an access token lives.
    pub stale_after_days: u32,
    /// How often each web node looks for such guests, in milliseconds.
    pub sweep_interval_ms: u64,
}

impl Default for GuestConfig {
    fn default() -> Self {
        Self {
            per_address_per_hour: 20,
            stale_after_days: 30,
            sweep_interval_ms: 3_600_000,
        }
    }
}

impl Validate for GuestConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (1..=10_000).contains(&self.per_address_per_hour),
            "per_address_per_hour",
            "must be 1 to 10000",
        );
        problems.check(
            (8..=3_650).contains(&self.stale_after_days),
            "stale_after_days",
            "must be 8 to 3650",
        );
        problems.check(
            (100..=86_400_000).contains(&self.sweep_interval_ms),
            "sweep_interval_ms",
            "must be 100 to 86400000",
        );
    }
}
