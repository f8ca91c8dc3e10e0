//! A worker number of one's own.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use deadpool_postgres::Pool;
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::generator::Generator;
use super::store::{self, Claimed, LEASE_SECONDS};
use super::{MAX_WORKER, WorkerId};
use crate::database::{self, DatabaseError};

/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(15);

/// The lease counts as ended this much earlier here than in PostgreSQL, because clocks run at different speeds.
const MARGIN: Duration = Duration::from_secs(5);

/// Processes that start together find the same number free; so many times is the next one tried.
const MAX_ATTEMPTS: usize = 100;

/// Why there is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The lease has ended: PostgreSQL was not reached for too long. It is taken again as soon as it is.
    #[error("the lease of the worker number has ended")]
    LeaseEnded,
    /// More ids are asked for than the lease covers; there are more after the next renewal.
    #[error("no id is left before the next renewal")]
    Exhausted,
}

/// Why no number could be leased.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// PostgreSQL refused or was not there.
    #[error("the table of worker numbers cannot be used")]
    Database(#[from] DatabaseError),
    /// All numbers are held.
    #[error("all {count} worker numbers are held", count = MAX_WORKER + 1)]
    NoneFree,
}

impl From<tokio_postgres::Error> for LeaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Gives ids that no other process gives. A cheap clone.
///
/// The task that renews the lease ends when the last clone is dropped or [`Ids::release`] is called.
#[derive(Debug, Clone)]
pub struct Ids {
    shared: Arc<Shared>,
    renewal: Arc<AbortOnDropHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    pool: Pool,
    holder: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    generator: Generator,
    valid_until: Instant,
}

impl Ids {
    /// Leases a free number, and goes on renewing it.
    ///
    /// # Errors
    ///
    /// PostgreSQL cannot be used, or all numbers are held.
    pub async fn lease(pool: &Pool) -> Result<Self, LeaseError> {
        let holder = holder();
        let state = State::claim(pool, &holder).await?;
        tracing::info!(
            worker = state.generator.worker().get(),
            "leased a worker number"
        );
        let shared = Arc::new(Shared {
            pool: pool.clone(),
            holder,
            state: Mutex::new(state),
        });
        let renewed = Arc::clone(&shared);
        let renewal = tokio::spawn(async move { renewed.keep().await });
        Ok(Self {
            shared,
            renewal: Arc::new(AbortOnDropHandle::new(renewal)),
        })
    }

    /// The next id: larger than every id before it from this process.
    ///
    /// # Errors
    ///
    /// [`IdError`]; both pass by themselves once PostgreSQL is reached.
    pub fn next(&self) -> Result<u64, IdError> {
        let mut state = self.shared.state.lock();
        state.next(now_millis(), Instant::now())
    }

    /// The number that is held.
    #[must_use]
    pub fn worker(&self) -> WorkerId {
        self.shared.state.lock().generator.worker()
    }

    /// Gives the number back, so that another process can have it at once. No clone gives ids from then on.
    ///
    /// # Errors
    ///
    /// PostgreSQL cannot be used; the lease then ends by itself.
    pub async fn release(self) -> Result<(), LeaseError> {
        self.renewal.abort();
        let (worker, last_millis) = {
            let mut state = self.shared.state.lock();
            state.valid_until = Instant::now();
            (state.generator.worker(), state.generator.last_millis())
        };
        let client = database::acquire(&self.shared.pool).await?;
        store::release(&client, worker, &self.shared.holder, last_millis).await?;
        Ok(())
    }
}

impl Shared {
    /// Renews for ever.
    async fn keep(&self) {
        let mut wait = RENEW_EVERY;
        loop {
            tokio::time::sleep(wait).await;
            wait = match self.renew().await {
                Ok(()) => RENEW_EVERY,
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the lease of the worker number was not renewed");
                    Duration::from_secs(1)
                }
            };
        }
    }

    async fn renew(&self) -> Result<(), LeaseError> {
        let asked_at = Instant::now();
        let (worker, last_millis) = {
            let state = self.state.lock();
            (state.generator.worker(), state.generator.last_millis())
        };
        let client = database::acquire(&self.pool).await?;
        let now = now_millis().max(last_millis);
        let bound = store::renew(&client, worker, &self.holder, now).await?;
        drop(client);
        if let Some(bound) = bound {
            let mut state = self.state.lock();
            state.generator.extend(bound);
            state.valid_until = asked_at + VALID;
            return Ok(());
        }
        // The lease ended and another process has the number: take another one.
        let state = State::claim(&self.pool, &self.holder).await?;
        let lost = worker.get();
        let worker = state.generator.worker().get();
        tracing::warn!(lost, worker, "leased another worker number");
        *self.state.lock() = state;
        Ok(())
    }
}

const VALID: Duration = Duration::from_secs(LEASE_SECONDS as u64).saturating_sub(MARGIN);

impl State {
    async fn claim(pool: &Pool, holder: &str) -> Result<Self, LeaseError> {
        let client = database::acquire(pool).await?;
        for _ in 0..MAX_ATTEMPTS {
            let (asked_at, now) = (Instant::now(), now_millis());
            let claimed = match store::claim_free(&client, holder, now).await? {
                Some(claimed) => Some(claimed),
                None => store::claim_new(&client, holder, now).await?,
            };
            if let Some(claimed) = claimed {
                return Ok(Self::new(claimed, asked_at + VALID));
            }
            if store::all_exist(&client).await? {
                break;
            }
        }
        Err(LeaseError::NoneFree)
    }

    fn new(claimed: Claimed, valid_until: Instant) -> Self {
        let Claimed {
            worker,
            floor_millis,
            bound_millis,
        } = claimed;
        Self {
            generator: Generator::new(worker, floor_millis, bound_millis),
            valid_until,
        }
    }

    fn next(&mut self, now_millis: u64, now: Instant) -> Result<u64, IdError> {
        if now >= self.valid_until {
            return Err(IdError::LeaseEnded);
        }
        let next = self.generator.next(now_millis);
        next.map_err(|_| IdError::Exhausted)
    }
}

/// Program and start, so that no two processes ever have the same.
fn holder() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(|path| path.file_name());
    let program = program.map(|name| name.to_string_lossy().into_owned());
    format!("{} {}", program.unwrap_or_default(), Uuid::now_v7())
}

fn now_millis() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(elapsed.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDatabase;

    /// I5: a process that was paused, or cut off from PostgreSQL, gives no ids under a number that may be another's.
    #[test]
    fn an_ended_lease_gives_no_ids() {
        let worker = WorkerId::new(1).unwrap();
        let start = Instant::now();
        let claimed = Claimed {
            worker,
            floor_millis: 0,
            bound_millis: u64::MAX,
        };
        let mut state = State::new(claimed, start + VALID);
        let last = start + VALID - Duration::from_nanos(1);
        let now = now_millis();
        assert!(state.next(now, last).is_ok());
        assert_eq!(state.next(now, start + VALID), Err(IdError::LeaseEnded));
    }

    /// I5: the lease ended while PostgreSQL was away, and another process has the number now.
    #[tokio::test]
    async fn a_lost_number_is_replaced_by_another_one() {
        let database = TestDatabase::create().await;
        let pool = database.pool();
        let ids = Ids::lease(&pool).await.unwrap();
        let lost = ids.worker();
        let client = database::acquire(&pool).await.unwrap();
        let sql = "UPDATE id_workers SET holder = 'another'";
        client.batch_execute(sql).await.unwrap();
        let before = ids.next().unwrap();
        ids.shared.renew().await.unwrap();
        assert_ne!(ids.worker(), lost);
        assert!(ids.next().unwrap() > before);
    }

    /// I5: what is written down before an id is given is never behind it.
    #[tokio::test]
    async fn a_renewal_moves_the_fence_ahead_of_every_id() {
        let database = TestDatabase::create().await;
        let pool = database.pool();
        let ids = Ids::lease(&pool).await.unwrap();
        let client = database::acquire(&pool).await.unwrap();
        let sql = "SELECT last_millis, expires_at > updated_at + interval '55 s' FROM id_workers";
        let mut fence = 0;
        for _ in 0..3 {
            ids.shared.renew().await.unwrap();
            let row = client.query_one(sql, &[]).await.unwrap();
            assert!(row.get::<_, i64>(0) >= fence);
            assert!(row.get::<_, bool>(1));
            fence = row.get(0);
            let id = crate::snowflake::parse(ids.next().unwrap()).unwrap();
            assert!(id.millis <= u64::try_from(fence).unwrap());
        }
    }
}
