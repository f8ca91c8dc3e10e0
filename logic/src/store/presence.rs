//! What outlives a user's sessions.

use std::collections::BTreeSet;

use im_shared::ids::UserId;

use super::{Store, StoreError};

const INVISIBLE: &str = "SELECT id FROM user_presence WHERE id = ANY($1) AND invisible = 1";

/// In the order of the ids, so that no two statements deadlock.
const NOTE: &str = "\
    INSERT INTO user_presence (id, last_seen_at) SELECT id, now() FROM (SELECT unnest($1::bigint[]) AS id ORDER BY 1) u \
    ON CONFLICT (id) DO UPDATE SET last_seen_at = now(), updated_at = now()";

/// Who begins to hide was last seen now.
const SHOW: &str = "\
    INSERT INTO user_presence (id, last_seen_at, invisible) VALUES ($1, CASE WHEN $2 = 1::smallint THEN now() ELSE 'epoch' END, $2) \
    ON CONFLICT (id) DO UPDATE SET invisible = $2, updated_at = now(), \
      last_seen_at = CASE WHEN $2 > user_presence.invisible THEN now() ELSE user_presence.last_seen_at END \
      WHERE user_presence.invisible <> $2 \
    RETURNING id";

impl Store {
    /// Which of `users` do not want to be seen.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn invisible(&self, users: &[UserId]) -> Result<BTreeSet<UserId>, StoreError> {
        let users: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(INVISIBLE).await?;
        let rows = client.query(&statement, &[&users]).await?;
        let user = |row: &tokio_postgres::Row| Ok(UserId::from_sql(row.try_get(0)?));
        rows.iter().map(user).collect()
    }

    /// `users` were here until now.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn note_last_seen(&self, users: &[UserId]) -> Result<(), StoreError> {
        if users.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(NOTE).await?;
        client.execute(&statement, &[&ids]).await?;
        drop(client);
        self.forget_users(users).await;
        Ok(())
    }

    /// Whether `user` is seen from now on. True when that is a change.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn show(&self, user: UserId, invisible: bool) -> Result<bool, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(SHOW).await?;
        let changed = client
            .query_opt(&statement, &[&user.to_sql(), &i16::from(invisible)])
            .await?;
        drop(client);
        self.forget_users(&[user]).await;
        Ok(changed.is_some())
    }
}
