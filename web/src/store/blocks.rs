//! Whom users have blocked.
//!
//! The rows of a friendship say it too, for logic, which reads them anyway: `friends.blocked`. Both are written under the pair's lock.

use std::time::SystemTime;

use deadpool_postgres::GenericClient;
use im_shared::ids::UserId;
use im_shared::wire::Code;

use super::friend_requests::{cancel_requests, lock_pair};
use super::model::{Model, model};
use super::people::Person;
use super::{Result, Store, execute, optional, rows, transact};
use crate::error::ApiError;

model! {
    /// One block.
    Block in "blocks" {
        /// Its id.
        id: i64,
        /// Who blocks.
        user_id: UserId,
        /// Who is blocked.
        blocked_id: UserId,
        /// Since when.
        created_at: SystemTime,
        /// When the row was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

/// A block with who is blocked.
#[derive(Debug)]
pub struct BlockRow {
    /// The block.
    pub block: Block,
    /// Who is blocked.
    pub person: Person,
}

/// What a change of a block has to do with a friendship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: they are no friends, or it was so before, or the other one still blocks.
    None,
    /// Two friends do not see each other any more.
    Parted,
    /// Two friends see each other again.
    Rejoined,
}

impl Store {
    /// Up to `limit` of those whom a user has blocked, with ids above `after`, by id.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn blocks(
        &self,
        user: UserId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<BlockRow>> {
        let columns = Block::COLUMNS.iter().map(|(name, _)| format!("b.{name}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {columns}, {} FROM blocks b JOIN users u ON u.id = b.blocked_id \
             WHERE b.user_id = $1 AND b.blocked_id > $2 ORDER BY b.blocked_id LIMIT $3",
            Person::LIST
        );
        let after = after.map_or(0, UserId::to_sql);
        let client = self.client().await?;
        let found = rows(&client, &sql, &[&user.to_sql(), &after, &i64::from(limit)]).await?;
        let read = |row| {
            let (block, person) = (Block::read(row)?, Person::read(row)?);
            Ok(BlockRow { block, person })
        };
        found.iter().map(read).collect()
    }

    /// `user` blocks `other`, whoever that is. A request to be friends that is open between them ends.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn block(&self, user: UserId, other: UserId) -> Result<Effect> {
        let id = self.id()?;
        let effect = transact!(self, |transaction| {
            lock_pair(transaction, user, other).await?;
            let known = "SELECT 1 FROM users WHERE id = $1 AND deleted = 0";
            if optional(transaction, known, &[&other.to_sql()])
                .await?
                .is_none()
            {
                return Err(ApiError::Refused(Code::UserNotFound));
            }
            let blocked = execute(
                transaction,
                "INSERT INTO blocks (id, user_id, blocked_id) VALUES ($1, $2, $3) \
             ON CONFLICT ON CONSTRAINT blocks_user_id_blocked_id_key DO NOTHING",
                &[&id, &user.to_sql(), &other.to_sql()],
            )
            .await?;
            if blocked == 0 {
                return Ok(Effect::None);
            }
            cancel_requests(transaction, user, other).await?;
            // Each side of a friendship that has ended, too: it may begin again.
            let sql = "UPDATE friends SET blocked = blocked | CASE WHEN user_id = $1 THEN 2 ELSE 1 END, updated_at = now() \
                   WHERE (user_id, friend_id) IN (($1, $2), ($2, $1)) \
                   RETURNING deleted = 0 AND blocked <> 3 AS concerned";
            let effect = effect(transaction, sql, user, other, Effect::Parted).await?;
            Ok(effect)
        })?;
        self.friends_changed(&[user, other]).await;
        Ok(effect)
    }

    /// `user` blocks `other` no longer.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn unblock(&self, user: UserId, other: UserId) -> Result<Effect> {
        let effect = transact!(self, |transaction| {
            lock_pair(transaction, user, other).await?;
            let unblocked = execute(
                transaction,
                "DELETE FROM blocks WHERE user_id = $1 AND blocked_id = $2",
                &[&user.to_sql(), &other.to_sql()],
            )
            .await?;
            if unblocked == 0 {
                return Ok(Effect::None);
            }
            let sql = "UPDATE friends SET blocked = blocked & ~CASE WHEN user_id = $1 THEN 2 ELSE 1 END, updated_at = now() \
                   WHERE (user_id, friend_id) IN (($1, $2), ($2, $1)) \
                   RETURNING deleted = 0 AND blocked = 0 AS concerned";
            let effect = effect(transaction, sql, user, other, Effect::Rejoined).await?;
            Ok(effect)
        })?;
        self.friends_changed(&[user, other]).await;
        Ok(effect)
    }
}

/// Changes the rows of a friendship, and gives `effect` where that concerns friends.
async fn effect(
    client: &impl GenericClient,
    sql: &str,
    user: UserId,
    other: UserId,
    effect: Effect,
) -> Result<Effect> {
    let changed = rows(client, sql, &[&user.to_sql(), &other.to_sql()]).await?;
    for row in changed {
        if row.try_get("concerned")? {
            return Ok(effect);
        }
    }
    Ok(Effect::None)
}

/// Whether one of two has blocked the other.
pub(super) const BLOCKED: &str =
    "EXISTS (SELECT FROM blocks b WHERE (b.user_id, b.blocked_id) IN (($1, $2), ($2, $1)))";
