//! The statements on `id_workers`.
//!
//! `last_millis` of a number that is held is the bound of its holder: no id with a later time has been given, whatever happens to the
//! holder. At a release it is the time of the last id.

use deadpool_postgres::GenericClient;
use tokio_postgres::Error;

use super::layout::{MAX_WORKER, WorkerId};

/// A lease ends after this, by the clock of PostgreSQL, unless it is renewed. Seconds.
pub(super) const LEASE_SECONDS: u32 = 60;

/// Ids may be given this far beyond the time of a renewal, in milliseconds.
pub(super) const AHEAD_MILLIS: i64 = LEASE_SECONDS as i64 * 1_000;

/// A number that was leased, and its fence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimed {
    pub(super) worker: WorkerId,
    /// An earlier holder may have given ids up to here; milliseconds since 1970.
    pub(super) floor_millis: u64,
    /// This holder may give ids up to here.
    pub(super) bound_millis: u64,
}

/// Takes a number whose lease has ended; None when there is none.
pub(super) async fn claim_free(
    client: &impl GenericClient,
    holder: &str,
    now_millis: u64,
) -> Result<Option<Claimed>, Error> {
    // The number that was left earliest: its ids are surely in the past.
    let sql = "
        WITH free AS (
          SELECT id, last_millis FROM id_workers WHERE expires_at < now() ORDER BY last_millis, id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        UPDATE id_workers w
        SET holder = $1, expires_at = now() + make_interval(secs => $2::int),
            last_millis = greatest(free.last_millis, $3::bigint) + $4::bigint, updated_at = now()
        FROM free WHERE w.id = free.id
        RETURNING w.id, free.last_millis, w.last_millis";
    let row = client
        .query_opt(
            sql,
            &[&holder, &seconds(), &signed(now_millis), &AHEAD_MILLIS],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, floor, bound): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    let worker = u16::try_from(id).ok().and_then(WorkerId::new);
    Ok(worker.map(|worker| Claimed {
        worker,
        floor_millis: unsigned(floor),
        bound_millis: unsigned(bound),
    }))
}

/// Adds the next number and takes it; None when another process added it first or all exist.
pub(super) async fn claim_new(
    client: &impl GenericClient,
    holder: &str,
    now_millis: u64,
) -> Result<Option<Claimed>, Error> {
    let sql = "
        INSERT INTO id_workers (id, holder, expires_at, last_millis)
        SELECT next, $1, now() + make_interval(secs => $2::int), $3::bigint + $4::bigint
        FROM (SELECT coalesce(max(id) + 1, 0) AS next FROM id_workers) n WHERE next <= $5::bigint
        ON CONFLICT (id) DO NOTHING
        RETURNING id, last_millis";
    let max = i64::from(MAX_WORKER);
    let row = client
        .query_opt(
            sql,
            &[
                &holder,
                &seconds(),
                &signed(now_millis),
                &AHEAD_MILLIS,
                &max,
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, bound): (i64, i64) = (row.get(0), row.get(1));
    let worker = u16::try_from(id).ok().and_then(WorkerId::new);
    Ok(worker.map(|worker| Claimed {
        worker,
        floor_millis: 0,
        bound_millis: unsigned(bound),
    }))
}

/// Whether every number exists.
pub(super) async fn all_exist(client: &impl GenericClient) -> Result<bool, Error> {
    let sql = "SELECT coalesce(max(id), -1) >= $1::bigint FROM id_workers";
    let row = client.query_one(sql, &[&i64::from(MAX_WORKER)]).await?;
    Ok(row.get(0))
}

/// Extends the lease and returns the new bound; None when the number is held by another process.
pub(super) async fn renew(
    client: &impl GenericClient,
    worker: WorkerId,
    holder: &str,
    now_millis: u64,
) -> Result<Option<u64>, Error> {
    let sql = "
        UPDATE id_workers
        SET expires_at = now() + make_interval(secs => $3::int),
            last_millis = greatest(last_millis, $4::bigint + $5::bigint), updated_at = now()
        WHERE id = $1 AND holder = $2
        RETURNING last_millis";
    let id = i64::from(worker.get());
    let row = client
        .query_opt(
            sql,
            &[&id, &holder, &seconds(), &signed(now_millis), &AHEAD_MILLIS],
        )
        .await?;
    Ok(row.map(|row| unsigned(row.get(0))))
}

/// Gives the number back; the next holder begins after `last_millis`.
pub(super) async fn release(
    client: &impl GenericClient,
    worker: WorkerId,
    holder: &str,
    last_millis: u64,
) -> Result<(), Error> {
    let sql = "
        UPDATE id_workers SET holder = '', expires_at = 'epoch', last_millis = $3, updated_at = now()
        WHERE id = $1 AND holder = $2";
    let id = i64::from(worker.get());
    client
        .execute(sql, &[&id, &holder, &signed(last_millis)])
        .await?;
    Ok(())
}

#[allow(clippy::cast_possible_wrap)]
fn seconds() -> i32 {
    LEASE_SECONDS as i32
}

/// Times of this century fit both ways.
fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

fn unsigned(millis: i64) -> u64 {
    u64::try_from(millis).unwrap_or(0)
}
