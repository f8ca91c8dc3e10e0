//! The `[nats]` section.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::Subjects;
use crate::config::{Problems, SecretUrl, Validate, ca_file};

/// `[nats]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NatsConfig {
    /// `nats://` or `tls://`; the servers of a cluster are separated by commas.
    pub url: SecretUrl,
    /// The authorities (PEM) that the servers' certificates are checked with; it turns TLS on. Empty for those of the system.
    pub ca_file: PathBuf,
    /// The first token of every subject, so that several systems share a server.
    pub prefix: String,
    /// Longest wait for a connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest wait for room in the connection when something is published, in milliseconds.
    pub publish_timeout_ms: u64,
}

impl Default for NatsConfig {
    fn default() -> Self {
        Self {
            url: SecretUrl::from("nats://127.0.0.1:14222"),
            ca_file: PathBuf::new(),
            prefix: "im".to_owned(),
            connect_timeout_ms: 5_000,
            publish_timeout_ms: 2_000,
        }
    }
}

impl NatsConfig {
    /// Longest wait for a connection.
    #[must_use]
    pub const fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    /// Longest wait for room in the connection when something is published.
    #[must_use]
    pub const fn publish_timeout(&self) -> Duration {
        Duration::from_millis(self.publish_timeout_ms)
    }
}

impl Validate for NatsConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = self.url.has_scheme(&["nats://", "tls://"]);
        problems.check(legal, "url", "must begin with nats:// or tls://");
        ca_file(problems, &self.ca_file);
        let legal = Subjects::new(&self.prefix).is_ok();
        problems.check(legal, "prefix", "must be 1 to 64 of [A-Za-z0-9_-]");
        for (key, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("publish_timeout_ms", self.publish_timeout_ms),
        ] {
            problems.check((1..=600_000).contains(&value), key, "must be 1 to 600000");
        }
    }
}
