//! A transaction that is tried again when it lost against another one (mission J4).
//!
//! ```text
//! let mut tries = Tries::default();
//! loop {
//!     let transaction = client.transaction().await?;
//!     let done = work(&transaction).await;
//!     match end(transaction, done).await {
//!         Err(error) if tries.again(&error).await => {}
//!         ended => break ended,
//!     }
//! }
//! ```
//!
//! This is no function that takes the work as a closure: the compiler cannot say of one that borrows that it may move between threads.

use std::time::Duration;

use deadpool_postgres::Transaction;
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

/// How often one transaction was tried.
#[derive(Debug, Default)]
pub struct Tries(u32);

impl Tries {
    /// Whether to do the same again after this error, which the transaction ended with. Waits for a short, random time before that. What is done
    /// again has no effects outside of the transaction.
    pub async fn again(&mut self, error: &impl Outcome) -> bool {
        self.0 += 1;
        if self.0 >= MAX_TRIES || !error.has_lost() {
            return false;
        }
        metrics::counter!("im_postgres_transaction_retries_total").increment(1);
        tokio::time::sleep(PAUSE.mul_f64(rand::random()) * self.0).await;
        true
    }
}

/// Commits what is done, or undoes it.
///
/// # Errors
///
/// That of `done`, or the commit failed; then it is not known whether it is done.
pub async fn end<T, E: Outcome>(transaction: Transaction<'_>, done: Result<T, E>) -> Result<T, E> {
    match done {
        Ok(value) => {
            let committed = statements::timed("commit", transaction.commit()).await;
            committed.map_err(DatabaseError::from)?;
            Ok(value)
        }
        Err(error) => {
            // A connection that fails at it shows that at its next use.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}
