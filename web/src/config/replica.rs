//! `[replica]`: a PostgreSQL that follows the one of `[postgres]` and takes reads.

use im_shared::config::{PostgresConfig, Problems, SecretUrl, Validate};
use serde::Deserialize;

/// `[replica]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplicaConfig {
    /// Its address; without one every read goes to the primary.
    pub url: Option<SecretUrl>,
    /// Connections at most.
    pub pool_size: usize,
}

impl Default for ReplicaConfig {
    fn default() -> Self {
        Self {
            url: None,
            pool_size: 16,
        }
    }
}

impl ReplicaConfig {
    /// Its settings, with the limits of time of the `primary`; none when there is no replica.
    #[must_use]
    pub fn postgres(&self, primary: &PostgresConfig) -> Option<PostgresConfig> {
        Some(PostgresConfig {
            url: self.url.clone()?,
            pool_size: self.pool_size,
            ..primary.clone()
        })
    }
}

impl Validate for ReplicaConfig {
    fn validate(&self, problems: &mut Problems) {
        if let Some(postgres) = self.postgres(&PostgresConfig::default()) {
            postgres.validate(problems);
        }
    }
}
