//! What is remembered of conversations in Redis: what each is and whose, and of a group its face and its members. Read from the primary only.
//!
//! How far a member has read, what is unread and where the log ends is not: it changes with every message, so what was remembered of it would
//! be forgotten before it is asked for. It is one indexed statement ([`Store::conversation`]). From when until when somebody was in a group stands in
//! the statement that reads the entries ([`Store::history`]), so that no word of Redis shows an entry.

use std::collections::HashMap;
use std::time::SystemTime;

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, ConversationType, JoinPolicy, Role};
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use super::groups::{GroupRow, MemberRow, role};
use super::snapshots::{Account, time};
use super::{Result, Store, millis, rows};
use crate::error::ApiError;

/// The members of a larger group are read each time.
const MEMBERS: i32 = 200;

/// What a conversation is, for all who ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Face {
    /// Private: the two. Notifications to one user: that user, twice. Else 0.
    pair: [u64; 2],
    /// Groups only.
    group: Option<Group>,
}

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    id: ConversationId,
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

impl Face {
    /// The group that it is.
    ///
    /// # Errors
    /// `NotAGroup`.
    pub fn group(&self) -> Result<&Group> {
        let group = self.group.as_ref();
        group.ok_or(ApiError::Refused(Code::NotAGroup))
    }

    /// Refuses who is not one of the pair, which never changes. Who was in a group, and when, is not remembered.
    ///
    /// # Errors
    /// `NotMember`.
    pub fn admit(&self, user: UserId) -> Result<()> {
        if self.pair == [0, 0] || self.pair.contains(&user.0) {
            Ok(())
        } else {
            Err(ApiError::Refused(Code::NotMember))
        }
    }

    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        let is_group = row.try_get::<_, i16>("type")? == i16::from(ConversationType::Group.0);
        let user = |column| row.try_get(column).map(UserId::from_sql);
        Ok(Self {
            pair: [user("user_low")?.0, user("user_high")?.0],
            group: is_group.then(|| Group::read(row)).transpose()?,
        })
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
    /// `GroupDissolved`.
    pub fn seen_by(&self, user: UserId) -> Result<Option<GroupRow>> {
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

    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        Ok(Self {
            user: UserId::from_sql(row.try_get("user_id")?),
            role: row.try_get("role")?,
            invited_by: UserId::from_sql(row.try_get("invited_by")?).0,
            silenced_until: millis(row.try_get("silenced_until")?),
            joined_at: millis(row.try_get("created_at")?),
        })
    }
}

impl Store {
    /// Those of `conversations` that exist.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn faces(&self, conversations: &[u64]) -> Result<HashMap<u64, Face>> {
        let ids = conversations.iter().map(|id| ConversationId(*id).to_sql());
        let ids: Vec<i64> = ids.collect();
        let client = self.client().await?;
        let sql = "\
            SELECT c.id, c.type, c.user_low, c.user_high, c.name, c.avatar, c.description, c.owner_id, c.member_count, c.join_policy, \
                   c.history_open, c.silenced, c.created_at, c.updated_at FROM conversations c WHERE c.id = ANY($1) AND c.deleted = 0";
        let mut faces = HashMap::with_capacity(ids.len());
        for row in rows(&client, sql, &[&ids]).await? {
            let id = ConversationId::from_sql(row.try_get("id")?);
            faces.insert(id.0, Face::read(&row)?);
        }
        let groups = faces.values_mut().filter_map(|face| face.group.as_mut());
        for group in groups.filter(|group| group.member_count <= MEMBERS) {
            let sql = "\
                SELECT m.user_id, m.role, m.invited_by, m.silenced_until, m.created_at FROM conversation_members m \
                WHERE m.conversation_id = $1 AND m.deleted = 0 ORDER BY m.user_id";
            let members = rows(&client, sql, &[&group.id.to_sql()]).await?;
            let members: std::result::Result<_, _> = members.iter().map(Member::read).collect();
            group.members = Some(members?);
        }
        Ok(faces)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// I7: what is remembered can be read again, also where an id is none.
    #[test]
    fn a_face_comes_back_from_its_text() {
        let group = Group {
            id: ConversationId(7),
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
        let face = Face {
            pair: [0, 0],
            group: Some(group),
        };
        let text = serde_json::to_string(&face).unwrap();
        let back: Face = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
        assert!(matches!(
            back.group().unwrap().seen_by(UserId(3)),
            Err(ApiError::Refused(Code::GroupDissolved))
        ));
    }

    /// D8: a private conversation is for its two.
    #[test]
    fn a_pair_admits_its_two_only() {
        let face = Face {
            pair: [3, 4],
            group: None,
        };
        assert!(face.admit(UserId(3)).is_ok() && face.admit(UserId(4)).is_ok());
        assert!(matches!(
            face.admit(UserId(5)),
            Err(ApiError::Refused(Code::NotMember))
        ));
        assert!(face.group().is_err());
    }
}
