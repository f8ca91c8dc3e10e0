//! Passwords: which are taken, and bcrypt beside everything else.
//!
//! | file | what it holds |
//! |---|---|
//! | `judge` | what is too easy to guess |
//! | `pool` | bounded, low-priority threads for work of 54 ms |

mod judge;
mod pool;

use std::io;
use std::sync::Arc;

use crate::error::ApiError;

pub use judge::judge;
use pool::Pool;

/// 2^10 rounds.
const COST: u32 = 10;

/// A well-formed hash of cost 10 that no password is known to have: unknown users are checked against it.
const NOBODY: &str = "$2b$10$.....................................................";

/// Hashes and checks passwords. A cheap clone; the threads end with the last one.
#[derive(Clone)]
pub struct Passwords {
    pool: Arc<Pool>,
}

impl Passwords {
    /// A pool of `threads` (at least one) with a queue of `queue`.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn new(threads: usize, queue: usize) -> io::Result<Self> {
        let pool = Arc::new(Pool::start(threads, queue)?);
        Ok(Self { pool })
    }

    /// The hash of a password of at most 71 bytes.
    ///
    /// # Errors
    /// `RetryLater` when the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.run(move || bcrypt::non_truncating_hash(password, COST))
            .await
    }

    /// Room to check one password: taken before anything else is asked for, a storm of logins costs nobody but itself.
    ///
    /// # Errors
    /// `RetryLater` when the queue is full.
    pub fn place(&self) -> Result<Place, ApiError> {
        self.pool.place().map(Place)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> bcrypt::BcryptResult<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        run(self.pool.place()?, job).await
    }
}

/// Room to check one password, until it is dropped.
pub struct Place(pool::Place);

impl Place {
    /// Whether the password belongs to the hash. Without a hash (no such user) it takes the same time and says no.
    ///
    /// # Errors
    /// `Internal` when bcrypt fails.
    pub async fn verify(self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        // What cannot have been stored would fail quickly, so something else is checked in its place.
        let possible = password.len() <= 71 && !password.contains('\0');
        let password = if possible { password } else { String::new() };
        let hash = hash.filter(|hash| possible && !hash.is_empty());
        let check = move || match hash {
            Some(hash) => bcrypt::non_truncating_verify(password, &hash),
            None => bcrypt::non_truncating_verify(password, NOBODY).map(|_| false),
        };
        run(self.0, check).await
    }
}

async fn run<T: Send + 'static>(
    place: pool::Place,
    job: impl FnOnce() -> bcrypt::BcryptResult<T> + Send + 'static,
) -> Result<T, ApiError> {
    let done = place.run(job).await?;
    done.map_err(|error| ApiError::internal("bcrypt failed", error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// B2: an account that is not there, or has no password, or a password that cannot be, is no quicker to refuse. The one that would be quick takes
    /// a thousandth; what else runs on the machine slows both.
    #[tokio::test]
    async fn nobody_costs_the_same_time() {
        let passwords = Passwords::new(1, 1).unwrap();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        let mut least = [Duration::MAX; 4];
        // The least of them is what it takes; the more of them there are, the less the machine has a part in it.
        for _ in 0..100 {
            let tries = [
                ("wrong horse".to_owned(), Some(hash.clone())),
                ("wrong horse".to_owned(), None),
                ("wrong horse".to_owned(), Some(String::new())),
                ("x".repeat(100), Some(hash.clone())),
            ];
            for (least, (password, hash)) in least.iter_mut().zip(tries) {
                let began = Instant::now();
                let place = passwords.place().unwrap();
                assert!(!place.verify(password, hash).await.unwrap());
                *least = began.elapsed().min(*least);
            }
            let (quickest, slowest) = (least.iter().min(), least.iter().max());
            if *slowest.unwrap() < *quickest.unwrap() * 2 {
                return;
            }
        }
        panic!("{least:?}");
    }

    /// B6.
    #[tokio::test]
    async fn a_hash_is_bcrypt_of_cost_10_and_fits_its_password_only() {
        let passwords = Passwords::new(1, 1).unwrap();
        let hash = passwords.hash("x".repeat(71)).await.unwrap();
        assert!(hash.starts_with("$2b$10$"), "{hash}");
        for (password, fits) in [
            ("x".repeat(71), true),
            ("x".repeat(70), false),
            ("x".repeat(72), false),
        ] {
            let place = passwords.place().unwrap();
            let said = place.verify(password, Some(hash.clone())).await;
            assert_eq!(said.unwrap(), fits);
        }
        let place = passwords.place().unwrap();
        let said = place.verify("nobody's password".into(), None).await;
        assert!(!said.unwrap());
    }
}
