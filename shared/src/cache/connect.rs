//! One pool of pipelined connections.

use std::time::Duration;

use fred::prelude::{Builder, ClientLike, Config, ReconnectPolicy};
use fred::types::config::{TlsConfig, TlsConnector, TlsHostMapping};

use crate::config::RedisConfig;
use crate::tls;

/// A pool of connections; a cheap clone. Each command goes to the next one that is connected.
pub type Redis = fred::clients::Pool;

/// Why Redis did not answer.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// It refused, was not there, or took longer than the command timeout.
    #[error("redis failed")]
    Failed(#[from] fred::error::Error),
    /// The authorities that the server's certificate is checked with cannot be read.
    #[error("no TLS to redis")]
    Tls(#[from] tls::TlsError),
    /// No connection within `redis.connect_timeout_ms`.
    #[error("no connection to redis in time")]
    NotConnected,
    /// Many others changed the same key at the same time.
    #[error("a key changed too often")]
    Contended,
    /// A value is not of the form that this release writes.
    #[error("a value in redis is unreadable")]
    Unreadable,
}

/// Connects to Redis. From then on the pool reconnects by itself for ever, with jittered waits of 0.05 to 2 s.
///
/// # Errors
///
/// The address is no Redis address, or there is no connection within `connect_timeout_ms`.
pub async fn connect(config: &RedisConfig) -> Result<Redis, RedisError> {
    let timeout = Duration::from_millis(config.connect_timeout_ms);
    let command_timeout = Duration::from_millis(config.command_timeout_ms);
    let pool = Builder::from_config(settings(config)?)
        .with_performance_config(|performance| {
            performance.default_command_timeout = command_timeout;
        })
        .with_connection_config(|connection| {
            connection.connection_timeout = timeout;
            connection.internal_command_timeout = timeout;
            connection.max_command_attempts = 2;
            connection.tcp.nodelay = Some(true);
            // A server that hangs looks like a slow one until the connection is given up.
            connection.unresponsive.max_timeout = Some(Duration::from_secs(5));
            connection.unresponsive.interval = Duration::from_secs(1);
        })
        .set_policy(ReconnectPolicy::new_exponential(0, 50, 2_000, 2))
        .build_pool(config.pool_size)?;
    match tokio::time::timeout(timeout, pool.init()).await {
        Ok(connected) => connected.map(|_| ())?,
        Err(_) => return Err(RedisError::NotConnected),
    }
    Ok(pool)
}

/// The address, with TLS for `rediss://` and `rediss-cluster://`. The library would always believe the system's authorities.
fn settings(config: &RedisConfig) -> Result<Config, RedisError> {
    let url = config.url.expose();
    let Some(rest) = url.strip_prefix("rediss") else {
        return Ok(Config::from_url(url)?);
    };
    let mut settings = Config::from_url(&format!("redis{rest}"))?;
    let connector = TlsConnector::from(tls::client_config(&config.ca_file)?);
    settings.tls = Some(TlsConfig {
        connector,
        // The nodes of a cluster name themselves by address; the certificate has the name that was asked.
        hostnames: TlsHostMapping::DefaultHost,
    });
    Ok(settings)
}

/// Whether Redis answers; for readiness.
///
/// # Errors
///
/// It did not answer within the command timeout.
pub async fn ping(redis: &Redis) -> Result<(), RedisError> {
    redis.ping::<()>(None).await?;
    Ok(())
}
