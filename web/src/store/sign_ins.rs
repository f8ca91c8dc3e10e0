//! Sign-ins: one row per login on a device, with all tokens that come from it. V14 describes the table; `revoked` says how they end.

use std::time::SystemTime;

use deadpool_postgres::Transaction;
use im_shared::ids::{SignInId, UserId};

use super::model::{Model, model};
use super::revoked::revoke;
use super::{Grant, Result, Store, execute, rows};
use crate::revocation::Reason;
use crate::visit::Visit;

pub(super) use super::revoked::revoke_sign_ins;

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

impl Store {
    /// Where a user is signed in: up to `limit`, the latest logins first, older than `before`.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn sign_ins(
        &self,
        user: UserId,
        before: Option<SignInId>,
        limit: u32,
    ) -> Result<Vec<SignIn>> {
        let sql = format!(
            "SELECT {} FROM sign_ins WHERE user_id = $1 AND id < $2 AND revoked_at = 'epoch' AND expires_at > now() ORDER BY id DESC LIMIT $3",
            SignIn::LIST
        );
        let before = before.map_or(i64::MAX, SignInId::to_sql);
        let found = rows(
            &self.client().await?,
            &sql,
            &[&user.to_sql(), &before, &i64::from(limit)],
        )
        .await?;
        let found = found.iter().map(SignIn::read);
        Ok(found.collect::<std::result::Result<_, _>>()?)
    }

    /// Notes that a sign-in made a request just now.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn note_seen(&self, sign_in: SignInId) -> Result<()> {
        let sql = "UPDATE sign_ins SET last_seen_at = now(), updated_at = now() WHERE id = $1 AND revoked_at = 'epoch'";
        execute(&self.client().await?, sql, &[&sign_in.to_sql()])
            .await
            .map(|_| ())
    }

    /// Removes up to `limit` sign-ins of which no token is good at `now`; says how many.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn delete_ended_sign_ins(&self, now: SystemTime, limit: usize) -> Result<u64> {
        let sql = "DELETE FROM sign_ins WHERE id IN \
                   (SELECT id FROM sign_ins WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
        execute(&self.client().await?, sql, &[&now, &(limit as i64)]).await
    }
}

/// Begins a sign-in, in place of another one of the same user and device; gives what was replaced. The user's row is locked.
pub(super) async fn begin_sign_in(
    transaction: &Transaction<'_>,
    id: SignInId,
    grant: &Grant,
    visit: &Visit,
    expires_at: SystemTime,
) -> Result<Vec<SignInId>> {
    let conditions = ["device_id = $2", "device_id = $2"];
    let replaced = revoke(
        transaction,
        grant.user,
        conditions,
        &grant.device,
        Reason::Replaced,
    )
    .await?;
    execute(
        transaction,
        "INSERT INTO sign_ins (id, user_id, device_id, platform, name, user_agent, address, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &id.to_sql(),
            &grant.user.to_sql(),
            &grant.device,
            &i16::from(grant.platform.0),
            &visit.name,
            &visit.user_agent,
            &visit.address,
            &expires_at,
        ],
    )
    .await?;
    Ok(replaced)
}

/// A refresh token of the sign-in was used, at `address`, and the next one expires at `expires_at`.
pub(super) async fn prolong_sign_in(
    transaction: &Transaction<'_>,
    id: SignInId,
    address: &str,
    expires_at: SystemTime,
) -> Result<()> {
    let sql = "UPDATE sign_ins SET last_seen_at = now(), address = $2, expires_at = $3, updated_at = now() WHERE id = $1 AND revoked_at = 'epoch'";
    execute(transaction, sql, &[&id.to_sql(), &address, &expires_at])
        .await
        .map(|_| ())
}
