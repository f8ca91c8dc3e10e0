//! Settings that operators change while the programs run.

use std::time::SystemTime;

use serde_json::json;

use super::model::{Model, model};
use super::{Actor, Deed, Result, Store, audit, execute, optional, transact};
use crate::limits::{self, Changes};

model! {
    /// One setting.
    RuntimeSetting in "runtime_settings" {
        /// Its id.
        id: i64,
        /// Which one.
        name: String,
        /// JSON, of the form that the setting has.
        value: String,
        /// Grows by one with each change.
        version: i64,
        /// When it was first set.
        created_at: SystemTime,
        /// When it was last set.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

impl Store {
    /// The setting called `name`, if it was set after `version`; 0 for whenever.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn setting_after(&self, name: &str, version: i64) -> Result<Option<RuntimeSetting>> {
        let sql = format!(
            "SELECT {} FROM runtime_settings WHERE name = $1 AND version > $2",
            RuntimeSetting::LIST
        );
        let row = optional(&self.client().await?, &sql, &[&name, &version]).await?;
        Ok(row.as_ref().map(RuntimeSetting::read).transpose()?)
    }

    /// Sets the changes of limits, and notes who did it.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn change_limits(&self, actor: &Actor, changes: &Changes) -> Result<()> {
        let value = json!(changes);
        let (id, entry) = (self.id()?, self.id()?);
        transact!(self, |transaction| {
            execute(
            transaction,
            "INSERT INTO runtime_settings AS s (id, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = s.version + 1, updated_at = now()",
            &[&id, &limits::SETTING, &value.to_string()],
        )
        .await?;
            let deed = Deed::general("limits.change", value.clone());
            audit::write(transaction, entry, actor, &deed).await?;
            Ok(())
        })
    }
}
