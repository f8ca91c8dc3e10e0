//! What `im-web migrate` reads.

use im_shared::config::{LogConfig, PostgresConfig, Problems, Validate};
use serde::Deserialize;

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
