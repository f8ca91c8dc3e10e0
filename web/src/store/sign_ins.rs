//! Sign-ins: one row per login on a device. V14 describes the table.

use std::time::{Duration, SystemTime};

use deadpool_postgres::Transaction;
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::ACCESS_TOKEN_LIFE;

use super::model::model;
use super::refresh_tokens::REVOKED;
use super::{Result, execute, rows};
use crate::revocation::{Reason, Scope};

model! {
    /// One login on a device.
    SignIn in "sign_ins" {
        /// `sid` in access tokens, `family_id` of refresh tokens.
        id: SignInId,
        /// Whose.
        user_id: UserId,
        /// The client's id of the device.
        device_id: String,
        /// The platform.
        platform: i16,
        /// What the device calls itself.
        name: String,
        /// The program that signed in.
        user_agent: String,
        /// The address that was last seen.
        address: String,
        /// The last login, refresh or call, to some minutes.
        last_seen_at: SystemTime,
        /// When its last refresh token expires; of a revoked one when its last access token does.
        expires_at: SystemTime,
        /// When it was revoked; epoch while it is good.
        revoked_at: SystemTime,
        /// Why it was revoked.
        reason: i16,
        /// 1: Redis was told that it is revoked.
        mirrored: i16,
        /// When it began.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

/// How long a revoked row stays: an access token that was signed at the same moment has expired by then, on every clock.
pub(super) const REVOKED_LIFETIME: Duration =
    ACCESS_TOKEN_LIFE.saturating_add(Duration::from_secs(120));

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
    // 0 is no id: `<> 0` is every one.
    let (comparison, id) = match scope {
        Scope::SignIn(id) => ("=", id),
        Scope::Others(id) => ("<>", id),
        Scope::All => ("<>", SignInId(0)),
    };
    let (user, id) = (user.to_sql(), id.to_sql());
    let tokens = format!(
        "UPDATE refresh_tokens SET status = $3, updated_at = now() WHERE user_id = $1 AND family_id {comparison} $2 AND status <> $3"
    );
    execute(transaction, &tokens, &[&user, &id, &REVOKED]).await?;
    let sign_ins = format!(
        "UPDATE sign_ins SET revoked_at = now(), reason = $3, mirrored = 0, expires_at = now() + $4 * interval '1 s', updated_at = now() \
         WHERE user_id = $1 AND id {comparison} $2 AND revoked_at = 'epoch' RETURNING id"
    );
    let seconds = REVOKED_LIFETIME.as_secs_f64();
    let revoked = rows(
        transaction,
        &sign_ins,
        &[&user, &id, &(reason as i16), &seconds],
    )
    .await?;
    let ids = revoked
        .iter()
        .map(|row| row.try_get(0).map(SignInId::from_sql));
    Ok(ids.collect::<std::result::Result<_, _>>()?)
}
