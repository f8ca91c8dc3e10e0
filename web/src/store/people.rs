//! What others see of accounts: profiles, and the search for people.

use im_shared::ids::UserId;
use im_shared::wire::Code;
use tokio_postgres::Row;

use super::model::{Column, Model};
use super::users::{ACTIVE, REGISTERED, User};
use super::{Result, Store, optional, rows};
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
    /// Changes a profile and gives the account as it is now.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn update_profile(&self, id: UserId, change: &ProfileChange) -> Result<User> {
        let sql = format!(
            "UPDATE users SET nickname = coalesce($2, nickname), avatar = coalesce($3, avatar), \
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
        Ok(User::read(&row)?)
    }

    /// Up to `limit` active accounts, guests left out, whose login name or shown name begins with `text`; an exact login name comes first.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn search_users(&self, text: &str, limit: u32) -> Result<Vec<Person>> {
        // Two walks along the indexes, each as short as the answer; `~<~` compares bytes, as text_pattern_ops does.
        let first = text.to_lowercase();
        let behind = format!("{first}\u{10FFFF}");
        let sql = format!(
            "SELECT {} FROM users u JOIN (\
             (SELECT id FROM users WHERE username ~>=~ $1 AND username ~<~ $2 AND deleted = 0 AND status = $3 AND type = $5 \
              ORDER BY username USING ~<~ LIMIT $4) \
             UNION \
             (SELECT id FROM users WHERE lower(nickname) ~>=~ $1 AND lower(nickname) ~<~ $2 AND deleted = 0 AND status = $3 AND type = $5 \
              ORDER BY lower(nickname) USING ~<~ LIMIT $4)) found ON found.id = u.id \
             ORDER BY u.username = $1 DESC, u.username LIMIT $4",
            Person::LIST
        );
        let found = rows(
            &self.client().await?,
            &sql,
            &[&first, &behind, &ACTIVE, &i64::from(limit), &REGISTERED],
        )
        .await?;
        found.iter().map(|row| Ok(Person::read(row)?)).collect()
    }
}
