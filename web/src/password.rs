//! bcrypt in a bounded pool: 54 ms of CPU each, never on the runtime.
//!
//! At most `threads` hashes run at once and `queue` wait; more are refused with `RetryLater`, so that a storm of logins costs
//! the others nothing but these threads. Each job is one blocking task that ends by itself; the permits travel with it, so
//! that a caller who leaves does not free a thread that still works.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::ApiError;

/// 2^10 rounds.
const COST: u32 = 10;

/// A well-formed hash of cost 10 that no password is known to have: unknown users are checked against it.
const NOBODY: &str = "$2b$10$.....................................................";

/// Hashes and checks passwords. A cheap clone.
#[derive(Clone)]
pub struct Passwords {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Passwords {
    /// A pool of `threads` (at least one) with a queue of `queue`.
    #[must_use]
    pub fn new(threads: usize, queue: usize) -> Self {
        let threads = threads.max(1);
        Self {
            admitted: Arc::new(Semaphore::new(threads + queue)),
            running: Arc::new(Semaphore::new(threads)),
        }
    }

    /// The hash of a password of at most 71 bytes.
    ///
    /// # Errors
    /// `RetryLater` when the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.run(move || bcrypt::non_truncating_hash(password, COST))
            .await
    }

    /// Whether the password belongs to the hash. Without a hash (no such user) it takes the same time and says no.
    ///
    /// # Errors
    /// `RetryLater` when the queue is full.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        // What cannot have been stored would fail quickly, so something else is checked in its place.
        let possible = password.len() <= 71 && !password.contains('\0');
        let password = if possible { password } else { String::new() };
        let hash = hash.filter(|hash| possible && !hash.is_empty());
        self.run(move || match hash {
            Some(hash) => bcrypt::non_truncating_verify(password, &hash),
            None => bcrypt::non_truncating_verify(password, NOBODY).map(|_| false),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> bcrypt::BcryptResult<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let full = |_| ApiError::Busy("the password pool");
        let admitted = self.admitted.clone().try_acquire_owned().map_err(full)?;
        let running = self.running.clone().acquire_owned().await;
        let running = running
            .map_err(|closed| ApiError::internal("waiting for a password thread", closed))?;
        metrics::gauge!("im_password_jobs").increment(1);
        let done = tokio::task::spawn_blocking(move || {
            let _permits = (admitted, running);
            let result = job();
            metrics::gauge!("im_password_jobs").decrement(1);
            result
        });
        done.await
            .map_err(|error| ApiError::internal("a password thread ended", error))?
            .map_err(|error| ApiError::internal("bcrypt failed", error))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use im_shared::wire::Code;

    use super::*;

    #[tokio::test]
    async fn a_hash_is_bcrypt_of_cost_10_and_fits_its_password_only() {
        let passwords = Passwords::new(1, 1);
        let hash = passwords.hash("x".repeat(71)).await.unwrap();
        assert!(hash.starts_with("$2b$10$"), "{hash}");
        assert!(
            passwords
                .verify("x".repeat(71), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("x".repeat(70), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("x".repeat(72), Some(hash)).await.unwrap());
        assert!(
            !passwords
                .verify("nobody's password".into(), None)
                .await
                .unwrap()
        );
    }

    /// A15: a full queue is told to the caller.
    #[tokio::test]
    async fn a_full_pool_says_retry_later() {
        let passwords = Passwords::new(1, 1);
        let jobs = (0..4).map(|_| passwords.hash("long enough".into()));
        let refused = futures_join(jobs).await.into_iter().filter_map(Result::err);
        let codes: Vec<Code> = refused.map(|error| error.code()).collect();
        assert_eq!(codes, [Code::RetryLater, Code::RetryLater]);
    }

    async fn futures_join<T: Send + 'static>(
        jobs: impl Iterator<Item = impl Future<Output = T> + Send>,
    ) -> Vec<T> {
        futures_util::future::join_all(jobs).await
    }
}
