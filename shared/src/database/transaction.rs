//! A transaction that is tried again when it lost against another one (mission J4).

use std::time::Duration;

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::error::SqlState;

use super::{DatabaseError, statements};

/// A transaction is tried so often.
const MAX_TRIES: u32 = 3;

/// The wait before the second try lies below this, and doubles.
const PAUSE: Duration = Duration::from_millis(20);

/// What ends a transaction.
pub trait Outcome: From<DatabaseError> {
    /// Whether the same transaction may succeed now: PostgreSQL ended it so that another one could go on ([`has_lost`]).
    fn has_lost(&self) -> bool;
}

/// Whether PostgreSQL ended a transaction so that another one could go on: a deadlock, or no serial order.
#[must_use]
pub fn has_lost(error: &tokio_postgres::Error) -> bool {
    let lost = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    error.code().is_some_and(|code| lost.contains(code))
}

/// Does `work` in a transaction of `client` and commits it when that succeeds, else undoes it. One that lost against another is done again, up to
/// three times, so `work` has no effects outside of it.
///
/// # Errors
///
/// Those of `work`, of the last try; or the transaction could not begin or commit. After an error of the commit it is not known whether it is done.
pub async fn transact<T, E: Outcome>(
    client: &mut Object,
    mut work: impl AsyncFnMut(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut pause = PAUSE;
    for _ in 1..MAX_TRIES {
        match once(client, &mut work).await {
            Err(error) if error.has_lost() => {}
            ended => return ended,
        }
        metrics::counter!("im_postgres_transaction_retries_total").increment(1);
        tokio::time::sleep(pause.mul_f64(rand::random())).await;
        pause *= 2;
    }
    once(client, &mut work).await
}

async fn once<T, E: Outcome>(
    client: &mut Object,
    work: &mut impl AsyncFnMut(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let transaction = client.transaction().await.map_err(DatabaseError::from)?;
    match work(&transaction).await {
        Ok(value) => {
            let committed = statements::timed("commit", transaction.commit()).await;
            committed.map_err(DatabaseError::from)?;
            Ok(value)
        }
        Err(error) => {
            // Of what use the connection is after this shows itself at its next use.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}
