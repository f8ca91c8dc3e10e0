//! What others see of accounts: profiles, and the search for people.

use im_shared::ids::UserId;
use im_shared::wire::Code;
use tokio_postgres::Row;

use super::model::{Column, Model};
use super::users::{ACTIVE, REGISTERED, User};
use super::{Params, Result, Store, optional};
use crate::error::ApiError;

/// What others see of an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// Its login name.
    pub username: String,
    /// Its shown name.
    pub nickname: String,
    /// Address of its picture, or empty.
    pub avatar: String,
}

impl Person {
    /// The select list of the person in table `u`, for [`Person::read`].
    pub(super) const LIST: &'static str = "u.id AS person_id, u.username AS person_username, u.nickname AS person_nickname, u.avatar AS person_avatar";

    pub(super) fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        Ok(Self {
            id: Column::read(row, "person_id")?,
            username: Column::read(row, "person_username")?,
            nickname: Column::read(row, "person_nickname")?,
            avatar: Column::read(row, "person_avatar")?,
        })
    }
}

/// How to reach an account outside.
#[derive(Debug, Clone)]
pub struct Contact {
    /// As given, or empty.
    pub phone: String,
    /// As given, or empty.
    pub email: String,
}

/// Members of a group who know each other, at most.
const CROWD: u32 = 200;

/// Members of one's groups whom a search looks at, at most.
const MATES: u32 = 5_000;

/// A change of a profile; `None` leaves a field as it is.
#[derive(Debug, Default)]
pub struct ProfileChange {
    /// Not empty.
    pub nickname: Option<String>,
    /// May be empty.
    pub avatar: Option<String>,
    /// May be empty.
    pub phone: Option<String>,
    /// May be empty.
    pub email: Option<String>,
}

impl Store {
    /// Changes a profile and gives the account as it is now. What was mailed to another address resets no password any more.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn update_profile(&self, id: UserId, change: &ProfileChange) -> Result<User> {
        let sql = format!(
            "WITH mailed AS (UPDATE password_resets r SET used_at = now(), updated_at = now() FROM users u \
             WHERE u.id = $1 AND u.email <> coalesce($5, u.email) AND r.user_id = u.id AND r.used_at = 'epoch') \
             UPDATE users SET nickname = coalesce($2, nickname), avatar = coalesce($3, avatar), \
             phone = coalesce($4, phone), email = coalesce($5, email), updated_at = now() \
             WHERE id = $1 AND deleted = 0 RETURNING {}",
            User::LIST
        );
        let row = optional(
            &self.client().await?,
            &sql,
            &[
                &id.to_sql(),
                &change.nickname,
                &change.avatar,
                &change.phone,
                &change.email,
            ],
        )
        .await?;
        let row = row.ok_or(ApiError::Refused(Code::UserNotFound))?;
        match change.nickname {
            Some(_) => self.renamed(id).await,
            None => self.users_changed(&[id]).await,
        }
        Ok(User::read(&row)?)
    }

    /// What `viewer` sees of the account `id`.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn profile(&self, viewer: UserId, id: UserId) -> Result<(Person, Option<Contact>)> {
        let sql = format!(
            "SELECT {}, u.phone, u.email, f.blocked = 0 AND s.contact = 1 AS shown FROM users u \
             LEFT JOIN user_settings s ON s.id = u.id AND s.deleted = 0 \
             LEFT JOIN friends f ON f.user_id = $1 AND f.friend_id = u.id AND f.deleted = 0 \
             WHERE u.id = $2 AND u.deleted = 0",
            Person::LIST
        );
        let client = self.client().await?;
        let row = optional(&client, &sql, &[&viewer.to_sql(), &id.to_sql()]).await?;
        let row = row.ok_or(ApiError::Refused(Code::UserNotFound))?;
        let shown: Option<bool> = row.try_get("shown")?;
        let contact = match shown {
            Some(true) => Some(Contact {
                phone: Column::read(&row, "phone")?,
                email: Column::read(&row, "email")?,
            }),
            _ => None,
        };
        Ok((Person::read(&row)?, contact))
    }

    /// Up to `limit` active accounts, guests left out: the one with exactly the login name `text`, and of the people whom `viewer` knows
    /// those whose login name or shown name begins with it. Who has blocked the viewer is not among them.
    ///
    /// So nobody learns a name who does not know it: one knows friends, and who is in a group with one, as long as the group is no crowd.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn search_users(
        &self,
        viewer: UserId,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Person>> {
        let sql = format!(
            "WITH known AS ( \
               (SELECT friend_id AS id FROM friends WHERE user_id = $1 AND deleted = 0) \
               UNION \
               (SELECT m.user_id FROM conversation_members own \
                JOIN conversations c ON c.id = own.conversation_id AND c.type = 2 AND c.deleted = 0 AND c.member_count <= {CROWD} \
                JOIN conversation_members m ON m.conversation_id = c.id AND m.deleted = 0 \
                WHERE own.user_id = $1 AND own.deleted = 0 LIMIT {MATES}) \
             ), found AS ( \
               (SELECT e.id FROM users e LEFT JOIN user_settings s ON s.id = e.id AND s.deleted = 0 \
                WHERE e.username = $2 AND coalesce(s.findable, 1) = 1) \
               UNION \
               (SELECT k.id FROM known k JOIN users a ON a.id = k.id WHERE starts_with(a.username, $2) OR starts_with(lower(a.nickname), $2)) \
             ) \
             SELECT {} FROM found JOIN users u ON u.id = found.id \
             WHERE u.deleted = 0 AND u.status = $4 AND u.type = $5 \
               AND NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = $1) \
             ORDER BY u.username = $2 DESC, u.username LIMIT $3",
            Person::LIST
        );
        let text = text.to_lowercase();
        let params: Params<'_> = &[
            &viewer.to_sql(),
            &text,
            &i64::from(limit),
            &ACTIVE,
            &REGISTERED,
        ];
        let found = self.read(viewer, &sql, params).await?;
        found.iter().map(|row| Ok(Person::read(row)?)).collect()
    }
}
