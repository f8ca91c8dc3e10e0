//! Which sign-ins are revoked: decided here and nowhere else, in one transaction with the revocation of their refresh tokens.

use std::time::{Duration, SystemTime};

use deadpool_postgres::Transaction;
use im_shared::ids::{SignInId, UserId};
use im_shared::revocation::Revoked;
use im_shared::tokens::ACCESS_TOKEN_LIFE;
use im_shared::wire::Code;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::refresh_tokens::{REVOKED, find_locked, lock_user};
use super::{Result, Store, TokenHash, execute, optional, rows, transact};
use crate::error::ApiError;
use crate::revocation::{Reason, Scope};

/// A revoked row stays for this long: an access token that was signed at the same moment has expired by then, on every clock.
const REVOKED_LIFETIME: Duration = ACCESS_TOKEN_LIFE.saturating_add(Duration::from_secs(120));

/// Where the next page of revoked sign-ins begins: after this time and id.
pub type RevokedPosition = (SystemTime, SignInId);

/// Some of the revoked sign-ins.
#[derive(Debug)]
pub struct RevokedPage {
    /// In the order of time.
    pub revoked: Vec<Revoked>,
    /// For the next page; none on the last one.
    pub next: Option<RevokedPosition>,
}

impl Store {
    /// Revokes sign-ins of a user, and says which were good until now.
    ///
    /// # Errors
    /// `UserNotFound`, `UserDisabled`.
    pub async fn sign_out(&self, user: UserId, scope: Scope) -> Result<Vec<SignInId>> {
        transact!(self, |transaction| {
            lock_user(transaction, user).await?;
            let revoked = revoke_sign_ins(transaction, user, scope, Reason::SignedOut).await?;
            Ok(revoked)
        })
    }

    /// Revokes the sign-in that the caller's own token is of, also if it has no row: the token is known to be ours.
    ///
    /// # Errors
    /// `UserNotFound`, `UserDisabled`.
    pub async fn sign_oneself_out(&self, user: UserId, sign_in: SignInId) -> Result<Vec<SignInId>> {
        let revoked = self.sign_out(user, Scope::SignIn(sign_in)).await?;
        if !revoked.is_empty() {
            return Ok(revoked);
        }
        let made = rows(
            &self.client().await?,
            "INSERT INTO sign_ins (id, user_id, revoked_at, reason, expires_at) VALUES ($1, $2, now(), $3, now() + $4 * interval '1 s') \
             ON CONFLICT (id) DO NOTHING RETURNING id",
            &[&sign_in.to_sql(), &user.to_sql(), &(Reason::SignedOut as i16), &REVOKED_LIFETIME.as_secs_f64()],
        )
        .await?;
        ids(&made)
    }

    /// Revokes the sign-in that a refresh token of this user is of. Doing it again changes nothing.
    ///
    /// # Errors
    /// `TokenInvalid`: unknown, or of somebody else.
    pub async fn sign_out_by_token(&self, user: UserId, hash: &TokenHash) -> Result<Vec<SignInId>> {
        transact!(self, |transaction| {
            let (token, _) = find_locked(transaction, hash).await?;
            if token.user_id != user {
                return Err(ApiError::Refused(Code::TokenInvalid));
            }
            let scope = Scope::SignIn(SignInId::from_sql(token.family_id));
            let revoked = revoke_sign_ins(transaction, user, scope, Reason::SignedOut).await?;
            Ok(revoked)
        })
    }

    /// Whether the sign-in was revoked; one that is not known was not.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn is_revoked(&self, sign_in: SignInId) -> Result<bool> {
        let sql = "SELECT 1 FROM sign_ins WHERE id = $1 AND revoked_at > 'epoch'";
        let found = optional(&self.client().await?, sql, &[&sign_in.to_sql()]).await?;
        Ok(found.is_some())
    }

    /// Up to `limit` revoked sign-ins that the mirror may not know of.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn revoked_and_untold(&self, limit: usize) -> Result<Vec<Revoked>> {
        let sql = "SELECT id, reason FROM sign_ins WHERE revoked_at > 'epoch' AND mirrored = 0 ORDER BY id LIMIT $1";
        let found = rows(&self.client().await?, sql, &[&(limit as i64)]).await?;
        found.iter().map(revoked).collect()
    }

    /// The mirror knows of these.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn note_told(&self, sign_ins: &[SignInId]) -> Result<()> {
        let ids: Vec<i64> = sign_ins.iter().map(|id| id.to_sql()).collect();
        let sql = "UPDATE sign_ins SET mirrored = 1, updated_at = now() WHERE id = ANY($1) AND revoked_at > 'epoch'";
        execute(&self.client().await?, sql, &[&ids])
            .await
            .map(|_| ())
    }

    /// Up to `limit` revoked sign-ins of which a token may still be good otherwise, after `after`.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn revoked_page(
        &self,
        after: Option<RevokedPosition>,
        limit: usize,
    ) -> Result<RevokedPage> {
        let (time, id) = after.unwrap_or((SystemTime::UNIX_EPOCH, SignInId(0)));
        let sql = "SELECT id, reason, revoked_at FROM sign_ins \
                   WHERE revoked_at > 'epoch' AND (revoked_at, id) > ($1, $2) AND expires_at > now() ORDER BY revoked_at, id LIMIT $3";
        let found = rows(
            &self.client().await?,
            sql,
            &[&time, &id.to_sql(), &(limit as i64)],
        )
        .await?;
        let last = found.last().filter(|_| found.len() == limit);
        let next = last
            .map(|row| Ok::<_, ApiError>((row.try_get(2)?, SignInId::from_sql(row.try_get(0)?))));
        Ok(RevokedPage {
            revoked: found.iter().map(revoked).collect::<Result<_>>()?,
            next: next.transpose()?,
        })
    }
}

/// Revokes sign-ins of `user`, whose row is locked, with all their refresh tokens; says which were good until now. After the commit they
/// are announced ([`Revocations::announce`](crate::revocation::Revocations::announce)).
///
/// # Errors
/// When PostgreSQL cannot be asked.
pub(super) async fn revoke_sign_ins(
    transaction: &Transaction<'_>,
    user: UserId,
    scope: Scope,
    reason: Reason,
) -> Result<Vec<SignInId>> {
    let (conditions, id) = match scope {
        Scope::SignIn(id) => (["family_id = $2", "id = $2"], id),
        Scope::Others(id) => (["family_id <> $2", "id <> $2"], id),
        // 0 is no id.
        Scope::All => (["family_id <> $2", "id <> $2"], SignInId(0)),
    };
    revoke(transaction, user, conditions, &id.to_sql(), reason).await
}

/// Revokes what fits the conditions on refresh tokens and on sign-ins, of which `$2` is `value`.
pub(super) async fn revoke(
    transaction: &Transaction<'_>,
    user: UserId,
    [tokens, sign_ins]: [&str; 2],
    value: &(dyn ToSql + Sync),
    reason: Reason,
) -> Result<Vec<SignInId>> {
    let user = user.to_sql();
    let sql = format!(
        "UPDATE refresh_tokens SET status = $3, updated_at = now() WHERE user_id = $1 AND {tokens} AND status <> $3"
    );
    execute(transaction, &sql, &[&user, value, &REVOKED]).await?;
    let sql = format!(
        "UPDATE sign_ins SET revoked_at = now(), reason = $3, mirrored = 0, expires_at = now() + $4 * interval '1 s', updated_at = now() \
         WHERE user_id = $1 AND {sign_ins} AND revoked_at = 'epoch' RETURNING id"
    );
    let seconds = REVOKED_LIFETIME.as_secs_f64();
    ids(&rows(
        transaction,
        &sql,
        &[&user, value, &(reason as i16), &seconds],
    )
    .await?)
}

fn ids(found: &[Row]) -> Result<Vec<SignInId>> {
    let ids = found
        .iter()
        .map(|row| row.try_get(0).map(SignInId::from_sql));
    Ok(ids.collect::<std::result::Result<_, _>>()?)
}

fn revoked(row: &Row) -> Result<Revoked> {
    let reason: i16 = row.try_get(1)?;
    Ok((
        SignInId::from_sql(row.try_get(0)?),
        Reason::of(u64::try_from(reason).unwrap_or_default()),
    ))
}
