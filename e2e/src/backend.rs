//! The servers below a cluster: shared with the other tests of the run, or private for a test that breaks them. Either way the database and
//! the prefix are the cluster's own.

use anyhow::{Context, Result};
use im_shared::bus::{self, Bus, NatsConfig};
use im_shared::testing::{PrivateServers, Servers, TestDatabase, unique_prefix};
use tokio_postgres::NoTls;

/// Where a cluster keeps and moves things.
pub struct Backend {
    database: TestDatabase,
    prefix: String,
    private: Option<PrivateServers>,
}

impl Backend {
    /// Makes a migrated database and a prefix, on servers of its own if `private`.
    ///
    /// # Errors
    /// When the servers could not be started.
    pub async fn start(private: bool) -> Result<Self> {
        // Starting servers blocks for seconds.
        let (url, private) = tokio::task::spawn_blocking(move || {
            let private = private.then(PrivateServers::start);
            let url = private.as_ref().map_or_else(
                || Servers::postgres_url().to_owned(),
                |servers| servers.postgres.url(),
            );
            (url, private)
        })
        .await?;
        let database = TestDatabase::create_on(&url).await;
        Ok(Self {
            database,
            prefix: unique_prefix(),
            private,
        })
    }

    /// Address of the cluster's database.
    #[must_use]
    pub fn postgres(&self) -> String {
        self.database.url()
    }

    /// Address of Redis.
    #[must_use]
    pub fn redis(&self) -> String {
        self.private.as_ref().map_or_else(
            || Servers::redis_url().to_owned(),
            |servers| servers.redis.url(),
        )
    }

    /// Address of NATS.
    #[must_use]
    pub fn nats(&self) -> String {
        self.private.as_ref().map_or_else(
            || Servers::nats_url().to_owned(),
            |servers| servers.nats.url(),
        )
    }

    /// What every key and every subject begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The private servers, to kill and restart.
    ///
    /// # Errors
    /// When the cluster shares its servers with other tests.
    pub fn private(&self) -> Result<&PrivateServers> {
        self.private
            .as_ref()
            .context("Builder::private_servers is needed to break servers")
    }

    /// A connection to the cluster's bus.
    ///
    /// # Errors
    /// When NATS does not answer.
    pub async fn bus(&self) -> Result<Bus> {
        let config = NatsConfig {
            url: self.nats().as_str().into(),
            prefix: self.prefix.clone(),
            ..NatsConfig::default()
        };
        Ok(bus::connect(&config, "e2e").await?)
    }

    /// A connection to the cluster's database.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn database(&self) -> Result<tokio_postgres::Client> {
        let (client, connection) = tokio_postgres::connect(&self.postgres(), NoTls).await?;
        // Ends with the client.
        tokio::spawn(connection);
        Ok(client)
    }
}
