//! Follows what operators change: PostgreSQL is the truth, and every node asks it.

use std::time::Duration;

use super::{Changes, Limits, SETTING};
use crate::config::LimitConfig;
use crate::error::ApiError;
use crate::store::Store;

/// Asks for the changes again and again. Every web node has one; a change holds on all of them after `limits.watch_ms`.
pub(crate) struct Watch {
    store: Store,
    limits: Limits,
    every: Duration,
    known: i64,
}

impl Watch {
    pub(crate) fn new(store: Store, limits: Limits, config: &LimitConfig) -> Self {
        Self {
            store,
            limits,
            every: Duration::from_millis(config.watch_ms),
            known: 0,
        }
    }

    /// Asks once; the rules of a node that starts are those that hold.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub(crate) async fn look(&mut self) -> Result<(), ApiError> {
        let Some(setting) = self.store.setting_after(SETTING, self.known).await? else {
            return Ok(());
        };
        self.known = setting.version;
        match serde_json::from_str::<Changes>(&setting.value) {
            Ok(changes) => {
                self.limits.change(&changes);
                tracing::info!(version = self.known, "the rules of limits are changed");
            }
            Err(error) => {
                tracing::error!(%error, version = self.known, "the rules of limits are unreadable and stay");
            }
        }
        Ok(())
    }

    /// Asks for ever. It may be dropped at any time.
    pub(crate) async fn run(mut self) {
        loop {
            tokio::time::sleep(self.every).await;
            if let Err(error) = self.look().await {
                tracing::debug!(%error, "the rules of limits stay as they are");
            }
        }
    }
}
