//! Passwords that change, tokens that reset them, and where an account signed in before.

use std::time::SystemTime;

use im_shared::ids::{SignInId, UserId};
use im_shared::wire::Code;

use super::model::{Model, model};
use super::refresh_tokens::{TokenHash, lock_user};
use super::revoked::revoke_sign_ins;
use super::users::{ACTIVE, REGISTERED, User};
use super::{Result, Store, execute, optional, rows, transact};
use crate::error::ApiError;
use crate::failures::Standing;
use crate::revocation::{Reason, Scope};

model! {
    /// A token that was mailed to reset a password.
    PasswordReset in "password_resets" {
        /// Its id.
        id: i64,
        /// Whose password.
        user_id: UserId,
        /// SHA-256 of the token.
        token_hash: Vec<u8>,
        /// Not good after this.
        expires_at: SystemTime,
        /// When it, or another one of the user, was used; epoch while it is good.
        used_at: SystemTime,
        /// When it was made.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

impl Store {
    /// Whether an account (none: nobody has the name) signed in on this device or from this address before. It takes the same for everybody.
    /// What was revoked because somebody else may have had it counts for nothing.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn standing(
        &self,
        user: Option<UserId>,
        device: &str,
        address: &str,
    ) -> Result<Standing> {
        let trusted = [0, Reason::SignedOut as i16, Reason::Replaced as i16];
        let sql = "SELECT coalesce(bool_or(device_id = $2), false), coalesce(bool_or(address = $3), false) FROM sign_ins \
                   WHERE user_id = $1 AND reason = ANY($4) AND (device_id = $2 OR address = $3)";
        let user = user.unwrap_or(UserId(0)).to_sql();
        let found = rows(
            &self.client().await?,
            sql,
            &[&user, &device, &address, &trusted.as_slice()],
        )
        .await?;
        let Some(row) = found.first() else {
            return Ok(Standing::Stranger);
        };
        Ok(match (row.try_get(0)?, row.try_get(1)?) {
            (true, _) => Standing::KnownDevice,
            (false, true) => Standing::KnownAddress,
            (false, false) => Standing::Stranger,
        })
    }

    /// What this device called itself when it last signed in to the account, or nothing.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn device_name(&self, user: UserId, device: &str) -> Result<String> {
        let sql = "SELECT name FROM sign_ins WHERE user_id = $1 AND device_id = $2 ORDER BY id DESC LIMIT 1";
        let row = optional(&self.client().await?, sql, &[&user.to_sql(), &device]).await?;
        Ok(row
            .map(|row| row.try_get(0))
            .transpose()?
            .unwrap_or_default())
    }

    /// Gives an account another password, if `before` is still the hash of the one that it has, and revokes every sign-in, which are returned
    /// for [`Revocations::announce`](crate::revocation::Revocations::announce). Of two changes at once one is too late.
    ///
    /// # Errors
    /// `WrongCredentials` when the password changed meanwhile, `UserNotFound`, `UserDisabled`.
    pub async fn change_password(
        &self,
        user: UserId,
        before: &str,
        after: &str,
    ) -> Result<Vec<SignInId>> {
        let revoked = transact!(self, |transaction| {
            lock_user(transaction, user).await?;
            let sql = "UPDATE users SET password_hash = $3, password_changed_at = now(), updated_at = now() WHERE id = $1 AND password_hash = $2";
            let changed = execute(transaction, sql, &[&user.to_sql(), &before, &after]).await?;
            if changed == 0 {
                return Err(ApiError::Refused(Code::WrongCredentials));
            }
            let sql = "UPDATE password_resets SET used_at = now(), updated_at = now() WHERE user_id = $1 AND used_at = 'epoch'";
            execute(transaction, sql, &[&user.to_sql()]).await?;
            let reason = Reason::PasswordChanged;
            let revoked = revoke_sign_ins(transaction, user, Scope::All, reason).await?;
            Ok(revoked)
        })?;
        self.users_changed(&[user]).await;
        Ok(revoked)
    }

    /// The registered, active accounts with this mail address, in any case; `limit` at most, the oldest first.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn users_by_email(&self, email: &str, limit: u32) -> Result<Vec<User>> {
        let sql = format!(
            "SELECT {} FROM users WHERE lower(email) = lower($1) AND email <> '' AND type = $2 AND status = $3 AND deleted = 0 \
             ORDER BY id LIMIT $4",
            User::LIST
        );
        let found = rows(
            &self.client().await?,
            &sql,
            &[&email, &REGISTERED, &ACTIVE, &i64::from(limit)],
        )
        .await?;
        found.iter().map(|row| Ok(User::read(row)?)).collect()
    }

    /// Keeps the hash of a token that resets a password; tokens of the same user that expired go.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn keep_reset(
        &self,
        user: UserId,
        hash: &TokenHash,
        expires_at: SystemTime,
    ) -> Result<()> {
        let (id, user) = (self.id()?, user.to_sql());
        let client = self.client().await?;
        let sql = "DELETE FROM password_resets WHERE user_id = $1 AND expires_at < now()";
        execute(&client, sql, &[&user]).await?;
        let sql = "INSERT INTO password_resets (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)";
        let params: super::Params<'_> = &[&id, &user, &hash.as_slice(), &expires_at];
        execute(&client, sql, params).await.map(|_| ())
    }

    /// The account whose password this token may reset now.
    ///
    /// # Errors
    /// `ResetTokenInvalid`: unknown, of somebody else, used, expired, or the account may not log in.
    pub async fn reset_target(&self, user: UserId, hash: &TokenHash) -> Result<User> {
        let sql = format!(
            "SELECT {} FROM users WHERE id = $1 AND type = $3 AND status = $4 AND deleted = 0 AND EXISTS (SELECT FROM password_resets r \
             WHERE r.token_hash = $2 AND r.user_id = $1 AND r.used_at = 'epoch' AND r.expires_at > now())",
            User::LIST
        );
        let params: super::Params<'_> = &[&user.to_sql(), &hash.as_slice(), &REGISTERED, &ACTIVE];
        let row = optional(&self.client().await?, &sql, params).await?;
        let row = row.ok_or(ApiError::Refused(Code::ResetTokenInvalid))?;
        Ok(User::read(&row)?)
    }

    /// Uses a token up and gives its account another password. Every sign-in is revoked and every other token of the account used up with it.
    /// Returns the revoked sign-ins. Of two uses at once one is too late.
    ///
    /// # Errors
    /// `ResetTokenInvalid`, as [`Store::reset_target`].
    pub async fn reset_password(
        &self,
        user: UserId,
        hash: &TokenHash,
        password_hash: &str,
    ) -> Result<Vec<SignInId>> {
        let revoked = transact!(self, |transaction| {
            let gone = |error| match error {
                ApiError::Refused(_) => ApiError::Refused(Code::ResetTokenInvalid),
                other => other,
            };
            lock_user(transaction, user).await.map_err(gone)?;
            let sql = "UPDATE password_resets SET used_at = now(), updated_at = now() WHERE token_hash = $1 AND user_id = $2 AND used_at = 'epoch' \
                   AND expires_at > now()";
            let used = execute(transaction, sql, &[&hash.as_slice(), &user.to_sql()]).await?;
            if used == 0 {
                return Err(ApiError::Refused(Code::ResetTokenInvalid));
            }
            let sql = "UPDATE password_resets SET used_at = now(), updated_at = now() WHERE user_id = $1 AND used_at = 'epoch'";
            execute(transaction, sql, &[&user.to_sql()]).await?;
            let sql = "UPDATE users SET password_hash = $2, password_changed_at = now(), updated_at = now() WHERE id = $1";
            execute(transaction, sql, &[&user.to_sql(), &password_hash]).await?;
            let reason = Reason::PasswordChanged;
            let revoked = revoke_sign_ins(transaction, user, Scope::All, reason).await?;
            Ok(revoked)
        })?;
        self.users_changed(&[user]).await;
        Ok(revoked)
    }
}
