//! The configuration: `env/web.toml` and `IM_WEB_*`. `docs/web.md` lists every key.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::config::{
    LogConfig, NatsConfig, OpsConfig, PostgresConfig, Problems, RedisConfig, TokenSignConfig,
    Validate,
};
use serde::Deserialize;

use crate::client_address::Network;

/// Where the ops port is unless configured.
const OPS_PORT: u16 = 9080;

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebConfig {
    /// The name of this process in logs and in the server's list of NATS connections.
    pub node: String,
    /// Bring the database up to date before serving.
    pub migrate_on_start: bool,
    /// Logs.
    pub log: LogConfig,
    /// `/live`, `/ready`, `/metrics`.
    pub ops: OpsConfig,
    /// The API and the web client.
    pub http: HttpConfig,
    /// Guests.
    pub guests: GuestConfig,
    /// Groups.
    pub groups: GroupConfig,
    /// Pushes to browsers.
    pub push: PushConfig,
    /// bcrypt.
    pub passwords: PasswordConfig,
    /// Keys.
    pub tokens: TokenSignConfig,
    /// PostgreSQL.
    pub postgres: PostgresConfig,
    /// Redis.
    pub redis: RedisConfig,
    /// NATS.
    pub nats: NatsConfig,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            node: "web-1".to_owned(),
            migrate_on_start: false,
            log: LogConfig::default(),
            ops: OpsConfig::on_port(OPS_PORT),
            http: HttpConfig::default(),
            guests: GuestConfig::default(),
            groups: GroupConfig::default(),
            push: PushConfig::default(),
            passwords: PasswordConfig::default(),
            tokens: TokenSignConfig::default(),
            postgres: PostgresConfig::default(),
            redis: RedisConfig::default(),
            nats: NatsConfig::default(),
        }
    }
}

impl Validate for WebConfig {
    fn validate(&self, problems: &mut Problems) {
        let named = (1..=64).contains(&self.node.len())
            && self.node.bytes().all(|byte| byte.is_ascii_graphic());
        problems.check(named, "node", "must be 1 to 64 visible characters");
        problems.section("log", &self.log);
        problems.section("ops", &self.ops);
        problems.section("http", &self.http);
        problems.section("guests", &self.guests);
        problems.section("groups", &self.groups);
        problems.section("push", &self.push);
        problems.section("passwords", &self.passwords);
        problems.section("tokens", &self.tokens);
        problems.section("postgres", &self.postgres);
        problems.section("redis", &self.redis);
        problems.section("nats", &self.nats);
    }
}

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

/// `[groups]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupConfig {
    /// What is told as the limit of members; logic, which keeps it, has the same setting.
    pub max_members: u32,
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self {
            max_members: 10_000,
        }
    }
}

impl Validate for GroupConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (2..=100_000).contains(&self.max_members),
            "max_members",
            "must be 2 to 100000",
        );
    }
}

/// `[push]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushConfig {
    /// The public key that belongs to logic's `push.vapid_key`, in base64url; empty where browsers get no pushes.
    pub public_key: String,
}

impl Validate for PushConfig {
    fn validate(&self, problems: &mut Problems) {
        // An uncompressed point of P-256: 4, and two numbers of 32 bytes (RFC 8292, 3.2).
        let point = URL_SAFE_NO_PAD.decode(&self.public_key);
        let legal = point.is_ok_and(|point| point.len() == 65 && point[0] == 4);
        problems.check(
            legal || self.public_key.is_empty(),
            "public_key",
            "must be a point of P-256 in base64url, 87 characters",
        );
    }
}

/// `[passwords]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordConfig {
    /// Hashes that run at once, 54 ms of CPU each.
    pub threads: usize,
    /// Hashes that wait; more are answered with `RetryLater`.
    pub queue: usize,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            queue: 64,
        }
    }
}

impl Validate for PasswordConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (1..=256).contains(&self.threads),
            "threads",
            "must be 1 to 256",
        );
        problems.check(self.queue <= 10_000, "queue", "must be at most 10000");
    }
}

/// What `im-web migrate` reads of the same file: it needs no keys and no bus.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MigrateConfig {
    /// Logs.
    pub log: LogConfig,
    /// PostgreSQL.
    pub postgres: PostgresConfig,
}

impl Validate for MigrateConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.section("log", &self.log);
        problems.section("postgres", &self.postgres);
    }
}
