//! The pool, and measuring it (mission I9).

use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};

use super::{DatabaseError, Target, target};
use crate::breaker::{Breaker, Broken, Policy};
use crate::config::PostgresConfig;

/// Waiting longer than this for a connection is worth a line in the log.
const SLOW_ACQUIRE: Duration = Duration::from_millis(250);

/// A pool; connections are made when they are needed first. Nothing is connected yet.
///
/// # Errors
///
/// The address is no PostgreSQL address.
pub fn pool(config: &PostgresConfig) -> Result<Pool, DatabaseError> {
    let Target {
        settings: mut postgres,
        connector,
    } = target(config)?;
    // A server that vanished without a word is noticed by sends that are not acknowledged.
    postgres.tcp_user_timeout(Duration::from_secs(10));
    let timeout = format!("-c statement_timeout={}", config.statement_timeout_ms);
    let options = match postgres.get_options() {
        Some(options) => format!("{options} {timeout}"),
        None => timeout,
    };
    postgres.options(options);
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(postgres, connector, recycling);
    let pool = Pool::builder(manager)
        .max_size(config.pool_size)
        .wait_timeout(Some(config.acquire_timeout()))
        .create_timeout(Some(config.connect_timeout()))
        .recycle_timeout(Some(config.connect_timeout()))
        .runtime(Runtime::Tokio1)
        .build()?;
    Ok(pool)
}

/// A connection of the pool. Use this instead of `Pool::get`: it measures.
///
/// # Errors
///
/// None was free within `acquire_timeout_ms`, or a new one could not be made within `connect_timeout_ms`.
#[allow(clippy::cast_precision_loss)]
pub async fn acquire(pool: &Pool) -> Result<Object, DatabaseError> {
    let asked_at = Instant::now();
    let acquired = pool.get().await;
    let waited = asked_at.elapsed();
    let status = pool.status();
    metrics::histogram!("im_postgres_acquire_seconds").record(waited);
    metrics::gauge!("im_postgres_connections").set(status.size as f64);
    metrics::gauge!("im_postgres_connections_idle").set(status.available as f64);
    metrics::gauge!("im_postgres_waiting").set(status.waiting as f64);
    if acquired.is_err() {
        metrics::counter!("im_postgres_acquire_failures_total").increment(1);
    } else if waited >= SLOW_ACQUIRE {
        let millis = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(millis, waiting = status.waiting, "slow connection");
    }
    Ok(acquired?)
}

/// The breaker for [`acquire_through`]. The pool's own limits of time are shorter than its patience.
#[must_use]
pub fn breaker(config: &PostgresConfig) -> Breaker {
    let policy = Policy {
        // Nearly nothing works without it, so it is asked often.
        longest_rest: Duration::from_secs(2),
        patience: (config.acquire_timeout() + config.connect_timeout()) * 2,
        ..Policy::default()
    };
    Breaker::new("postgres", policy)
}

/// As [`acquire`], but once that failed again and again nobody waits for it: most callers learn so at once, until it works again.
///
/// # Errors
///
/// As of [`acquire`], or [`DatabaseError::LeftAlone`].
pub async fn acquire_through(breaker: &Breaker, pool: &Pool) -> Result<Object, DatabaseError> {
    breaker
        .call(acquire(pool))
        .await
        .map_err(|broken| match broken {
            Broken::Failed(error) => error,
            Broken::Open { .. } | Broken::Late { .. } => DatabaseError::LeftAlone,
        })
}

/// Whether PostgreSQL answers; for readiness.
///
/// # Errors
///
/// There is no connection, or it does not answer.
pub async fn ping(pool: &Pool) -> Result<(), DatabaseError> {
    acquire(pool).await?.simple_query("").await?;
    Ok(())
}
