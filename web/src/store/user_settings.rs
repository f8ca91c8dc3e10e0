//! What users let others see and do. Who has set nothing has no row.

use std::time::SystemTime;

use im_shared::ids::UserId;

use super::model::{Model, model};
use super::{Result, Store, optional};
use crate::error::ApiError;

model! {
    /// The settings of one user.
    UserSettings in "user_settings" {
        /// The user.
        id: UserId,
        /// 1: strangers find the user by the exact username.
        findable: i16,
        /// 1: everybody may ask to be friends.
        friend_requests: i16,
        /// 1: friends see when the user was last here.
        last_seen: i16,
        /// 1: friends see telephone number and mail address.
        contact: i16,
        /// When something was set first.
        created_at: SystemTime,
        /// When the row was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

/// What a user lets others see and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Privacy {
    /// Strangers find the user by the exact username.
    pub findable: bool,
    /// Everybody may ask to be friends.
    pub takes_requests: bool,
    /// Friends see when the user was last here.
    pub shows_last_seen: bool,
    /// Friends see telephone number and mail address.
    pub shows_contact: bool,
}

impl Default for Privacy {
    /// As the columns' defaults.
    fn default() -> Self {
        Self {
            findable: true,
            takes_requests: true,
            shows_last_seen: true,
            shows_contact: false,
        }
    }
}

/// A change; `None` leaves a setting as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct PrivacyChange {
    /// As [`Privacy::findable`].
    pub findable: Option<bool>,
    /// As [`Privacy::takes_requests`].
    pub takes_requests: Option<bool>,
    /// As [`Privacy::shows_last_seen`].
    pub shows_last_seen: Option<bool>,
    /// As [`Privacy::shows_contact`].
    pub shows_contact: Option<bool>,
}

impl From<UserSettings> for Privacy {
    fn from(row: UserSettings) -> Self {
        Self {
            findable: row.findable == 1,
            takes_requests: row.friend_requests == 1,
            shows_last_seen: row.last_seen == 1,
            shows_contact: row.contact == 1,
        }
    }
}

impl Store {
    /// What a user has set.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn privacy(&self, user: UserId) -> Result<Privacy> {
        let sql = format!(
            "SELECT {} FROM user_settings WHERE id = $1 AND deleted = 0",
            UserSettings::LIST
        );
        let row = optional(&self.client().await?, &sql, &[&user.to_sql()]).await?;
        let settings = row.as_ref().map(UserSettings::read).transpose()?;
        Ok(settings.map_or_else(Privacy::default, Privacy::from))
    }

    /// Changes what a user has set, and gives it as it is now.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn set_privacy(&self, user: UserId, change: PrivacyChange) -> Result<Privacy> {
        let fresh = Privacy::default();
        let sql = format!(
            "INSERT INTO user_settings AS s (id, findable, friend_requests, last_seen, contact) \
             VALUES ($1, coalesce($2::smallint, $6), coalesce($3::smallint, $7), coalesce($4::smallint, $8), coalesce($5::smallint, $9)) \
             ON CONFLICT ON CONSTRAINT user_settings_pkey DO UPDATE \
             SET findable = coalesce($2, s.findable), friend_requests = coalesce($3, s.friend_requests), \
                 last_seen = coalesce($4, s.last_seen), contact = coalesce($5, s.contact), updated_at = now() \
             RETURNING {}",
            UserSettings::LIST
        );
        let row = optional(
            &self.client().await?,
            &sql,
            &[
                &user.to_sql(),
                &change.findable.map(i16::from),
                &change.takes_requests.map(i16::from),
                &change.shows_last_seen.map(i16::from),
                &change.shows_contact.map(i16::from),
                &i16::from(fresh.findable),
                &i16::from(fresh.takes_requests),
                &i16::from(fresh.shows_last_seen),
                &i16::from(fresh.shows_contact),
            ],
        )
        .await?;
        self.users_changed(&[user]).await;
        let row = row.ok_or_else(|| ApiError::internal("setting privacy", "no row"))?;
        Ok(UserSettings::read(&row)?.into())
    }
}
