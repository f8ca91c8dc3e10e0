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
    /// Connections of one address (IPv4, or an IPv6 /64) at once; more are closed. Trusted proxies may have all.
    pub max_connections_per_address: usize,
    /// A connection that is silent for so long is closed, in milliseconds.
    pub idle_timeout_ms: u64,
    /// Longest time from the first byte of a request to the end of its headers, in milliseconds.
    pub header_timeout_ms: u64,
    /// Longest time for the body of a request, in milliseconds. Uploads of files have their own.
    pub body_timeout_ms: u64,
    /// Longest wait for logic's answer to a command, in milliseconds. After it the command may have had its effect.
    pub command_timeout_ms: u64,
    /// Requests that run at once; more are answered with `RetryLater`.
    pub max_requests: usize,
    /// Networks of proxies whose `X-Forwarded-For` counts: `["10.0.0.0/8"]`. Others' is ignored.
    pub trusted_proxies: Vec<Network>,
    /// Origins of web clients that are served elsewhere and may use this API: `["https://chat.example.org"]`. Exact.
    pub allowed_origins: Vec<String>,
    /// What the web client may connect to besides this server and the access nodes that are known when it is loaded:
    /// `["https://*.im.example.org:*", "wss://*.im.example.org:*"]` where access nodes come and go under new names.
    pub connect_sources: Vec<String>,
    /// How long requests that run at a stop have to finish, in milliseconds.
    pub stop_timeout_ms: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            static_dir: PathBuf::new(),
            max_connections: 8_192,
            max_connections_per_address: 1_024,
            idle_timeout_ms: 75_000,
            header_timeout_ms: 10_000,
            body_timeout_ms: 8_000,
            command_timeout_ms: 2_000,
            max_requests: 1_024,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            connect_sources: Vec::new(),
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
            (1..=1_000_000).contains(&self.max_connections_per_address),
            "max_connections_per_address",
            "must be 1 to 1000000",
        );
        for (key, value) in [
            ("idle_timeout_ms", self.idle_timeout_ms),
            ("header_timeout_ms", self.header_timeout_ms),
            ("body_timeout_ms", self.body_timeout_ms),
            ("command_timeout_ms", self.command_timeout_ms),
        ] {
            let legal = (100..=3_600_000).contains(&value);
            problems.check(legal, key, "must be 100 to 3600000");
        }
        problems.check(
            self.allowed_origins.iter().all(|one| is_origin(one)),
            "allowed_origins",
            "must be origins like https://chat.example.org, without a path",
        );
        problems.check(
            self.connect_sources.iter().all(|one| is_source(one)),
            "connect_sources",
            "must be sources like https://*.example.org:*",
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

/// As browsers send it: scheme, host and a port that is not the usual one, in lower case.
fn is_origin(text: &str) -> bool {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|host| {
        let legal = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte)
        };
        !host.is_empty() && host.bytes().all(legal)
    })
}

/// One source of a content security policy; nothing that could begin another directive.
fn is_source(text: &str) -> bool {
    let schemes = ["https://", "wss://", "http://", "ws://"];
    schemes.iter().any(|scheme| text.starts_with(scheme))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b";,'\"".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K6, K8.
    #[test]
    fn an_origin_is_exact_and_a_source_is_one() {
        for good in [
            "https://chat.example.org",
            "http://localhost:5173",
            "http://[::1]:5173",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "*",
            "null",
            "https://",
            "https://a/",
            "https://A.example",
            "chat.example.org",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
        assert!(is_source("wss://*.im.example.org:*"));
        for bad in [
            "*",
            "https:",
            "'unsafe-eval'",
            "https://a; script-src *",
            "https://a b",
        ] {
            assert!(!is_source(bad), "{bad}");
        }
    }
}
