//! A connection outside the pool, for a lane: it stays with its task and its prepared statement.

use std::time::Duration;

use im_shared::config::PostgresConfig;
use tokio_postgres::{Client, NoTls};
use tokio_util::task::AbortOnDropHandle;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Refused, or the address is none.
    #[error("postgres refused")]
    Refused(#[from] tokio_postgres::Error),
    /// No answer within `postgres.connect_timeout_ms`.
    #[error("postgres did not answer in time")]
    TimedOut,
}

/// Opens a connection and the task that drives it, which ends with the handle.
pub(super) async fn open(
    config: &PostgresConfig,
) -> Result<(Client, AbortOnDropHandle<()>), ConnectError> {
    let mut settings: tokio_postgres::Config = config.url.expose().parse()?;
    settings
        .application_name("im-logic lane")
        .connect_timeout(config.connect_timeout())
        // A server that vanished without a word is noticed by sends that are not acknowledged.
        .tcp_user_timeout(Duration::from_secs(10));
    let timeout = format!("-c statement_timeout={}", config.statement_timeout_ms);
    let options = match settings.get_options() {
        Some(options) => format!("{options} {timeout}"),
        None => timeout,
    };
    settings.options(options);
    let opening = tokio::time::timeout(config.connect_timeout(), settings.connect(NoTls));
    let (client, connection) = opening.await.map_err(|_| ConnectError::TimedOut)??;
    let driver = tokio::spawn(async move {
        // The lane sees the same failure at its next call and tells it.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a lane's connection ended");
        }
    });
    Ok((client, AbortOnDropHandle::new(driver)))
}
