//! Refresh tokens that have expired are removed, in portions.

use std::time::SystemTime;

use super::{Result, Store, execute};

impl Store {
    /// Removes up to `limit` refresh tokens that expired before `cutoff`, and says how many. What somebody else has in hand is passed over.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn delete_expired_tokens(&self, cutoff: SystemTime, limit: u32) -> Result<u64> {
        let sql = "DELETE FROM refresh_tokens WHERE id = ANY(ARRAY( \
                   SELECT id FROM refresh_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))";
        execute(&self.client().await?, sql, &[&cutoff, &i64::from(limit)]).await
    }
}
