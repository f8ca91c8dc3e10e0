//! What one lets others see and do.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Api, ApiError};

/// Who may ask to be friends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Askers {
    /// Everybody who is registered, and not blocked.
    Everybody,
    /// Nobody.
    Nobody,
}

/// Who sees something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Viewers {
    /// Friends.
    Friends,
    /// Nobody else.
    Nobody,
}

/// What one lets others see and do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Privacy {
    /// Whether strangers find one by the exact username.
    pub findable: bool,
    /// Who may ask to be friends.
    pub friend_requests: Askers,
    /// Who sees when one was last here.
    pub last_seen: Viewers,
    /// Who sees telephone number and mail address.
    pub contact: Viewers,
}

/// A change: only what is given is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivacyChange {
    /// Whether strangers find one by the exact username.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findable: Option<bool>,
    /// Who may ask to be friends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friend_requests: Option<Askers>,
    /// Who sees when one was last here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Viewers>,
    /// Who sees telephone number and mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Viewers>,
}

impl Api {
    /// What one has set.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn privacy(&self) -> Result<Privacy, ApiError> {
        self.get("/user/privacy", &[]).await
    }

    /// Changes it, and gives it as it is now.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn set_privacy(&self, change: &PrivacyChange) -> Result<Privacy, ApiError> {
        let body = json!(change);
        self.call(Method::PUT, "/user/privacy", &[], Some(&body))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B4
    #[test]
    fn only_what_is_given_is_changed() {
        let change = PrivacyChange {
            contact: Some(Viewers::Friends),
            ..PrivacyChange::default()
        };
        assert_eq!(json!(change), json!({ "contact": "friends" }));
    }
}
