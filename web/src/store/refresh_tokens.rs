//! Refresh tokens: each good for one use; a second use revokes its family.
//!
//! Every change holds the row lock of the user, so a rotation and the revocation of its family cannot pass each other: a
//! successor that is inserted while the family is being revoked would survive it.

use std::time::{Duration, SystemTime};

use deadpool_postgres::Transaction;
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::AccountKind;
use im_shared::wire::{Code, Platform};

use super::model::{Model, model};
use super::sign_ins::begin_sign_in;
use super::users::{ACTIVE, account_kind};
use super::{Result, Store, execute, optional, transact};
use crate::error::ApiError;
use crate::visit::Visit;

model! {
    /// One refresh token.
    RefreshToken in "refresh_tokens" {
        /// Its id.
        id: i64,
        /// Whose it is.
        user_id: UserId,
        /// The id of the first token after the login.
        family_id: i64,
        /// The device that logged in.
        device_id: String,
        /// The platform that logged in.
        platform: i16,
        /// SHA-256 of the token.
        token_hash: Vec<u8>,
        /// 1 good, 2 used, 3 revoked.
        status: i16,
        /// Not good after this.
        expires_at: SystemTime,
        /// When it was issued.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// 0, or 1 when deleted.
        deleted: i16,
        /// When it was used; epoch before.
        used_at: SystemTime,
        /// The token that took its place, or 0.
        successor_id: i64,
        /// That token, sealed with this one.
        sealed_successor: Vec<u8>,
    }
}

pub(super) const GOOD: i16 = 1;
pub(super) const USED: i16 = 2;
pub(super) const REVOKED: i16 = 3;

/// SHA-256 of a refresh token.
pub type TokenHash = [u8; 32];

/// Who holds a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account.
    pub user: UserId,
    /// What the account may do.
    pub kind: AccountKind,
    /// The device that logged in.
    pub device: String,
    /// The platform that logged in.
    pub platform: Platform,
}

/// A family that a login began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its sign-in.
    pub sign_in: SignInId,
    /// The sign-ins that it replaced.
    pub replaced: Vec<SignInId>,
}

impl Store {
    /// Begins a family for a login. It replaces the family of the same user and device; others stay. `password` is the hash that was checked,
    /// where one was: a password that was changed while it was checked opens nothing.
    ///
    /// # Errors
    /// `UserNotFound`, `UserDisabled`; `WrongCredentials` when the account has another password now.
    pub async fn begin_family(
        &self,
        grant: &Grant,
        password: Option<&str>,
        visit: &Visit,
        hash: &TokenHash,
        now: SystemTime,
        lifetime: Duration,
    ) -> Result<Begun> {
        let id = self.id()?;
        transact!(self, |transaction| {
            lock_user(transaction, grant.user).await?;
            if let Some(password) = password {
                let sql = "SELECT FROM users WHERE id = $1 AND password_hash = $2";
                let same = optional(transaction, sql, &[&grant.user.to_sql(), &password]).await?;
                same.ok_or(ApiError::Refused(Code::WrongCredentials))?;
            }
            let (sign_in, expires_at) = (SignInId::from_sql(id), now + lifetime);
            let replaced = begin_sign_in(transaction, sign_in, grant, visit, expires_at).await?;
            // What has expired is of no use to anybody: a second use of it is refused either way.
            execute(
            transaction,
            "DELETE FROM refresh_tokens WHERE user_id = $1 AND device_id = $2 AND expires_at < $3",
            &[&grant.user.to_sql(), &grant.device, &now],
        )
        .await?;
            insert(transaction, id, id, grant, hash, expires_at).await?;
            Ok(Begun { sign_in, replaced })
        })
    }
}

/// Locks the user's row against every other change of tokens, and says what the account may do.
pub(super) async fn lock_user(transaction: &Transaction<'_>, user: UserId) -> Result<AccountKind> {
    let sql = "SELECT status, type FROM users WHERE id = $1 AND deleted = 0 FOR NO KEY UPDATE";
    let row = optional(transaction, sql, &[&user.to_sql()]).await?;
    let row = row.ok_or(ApiError::Refused(Code::UserNotFound))?;
    if row.try_get::<_, i16>(0)? == ACTIVE {
        Ok(account_kind(row.try_get(1)?))
    } else {
        Err(ApiError::Refused(Code::UserDisabled))
    }
}

/// The token as it is once its user is locked: it may have been used while this waited.
pub(super) async fn find_locked(
    transaction: &Transaction<'_>,
    hash: &TokenHash,
) -> Result<(RefreshToken, AccountKind)> {
    let unknown = || ApiError::Refused(Code::TokenInvalid);
    let sql = format!(
        "SELECT {} FROM refresh_tokens WHERE token_hash = $1 AND deleted = 0",
        RefreshToken::LIST
    );
    let row = optional(transaction, &sql, &[&hash.as_slice()])
        .await?
        .ok_or_else(unknown)?;
    let kind = lock_user(transaction, RefreshToken::read(&row)?.user_id).await?;
    let row = optional(transaction, &sql, &[&hash.as_slice()])
        .await?
        .ok_or_else(unknown)?;
    Ok((RefreshToken::read(&row)?, kind))
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    id: i64,
    family: i64,
    grant: &Grant,
    hash: &TokenHash,
    expires_at: SystemTime,
) -> Result<()> {
    execute(
        transaction,
        "INSERT INTO refresh_tokens (id, user_id, family_id, device_id, platform, token_hash, status, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &id,
            &grant.user.to_sql(),
            &family,
            &grant.device,
            &i16::from(grant.platform.0),
            &hash.as_slice(),
            &GOOD,
            &expires_at,
        ],
    )
    .await
    .map(|_| ())
}
