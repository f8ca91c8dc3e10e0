//! Friends: who is told of a user's presence and profile, and what two users are to each other.

use im_shared::ids::UserId;

use super::{Store, StoreError};
use crate::bond::Bond;

const FRIENDS: &str = "\
    SELECT f.user_id, f.friend_id FROM unnest($1::bigint[]) AS u (id) \
    CROSS JOIN LATERAL ( \
      SELECT user_id, friend_id FROM friends WHERE user_id = u.id AND deleted = 0 AND blocked = 0 LIMIT $2 \
    ) f";

const BOND: &str =
    "SELECT blocked FROM friends WHERE user_id = $1 AND friend_id = $2 AND deleted = 0";

impl Store {
    /// What `other` is to `user`.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn bond(&self, user: UserId, other: UserId) -> Result<Bond, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(BOND).await?;
        let row = client
            .query_opt(&statement, &[&user.to_sql(), &other.to_sql()])
            .await?;
        let blocked = row.map(|row| row.try_get(0)).transpose()?;
        Ok(Bond::of(blocked))
    }

    /// The friends of each of `users`, `limit` each at most: pairs of user and friend. Of two who are blocked neither hears of the other.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn friends(
        &self,
        users: &[UserId],
        limit: i64,
    ) -> Result<Vec<(UserId, UserId)>, StoreError> {
        let users: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(FRIENDS).await?;
        let rows = client.query(&statement, &[&users, &limit]).await?;
        let pair = |row: &tokio_postgres::Row| -> Result<(UserId, UserId), StoreError> {
            Ok((
                UserId::from_sql(row.try_get(0)?),
                UserId::from_sql(row.try_get(1)?),
            ))
        };
        rows.iter().map(pair).collect()
    }
}
