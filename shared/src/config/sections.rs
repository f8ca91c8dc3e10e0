//! The sections that several programs have.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::{Problems, SecretUrl, Validate};

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// A level (`info`) or directives (`info,im_access=debug`).
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
        }
    }
}

impl Validate for LogConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = tracing_subscriber::EnvFilter::try_new(&self.level).is_ok();
        problems.check(legal, "level", "must be a level or directives");
    }
}

/// `[ops]`: where `/live`, `/ready` and `/metrics` are served.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpsConfig {
    /// Address and port; port 0 takes a free one. Not meant for the public network.
    pub listen: SocketAddr,
}

impl OpsConfig {
    /// On this port of the loopback address.
    #[must_use]
    pub fn on_port(port: u16) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        }
    }
}

impl Default for OpsConfig {
    fn default() -> Self {
        Self::on_port(0)
    }
}

impl Validate for OpsConfig {
    fn validate(&self, _: &mut Problems) {}
}

/// `[redis]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://`, or `redis-cluster://` for a cluster; `rediss://` and `rediss-cluster://` with TLS.
    pub url: SecretUrl,
    /// Every key begins with it, so that several systems share a server.
    pub prefix: String,
    /// Connections. Commands are pipelined, so few are enough.
    pub pool_size: usize,
    /// The authorities (PEM) that a server of `rediss://` is checked with; empty for those of the system.
    pub ca_file: PathBuf,
    /// Longest wait for the first connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest wait for an answer, in milliseconds; the command then fails.
    pub command_timeout_ms: u64,
    /// Longest wait for what is remembered of a row, in milliseconds; PostgreSQL is then asked instead.
    pub cache_timeout_ms: u64,
}

impl RedisConfig {
    /// [`Self::cache_timeout_ms`].
    #[must_use]
    pub const fn cache_timeout(&self) -> Duration {
        Duration::from_millis(self.cache_timeout_ms)
    }
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: SecretUrl::from("redis://127.0.0.1:16379"),
            prefix: "im".to_owned(),
            pool_size: 2,
            ca_file: PathBuf::new(),
            connect_timeout_ms: 5_000,
            command_timeout_ms: 1_000,
            cache_timeout_ms: 250,
        }
    }
}

impl Validate for RedisConfig {
    fn validate(&self, problems: &mut Problems) {
        let secret = self.url.has_scheme(&["rediss://", "rediss-cluster://"]);
        let legal = secret
            || self
                .url
                .has_scheme(&["redis://", "redis-cluster://", "unix://"]);
        problems.check(legal, "url", "must begin with redis:// or rediss://");
        ca_file(problems, &self.ca_file);
        let legal = secret || self.ca_file.as_os_str().is_empty();
        problems.check(legal, "ca_file", "is for rediss:// only");
        problems.check(is_prefix(&self.prefix), "prefix", PREFIX);
        let legal = (1..=64).contains(&self.pool_size);
        problems.check(legal, "pool_size", "must be 1 to 64");
        millis(problems, "connect_timeout_ms", self.connect_timeout_ms);
        millis(problems, "command_timeout_ms", self.command_timeout_ms);
        millis(problems, "cache_timeout_ms", self.cache_timeout_ms);
    }
}

/// `[postgres]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database`; with `?sslmode=require` over TLS, where the server's certificate is checked.
    pub url: SecretUrl,
    /// The authorities (PEM) that the server's certificate is checked with; it turns TLS on. Empty for those of the system.
    pub ca_file: PathBuf,
    /// Connections at most.
    pub pool_size: usize,
    /// Longest wait for a new connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest wait for a connection of the pool, in milliseconds.
    pub acquire_timeout_ms: u64,
    /// PostgreSQL ends a statement after this, in milliseconds; 0 for never.
    pub statement_timeout_ms: u64,
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            url: SecretUrl::from("postgres://im@127.0.0.1:15432/im"),
            ca_file: PathBuf::new(),
            pool_size: 24,
            connect_timeout_ms: 5_000,
            acquire_timeout_ms: 2_000,
            statement_timeout_ms: 5_000,
        }
    }
}

impl PostgresConfig {
    /// Whether authorities are named.
    #[must_use]
    pub fn has_ca_file(&self) -> bool {
        !self.ca_file.as_os_str().is_empty()
    }

    /// Longest wait for a new connection.
    #[must_use]
    pub const fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    /// Longest wait for a connection of the pool.
    #[must_use]
    pub const fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }
}

impl Validate for PostgresConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = self.url.has_scheme(&["postgres://", "postgresql://"])
            && self.url.expose().parse::<tokio_postgres::Config>().is_ok();
        problems.check(legal, "url", "must be a postgres:// address");
        ca_file(problems, &self.ca_file);
        let legal = (1..=1_000).contains(&self.pool_size);
        problems.check(legal, "pool_size", "must be 1 to 1000");
        millis(problems, "connect_timeout_ms", self.connect_timeout_ms);
        millis(problems, "acquire_timeout_ms", self.acquire_timeout_ms);
        let legal = self.statement_timeout_ms <= 3_600_000;
        problems.check(legal, "statement_timeout_ms", "must be at most one hour");
    }
}

/// `[tokens]` of a program that checks tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenVerifyConfig {
    /// Folder of public keys in PEM; a file's stem is the key id.
    pub public_keys: PathBuf,
}

impl Default for TokenVerifyConfig {
    fn default() -> Self {
        Self {
            public_keys: PathBuf::from(".run/keys/public"),
        }
    }
}

impl Validate for TokenVerifyConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = self.public_keys.is_dir();
        problems.check(legal, "public_keys", "must be a folder");
    }
}

/// `[tokens]` of the program that also signs them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSignConfig {
    /// Folder of public keys in PEM, a file's stem is the key id; `keys.json` in it says which one signs when.
    pub public_keys: PathBuf,
    /// Folder of private keys in PEM. Without `keys.json` it holds one.
    pub private_keys: PathBuf,
    /// How often refresh tokens and sign-ins that have expired are removed, in milliseconds.
    pub sweep_interval_ms: u64,
}

impl Default for TokenSignConfig {
    fn default() -> Self {
        Self {
            public_keys: TokenVerifyConfig::default().public_keys,
            private_keys: PathBuf::from(".run/keys/private"),
            sweep_interval_ms: 3_600_000,
        }
    }
}

impl Validate for TokenSignConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = self.public_keys.is_dir();
        problems.check(legal, "public_keys", "must be a folder");
        let legal = self.private_keys.is_dir();
        problems.check(legal, "private_keys", "must be a folder");
        let legal = (100..=86_400_000).contains(&self.sweep_interval_ms);
        problems.check(legal, "sweep_interval_ms", "must be 100 to 86400000");
    }
}

/// Empty, or a file that can be read.
pub(crate) fn ca_file(problems: &mut Problems, file: &Path) {
    let legal = file.as_os_str().is_empty() || std::fs::File::open(file).is_ok();
    problems.check(legal, "ca_file", "must be a file that can be read");
}

const PREFIX: &str = "must be 1 to 64 of [A-Za-z0-9_-]";

fn is_prefix(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(legal)
}

fn millis(problems: &mut Problems, key: &str, value: u64) {
    let legal = (1..=600_000).contains(&value);
    problems.check(legal, key, "must be 1 to 600000");
}
