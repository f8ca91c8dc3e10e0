//! Accounts.

use std::time::SystemTime;

use im_shared::ids::UserId;
use im_shared::tokens::AccountKind;
use im_shared::wire::Code;

use super::idempotency::claim;
use super::model::{Model, model};
use super::people::Person;
use super::{Result, Store, execute, optional, transact};
use crate::error::ApiError;
use crate::idempotency::Once;

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
        /// When the password was last changed or reset; epoch when never.
        password_changed_at: SystemTime,
    }
}

/// The value of `users.status` for an account that may log in.
pub(super) const ACTIVE: i16 = 1;

/// The value of `users.status` for an account that an operator has disabled.
pub(super) const DISABLED: i16 = 2;

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

    /// Whether its password may be reset by mail: it has one, and may log in.
    #[must_use]
    pub fn may_reset(&self) -> bool {
        self.is_active() && self.kind == REGISTERED
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

impl Store {
    /// Makes an account, or gives the one that the same request made before.
    ///
    /// # Errors
    /// `UsernameTaken`, also when two register at the same moment. `IdempotencyConflict`.
    pub async fn create_user(&self, user: &NewUser, once: Option<&Once>) -> Result<UserId> {
        let (id, key) = (self.id()?, self.id()?);
        transact!(self, |transaction| {
            if let Some(made) = claim(transaction, key, once, id).await? {
                return Ok(UserId::from_sql(made));
            }
            execute(
            transaction,
            "INSERT INTO users (id, username, password_hash, nickname, phone, email) VALUES ($1, $2, $3, $4, $5, $6)",
            &[&id, &user.username, &user.password_hash, &user.nickname, &user.phone, &user.email],
        )
        .await?;
            Ok(UserId::from_sql(id))
        })
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
}
