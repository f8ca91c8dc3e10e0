//! What is known of uploaded files, which web writes.

use std::collections::HashMap;

use im_shared::content::Stored;
use im_shared::ids::UserId;

use super::{Store, StoreError};

/// A condemned file is as good as removed: web has found that nothing uses it.
const FILES: &str = "\
    SELECT public_id, mime, size, width, height FROM files \
    WHERE owner_id = $1 AND public_id = ANY($2) AND condemned_at = 'epoch'";

impl Store {
    /// Those of the files `ids` that `owner` has uploaded, by their ids.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn files(
        &self,
        owner: UserId,
        ids: &[&str],
    ) -> Result<HashMap<String, Stored>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(FILES).await?;
        let rows = client.query(&statement, &[&owner.to_sql(), &ids]).await?;
        let mut files = HashMap::with_capacity(rows.len());
        for row in &rows {
            let size: i64 = row.try_get("size")?;
            let (width, height): (i32, i32) = (row.try_get("width")?, row.try_get("height")?);
            let file = Stored {
                mime: row.try_get("mime")?,
                size: size.unsigned_abs(),
                width: width.unsigned_abs(),
                height: height.unsigned_abs(),
            };
            files.insert(row.try_get("public_id")?, file);
        }
        Ok(files)
    }
}
