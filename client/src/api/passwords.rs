//! Passwords: change, and set a forgotten one anew.

use reqwest::Method;
use serde_json::json;

use super::{Api, ApiError, Login, Nothing};

impl Api {
    /// Changes one's password. Every device is logged out; this one goes on with the new tokens.
    ///
    /// # Errors
    /// `WrongCredentials`, `PasswordInvalid`, `PasswordCommon`, `RateLimited`.
    pub async fn change_password(&self, old: &str, new: &str) -> Result<Login, ApiError> {
        let body = json!({ "oldPassword": old, "newPassword": new });
        self.call(Method::PUT, "/user/password", &[], Some(&body))
            .await
    }

    /// Has a token mailed that sets a new password. The answer says nothing about whether there is such an account.
    ///
    /// # Errors
    /// `RateLimited`; `Unsupported` where the server sends no mails.
    pub async fn forgot_password(&self, username: &str) -> Result<(), ApiError> {
        let body = json!({ "username": username });
        let Nothing {} = self.post("/auth/password/forgot", &body).await?;
        Ok(())
    }

    /// Sets a new password by a mailed token, once.
    ///
    /// # Errors
    /// `ResetTokenInvalid`, `PasswordInvalid`, `PasswordCommon`.
    pub async fn reset_password(&self, token: &str, new: &str) -> Result<(), ApiError> {
        let body = json!({ "token": token, "newPassword": new });
        let Nothing {} = self.post("/auth/password/reset", &body).await?;
        Ok(())
    }
}
