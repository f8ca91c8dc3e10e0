//! The configuration: `env/web.toml` and `IM_WEB_*`. `docs/web.md` lists every key.

mod groups;
mod guests;
mod http;
mod migrate;
mod limits;
mod mail;
mod passwords;
mod push;

use im_shared::config::{
    LogConfig, NatsConfig, OpsConfig, PostgresConfig, Problems, RedisConfig, TokenSignConfig,
    Validate,
};
use serde::Deserialize;

pub use groups::GroupConfig;
pub use guests::GuestConfig;
pub use http::HttpConfig;
pub use migrate::MigrateConfig;
pub use passwords::PasswordConfig;
pub use push::PushConfig;
pub use limits::{LimitConfig, RuleConfig};
pub use mail::{MailConfig, MailKind};

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
    /// Mails that reset passwords.
    pub mail: MailConfig,

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
            mail: MailConfig::default(),
        problems.section("nats", &self.nats);
    }
}
        problems.section("mail", &self.mail);
