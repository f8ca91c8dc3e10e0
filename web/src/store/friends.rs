//! Friendships: one row in each direction, made and deleted together.

use std::time::SystemTime;

use deadpool_postgres::{GenericClient, Transaction};
use im_shared::ids::UserId;
use im_shared::wire::Code;
use tokio_postgres::Row;

use super::friend_requests::lock_pair;
use super::groups::some_time;
use super::model::{Model, model};
use super::people::Person;
use super::{Result, Store, execute, optional, rows};
use crate::error::ApiError;

model! {
    /// One direction of a friendship.
    Friend in "friends" {
        /// Its id.
        id: i64,
        /// Whose friend.
        user_id: UserId,
        /// The friend.
        friend_id: UserId,
        /// What the user calls the friend, or empty.
        remark: String,
        /// When they became friends.
        created_at: SystemTime,
        /// When the row was last changed.
        updated_at: SystemTime,
        /// 0, or 1 when deleted.
        deleted: i16,
    }
}

/// A friendship with the friend's account.
#[derive(Debug)]
pub struct FriendRow {
    /// The friendship as its user sees it.
    pub friend: Friend,
    /// The friend.
    pub person: Person,
    /// Wants to be seen.
    pub visible: bool,
    /// When the friend's last session ended, where that is known and the friend wants to be seen.
    pub last_seen: Option<SystemTime>,
}

impl FriendRow {
    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        Ok(Self {
            friend: Friend::read(row)?,
            person: Person::read(row)?,
            visible: row.try_get("visible")?,
            last_seen: some_time(row.try_get("last_seen")?),
        })
    }

    /// Selects friendships `f` with their friend `u` and the friend's presence `p`; a condition on `f` follows.
    fn select() -> String {
        let columns = Friend::COLUMNS.iter().map(|(name, _)| format!("f.{name}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let person = Person::LIST;
        format!(
            "SELECT {columns}, {person}, coalesce(p.invisible, 0) = 0 AS visible, \
             CASE WHEN p.invisible = 0 THEN p.last_seen_at ELSE 'epoch' END AS last_seen \
             FROM friends f JOIN users u ON u.id = f.friend_id LEFT JOIN user_presence p ON p.id = f.friend_id AND p.deleted = 0 WHERE f.deleted = 0 AND f.user_id = $1"
        )
    }
}

impl Store {
    /// All friends of a user, by name.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn friends(&self, user: UserId) -> Result<Vec<FriendRow>> {
        let sql = format!(
            "{} ORDER BY lower(coalesce(nullif(f.remark, ''), u.nickname)), f.friend_id",
            FriendRow::select()
        );
        let found = rows(&self.client().await?, &sql, &[&user.to_sql()]).await?;
        found.iter().map(|row| Ok(FriendRow::read(row)?)).collect()
    }

    /// Ends a friendship in both directions.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn delete_friend(&self, user: UserId, friend: UserId) -> Result<()> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await?;
        lock_pair(&transaction, user, friend).await?;
        let deleted = execute(
            &transaction,
            "UPDATE friends SET deleted = 1, updated_at = now() \
             WHERE ((user_id = $1 AND friend_id = $2) OR (user_id = $2 AND friend_id = $1)) AND deleted = 0",
            &[&user.to_sql(), &friend.to_sql()],
        )
        .await?;
        if deleted == 0 {
            return Err(ApiError::Refused(Code::NotFriends));
        }
        Ok(transaction.commit().await?)
    }

    /// Sets what the user calls a friend.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn set_remark(
        &self,
        user: UserId,
        friend: UserId,
        remark: &str,
    ) -> Result<FriendRow> {
        let client = self.client().await?;
        execute(
            &client,
            "UPDATE friends SET remark = $3, updated_at = now() WHERE user_id = $1 AND friend_id = $2 AND deleted = 0",
            &[&user.to_sql(), &friend.to_sql(), &remark],
        )
        .await?;
        let row = self::friend(&client, user, friend).await?;
        row.ok_or(ApiError::Refused(Code::NotFriends))
    }
}

/// The friendship of `user` with `friend`, if there is one.
pub(super) async fn friend(
    client: &impl GenericClient,
    user: UserId,
    friend: UserId,
) -> Result<Option<FriendRow>> {
    let sql = format!("{} AND f.friend_id = $2", FriendRow::select());
    let row = optional(client, &sql, &[&user.to_sql(), &friend.to_sql()]).await?;
    Ok(row.as_ref().map(FriendRow::read).transpose()?)
}

pub(super) async fn are_friends(
    client: &impl GenericClient,
    one: UserId,
    other: UserId,
) -> Result<bool> {
    let sql = "SELECT 1 FROM friends WHERE user_id = $1 AND friend_id = $2 AND deleted = 0";
    Ok(optional(client, sql, &[&one.to_sql(), &other.to_sql()])
        .await?
        .is_some())
}

/// Makes both directions, or brings deleted ones back as new. The caller holds the pair's lock.
pub(super) async fn befriend(
    transaction: &Transaction<'_>,
    ids: [i64; 2],
    one: UserId,
    other: UserId,
) -> Result<()> {
    execute(
        transaction,
        "INSERT INTO friends (id, user_id, friend_id) VALUES ($1, $3, $4), ($2, $4, $3) \
         ON CONFLICT ON CONSTRAINT friends_user_id_friend_id_key \
         DO UPDATE SET deleted = 0, remark = '', created_at = now(), updated_at = now() WHERE friends.deleted = 1",
        &[&ids[0], &ids[1], &one.to_sql(), &other.to_sql()],
    )
    .await
    .map(|_| ())
}
