//! The PostgreSQL pool and the migrations.
//!
//! Statements live in the `store` module of each program, and nowhere else.

mod migrate;
mod pool;
mod statements;
mod tls;
mod transaction;

#[cfg(feature = "testing")]
pub(crate) use migrate::fingerprint;
pub use migrate::migrate;
pub use pool::{acquire, acquire_through, breaker, ping, pool};
pub use statements::{name, timed};
pub use tls::{Target, target};
pub use transaction::{Outcome, Tries, end, has_lost};

/// Why PostgreSQL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It refused a statement or a connection.
    #[error("postgresql failed")]
    Failed(#[from] tokio_postgres::Error),
    /// No connection of the pool was free, or a new one could not be made, in time.
    #[error("no connection to postgresql")]
    NoConnection(#[from] deadpool_postgres::PoolError),
    /// It failed again and again, and is not asked for a moment.
    #[error("postgresql is left alone for a moment")]
    LeftAlone,
    /// The authorities that PostgreSQL's certificate is checked with cannot be read.
    #[error("no TLS to postgresql")]
    Tls(#[from] crate::tls::TlsError),
    /// The pool cannot be made with these settings.
    #[error("the pool cannot be made")]
    Pool(#[from] deadpool_postgres::BuildError),
    /// A migration failed, or the database was migrated by another line of releases.
    #[error("migration failed")]
    Migration(#[from] refinery::Error),
}
