//! Presence, and where a device takes pushes.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, ApiError, Nothing};

/// Whether others see somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// As it is.
    Visible,
    /// Offline to everybody, whatever is true.
    Invisible,
}

impl Api {
    /// Hides the caller from everybody, or shows the caller again.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn set_visibility(&self, visibility: Visibility) -> Result<(), ApiError> {
        let body = json!({ "invisible": visibility == Visibility::Invisible });
        let _: Value = self
            .call(Method::PUT, "/user/presence", &[], Some(&body))
            .await?;
        Ok(())
    }

    /// Whether others see the caller.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn visibility(&self) -> Result<Visibility, ApiError> {
        #[derive(Deserialize)]
        struct Presence {
            invisible: bool,
        }
        let presence: Presence = self.get("/user/presence", &[]).await?;
        Ok(if presence.invisible {
            Visibility::Invisible
        } else {
            Visibility::Visible
        })
    }

    /// Lets the device of the token take pushes at a push service; `p256dh` and `auth` are the receiver's keys (RFC 8291) in base64url.
    ///
    /// # Errors
    /// `PushSubscriptionInvalid`.
    pub async fn subscribe_to_pushes(
        &self,
        endpoint: &str,
        p256dh: &str,
        auth: &str,
    ) -> Result<(), ApiError> {
        let body = json!({ "endpoint": endpoint, "keys": { "p256dh": p256dh, "auth": auth } });
        let path = "/push/subscription";
        let Nothing {} = self.call(Method::PUT, path, &[], Some(&body)).await?;
        Ok(())
    }

    /// No more pushes to the device of the token.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn unsubscribe_from_pushes(&self) -> Result<(), ApiError> {
        let path = "/push/subscription";
        let Nothing {} = self.call(Method::DELETE, path, &[], None).await?;
        Ok(())
    }
}
