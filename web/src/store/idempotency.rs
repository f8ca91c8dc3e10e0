//! Creations that may be repeated: a row per key, written in the transaction of what is created.

use std::time::SystemTime;

use deadpool_postgres::{GenericClient, Transaction};
use im_shared::wire::Code;
use tokio_postgres::Row;

use super::model::model;
use super::{Result, Store, execute, optional};
use crate::error::ApiError;
use crate::idempotency::Once;

model! {
    /// One creation with a key.
    IdempotencyKey in "idempotency_keys" {
        /// Its id.
        id: i64,
        /// What was created, and by whom.
        scope: String,
        /// SHA-256 of the client's key.
        key_hash: Vec<u8>,
        /// SHA-256 of the key and the request.
        request_hash: Vec<u8>,
        /// The id of what was created.
        answer: i64,
        /// From then on the same key is a new request.
        expires_at: SystemTime,
        /// When it was first used.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

impl Store {
    /// The id of what this request created earlier. Waits for nobody: what is being created at this moment is not there yet.
    ///
    /// # Errors
    /// `IdempotencyConflict`: the key was used for another request.
    pub async fn created_earlier(&self, once: Option<&Once>) -> Result<Option<i64>> {
        match once {
            Some(once) => earlier(&self.client().await?, once).await,
            None => Ok(None),
        }
    }

    /// Removes up to `limit` keys that have expired at `now`, and says how many there were.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn forget_creations(&self, now: SystemTime, limit: u32) -> Result<u64> {
        execute(
            &self.client().await?,
            "DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys WHERE expires_at < $1 \
             ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[&now, &i64::from(limit)],
        )
        .await
    }
}

/// Notes that this transaction creates `answer` for the request, or says what the same request created before; in that case there is nothing
/// left to do. Waits for a transaction that is creating it. `id` is for the row.
pub(super) async fn claim(
    transaction: &Transaction<'_>,
    id: i64,
    once: Option<&Once>,
    answer: i64,
) -> Result<Option<i64>> {
    let Some(once) = once else {
        return Ok(None);
    };
    let claimed = execute(
        transaction,
        "INSERT INTO idempotency_keys AS k (id, scope, key_hash, request_hash, answer, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (scope, key_hash) DO UPDATE SET request_hash = excluded.request_hash, answer = excluded.answer, \
         expires_at = excluded.expires_at, updated_at = now() WHERE k.expires_at <= now()",
        &[
            &id,
            &once.scope,
            &once.key_hash.as_slice(),
            &once.request_hash.as_slice(),
            &answer,
            &once.expires_at,
        ],
    )
    .await?;
    match claimed {
        0 => earlier(transaction, once).await,
        _ => Ok(None),
    }
}

async fn earlier(client: &impl GenericClient, once: &Once) -> Result<Option<i64>> {
    let row = optional(
        client,
        "SELECT answer, request_hash FROM idempotency_keys WHERE scope = $1 AND key_hash = $2 AND expires_at > now()",
        &[&once.scope, &once.key_hash.as_slice()],
    )
    .await?;
    row.as_ref().map(|row| answer(row, once)).transpose()
}

fn answer(row: &Row, once: &Once) -> Result<i64> {
    let request: Vec<u8> = row.try_get(1)?;
    if request != once.request_hash {
        return Err(ApiError::Refused(Code::IdempotencyConflict));
    }
    Ok(row.try_get(0)?)
}
