//! The configuration: `env/web.toml` and `IM_WEB_*`. `docs/web.md` lists every key.

mod files;
mod groups;
mod guests;
mod http;
mod limits;
mod mail;
mod migrate;
mod passwords;
mod production;
mod push;
mod replica;
mod tls;

use im_shared::config::{
    LogConfig, NatsConfig, OpsConfig, PostgresConfig, Problems, Production, RedisConfig,
    TokenSignConfig, Validate,
};
use serde::Deserialize;

pub use files::{FileConfig, Secret};
pub use groups::GroupConfig;
pub use guests::GuestConfig;
pub use http::HttpConfig;
pub use limits::{LimitConfig, RuleConfig};
pub use mail::{MailConfig, MailKind};
pub use migrate::MigrateConfig;
pub use passwords::PasswordConfig;
pub use push::PushConfig;
pub use replica::ReplicaConfig;
pub use tls::TlsConfig;

/// Where the ops port is unless configured.
const OPS_PORT: u16 = 9080;

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebConfig {
    /// The name of this process in logs and in the server's list of NATS connections.
    pub node: String,
    /// Refuse keys, servers and settings that are good enough for development only.
    pub production: bool,
    /// Bring the database up to date before serving.
    pub migrate_on_start: bool,
    /// Logs.
    pub log: LogConfig,
    /// `/live`, `/ready`, `/metrics`.
    pub ops: OpsConfig,
    /// The API and the web client.
    pub http: HttpConfig,
    /// TLS for them.
    pub tls: TlsConfig,
    /// How often may be asked.
    pub limits: LimitConfig,
    /// Guests.
    pub guests: GuestConfig,
    /// Uploaded files.
    pub files: FileConfig,
    /// Groups.
    pub groups: GroupConfig,
    /// Pushes to browsers.
    pub push: PushConfig,
    /// bcrypt.
    pub passwords: PasswordConfig,
    /// Mails that reset passwords.
    pub mail: MailConfig,
    /// Keys.
    pub tokens: TokenSignConfig,
    /// PostgreSQL.
    pub postgres: PostgresConfig,
    /// A PostgreSQL that follows it and takes reads.
    pub replica: ReplicaConfig,
    /// Redis.
    pub redis: RedisConfig,
    /// NATS.
    pub nats: NatsConfig,
}

impl WebConfig {
    /// `[limits]`, with the pace of new guests from `[guests]` where it says nothing about them.
    #[must_use]
    pub fn limit_rules(&self) -> LimitConfig {
        let mut limits = self.limits.clone();
        let guests = limits.rules.entry("guest".to_owned()).or_default();
        guests.burst.get_or_insert(self.guests.per_address_per_hour);
        limits
    }
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            node: "web-1".to_owned(),
            production: false,
            migrate_on_start: false,
            log: LogConfig::default(),
            ops: OpsConfig::on_port(OPS_PORT),
            http: HttpConfig::default(),
            tls: TlsConfig::default(),
            limits: LimitConfig::default(),
            guests: GuestConfig::default(),
            files: FileConfig::default(),
            groups: GroupConfig::default(),
            push: PushConfig::default(),
            passwords: PasswordConfig::default(),
            mail: MailConfig::default(),
            tokens: TokenSignConfig::default(),
            postgres: PostgresConfig::default(),
            replica: ReplicaConfig::default(),
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
        problems.section("tls", &self.tls);
        problems.section("limits", &self.limits);
        problems.section("guests", &self.guests);
        problems.section("files", &self.files);
        problems.section("groups", &self.groups);
        problems.section("push", &self.push);
        problems.section("passwords", &self.passwords);
        problems.section("mail", &self.mail);
        problems.section("tokens", &self.tokens);
        problems.section("postgres", &self.postgres);
        problems.section("replica", &self.replica);
        problems.section("redis", &self.redis);
        problems.section("nats", &self.nats);
        if self.production {
            self.production(problems);
        }
    }
}
