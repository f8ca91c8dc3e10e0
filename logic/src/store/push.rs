//! What is to be told to members who are away: writing jobs down, taking them, and what became of them. V9 describes the table.

use std::time::Duration;

use im_shared::ids::{ConversationId, Seq, UserId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Store, StoreError};

/// How members are told. The numbers stand in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Channel {
    /// Their browsers.
    WebPush = 1,
    /// The operator's program.
    Webhook = 2,
}

impl Channel {
    /// For metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebPush => "web_push",
            Self::Webhook => "webhook",
        }
    }

    const fn to_sql(self) -> i16 {
        self as i16
    }
}

/// Entries that somebody may have to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// For a row that is made.
    pub id: i64,
    /// Where.
    pub conversation: ConversationId,
    /// How.
    pub channel: Channel,
    /// The first one.
    pub first: Seq,
    /// The last one.
    pub last: Seq,
}

/// A job that this worker has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Snowflake.
    pub id: i64,
    /// Where.
    pub conversation: ConversationId,
    /// Only this subscription; 0: every member.
    pub subscription: i64,
    /// Told before.
    pub since: Seq,
    /// Told now.
    pub until: Seq,
    /// Members up to this one are done.
    pub cursor: UserId,
    /// Failures since something last worked.
    pub attempts: u32,
    /// Ours.
    claim: i64,
}

/// A job that went wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub reason: String,
    /// When it is tried again.
    pub wait: Duration,
    /// So many failures are too many.
    pub tries: u32,
}

/// A new row begins some entries earlier: who was away for these has not been told of them, and another worker may have committed some of
/// them a moment ago and not have written them down yet.
const LOOK_BACK: u64 = 16;

/// A private conversation without a browser to push to has no row for Web Push, and so costs nothing but this look.
const OFFER: &str = "\
    INSERT INTO push_jobs AS j (id, conversation_id, channel, since_seq, seq, not_before) \
    SELECT o.id, o.conversation_id, o.channel, o.since_seq, o.seq, now() + $6 * interval '1 ms' \
      FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[]) \
           AS o (id, conversation_id, channel, since_seq, seq) \
     WHERE o.channel = 2 OR EXISTS ( \
       SELECT FROM conversations c WHERE c.id = o.conversation_id AND (c.type <> 1 OR EXISTS ( \
         SELECT FROM push_subscriptions s WHERE s.user_id IN (c.user_low, c.user_high) \
       )) \
     ) \
     ORDER BY o.conversation_id, o.channel \
    ON CONFLICT (conversation_id, channel, subscription_id) WHERE status < 3 DO UPDATE SET \
      seq = excluded.seq, status = 1, \
      not_before = CASE WHEN j.status = 1 THEN j.not_before \
                        ELSE greatest(excluded.not_before, j.not_before) END, \
      updated_at = now() \
    WHERE j.seq < excluded.seq";

/// A pass over all members tells what is there when it begins, so that not every message needs to raise `seq` before.
const TAKE: &str = "\
    UPDATE push_jobs j SET \
      seq = d.tip, run_seq = CASE WHEN j.run_seq = 0 THEN d.tip ELSE j.run_seq END, claims = j.claims + 1, \
      not_before = now() + $3 * interval '1 ms', updated_at = now() \
    FROM ( \
      SELECT p.id, CASE WHEN p.subscription_id <> 0 THEN p.seq ELSE coalesce(( \
        SELECT e.seq FROM messages e \
         WHERE e.conversation_id = p.conversation_id AND e.seq >= p.seq ORDER BY e.seq DESC LIMIT 1 \
      ), p.seq) END AS tip \
        FROM push_jobs p WHERE p.channel = $1 AND p.status = 1 AND p.not_before <= now() \
       ORDER BY p.not_before LIMIT $2 FOR UPDATE SKIP LOCKED \
    ) d \
    WHERE j.id = d.id \
    RETURNING j.id, j.conversation_id, j.subscription_id, j.since_seq, j.run_seq, j.cursor_user_id, j.attempts, j.claims";

const GO_ON: &str = "\
    UPDATE push_jobs SET cursor_user_id = $3, not_before = now() + $4 * interval '1 ms', updated_at = now() \
    WHERE id = $1 AND claims = $2 AND status = 1";

/// What came meanwhile is the next pass.
const FINISH: &str = "\
    UPDATE push_jobs SET \
      since_seq = run_seq, run_seq = 0, cursor_user_id = 0, attempts = 0, error = '', \
      status = CASE WHEN seq > run_seq THEN 1 ELSE 2 END, not_before = now() + $3 * interval '1 ms', updated_at = now() \
    WHERE id = $1 AND claims = $2 AND status = 1";

const REMOVE: &str = "DELETE FROM push_jobs WHERE id = $1 AND claims = $2 AND status = 1";

const FAIL: &str = "\
    UPDATE push_jobs SET \
      attempts = attempts + 1, error = $3, not_before = now() + $4 * interval '1 ms', \
      status = CASE WHEN attempts + 1 >= $5 THEN 3 ELSE 1 END, updated_at = now() \
    WHERE id = $1 AND claims = $2 AND status = 1 RETURNING status";

const DEFER: &str = "\
    UPDATE push_jobs SET not_before = now() + $3 * interval '1 ms', updated_at = now() \
    WHERE id = $1 AND claims = $2 AND status = 1";

/// One that failed before keeps its failures and its wait.
const APART: &str = "\
    INSERT INTO push_jobs AS j (id, conversation_id, channel, subscription_id, since_seq, seq, attempts, error, not_before, status) \
    VALUES ($1, $2, 1, $3, $4, $5, 1, $6, now() + $7 * interval '1 ms', CASE WHEN 1 >= $8 THEN 3 ELSE 1 END) \
    ON CONFLICT (conversation_id, channel, subscription_id) WHERE status < 3 DO UPDATE SET \
      seq = greatest(j.seq, excluded.seq), run_seq = 0, error = excluded.error, updated_at = now()";

const SETTLED: &str = "\
    DELETE FROM push_jobs \
    WHERE conversation_id = $1 AND channel = 1 AND subscription_id = ANY ($2) AND subscription_id > 0 AND status = 1";

impl Store {
    /// Writes down what is to be told: one row per conversation and channel. The push comes `delay` after the first message.
    ///
    /// # Errors
    ///
    /// A statement failed. Offering again is harmless.
    pub async fn offer_pushes(&self, offers: &[Offer], delay: Duration) -> Result<(), StoreError> {
        let column = |of: fn(&Offer) -> i64| offers.iter().map(of).collect::<Vec<i64>>();
        let ids = column(|o| o.id);
        let conversations = column(|o| o.conversation.to_sql());
        let channels: Vec<i16> = offers.iter().map(|o| o.channel.to_sql()).collect();
        let since = column(|o| Seq(o.first.0.saturating_sub(LOOK_BACK)).to_sql());
        let seqs = column(|o| o.last.to_sql());
        let delay = millis(delay);
        let client = self.connection().await?;
        let statement = client.prepare_cached(OFFER).await?;
        client
            .execute(
                &statement,
                &[&ids, &conversations, &channels, &since, &seqs, &delay],
            )
            .await?;
        Ok(())
    }

    /// Takes up to `limit` jobs that are due, for as long as `lease`.
    ///
    /// # Errors
    ///
    /// A statement failed; what was taken without our knowing is due again after the lease.
    pub async fn take_pushes(
        &self,
        channel: Channel,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<Job>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let client = self.connection().await?;
        let statement = client.prepare_cached(TAKE).await?;
        let rows = client
            .query(&statement, &[&channel.to_sql(), &limit, &millis(lease)])
            .await?;
        rows.iter().map(job).collect()
    }

    /// Members up to `cursor` are done, and the work goes on. False when somebody else has the job by now.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn go_on_pushing(
        &self,
        job: &Job,
        cursor: UserId,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.change(GO_ON, job, &[&cursor.to_sql(), &millis(lease)])
            .await
    }

    /// Every member is done. What came meanwhile, or comes later, is told no earlier than after `rest`.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn finish_push(&self, job: &Job, rest: Duration) -> Result<bool, StoreError> {
        if job.subscription != 0 {
            return self.change(REMOVE, job, &[]).await;
        }
        self.change(FINISH, job, &[&millis(rest)]).await
    }

    /// It is tried again later, without a failure.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn defer_push(&self, job: &Job, wait: Duration) -> Result<bool, StoreError> {
        self.change(DEFER, job, &[&millis(wait)]).await
    }

    /// It failed and is tried again later, unless that was once too often. True when it is dead now.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn fail_push(&self, job: &Job, failure: &Failure) -> Result<bool, StoreError> {
        let tries = i32::try_from(failure.tries).unwrap_or(i32::MAX);
        let wait = millis(failure.wait);
        let client = self.connection().await?;
        let statement = client.prepare_cached(FAIL).await?;
        let row = client
            .query_opt(
                &statement,
                &[&job.id, &job.claim, &failure.reason, &wait, &tries],
            )
            .await?;
        let status: Option<i16> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(status == Some(3))
    }

    /// One subscription failed in a pass over all of them: it gets a job of its own, and the pass goes on.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn push_apart(
        &self,
        id: i64,
        job: &Job,
        subscription: i64,
        failure: &Failure,
    ) -> Result<(), StoreError> {
        let tries = i32::try_from(failure.tries).unwrap_or(i32::MAX);
        let client = self.connection().await?;
        let statement = client.prepare_cached(APART).await?;
        client
            .execute(
                &statement,
                &[
                    &id,
                    &job.conversation.to_sql(),
                    &subscription,
                    &job.since.to_sql(),
                    &job.until.to_sql(),
                    &failure.reason,
                    &millis(failure.wait),
                    &tries,
                ],
            )
            .await?;
        Ok(())
    }

    /// These subscriptions of the conversation have the newest: what failed for them before need not be tried again.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn settle_pushes(
        &self,
        conversation: ConversationId,
        subscriptions: &[i64],
    ) -> Result<(), StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(SETTLED).await?;
        client
            .execute(&statement, &[&conversation.to_sql(), &subscriptions])
            .await?;
        Ok(())
    }

    /// One statement about a job that this worker has; false when it has it no more.
    async fn change(
        &self,
        sql: &str,
        job: &Job,
        more: &[&(dyn ToSql + Sync)],
    ) -> Result<bool, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(sql).await?;
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&job.id, &job.claim];
        values.extend(more);
        Ok(client.execute(&statement, &values).await? == 1)
    }
}

#[allow(clippy::cast_precision_loss)]
fn millis(duration: Duration) -> f64 {
    duration.as_millis() as f64
}

fn job(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.try_get(0)?,
        conversation: ConversationId::from_sql(row.try_get(1)?),
        subscription: row.try_get(2)?,
        since: Seq::from_sql(row.try_get(3)?),
        until: Seq::from_sql(row.try_get(4)?),
        cursor: UserId::from_sql(row.try_get(5)?),
        attempts: u32::try_from(row.try_get::<_, i32>(6)?).unwrap_or_default(),
        claim: row.try_get(7)?,
    })
}
