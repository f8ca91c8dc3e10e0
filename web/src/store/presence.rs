//! Who wants to be seen. Logic writes this table; a user without a row is visible and was never here.

use im_shared::ids::UserId;

use super::{Result, Store, optional};

impl Store {
    /// Whether a user is offline to everybody.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn is_invisible(&self, user: UserId) -> Result<bool> {
        let sql = "SELECT 1 FROM user_presence WHERE id = $1 AND invisible = 1 AND deleted = 0";
        let client = self.client().await?;
        Ok(optional(&client, sql, &[&user.to_sql()]).await?.is_some())
    }
}
