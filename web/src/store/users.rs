//! Accounts.

use std::time::SystemTime;

use im_shared::ids::UserId;
use im_shared::tokens::AccountKind;
use im_shared::wire::Code;
use tokio_postgres::Row;

use super::model::{Column, Model, model};
use super::{Result, Store, execute, optional, rows};
use crate::error::ApiError;

model! {
    /// An account.
    User in "users" {
        /// Its id.
        id: UserId,
        /// The login name, in lower case.
        username: String,
        /// bcrypt; empty for a guest.
        password_hash: String,
        /// The shown name.
        nickname: String,
        /// Address of the picture, or empty.
        avatar: String,
        /// As given, or empty.
        phone: String,
        /// As given, or empty.
        email: String,
        /// 1 active, 2 disabled.
        status: i16,
        /// When it was made.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// 0, or 1 when deleted.
        deleted: i16,
        /// 1 registered, 2 guest.
        kind as "type": i16,
    }
}

/// The value of `users.status` for an account that may log in.
pub(super) const ACTIVE: i16 = 1;

/// The values of `users.type`.
pub(super) const REGISTERED: i16 = 1;
pub(super) const GUEST: i16 = 2;

/// What an account of this `users.type` may do; a type of a later release may do the least.
pub(super) fn account_kind(value: i16) -> AccountKind {
    match value {
        REGISTERED => AccountKind::User,
        _ => AccountKind::Guest,
    }
}

impl User {
    /// What the account may do.
    #[must_use]
    pub fn account_kind(&self) -> AccountKind {
        account_kind(self.kind)
    }

    /// Whether the account may log in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == ACTIVE
    }

    /// What others see of it.
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

/// An account to make; validated.
#[derive(Debug)]
pub struct NewUser {
    /// In lower case.
    pub username: String,
    /// bcrypt.
    pub password_hash: String,
    /// Not empty.
    pub nickname: String,
    /// May be empty.
    pub phone: String,
    /// May be empty.
    pub email: String,
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
    /// Makes an account.
    ///
    /// # Errors
    /// `UsernameTaken`, also when two register at the same moment.
    pub async fn create_user(&self, user: &NewUser) -> Result<UserId> {
        let id = self.id()?;
        execute(
            &self.client().await?,
            "INSERT INTO users (id, username, password_hash, nickname, phone, email) VALUES ($1, $2, $3, $4, $5, $6)",
            &[&id, &user.username, &user.password_hash, &user.nickname, &user.phone, &user.email],
        )
        .await?;
        Ok(UserId::from_sql(id))
    }

    /// The account with this login name (in lower case).
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>> {
        let sql = format!(
            "SELECT {} FROM users WHERE username = $1 AND deleted = 0",
            User::LIST
        );
        let row = optional(&self.client().await?, &sql, &[&username]).await?;
        Ok(row.as_ref().map(User::read).transpose()?)
    }

    /// The account with this id.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn user(&self, id: UserId) -> Result<User> {
        let sql = format!(
            "SELECT {} FROM users WHERE id = $1 AND deleted = 0",
            User::LIST
        );
        let row = optional(&self.client().await?, &sql, &[&id.to_sql()]).await?;
        let row = row.ok_or(ApiError::Refused(Code::UserNotFound))?;
        Ok(User::read(&row)?)
    }

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
