//! For operators. Everybody else gets `Forbidden`; support may not change anything.

use im_shared::ids::{SignInId, UserId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, ApiError, Nothing};

/// An account as operators see it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub user_id: UserId,
    /// Its login name.
    pub username: String,
    /// Its shown name.
    pub nickname: String,
    /// `active` or `disabled`.
    pub status: String,
    /// Whether it is a guest.
    pub guest: bool,
    /// When it was made.
    pub created_at: i64,
    /// Shown for one account, not in the list.
    #[serde(default)]
    pub email: String,
    /// Shown for one account, not in the list.
    #[serde(default)]
    pub phone: String,
    /// `support` or `admin`. Shown for one account, not in the list.
    #[serde(default)]
    pub role: Option<String>,
}

/// A page of accounts.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accounts {
    /// By id.
    pub users: Vec<Account>,
    /// Where the next page begins.
    pub next_after: Option<UserId>,
}

/// Where an account is logged in.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountDevice {
    /// The sign-in.
    pub sign_in_id: SignInId,
    /// The device.
    pub device_id: String,
    /// Its platform.
    pub platform: String,
    /// What it calls itself.
    pub name: String,
    /// The address that was last seen.
    pub address: String,
    /// When it was last seen.
    pub last_seen_at: i64,
}

/// What an operator did.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its id.
    pub id: String,
    /// Who.
    pub operator_id: Option<UserId>,
    /// What.
    pub action: String,
    /// The account that it is about.
    pub target_id: Option<UserId>,
    /// Its parameters.
    pub detail: Value,
    /// From which address.
    pub address: String,
    /// When.
    pub created_at: i64,
}

impl Api {
    /// A page of accounts whose username begins with `text`, or whose id or mail address is `text`; of all for an empty one.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn accounts(&self, text: &str, after: Option<UserId>) -> Result<Accounts, ApiError> {
        let mut query = vec![("q", text.to_owned())];
        query.extend(after.map(|after| ("after", after.to_string())));
        self.get("/admin/users", &query).await
    }

    /// One account with its contact data.
    ///
    /// # Errors
    /// `Forbidden`, `UserNotFound`.
    pub async fn account(&self, user: UserId) -> Result<Account, ApiError> {
        self.get(&format!("/admin/users/{user}"), &[]).await
    }

    /// Disables an account.
    ///
    /// # Errors
    /// `Forbidden`, also for oneself and other admins; `UserNotFound`.
    pub async fn disable_account(&self, user: UserId, reason: &str) -> Result<(), ApiError> {
        let path = format!("/admin/users/{user}/disable");
        let Nothing {} = self.post(&path, &json!({ "reason": reason })).await?;
        Ok(())
    }

    /// Enables an account again.
    ///
    /// # Errors
    /// As [`Api::disable_account`].
    pub async fn enable_account(&self, user: UserId, reason: &str) -> Result<(), ApiError> {
        let path = format!("/admin/users/{user}/enable");
        let Nothing {} = self.post(&path, &json!({ "reason": reason })).await?;
        Ok(())
    }

    /// Where an account is logged in; the latest logins, 50 at most.
    ///
    /// # Errors
    /// `Forbidden`, `UserNotFound`.
    pub async fn account_devices(&self, user: UserId) -> Result<Vec<AccountDevice>, ApiError> {
        #[derive(Deserialize)]
        struct Devices {
            devices: Vec<AccountDevice>,
        }
        let path = format!("/admin/users/{user}/devices");
        Ok(self.get::<Devices>(&path, &[]).await?.devices)
    }

    /// Logs an account out, everywhere or one sign-in; says how many that were.
    ///
    /// # Errors
    /// `Forbidden`, also for other admins; `UserNotFound`, `DeviceNotFound`.
    pub async fn log_account_out(
        &self,
        user: UserId,
        sign_in: Option<SignInId>,
    ) -> Result<u64, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct SignedOut {
            signed_out: u64,
        }
        let one = sign_in.map_or_else(String::new, |sign_in| format!("/{sign_in}"));
        let path = format!("/admin/users/{user}/devices{one}");
        let done: SignedOut = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(done.signed_out)
    }

    /// What operators did, the latest first, 50 at most; about one account where one is given.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn audit(&self, about: Option<UserId>) -> Result<Vec<AuditRecord>, ApiError> {
        #[derive(Deserialize)]
        struct Records {
            entries: Vec<AuditRecord>,
        }
        let query: Vec<_> = about
            .map(|user| ("target", user.to_string()))
            .into_iter()
            .collect();
        Ok(self.get::<Records>("/admin/audit", &query).await?.entries)
    }
}
