//! Groups, their members and who wants to join. Logic writes these tables.

use std::time::{SystemTime, UNIX_EPOCH};

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, ConversationType, JoinPolicy, Role};
use tokio_postgres::Row;

use super::people::Person;
use super::{Result, Store, optional, rows};
use crate::error::ApiError;

/// A group, and what the asker is in it.
#[derive(Debug)]
pub struct GroupRow {
    /// Its id.
    pub id: ConversationId,
    /// Its shown name.
    pub name: String,
    /// Address of its picture, or empty.
    pub avatar: String,
    /// What it is about, or empty.
    pub description: String,
    /// The owner.
    pub owner: UserId,
    /// Members now.
    pub member_count: i32,
    /// How one becomes a member.
    pub join_policy: JoinPolicy,
    /// Whether new members read what was before them.
    pub history_open: bool,
    /// Whether only admins and the owner write.
    pub silenced: bool,
    /// Of the asker; `None` is no member.
    pub role: Role,
    /// When it was made.
    pub created_at: SystemTime,
    /// When it was last changed.
    pub updated_at: SystemTime,
}

/// A member of a group.
#[derive(Debug)]
pub struct MemberRow {
    /// The account.
    pub person: Person,
    /// What the member may do.
    pub role: Role,
    /// Who invited or admitted the member; none came alone.
    pub invited_by: Option<UserId>,
    /// The member may not write until then; none may.
    pub silenced_until: Option<SystemTime>,
    /// When the member joined.
    pub joined_at: SystemTime,
}

/// Somebody who wants to join.
#[derive(Debug)]
pub struct JoinRow {
    /// Where it stands in the list.
    pub id: i64,
    /// Who wants to join.
    pub person: Person,
    /// Who asked: the same, or a member who invited them.
    pub asked_by: UserId,
    /// For the admins.
    pub message: String,
    /// When it was asked.
    pub created_at: SystemTime,
}

/// What [`GroupRow::read`] reads of conversation `c`, besides the role.
const GROUP: &str = "c.id, c.name, c.avatar, c.description, c.owner_id, c.member_count, c.join_policy, c.history_open, c.silenced, \
                     c.created_at, c.updated_at";

impl Store {
    /// A group as `user` finds it, member or not.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotAGroup`, `GroupDissolved`.
    pub async fn group(&self, user: UserId, id: ConversationId) -> Result<GroupRow> {
        let sql = format!(
            "SELECT {GROUP}, c.type, coalesce(m.role, 0::smallint) AS role FROM conversations c \
             LEFT JOIN conversation_members m ON m.user_id = $1 AND m.conversation_id = c.id AND m.deleted = 0 \
             WHERE c.id = $2 AND c.deleted = 0"
        );
        let client = self.client().await?;
        let row = optional(&client, &sql, &[&user.to_sql(), &id.to_sql()]).await?;
        let row = row.ok_or(ApiError::Refused(Code::ConversationNotFound))?;
        let (kind, owner): (i16, i64) = (row.try_get("type")?, row.try_get("owner_id")?);
        if kind != i16::from(ConversationType::Group.0) {
            return Err(ApiError::Refused(Code::NotAGroup));
        }
        if owner == 0 {
            return Err(ApiError::Refused(Code::GroupDissolved));
        }
        Ok(GroupRow::read(&row)?)
    }

    /// Up to `limit` groups of which `user` is a member, with ids above `after`, by id.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn groups(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<GroupRow>> {
        let sql = format!(
            "SELECT {GROUP}, m.role FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id \
             WHERE m.user_id = $1 AND m.conversation_id > $2 AND m.deleted = 0 AND c.type = 2 AND c.deleted = 0 \
             ORDER BY m.conversation_id LIMIT $3"
        );
        let after = after.map_or(0, ConversationId::to_sql);
        let client = self.client().await?;
        let found = rows(&client, &sql, &[&user.to_sql(), &after, &i64::from(limit)]).await?;
        found.iter().map(|row| Ok(GroupRow::read(row)?)).collect()
    }

    /// A group of which `user` is a member.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotAGroup`, `GroupDissolved`, `NotMember`.
    pub async fn own_group(&self, user: UserId, id: ConversationId) -> Result<GroupRow> {
        let group = self.group(user, id).await?;
        if group.role == Role::None {
            return Err(ApiError::Refused(Code::NotMember));
        }
        Ok(group)
    }

    /// Up to `limit` members with ids above `after`, by id.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn members(
        &self,
        group: ConversationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<MemberRow>> {
        let sql = format!(
            "{} AND m.user_id > $2 ORDER BY m.user_id LIMIT $3",
            MemberRow::select()
        );
        let after = after.map_or(0, UserId::to_sql);
        let client = self.client().await?;
        let found = rows(&client, &sql, &[&group.to_sql(), &after, &i64::from(limit)]).await?;
        found.iter().map(|row| Ok(MemberRow::read(row)?)).collect()
    }

    /// One member.
    ///
    /// # Errors
    /// `NotMember`.
    pub async fn member(&self, group: ConversationId, user: UserId) -> Result<MemberRow> {
        let sql = format!("{} AND m.user_id = $2", MemberRow::select());
        let client = self.client().await?;
        let row = optional(&client, &sql, &[&group.to_sql(), &user.to_sql()]).await?;
        let row = row.ok_or(ApiError::Refused(Code::NotMember))?;
        Ok(MemberRow::read(&row)?)
    }

    /// Up to `limit` requests to join that nobody has answered, after `after`, the oldest first.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn join_requests(
        &self,
        group: ConversationId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<JoinRow>> {
        let sql = format!(
            "SELECT r.id, r.asked_by, r.message, r.created_at, {} FROM group_requests r JOIN users u ON u.id = r.user_id \
             WHERE r.conversation_id = $1 AND r.status = 1 AND r.deleted = 0 AND r.id > $2 ORDER BY r.id LIMIT $3",
            Person::LIST
        );
        let client = self.client().await?;
        let found = rows(
            &client,
            &sql,
            &[&group.to_sql(), &after.unwrap_or(0), &i64::from(limit)],
        )
        .await?;
        found.iter().map(|row| Ok(JoinRow::read(row)?)).collect()
    }
}

/// A role as a `smallint` column holds it.
pub(super) fn role(value: i16) -> Role {
    u8::try_from(value).map_or(Role::None, Role)
}

/// A time that may be none: a column that says 1970 then.
pub(super) fn some_time(time: SystemTime) -> Option<SystemTime> {
    (time > UNIX_EPOCH).then_some(time)
}

impl GroupRow {
    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        let join_policy: i16 = row.try_get("join_policy")?;
        Ok(Self {
            id: ConversationId::from_sql(row.try_get("id")?),
            name: row.try_get("name")?,
            avatar: row.try_get("avatar")?,
            description: row.try_get("description")?,
            owner: UserId::from_sql(row.try_get("owner_id")?),
            member_count: row.try_get("member_count")?,
            join_policy: u8::try_from(join_policy).map_or(JoinPolicy::Unknown, JoinPolicy),
            history_open: row.try_get::<_, i16>("history_open")? == 1,
            silenced: row.try_get::<_, i16>("silenced")? == 1,
            role: role(row.try_get("role")?),
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

impl MemberRow {
    /// Selects the members `m` of conversation $1 with their account `u`; a condition on `m` follows.
    fn select() -> String {
        format!(
            "SELECT m.role, m.invited_by, m.created_at, \
             CASE WHEN m.silenced_until > now() THEN m.silenced_until ELSE 'epoch' END AS silenced_until, {} \
             FROM conversation_members m JOIN users u ON u.id = m.user_id WHERE m.conversation_id = $1 AND m.deleted = 0",
            Person::LIST
        )
    }

    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        let invited_by = UserId::from_sql(row.try_get("invited_by")?);
        Ok(Self {
            person: Person::read(row)?,
            role: role(row.try_get("role")?),
            invited_by: invited_by.is_some().then_some(invited_by),
            silenced_until: some_time(row.try_get("silenced_until")?),
            joined_at: row.try_get("created_at")?,
        })
    }
}

impl JoinRow {
    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            person: Person::read(row)?,
            asked_by: UserId::from_sql(row.try_get("asked_by")?),
            message: row.try_get("message")?,
            created_at: row.try_get("created_at")?,
        })
    }
}
