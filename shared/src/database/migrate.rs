//! Versioned migrations (mission I6): `schema/migrations/V{number}__{name}.sql`, built into the program.
//!
//! A migration that is released is never changed. Expand first; contract in a later release, when no program reads the old form.

use super::{DatabaseError, target};
use crate::config::PostgresConfig;

mod embedded {
    refinery::embed_migrations!("../schema/migrations");
}

/// Only one process migrates a database at a time.
const LOCK: i64 = 0x696d_2d72_7300;

/// Brings the database up to date and returns how many migrations were applied; none when it was up to date. Safe to call from many
/// processes at once: they take turns.
///
/// # Errors
///
/// PostgreSQL cannot be used, a migration fails (its transaction is rolled back), or the database has migrations that differ from ours.
pub async fn migrate(config: &PostgresConfig) -> Result<usize, DatabaseError> {
    let target = target(config)?;
    let (mut client, connection) = target.settings.connect(target.connector).await?;
    // Owned by this function: it ends when `client` is dropped.
    let connection = tokio::spawn(connection);
    // The lock belongs to the connection; it is free when that ends, however that happens.
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await?;
    let report = embedded::migrations::runner()
        .run_async(&mut client)
        .await?;
    drop(client);
    if let Ok(Err(error)) = connection.await {
        tracing::debug!(%error, "the connection that migrated ended badly");
    }
    let applied = report.applied_migrations();
    for migration in applied {
        tracing::info!(migration = %migration, "applied");
    }
    Ok(applied.len())
}

/// A number that is another for other migrations: names a template of the migrated database.
#[cfg(feature = "testing")]
pub(crate) fn fingerprint() -> u64 {
    let runner = embedded::migrations::runner();
    let mix = |sum: u64, checksum: u64| sum.rotate_left(7) ^ checksum;
    let checksums = runner.get_migrations().iter().map(|m| m.checksum());
    checksums.fold(0, mix)
}
