//! Accounts: register, login, refresh, logout, profiles.

use im_shared::ids::UserId;
use im_shared::wire::Platform;
use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError, Login, Nothing, Profile, platform_name};

impl Api {
    /// Makes an account. An empty nickname becomes the username.
    ///
    /// # Errors
    /// `UsernameTaken`, `UsernameInvalid`, `PasswordInvalid`.
    pub async fn register(
        &self,
        username: &str,
        password: &str,
        nickname: &str,
    ) -> Result<UserId, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Registered {
            user_id: UserId,
        }
        let nickname = if nickname.is_empty() {
            username
        } else {
            nickname
        };
        let body = json!({ "username": username, "password": password, "nickname": nickname });
        Ok(self
            .post::<Registered>("/auth/register", &body)
            .await?
            .user_id)
    }

    /// Gets tokens for a device.
    ///
    /// # Errors
    /// `WrongCredentials`, `UserDisabled`, `RateLimited`.
    pub async fn login(
        &self,
        username: &str,
        password: &str,
        device_id: &str,
        platform: Platform,
    ) -> Result<Login, ApiError> {
        let platform = platform_name(platform);
        let body = json!({ "username": username, "password": password, "deviceId": device_id, "platform": platform });
        self.post("/auth/login", &body).await
    }

    /// Comes in without registration; such an account reads and writes the world chat only.
    ///
    /// # Errors
    /// `InvalidArgument`, `RateLimited`.
    pub async fn guest(&self, device_id: &str, platform: Platform) -> Result<Login, ApiError> {
        self.guest_called("", device_id, platform).await
    }

    /// The same under a shown name of 1 to 64 characters; the server makes one up for an empty one.
    ///
    /// # Errors
    /// `InvalidArgument`, `RateLimited`.
    pub async fn guest_called(
        &self,
        nickname: &str,
        device_id: &str,
        platform: Platform,
    ) -> Result<Login, ApiError> {
        let platform = platform_name(platform);
        let body = json!({ "deviceId": device_id, "platform": platform, "nickname": nickname });
        self.post("/auth/guest", &body).await
    }

    /// Makes the guest who calls a registered user with the same id, and logs the same device in as that user. An empty nickname leaves
    /// what the guest is called.
    ///
    /// # Errors
    /// `UsernameTaken`, `UsernameInvalid`, `PasswordInvalid`, `Forbidden` for a registered user.
    pub async fn upgrade(
        &self,
        username: &str,
        password: &str,
        nickname: &str,
    ) -> Result<Login, ApiError> {
        let body = json!({ "username": username, "password": password, "nickname": nickname });
        self.post("/auth/upgrade", &body).await
    }

    /// Exchanges a refresh token, which is good for one use.
    ///
    /// # Errors
    /// `TokenInvalid`, `TokenExpired`, `TokenRevoked`.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Login, ApiError> {
        self.post("/auth/refresh", &json!({ "refreshToken": refresh_token }))
            .await
    }

    /// Revokes a refresh token and its family.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn logout(&self, refresh_token: &str) -> Result<(), ApiError> {
        let Nothing {} = self
            .post("/auth/logout", &json!({ "refreshToken": refresh_token }))
            .await?;
        Ok(())
    }

    /// One's own profile.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn profile(&self) -> Result<Profile, ApiError> {
        self.get("/user/profile", &[]).await
    }

    /// Somebody's profile.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn user(&self, user: UserId) -> Result<Profile, ApiError> {
        self.get(&format!("/user/{user}"), &[]).await
    }

    /// The user with exactly this username, and friends and members of small groups whose names begin with the words.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn search(&self, words: &str, limit: u32) -> Result<Vec<Profile>, ApiError> {
        #[derive(Deserialize)]
        struct Users {
            users: Vec<Profile>,
        }
        Ok(self
            .get::<Users>(
                "/user/search",
                &[("q", words.to_owned()), ("limit", limit.to_string())],
            )
            .await?
            .users)
    }
}
