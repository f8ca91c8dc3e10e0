//! Where one is signed in.

use im_shared::ids::SignInId;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError, Nothing};

/// A login on a device.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedInDevice {
    /// The login.
    pub id: SignInId,
    /// The id that the client gave itself.
    pub device_id: String,
    /// `web`, `desktop`, `ios`, `android`, `terminal`, or what a later server knows.
    pub platform: String,
    /// What the device calls itself, or empty.
    pub name: String,
    /// The program that signed in, or empty.
    pub user_agent: String,
    /// Where it was last seen.
    pub address: String,
    /// When it signed in, milliseconds since 1970.
    pub created_at: i64,
    /// When it was last seen, milliseconds since 1970.
    pub last_seen_at: i64,
    /// Whether it has a session now.
    pub online: bool,
    /// Whether it is the one that asks.
    pub current: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    devices: Vec<SignedInDevice>,
    next_after: Option<SignInId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedOut {
    signed_out: u32,
}

impl Api {
    /// Where the caller is signed in, the latest logins first.
    ///
    /// # Errors
    /// When the access token is refused; `Forbidden` for a guest.
    pub async fn devices(&self) -> Result<Vec<SignedInDevice>, ApiError> {
        let (mut devices, mut after) = (Vec::new(), None);
        loop {
            let after_id = after.map(|id: SignInId| ("after", id.to_string()));
            let query: Vec<(&str, String)> = after_id.into_iter().collect();
            let page: Page = self.get("/devices", &query).await?;
            devices.extend(page.devices);
            match page.next_after {
                Some(next) => after = Some(next),
                None => return Ok(devices),
            }
        }
    }

    /// Signs one device out.
    ///
    /// # Errors
    /// `DeviceNotFound`.
    pub async fn sign_device_out(&self, id: SignInId) -> Result<(), ApiError> {
        let path = format!("/devices/{id}");
        let Nothing {} = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Signs all devices out but the one that asks; says how many.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn sign_others_out(&self) -> Result<u32, ApiError> {
        let answer: SignedOut = self.call(Method::DELETE, "/devices", &[], None).await?;
        Ok(answer.signed_out)
    }

    /// Signs every device out, also the one that asks; says how many.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn sign_all_out(&self) -> Result<u32, ApiError> {
        let answer: SignedOut = self.post("/auth/logout-all", &json!({})).await?;
        Ok(answer.signed_out)
    }
}
