//! How PostgreSQL is reached: the settings of its address, and TLS where they ask for it.

use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::DatabaseError;
use crate::config::PostgresConfig;
use crate::tls;

/// Where to connect to, and with what. `target.settings.connect(target.connector)`.
#[derive(Clone)]
pub struct Target {
    /// The address, with the time that a connection may take.
    pub settings: tokio_postgres::Config,
    /// Used where the settings ask for TLS.
    pub connector: MakeRustlsConnect,
}

/// Reads the address. TLS is used with `sslmode=require` in it, or with a `ca_file`; the server's certificate and name are then
/// checked, which other programs call `verify-full`. Without either nothing is encrypted: `prefer` would give in to whoever stands between.
///
/// # Errors
///
/// The address is none, or the authorities cannot be read.
pub fn target(config: &PostgresConfig) -> Result<Target, DatabaseError> {
    let mut settings: tokio_postgres::Config = config.url.expose().parse()?;
    settings.connect_timeout(config.connect_timeout());
    let wanted = settings.get_ssl_mode() == SslMode::Require || config.has_ca_file();
    let connector = if wanted {
        settings.ssl_mode(SslMode::Require);
        tls::client_config(&config.ca_file)?
    } else {
        settings.ssl_mode(SslMode::Disable);
        tls::nobody()?
    };
    Ok(Target {
        settings,
        connector: MakeRustlsConnect::new(connector),
    })
}
