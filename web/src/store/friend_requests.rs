//! Requests to become friends, and their answers.
//!
//! Whatever changes a pair holds the pair's lock, so request, answer and delete of the same two never end half.

use std::time::SystemTime;

use deadpool_postgres::Transaction;
use im_shared::ids::{FriendRequestId, UserId};
use im_shared::wire::Code;
use tokio_postgres::types::ToSql;

use super::blocks::BLOCKED;
use super::friends::{befriend, friend};
use super::idempotency::claim;
use super::model::{Column, Model, model};
use super::people::Person;
use super::users::{ACTIVE, REGISTERED};
use super::{FriendRow, Result, Store, execute, optional, transact};
use crate::error::ApiError;
use crate::idempotency::Once;

model! {
    /// One request.
    FriendRequest in "friend_requests" {
        /// Its id.
        id: FriendRequestId,
        /// Who asks.
        from_user_id: UserId,
        /// Who is asked.
        to_user_id: UserId,
        /// What the asker says.
        message: String,
        /// As [`RequestStatus`].
        status: i16,
        /// When it was asked.
        created_at: SystemTime,
        /// When it was answered.
        updated_at: SystemTime,
        /// 0, or 1 when deleted.
        deleted: i16,
    }
}

/// Where a request stands; the values of `friend_requests.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStatus {
    /// Not answered.
    Pending = 1,
    /// They became friends.
    Accepted = 2,
    /// They did not.
    Rejected = 3,
    /// The asker took it back, or one of the two blocked the other.
    Cancelled = 4,
}

impl RequestStatus {
    fn read(value: i16) -> Self {
        match value {
            2 => Self::Accepted,
            3 => Self::Rejected,
            4 => Self::Cancelled,
            _ => Self::Pending,
        }
    }
}

/// Whose requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Others ask the user.
    Received,
    /// The user asks others.
    Sent,
}

/// A request with the other one of the two.
#[derive(Debug)]
pub struct RequestRow {
    /// The request.
    pub request: FriendRequest,
    /// Where it stands.
    pub status: RequestStatus,
    /// The asker of a received one, the asked of a sent one.
    pub other: Person,
}

impl Store {
    /// `from` asks `to`. Gives the new request, or the one that the same call made before.
    ///
    /// # Errors
    /// `FriendSelf`, `UserNotFound` (also for a guest), `Blocked` (in either direction), `FriendAlready`, `FriendRequestPending` (in either
    /// direction), `RequestsClosed`, `IdempotencyConflict`.
    pub async fn request_friend(
        &self,
        from: UserId,
        to: UserId,
        message: &str,
        once: Option<&Once>,
    ) -> Result<FriendRequestId> {
        if from == to {
            return Err(ApiError::Refused(Code::FriendSelf));
        }
        let (id, key) = (self.id()?, self.id()?);
        transact!(self, |transaction| {
            lock_pair(transaction, from, to).await?;
            if let Some(made) = claim(transaction, key, once, id).await? {
                return Ok(FriendRequestId::from_sql(made));
            }
            if let Some(code) = obstacle(transaction, from, to).await? {
                return Err(ApiError::Refused(code));
            }
            execute(
            transaction,
            "INSERT INTO friend_requests (id, from_user_id, to_user_id, message) VALUES ($1, $2, $3, $4)",
            &[&id, &from.to_sql(), &to.to_sql(), &message],
        )
        .await?;
            Ok(FriendRequestId::from_sql(id))
        })
    }

    /// Up to `limit` of the user's requests in one direction, newest first, before `after`.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn friend_requests(
        &self,
        user: UserId,
        direction: Direction,
        after: Option<FriendRequestId>,
        limit: u32,
    ) -> Result<Vec<RequestRow>> {
        let (own, other) = match direction {
            Direction::Received => ("to_user_id", "from_user_id"),
            Direction::Sent => ("from_user_id", "to_user_id"),
        };
        let before = after.map_or(i64::MAX, FriendRequestId::to_sql);
        let columns = FriendRequest::COLUMNS
            .iter()
            .map(|(name, _)| format!("r.{name}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {columns}, {} FROM friend_requests r JOIN users u ON u.id = r.{other} \
             WHERE r.{own} = $1 AND r.deleted = 0 AND r.id < $2 ORDER BY r.id DESC LIMIT $3",
            Person::LIST
        );
        let limit = i64::from(limit);
        let found = self
            .read(user, &sql, &[&user.to_sql(), &before, &limit])
            .await?;
        let read = |row| {
            let request = FriendRequest::read(row)?;
            Ok(RequestRow {
                status: RequestStatus::read(request.status),
                request,
                other: Person::read(row)?,
            })
        };
        found.iter().map(read).collect()
    }

    /// `user` says yes: both directions of the friendship come into being, in this transaction.
    ///
    /// # Errors
    /// `FriendRequestNotFound`: unknown, or not to this user. `FriendRequestAnswered`.
    pub async fn accept_friend(&self, user: UserId, request: FriendRequestId) -> Result<FriendRow> {
        let ids = [self.id()?, self.id()?];
        let friend = transact!(self, |transaction| {
            let asker = settle(transaction, user, request, RequestStatus::Accepted).await?;
            befriend(transaction, ids, user, asker).await?;
            let friend = friend(transaction, user, asker).await?;
            friend
                .ok_or_else(|| ApiError::internal("reading a friend that was just made", "no row"))
        })?;
        self.friends_changed(&[user, friend.friend.friend_id]).await;
        Ok(friend)
    }

    /// `user` says no. Gives the asker.
    ///
    /// # Errors
    /// As [`Self::accept_friend`].
    pub async fn reject_friend(&self, user: UserId, request: FriendRequestId) -> Result<UserId> {
        transact!(self, |transaction| {
            let asker = settle(transaction, user, request, RequestStatus::Rejected).await?;
            Ok(asker)
        })
    }

    /// `user` takes a request back. Gives who was asked.
    ///
    /// # Errors
    /// `FriendRequestNotFound`: unknown, or not by this user. `FriendRequestAnswered`.
    pub async fn cancel_request(&self, user: UserId, request: FriendRequestId) -> Result<UserId> {
        transact!(self, |transaction| {
            let asked = settle(transaction, user, request, RequestStatus::Cancelled).await?;
            Ok(asked)
        })
    }
}

/// Why `from` cannot ask `to`, if so. The pair is locked, so it stays so; a request that is pending would break
/// `friend_requests_pending_pair` as well.
async fn obstacle(transaction: &Transaction<'_>, from: UserId, to: UserId) -> Result<Option<Code>> {
    let sql = format!(
        "SELECT {BLOCKED} AS blocked, coalesce(s.friend_requests, 1) = 0 AS closed, \
                EXISTS (SELECT FROM friends f WHERE f.user_id = $1 AND f.friend_id = $2 AND f.deleted = 0) AS friends, \
                EXISTS (SELECT FROM friend_requests r WHERE least(r.from_user_id, r.to_user_id) = least($1, $2) \
                        AND greatest(r.from_user_id, r.to_user_id) = greatest($1, $2) AND r.status = 1 AND r.deleted = 0) AS pending \
         FROM users u LEFT JOIN user_settings s ON s.id = u.id AND s.deleted = 0 \
         WHERE u.id = $2 AND u.deleted = 0 AND u.status = $3 AND u.type = $4"
    );
    let params: [&(dyn ToSql + Sync); 4] = [&from.to_sql(), &to.to_sql(), &ACTIVE, &REGISTERED];
    let Some(row) = optional(transaction, &sql, &params).await? else {
        return Ok(Some(Code::UserNotFound));
    };
    for (what, code) in [
        ("blocked", Code::Blocked),
        ("friends", Code::FriendAlready),
        ("pending", Code::FriendRequestPending),
        ("closed", Code::RequestsClosed),
    ] {
        if row.try_get(what)? {
            return Ok(Some(code));
        }
    }
    Ok(None)
}

/// Ends what is pending between two, whoever asked. The caller holds the pair's lock.
pub(super) async fn cancel_requests(
    transaction: &Transaction<'_>,
    one: UserId,
    other: UserId,
) -> Result<()> {
    let sql = "UPDATE friend_requests SET status = $3, updated_at = now() \
               WHERE least(from_user_id, to_user_id) = least($1::bigint, $2::bigint) \
                 AND greatest(from_user_id, to_user_id) = greatest($1, $2) \
                 AND status = 1 AND deleted = 0";
    let cancelled = RequestStatus::Cancelled as i16;
    let params: [&(dyn ToSql + Sync); 3] = [&one.to_sql(), &other.to_sql(), &cancelled];
    execute(transaction, sql, &params).await.map(|_| ())
}

/// Ends a pending request of `user`, who answers it or takes it back, and gives the other one. The pair is locked when this returns.
async fn settle(
    transaction: &Transaction<'_>,
    user: UserId,
    request: FriendRequestId,
    status: RequestStatus,
) -> Result<UserId> {
    // Neither side of a request ever changes, so the pair may be read before it is locked.
    let sql = match status {
        RequestStatus::Cancelled => {
            "SELECT to_user_id AS other FROM friend_requests WHERE id = $1 AND from_user_id = $2 AND deleted = 0"
        }
        _ => {
            "SELECT from_user_id AS other FROM friend_requests WHERE id = $1 AND to_user_id = $2 AND deleted = 0"
        }
    };
    let row = optional(transaction, sql, &[&request.to_sql(), &user.to_sql()]).await?;
    let row = row.ok_or(ApiError::Refused(Code::FriendRequestNotFound))?;
    let other: UserId = Column::read(&row, "other")?;
    lock_pair(transaction, user, other).await?;
    let answered = execute(
        transaction,
        "UPDATE friend_requests SET status = $2, updated_at = now() WHERE id = $1 AND status = $3",
        &[
            &request.to_sql(),
            &(status as i16),
            &(RequestStatus::Pending as i16),
        ],
    )
    .await?;
    if answered == 0 {
        return Err(ApiError::Refused(Code::FriendRequestAnswered));
    }
    Ok(other)
}

/// The locks of pairs, apart from the locks of others: "FRND".
const PAIR_LOCKS: i32 = 0x4652_4e44;

/// Holds everybody else off this pair until the end of the transaction. Pairs with the same key wait for each other, no more.
pub(super) async fn lock_pair(
    transaction: &Transaction<'_>,
    one: UserId,
    other: UserId,
) -> Result<()> {
    let sql = "SELECT pg_advisory_xact_lock($1::int, $2::int)";
    let key = pair_key(one, other);
    optional(transaction, sql, &[&PAIR_LOCKS, &key])
        .await
        .map(|_| ())
}

/// The same for both orders, in every release.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
fn pair_key(one: UserId, other: UserId) -> i32 {
    // Fibonacci hashing spreads ids of neighbouring milliseconds.
    let (low, high) = (one.0.min(other.0), one.0.max(other.0));
    let mixed = (low ^ high.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_key_whoever_asks() {
        assert_eq!(
            pair_key(UserId(1), UserId(2)),
            pair_key(UserId(2), UserId(1))
        );
        assert_ne!(
            pair_key(UserId(1), UserId(2)),
            pair_key(UserId(1), UserId(3))
        );
    }
}
