//! A refresh token is used up, and its successor takes its place; or the reply was lost, and is given again.

use std::time::{Duration, SystemTime};

use deadpool_postgres::Transaction;
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::AccountKind;
use im_shared::wire::{Code, Platform};

use super::refresh_tokens::{GOOD, USED, find_locked, insert};
use super::sign_ins::{prolong_sign_in, revoke_sign_ins};
use super::{Grant, RefreshToken, Result, Store, execute, optional, transact};
use crate::error::ApiError;
use crate::refresh_token::RefreshSecret;
use crate::revocation::{Reason, Scope};

/// For so long after its use a token gives the same successor again: the reply may have been lost.
pub const LOST_REPLY: Duration = Duration::from_secs(30);

/// What became of a refresh token that was used.
pub enum Rotation {
    /// Its successor, made now or before.
    Given(Given),
    /// It was used before, and its successor is in use or it is too late: two have it, and its sign-in is revoked.
    Reused {
        /// Whose.
        user: UserId,
        /// What was good until now.
        revoked: Vec<SignInId>,
    },
}

/// A refresh token that took the place of another one.
pub struct Given {
    /// For whom.
    pub grant: Grant,
    /// The login that it comes from.
    pub sign_in: SignInId,
    /// The token.
    pub token: RefreshSecret,
    /// Its id.
    pub id: i64,
    /// When it was made.
    pub made_at: SystemTime,
}

impl Store {
    /// Uses the token `used` up and puts `successor` in its place; used again within [`LOST_REPLY`], it gives the successor that it has.
    /// `address` is where it was used.
    ///
    /// # Errors
    /// `TokenInvalid`: unknown. `TokenExpired`. `TokenRevoked`. `UserDisabled`.
    pub async fn rotate(
        &self,
        used: &RefreshSecret,
        successor: &RefreshSecret,
        address: &str,
        now: SystemTime,
        lifetime: Duration,
    ) -> Result<Rotation> {
        let id = self.id()?;
        transact!(self, |transaction| {
            let (token, kind) = find_locked(transaction, &used.hash()).await?;
            let rotation = match token.status {
                GOOD if token.expires_at <= now => {
                    return Err(ApiError::Refused(Code::TokenExpired));
                }
                GOOD => {
                    let next = (id, successor, now + lifetime);
                    let given = replace(transaction, token, kind, used, next, now).await?;
                    prolong_sign_in(transaction, given.sign_in, address, next.2).await?;
                    Rotation::Given(given)
                }
                USED => again(transaction, token, kind, used, now).await?,
                _ => return Err(ApiError::Refused(Code::TokenRevoked)),
            };
            Ok(rotation)
        })
    }
}

/// Puts the successor (id, token, when it expires) in the place of `token`. What was sealed in the token before it is known to have arrived, and
/// is forgotten.
async fn replace(
    transaction: &Transaction<'_>,
    token: RefreshToken,
    kind: AccountKind,
    used: &RefreshSecret,
    (id, successor, expires_at): (i64, &RefreshSecret, SystemTime),
    now: SystemTime,
) -> Result<Given> {
    let (old, family, sealed) = (token.id, token.family_id, used.seal(successor));
    execute(
        transaction,
        "UPDATE refresh_tokens SET status = $2, used_at = $3, successor_id = $4, sealed_successor = $5, updated_at = now() WHERE id = $1",
        &[&old, &USED, &now, &id, &sealed.as_slice()],
    )
    .await?;
    execute(
        transaction,
        "UPDATE refresh_tokens SET sealed_successor = '', updated_at = now() WHERE family_id = $1 AND successor_id = $2",
        &[&family, &old],
    )
    .await?;
    let grant = grant(token, kind);
    insert(
        transaction,
        id,
        family,
        &grant,
        &successor.hash(),
        expires_at,
    )
    .await?;
    Ok(Given {
        grant,
        sign_in: SignInId::from_sql(family),
        token: successor.clone(),
        id,
        made_at: now,
    })
}

/// A token that is used a second time.
async fn again(
    transaction: &Transaction<'_>,
    token: RefreshToken,
    kind: AccountKind,
    used: &RefreshSecret,
    now: SystemTime,
) -> Result<Rotation> {
    let sign_in = SignInId::from_sql(token.family_id);
    // A clock that is behind the one that wrote `used_at` has not seen the time pass.
    let late = now
        .duration_since(token.used_at)
        .is_ok_and(|since| since > LOST_REPLY);
    if !late && let Some(successor) = successor(transaction, &token, used).await? {
        return Ok(Rotation::Given(Given {
            sign_in,
            token: successor,
            id: token.successor_id,
            made_at: token.used_at,
            grant: grant(token, kind),
        }));
    }
    tracing::warn!(user_id = %token.user_id, device_id = token.device_id, "a used refresh token came again, its sign-in is revoked");
    let scope = Scope::SignIn(sign_in);
    Ok(Rotation::Reused {
        user: token.user_id,
        revoked: revoke_sign_ins(transaction, token.user_id, scope, Reason::Reused).await?,
    })
}

/// The token that took this one's place, as long as nobody has used it.
async fn successor(
    transaction: &Transaction<'_>,
    token: &RefreshToken,
    used: &RefreshSecret,
) -> Result<Option<RefreshSecret>> {
    let sql = "SELECT token_hash FROM refresh_tokens WHERE id = $1 AND status = $2 AND deleted = 0";
    let row = optional(transaction, sql, &[&token.successor_id, &GOOD]).await?;
    let hash: Option<Vec<u8>> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(hash.and_then(|hash| used.unseal(&token.sealed_successor, &hash)))
}

fn grant(token: RefreshToken, kind: AccountKind) -> Grant {
    Grant {
        user: token.user_id,
        kind,
        device: token.device_id,
        platform: u8::try_from(token.platform).map_or(Platform::Unknown, Platform),
    }
}
