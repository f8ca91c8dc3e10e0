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
use super::{Params, Result, Store, execute, optional, rows, transact};
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
        /// 1 the friend has blocked the user, 2 the user has blocked the friend, 3 both.
        blocked: i16,
    }
}

/// A friendship with the friend's account.
#[derive(Debug)]
pub struct FriendRow {
    /// The friendship as its user sees it.
    pub friend: Friend,
    /// The friend.
    pub person: Person,
    /// Wants to be seen, and neither has blocked the other.
    pub visible: bool,
    /// When the friend's last session ended, where that is known and the friend lets it be seen.
    pub last_seen: Option<SystemTime>,
    /// Where it stands in the list.
    pub position: FriendPosition,
}

/// A place in the list of friends: behind the friend with this name and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FriendPosition {
    /// What the list is sorted by: the remark, else the nickname, in lower case.
    pub name: String,
    /// Decides between the same names.
    pub friend: UserId,
}

/// What the list is sorted by, of friendships `f` with their friend `u`.
const NAME: &str = "lower(coalesce(nullif(f.remark, ''), u.nickname))";

impl FriendRow {
    /// A friendship whose friend is `invisible` or not, and lets it be seen that the last session ended at `last_seen`.
    pub(super) fn new(
        friend: Friend,
        person: Person,
        name: String,
        invisible: bool,
        last_seen: Option<SystemTime>,
    ) -> Self {
        let visible = !invisible && friend.blocked == 0;
        Self {
            position: FriendPosition {
                name,
                friend: friend.friend_id,
            },
            friend,
            person,
            visible,
            last_seen: last_seen.filter(|_| visible).and_then(some_time),
        }
    }

    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        let (friend, person) = (Friend::read(row)?, Person::read(row)?);
        let (name, invisible) = (row.try_get("name")?, row.try_get("invisible")?);
        let last_seen = Some(row.try_get("last_seen")?);
        Ok(Self::new(friend, person, name, invisible, last_seen))
    }

    /// Selects friendships `f` with their friend `u`, the friend's presence `p` and settings `s`; a condition on `f` follows.
    fn select() -> String {
        let columns = Friend::COLUMNS.iter().map(|(name, _)| format!("f.{name}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let person = Person::LIST;
        format!(
            "SELECT {columns}, {person}, {NAME} AS name, coalesce(p.invisible, 0) = 1 AS invisible, \
             CASE WHEN coalesce(s.last_seen, 1) = 1 THEN coalesce(p.last_seen_at, 'epoch') ELSE 'epoch' END AS last_seen \
             FROM friends f JOIN users u ON u.id = f.friend_id \
             LEFT JOIN user_presence p ON p.id = f.friend_id AND p.deleted = 0 \
             LEFT JOIN user_settings s ON s.id = f.friend_id AND s.deleted = 0 WHERE f.deleted = 0 AND f.user_id = $1"
        )
    }
}

impl Store {
    /// Up to `limit` friends of a user after `after`, by name.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn friends(
        &self,
        user: UserId,
        after: Option<&FriendPosition>,
        limit: u32,
    ) -> Result<Vec<FriendRow>> {
        let sql = format!(
            "{} AND ($2::text IS NULL OR ({NAME}, f.friend_id) > ($2, $3::bigint)) ORDER BY {NAME}, f.friend_id LIMIT $4",
            FriendRow::select()
        );
        let name = after.map(|position| position.name.as_str());
        let friend = after.map_or(0, |position| position.friend.to_sql());
        let (id, limit) = (user.to_sql(), i64::from(limit));
        let params: Params<'_> = &[&id, &name, &friend, &limit];
        let found = match after {
            Some(_) => self.read(user, &sql, params).await?,
            // What is remembered is read from the primary.
            None => rows(&self.client().await?, &sql, params).await?,
        };
        found.iter().map(|row| Ok(FriendRow::read(row)?)).collect()
    }

    /// Ends a friendship in both directions.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn delete_friend(&self, user: UserId, friend: UserId) -> Result<()> {
        transact!(self, |transaction| {
            lock_pair(transaction, user, friend).await?;
            let deleted = execute(
                transaction,
                "UPDATE friends SET deleted = 1, updated_at = now() \
                 WHERE ((user_id = $1 AND friend_id = $2) OR (user_id = $2 AND friend_id = $1)) AND deleted = 0",
                &[&user.to_sql(), &friend.to_sql()],
            )
            .await?;
            if deleted == 0 {
                return Err(ApiError::Refused(Code::NotFriends));
            }
            Ok(())
        })?;
        self.friends_changed(&[user, friend]).await;
        Ok(())
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
        self.friends_changed(&[user]).await;
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
