//! Reads that may go to a replica (mission I10).
//!
//! A replica is behind by some milliseconds, or by more. Up to where a user has written is noted in Redis after each of their requests that may have
//! written; their reads go to the replica only when it is that far. The note is kept for a minute, so a replica that is further behind than
//! half of that is not asked at all. Whatever is not known, and whatever fails, goes to the primary: that there is a replica is never noticed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use fred::prelude::{Expiration, KeysInterface};
use im_shared::cache::{Keys, Redis};
use im_shared::database::DatabaseError;
use im_shared::ids::UserId;
use tokio_postgres::Row;

use super::{Params, Result, Store, rows};

/// For how long it is known up to where a user has written.
const NOTE_LIVES: Duration = Duration::from_secs(60);

/// A replica that has not what was written so long ago is not asked.
const MAX_BEHIND: Duration = Duration::from_secs(30);

/// No replica is there; what Redis and PostgreSQL can hold.
const NOWHERE: u64 = i64::MAX as u64;

/// How often the replica is asked where it is.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// How often the primary is.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// Who takes longer to say where they are, is nowhere.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// Where the primary has got to, in bytes of its log.
const WRITTEN: &str = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

/// Where a replica has got to; one that is no replica any more is nowhere.
const REPLAYED: &str = "\
    SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint, 0) ELSE 0 END";

/// A replica, and how far it is. A cheap clone.
#[derive(Clone)]
pub struct Replica {
    pool: Pool,
    redis: Redis,
    keys: Keys,
    /// Up to where it may be believed to be; 0 is nowhere.
    position: Arc<AtomicU64>,
}

impl Replica {
    /// The replica behind `pool`, which is asked for nothing before [`Replica::follow`] runs.
    #[must_use]
    pub fn new(pool: Pool, redis: Redis, keys: Keys) -> Self {
        Self {
            pool,
            redis,
            keys,
            position: Arc::default(),
        }
    }

    /// Asks where the replica is, for ever; `primary` says where it should be.
    pub async fn follow(self, primary: Pool) {
        let mut known = Samples::default();
        let mut sampled_at = None;
        loop {
            let now = Instant::now();
            if sampled_at.is_none_or(|at| now.duration_since(at) >= SAMPLE_EVERY) {
                sampled_at = Some(now);
                // A primary that is away writes nothing: what is known of it stays true.
                if let Some(written) = ask(&primary, WRITTEN).await {
                    known.add(now, written);
                }
            }
            let replayed = ask(&self.pool, REPLAYED).await.unwrap_or(0);
            let is_near = known.floor(now).is_some_and(|floor| replayed >= floor);
            let position = if is_near { replayed } else { 0 };
            let before = self.position.swap(position, Ordering::Release);
            metrics::gauge!("im_replica_usable").set(f64::from(u8::from(position > 0)));
            match (before, position) {
                (0, 1..) => tracing::info!("reads go to the replica"),
                (1.., 0) => {
                    tracing::warn!("the replica is away or too far behind: reads go to the primary")
                }
                _ => {}
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Whether the replica has everything that `reader` wrote.
    async fn has_own_writes_of(&self, reader: UserId) -> bool {
        let position = self.position.load(Ordering::Acquire);
        if position == 0 {
            return false;
        }
        let note = self.redis.get::<Option<u64>, _>(self.keys.wrote(reader));
        match tokio::time::timeout(ANSWER_WITHIN, note).await {
            Ok(Ok(note)) => note.is_none_or(|wrote| wrote <= position),
            _ => false,
        }
    }

    async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        // Not by `acquire`: that measures the pool of the primary.
        rows(&self.pool.get().await?, sql, params).await
    }
}

impl Store {
    /// Reads what `reader` asks for, from the replica if that has everything that they wrote.
    pub(super) async fn read(
        &self,
        reader: UserId,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>> {
        if let Some(replica) = &self.replica {
            if replica.has_own_writes_of(reader).await {
                match replica.rows(sql, params).await {
                    Ok(found) => {
                        count("replica");
                        return Ok(found);
                    }
                    Err(error) => {
                        replica.position.store(0, Ordering::Release);
                        tracing::warn!(%error, "a read failed on the replica and goes to the primary");
                    }
                }
            }
            count("primary");
        }
        rows(&self.client().await?, sql, params).await
    }

    /// What `user` has written until now is seen by their reads from now on. Without a replica there is nothing to do.
    pub async fn note_writes_of(&self, user: UserId) {
        let Some(replica) = &self.replica else { return };
        // Where the primary does not say, no replica is far enough for this user.
        let written = ask(&self.pool, WRITTEN).await.unwrap_or(NOWHERE);
        let life = Some(Expiration::PX(
            i64::try_from(NOTE_LIVES.as_millis()).unwrap_or(i64::MAX),
        ));
        let noted = replica.redis.set::<(), _, _>(
            replica.keys.wrote(user),
            written.to_string(),
            life,
            None,
            false,
        );
        if !matches!(tokio::time::timeout(ANSWER_WITHIN, noted).await, Ok(Ok(()))) {
            metrics::counter!("im_replica_notes_lost_total").increment(1);
        }
    }

    /// Whether there is a replica.
    #[must_use]
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }
}

fn count(server: &'static str) {
    metrics::counter!("im_replica_reads_total", "server" => server).increment(1);
}

/// The number that a server answers with; none when it does not.
async fn ask(pool: &Pool, sql: &str) -> Option<u64> {
    let asked = async {
        let client = pool.get().await?;
        let statement = client.prepare_cached(sql).await?;
        let row = client.query_one(&statement, &[]).await?;
        Ok::<i64, DatabaseError>(row.try_get(0)?)
    };
    let answer = tokio::time::timeout(ANSWER_WITHIN, asked)
        .await
        .ok()?
        .ok()?;
    u64::try_from(answer).ok()
}

/// Where the primary was lately.
#[derive(Debug, Default)]
struct Samples(VecDeque<(Instant, u64)>);

impl Samples {
    fn add(&mut self, now: Instant, written: u64) {
        self.0.push_back((now, written));
        // The last one that is old enough stays, and those after it.
        while self.0.get(1).is_some_and(|(at, _)| is_old(*at, now)) {
            self.0.pop_front();
        }
    }

    /// A replica that is not this far is too far behind; none while nothing is known.
    fn floor(&self, now: Instant) -> Option<u64> {
        let old = self.0.iter().take_while(|(at, _)| is_old(*at, now)).last();
        old.or(self.0.front()).map(|(_, written)| *written)
    }
}

fn is_old(at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(at) >= MAX_BEHIND
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I10: nobody's note ends before the replica has what it is about.
    #[test]
    fn a_replica_has_to_be_where_the_primary_was_half_a_minute_ago() {
        assert!(MAX_BEHIND * 2 <= NOTE_LIVES);
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut samples = Samples::default();
        assert_eq!(samples.floor(began), None);
        for second in 0..100 {
            samples.add(at(second), 1_000 + second);
            let expected = 1_000 + second.saturating_sub(30);
            assert_eq!(samples.floor(at(second)), Some(expected));
            assert!(samples.0.len() <= 32);
        }
        // The primary is away: what it wrote last is what counts.
        assert_eq!(samples.floor(at(500)), Some(1_099));
    }
}
