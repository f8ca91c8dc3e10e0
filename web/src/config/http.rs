//! `[http]`

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

use crate::client_address::Network;

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The built web client, served at `/`; empty for the API alone. It may be built later.
    pub static_dir: PathBuf,
    /// Connections at once; more wait until one ends.
    pub max_connections: usize,
    /// A connection that is silent for so long is closed, in milliseconds.
    pub idle_timeout_ms: u64,
    /// Requests that run at once; more are answered with `RetryLater`.
    pub max_requests: usize,
    /// Networks of proxies whose `X-Forwarded-For` counts: `["10.0.0.0/8"]`. Others' is ignored.
    pub trusted_proxies: Vec<Network>,
    /// How long requests that run at a stop have to finish, in milliseconds.
    pub stop_timeout_ms: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            static_dir: PathBuf::new(),
            max_connections: 8_192,
            idle_timeout_ms: 75_000,
            max_requests: 1_024,
            trusted_proxies: Vec::new(),
            stop_timeout_ms: 10_000,
        }
    }
}

impl Validate for HttpConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (1..=1_000_000).contains(&self.max_connections),
            "max_connections",
            "must be 1 to 1000000",
        );
        problems.check(
            (100..=3_600_000).contains(&self.idle_timeout_ms),
            "idle_timeout_ms",
            "must be 100 to 3600000",
        );
        problems.check(
            (1..=100_000).contains(&self.max_requests),
            "max_requests",
            "must be 1 to 100000",
        );
        problems.check(
            self.stop_timeout_ms <= 600_000,
            "stop_timeout_ms",
            "must be at most 600000",
        );
    }
}
