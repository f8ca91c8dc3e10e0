//! What is remembered of people in Redis: rows as plain values, without what nobody but this program may see (no hash of a password), and
//! read from the primary only. Conversations are in `faces`.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use super::friends::{Friend, FriendPosition, FriendRow};
use super::people::Person;
use super::{Result, Store, millis, rows};

/// Friends that are remembered: the longest page that is asked for usually, and one more to tell that there are more.
pub const FRIENDS: u32 = 201;

/// An account, with what it lets others see and when it was last here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)]
pub struct Account {
    /// The account.
    pub id: UserId,
    /// Its login name.
    pub username: String,
    /// Its shown name.
    pub nickname: String,
    /// Address of its picture, or empty.
    pub avatar: String,
    /// As given, or empty.
    pub phone: String,
    /// As given, or empty.
    pub email: String,
    /// 1 active, 2 disabled.
    pub status: i16,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
    /// Does not want to be seen.
    pub invisible: bool,
    /// When the last session ended, milliseconds since 1970; 0 when that is not known.
    pub last_seen_at: i64,
    /// Lets friends see that.
    pub shows_last_seen: bool,
    /// Lets friends see telephone number and mail address.
    pub shows_contact: bool,
}

impl Account {
    const SELECT: &'static str = "\
        SELECT u.id, u.username, u.nickname, u.avatar, u.phone, u.email, u.status, u.created_at, u.updated_at, \
               coalesce(p.invisible, 0) = 1 AS invisible, coalesce(p.last_seen_at, 'epoch') AS last_seen_at, \
               coalesce(s.last_seen, 1) = 1 AS shows_last_seen, coalesce(s.contact, 0) = 1 AS shows_contact \
        FROM users u LEFT JOIN user_presence p ON p.id = u.id AND p.deleted = 0 \
        LEFT JOIN user_settings s ON s.id = u.id AND s.deleted = 0 \
        WHERE u.id = ANY($1) AND u.deleted = 0";

    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        Ok(Self {
            id: UserId::from_sql(row.try_get("id")?),
            username: row.try_get("username")?,
            nickname: row.try_get("nickname")?,
            avatar: row.try_get("avatar")?,
            phone: row.try_get("phone")?,
            email: row.try_get("email")?,
            status: row.try_get("status")?,
            created_at: millis(row.try_get("created_at")?),
            updated_at: millis(row.try_get("updated_at")?),
            invisible: row.try_get("invisible")?,
            last_seen_at: millis(row.try_get("last_seen_at")?),
            shows_last_seen: row.try_get("shows_last_seen")?,
            shows_contact: row.try_get("shows_contact")?,
        })
    }

    /// What everybody sees of it.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            id: self.id,
            username: self.username.clone(),
            nickname: self.nickname.clone(),
            avatar: self.avatar.clone(),
        }
    }
}

/// One friendship, without the friend.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Friendship {
    id: i64,
    friend: UserId,
    remark: String,
    created_at: i64,
    updated_at: i64,
    blocked: i16,
    name: String,
}

impl Friendship {
    /// The friend.
    #[must_use]
    pub const fn friend(&self) -> UserId {
        self.friend
    }

    /// As `user` sees it, with the friend.
    #[must_use]
    pub fn with(&self, user: UserId, account: &Account) -> FriendRow {
        let friend = Friend {
            id: self.id,
            user_id: user,
            friend_id: self.friend,
            remark: self.remark.clone(),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
            deleted: 0,
            blocked: self.blocked,
        };
        let last_seen = account.shows_last_seen.then(|| time(account.last_seen_at));
        FriendRow::new(
            friend,
            account.person(),
            self.name.clone(),
            account.invisible,
            last_seen,
        )
    }
}

impl From<FriendRow> for Friendship {
    fn from(row: FriendRow) -> Self {
        let FriendRow {
            friend,
            position: FriendPosition { name, .. },
            ..
        } = row;
        Self {
            id: friend.id,
            friend: friend.friend_id,
            remark: friend.remark,
            created_at: millis(friend.created_at),
            updated_at: millis(friend.updated_at),
            blocked: friend.blocked,
            name,
        }
    }
}

impl Store {
    /// Those of `users` that exist.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn accounts(&self, users: &[u64]) -> Result<HashMap<u64, Account>> {
        let users: Vec<i64> = users.iter().map(|id| UserId(*id).to_sql()).collect();
        let found = rows(&self.client().await?, Account::SELECT, &[&users]).await?;
        let accounts = found.iter().map(|row| {
            let account = Account::read(row)?;
            Ok((account.id.0, account))
        });
        accounts.collect()
    }

    /// Everybody who has `user` among their friends.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn friends_of(&self, user: UserId) -> Result<Vec<UserId>> {
        let sql = "SELECT friend_id FROM friends WHERE user_id = $1 AND deleted = 0";
        let found = rows(&self.client().await?, sql, &[&user.to_sql()]).await?;
        let ids = found.iter().map(|row| row.try_get(0).map(UserId::from_sql));
        Ok(ids.collect::<std::result::Result<_, _>>()?)
    }
}

/// The time of so many milliseconds since 1970.
pub(super) fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// I7: what is remembered can be read again.
    #[test]
    fn a_snapshot_comes_back_from_its_text() {
        let friendship = Friendship {
            id: 1,
            friend: UserId(2),
            remark: "r".to_owned(),
            created_at: 3,
            updated_at: 4,
            blocked: 2,
            name: "n".to_owned(),
        };
        let text = serde_json::to_string(&friendship).unwrap();
        let back: Friendship = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
    }
}
