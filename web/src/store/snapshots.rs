//! What is remembered of the tables in Redis: rows as plain values, without what nobody but this program may see (no hash of a password), and
//! read from the primary only.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, ConversationType, JoinPolicy, Role};
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use super::friends::{Friend, FriendPosition, FriendRow};
use super::groups::{GroupRow, MemberRow, role};
use super::people::Person;
use super::{Result, Store, millis, optional, rows};
use crate::error::ApiError;

/// Friends that are remembered: the longest page that is asked for usually, and one more to tell that there are more.
pub const FRIENDS: u32 = 201;

/// The members of a larger group are read each time.
const MEMBERS: i32 = 200;

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

/// A conversation, as far as it is a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    id: ConversationId,
    kind: i16,
    name: String,
    avatar: String,
    description: String,
    /// 0: there is none any more.
    owner: u64,
    member_count: i32,
    join_policy: i16,
    history_open: bool,
    silenced: bool,
    created_at: i64,
    updated_at: i64,
    /// By user; none where they are too many.
    members: Option<Vec<Member>>,
}

/// A member, without the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    user: UserId,
    role: i16,
    /// 0: nobody.
    invited_by: u64,
    silenced_until: i64,
    joined_at: i64,
}

impl Member {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// With the account, at `now`.
    #[must_use]
    pub fn with(&self, account: &Account, now: SystemTime) -> MemberRow {
        MemberRow {
            person: account.person(),
            role: role(self.role),
            invited_by: Some(UserId(self.invited_by)).filter(|user| user.is_some()),
            silenced_until: Some(time(self.silenced_until)).filter(|until| *until > now),
            joined_at: time(self.joined_at),
        }
    }
}

impl Group {
    /// By user; none where they are too many to be remembered.
    #[must_use]
    pub fn members(&self) -> Option<&[Member]> {
        self.members.as_deref()
    }

    /// The group as `user` finds it, member or not; none when that is not remembered.
    ///
    /// # Errors
    /// `NotAGroup`, `GroupDissolved`.
    pub fn seen_by(&self, user: UserId) -> Result<Option<GroupRow>> {
        if self.kind != i16::from(ConversationType::Group.0) {
            return Err(ApiError::Refused(Code::NotAGroup));
        }
        if self.owner == 0 {
            return Err(ApiError::Refused(Code::GroupDissolved));
        }
        let Some(members) = &self.members else {
            return Ok(None);
        };
        let place = members.binary_search_by_key(&user, Member::user).ok();
        Ok(Some(GroupRow {
            id: self.id,
            name: self.name.clone(),
            avatar: self.avatar.clone(),
            description: self.description.clone(),
            owner: UserId(self.owner),
            member_count: self.member_count,
            join_policy: u8::try_from(self.join_policy).map_or(JoinPolicy::Unknown, JoinPolicy),
            history_open: self.history_open,
            silenced: self.silenced,
            role: place.map_or(Role::None, |place| role(members[place].role)),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        }))
    }

    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        Ok(Self {
            id: ConversationId::from_sql(row.try_get("id")?),
            kind: row.try_get("type")?,
            name: row.try_get("name")?,
            avatar: row.try_get("avatar")?,
            description: row.try_get("description")?,
            owner: UserId::from_sql(row.try_get("owner_id")?).0,
            member_count: row.try_get("member_count")?,
            join_policy: row.try_get("join_policy")?,
            history_open: row.try_get::<_, i16>("history_open")? == 1,
            silenced: row.try_get::<_, i16>("silenced")? == 1,
            created_at: millis(row.try_get("created_at")?),
            updated_at: millis(row.try_get("updated_at")?),
            members: None,
        })
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

    /// A conversation, as far as it is a group; none when there is no such conversation.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn whole_group(&self, id: ConversationId) -> Result<Option<Group>> {
        let client = self.client().await?;
        let sql = "\
            SELECT c.id, c.type, c.name, c.avatar, c.description, c.owner_id, c.member_count, c.join_policy, c.history_open, c.silenced, \
                   c.created_at, c.updated_at FROM conversations c WHERE c.id = $1 AND c.deleted = 0";
        let Some(row) = optional(&client, sql, &[&id.to_sql()]).await? else {
            return Ok(None);
        };
        let mut group = Group::read(&row)?;
        if group.kind == i16::from(ConversationType::Group.0) && group.member_count <= MEMBERS {
            let sql = "\
                SELECT m.user_id, m.role, m.invited_by, m.silenced_until, m.created_at FROM conversation_members m \
                WHERE m.conversation_id = $1 AND m.deleted = 0 ORDER BY m.user_id";
            let members = rows(&client, sql, &[&id.to_sql()]).await?;
            let read = |row: &Row| {
                Ok(Member {
                    user: UserId::from_sql(row.try_get("user_id")?),
                    role: row.try_get("role")?,
                    invited_by: UserId::from_sql(row.try_get("invited_by")?).0,
                    silenced_until: millis(row.try_get("silenced_until")?),
                    joined_at: millis(row.try_get("created_at")?),
                })
            };
            let members: Result<_> = members.iter().map(read).collect();
            group.members = Some(members?);
        }
        Ok(Some(group))
    }
}

/// The time of so many milliseconds since 1970.
fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// I7: what is remembered can be read again, also where an id is none.
    #[test]
    fn a_snapshot_comes_back_from_its_text() {
        let group = Group {
            id: ConversationId(7),
            kind: 2,
            name: "hill".to_owned(),
            avatar: String::new(),
            description: String::new(),
            owner: 0,
            member_count: 1,
            join_policy: 1,
            history_open: true,
            silenced: false,
            created_at: 1,
            updated_at: 2,
            members: Some(vec![Member {
                user: UserId(3),
                role: 1,
                invited_by: 0,
                silenced_until: 0,
                joined_at: 4,
            }]),
        };
        let text = serde_json::to_string(&group).unwrap();
        let back: Group = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
        assert!(matches!(
            back.seen_by(UserId(3)),
            Err(ApiError::Refused(Code::GroupDissolved))
        ));
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
