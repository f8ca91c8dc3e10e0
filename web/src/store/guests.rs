//! Guests: accounts without a password, until they register or are forgotten.

use std::time::SystemTime;

use im_shared::ids::{SignInId, UserId};
use im_shared::wire::Code;

use super::idempotency::claim;
use super::refresh_tokens::{Begun, insert, lock_user};
use super::revoked::revoke_sign_ins;
use super::sign_ins::begin_sign_in;
use super::users::{GUEST, REGISTERED};
use super::{Grant, Result, Store, TokenHash, execute, rows, transact};
use crate::error::ApiError;
use crate::idempotency::Once;
use crate::revocation::{Reason, Scope};
use crate::validate::GUEST_PREFIX;
use crate::visit::Visit;

/// What a guest registers with; validated.
#[derive(Debug)]
pub struct Upgrade {
    /// In lower case.
    pub username: String,
    /// bcrypt.
    pub password_hash: String,
    /// Not empty; `None` keeps the guest's.
    pub nickname: Option<String>,
    /// May be empty.
    pub phone: String,
    /// May be empty.
    pub email: String,
}

/// A guest has a token as long as one of these is there: `$2` is when the guest had to come last, `$3` the time.
const HAS_TOKEN: &str = "EXISTS (SELECT FROM refresh_tokens t WHERE t.user_id = u.id AND t.deleted = 0 AND t.created_at >= $2 AND t.expires_at > $3)";

impl Store {
    /// Makes an account without a password, called `guest-{id}`, or gives the one that the same request made before.
    ///
    /// # Errors
    /// `IdempotencyConflict`.
    pub async fn create_guest(&self, nickname: &str, once: Option<&Once>) -> Result<UserId> {
        let (id, key) = (self.id()?, self.id()?);
        transact!(self, |transaction| {
            if let Some(made) = claim(transaction, key, once, id).await? {
                return Ok(UserId::from_sql(made));
            }
            execute(
                transaction,
                "INSERT INTO users (id, username, nickname, type) VALUES ($1, $2, $3, $4)",
                &[&id, &format!("{GUEST_PREFIX}{id}"), &nickname, &GUEST],
            )
            .await?;
            Ok(UserId::from_sql(id))
        })
    }

    /// Makes the guest of `grant` a registered user with the same id, revokes all sign-ins of the guest and begins one for the user.
    ///
    /// # Errors
    /// `Forbidden`: registered already, also by another upgrade at the same moment. `UsernameTaken`, `UserNotFound`, `UserDisabled`.
    pub async fn upgrade_guest(
        &self,
        grant: &Grant,
        visit: &Visit,
        upgrade: &Upgrade,
        hash: &TokenHash,
        expires_at: SystemTime,
    ) -> Result<Begun> {
        let id = self.id()?;
        let begun = transact!(self, |transaction| {
            lock_user(transaction, grant.user).await?;
            let changed = execute(
            transaction,
            "UPDATE users SET type = $2, username = $4, password_hash = $5, nickname = coalesce($6, nickname), phone = $7, email = $8, \
             updated_at = now() WHERE id = $1 AND type = $3",
            &[
                &grant.user.to_sql(),
                &REGISTERED,
                &GUEST,
                &upgrade.username,
                &upgrade.password_hash,
                &upgrade.nickname,
                &upgrade.phone,
                &upgrade.email,
            ],
        )
        .await?;
            if changed == 0 {
                return Err(ApiError::Refused(Code::Forbidden));
            }
            let reason = Reason::Upgraded;
            let replaced = revoke_sign_ins(transaction, grant.user, Scope::All, reason).await?;
            let sign_in = SignInId::from_sql(id);
            begin_sign_in(transaction, sign_in, grant, visit, expires_at).await?;
            insert(transaction, id, id, grant, hash, expires_at).await?;
            Ok(Begun { sign_in, replaced })
        })?;
        self.users_changed(&[grant.user]).await;
        Ok(begun)
    }

    /// Up to `limit` guests who came before `cutoff`, in the order of their ids, beginning after `after`.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn guests_made_before(
        &self,
        cutoff: SystemTime,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<UserId>> {
        let found = rows(
            &self.client().await?,
            // The number stands in the statement: the partial index is for exactly this type.
            "SELECT id FROM users WHERE type = 2 AND deleted = 0 AND created_at < $1 AND id > $2 ORDER BY id LIMIT $3",
            &[&cutoff, &after.map_or(0, UserId::to_sql), &i64::from(limit)],
        )
        .await?;
        let ids = found.iter().map(|row| row.try_get(0).map(UserId::from_sql));
        Ok(ids.collect::<std::result::Result<_, _>>()?)
    }

    /// Marks those of `guests` as deleted, with their refresh tokens, who have none that was given since `cutoff` and is good at `now`. Who is locked
    /// by somebody else is passed over. Says how many were marked.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn delete_stale_guests(
        &self,
        guests: &[UserId],
        cutoff: SystemTime,
        now: SystemTime,
    ) -> Result<u64> {
        let marked = transact!(self, |transaction| {
            let ids: Vec<i64> = guests.iter().map(|guest| guest.to_sql()).collect();
            let lock = format!(
                "SELECT u.id FROM users u WHERE u.id = ANY($1) AND u.type = 2 AND u.deleted = 0 AND NOT {HAS_TOKEN} \
             ORDER BY u.id FOR NO KEY UPDATE SKIP LOCKED"
            );
            let locked = rows(transaction, &lock, &[&ids, &cutoff, &now]).await?;
            let locked: Vec<i64> = locked
                .iter()
                .map(|row| row.try_get(0))
                .collect::<std::result::Result<_, _>>()?;
            if locked.is_empty() {
                return Ok(Vec::new());
            }
            // Asked again: a refresh may have committed between the look and the lock, and changes no column of this row.
            let mark = format!(
                "UPDATE users u SET deleted = 1, updated_at = now() WHERE u.id = ANY($1) AND u.type = 2 AND u.deleted = 0 AND NOT {HAS_TOKEN} \
             RETURNING u.id"
            );
            let marked = rows(transaction, &mark, &[&locked, &cutoff, &now]).await?;
            let marked: Vec<i64> = marked
                .iter()
                .map(|row| row.try_get(0))
                .collect::<std::result::Result<_, _>>()?;
            execute(
            transaction,
            "UPDATE refresh_tokens SET deleted = 1, updated_at = now() WHERE user_id = ANY($1) AND deleted = 0",
            &[&marked],
        )
        .await?;
            Ok(marked)
        })?;
        let gone: Vec<UserId> = marked.iter().copied().map(UserId::from_sql).collect();
        self.users_changed(&gone).await;
        Ok(gone.len() as u64)
    }
}
