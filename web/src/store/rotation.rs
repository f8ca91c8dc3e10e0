//! A refresh token is used up, and its successor takes its place.

use std::time::{Duration, SystemTime};

use im_shared::ids::SignInId;
use im_shared::wire::{Code, Platform};

use super::refresh_tokens::{GOOD, USED, find_locked, insert, revoke_family};
use super::{Grant, Result, Store, TokenHash, execute};
use crate::error::ApiError;

impl Store {
    /// Uses the token `used` up and puts `successor` in its place.
    ///
    /// # Errors
    /// `TokenInvalid`: unknown. `TokenExpired`. `TokenRevoked`: used before or revoked; its family is revoked now.
    /// `UserDisabled`.
    pub async fn rotate(
        &self,
        used: &TokenHash,
        successor: &TokenHash,
        now: SystemTime,
        lifetime: Duration,
    ) -> Result<(Grant, SignInId)> {
        let id = self.id()?;
        let mut client = self.client().await?;
        let transaction = client.transaction().await?;
        let (token, kind) = find_locked(&transaction, used).await?;
        if token.status != GOOD {
            revoke_family(&transaction, token.family_id).await?;
            transaction.commit().await?;
            if token.status == USED {
                tracing::warn!(user_id = %token.user_id, device_id = token.device_id, "a used refresh token came again, its family is revoked");
            }
            return Err(ApiError::Refused(Code::TokenRevoked));
        }
        if token.expires_at <= now {
            return Err(ApiError::Refused(Code::TokenExpired));
        }
        execute(
            &transaction,
            "UPDATE refresh_tokens SET status = $2, updated_at = now() WHERE id = $1",
            &[&token.id, &USED],
        )
        .await?;
        let grant = Grant {
            user: token.user_id,
            kind,
            device: token.device_id,
            platform: u8::try_from(token.platform).map_or(Platform::Unknown, Platform),
        };
        insert(
            &transaction,
            id,
            token.family_id,
            &grant,
            successor,
            now + lifetime,
        )
        .await?;
        transaction.commit().await?;
        Ok((grant, SignInId::from_sql(token.family_id)))
    }
}
