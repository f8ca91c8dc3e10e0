//! REST: accounts, friends, conversations and the access endpoints.

mod types;

use std::time::Duration;

use im_shared::ids::{ConversationId, FriendRequestId, Seq, UserId};
use im_shared::wire::{Code, Platform};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::transport::Address;

pub use types::{
    Conversation, Conversations, Friend, FriendRequest, Login, Message, Messages, Profile,
    platform_name,
};

/// Nothing takes longer; bcrypt of a login on a busy machine is the slowest.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The server refused.
    #[error("{message}")]
    Refused {
        /// Why.
        code: Code,
        /// In words.
        message: String,
        /// The HTTP status.
        status: StatusCode,
    },
    /// The server could not be reached, or did not answer in time.
    #[error("cannot reach {server}")]
    Unreachable {
        /// Its address.
        server: String,
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
    /// The answer was not what the API promises.
    #[error("unexpected answer with status {status}")]
    Unexpected {
        /// The HTTP status.
        status: StatusCode,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
}

impl ApiError {
    /// The server's code, when it gave one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Unreachable { .. } | Self::Unexpected { .. } => None,
        }
    }
}

/// A server's REST API. A cheap clone.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    server: String,
    token: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    code: u16,
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: serde_json::Value,
}

#[derive(Deserialize, Debug)]
struct Nothing {}

impl Api {
    /// For a server such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(server: &str) -> Result<Self, ApiError> {
        let server = server.trim_end_matches('/').to_owned();
        match reqwest::Client::builder().timeout(TIMEOUT).build() {
            Ok(http) => Ok(Self {
                http,
                server,
                token: None,
            }),
            Err(source) => Err(ApiError::Unreachable { server, source }),
        }
    }

    /// The same API, on behalf of whoever the token belongs to.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The address as given.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

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

    /// Users whose name begins with the words.
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

    /// Asks somebody to become friends.
    ///
    /// # Errors
    /// `FriendSelf`, `FriendAlready`, `FriendRequestPending`, `Blocked`, `UserNotFound`.
    pub async fn request_friend(
        &self,
        friend: UserId,
        message: &str,
    ) -> Result<FriendRequestId, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Requested {
            request_id: FriendRequestId,
        }
        let body = json!({ "friendId": friend, "message": message });
        Ok(self
            .post::<Requested>("/friends/request", &body)
            .await?
            .request_id)
    }

    /// Friend requests, received or sent.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn friend_requests(&self, sent: Direction) -> Result<Vec<FriendRequest>, ApiError> {
        #[derive(Deserialize)]
        struct Requests {
            requests: Vec<FriendRequest>,
        }
        let direction = match sent {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        Ok(self
            .get::<Requests>("/friends/requests", &[("direction", direction.to_owned())])
            .await?
            .requests)
    }

    /// Becomes friends.
    ///
    /// # Errors
    /// `FriendRequestNotFound`, `FriendRequestAnswered`.
    pub async fn accept_friend(&self, request: FriendRequestId) -> Result<Friend, ApiError> {
        #[derive(Deserialize)]
        struct Accepted {
            friend: Friend,
        }
        Ok(self
            .post::<Accepted>(&format!("/friends/requests/{request}/accept"), &json!({}))
            .await?
            .friend)
    }

    /// Declines.
    ///
    /// # Errors
    /// `FriendRequestNotFound`, `FriendRequestAnswered`.
    pub async fn reject_friend(&self, request: FriendRequestId) -> Result<(), ApiError> {
        let Nothing {} = self
            .post(&format!("/friends/requests/{request}/reject"), &json!({}))
            .await?;
        Ok(())
    }

    /// All friends.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn friends(&self) -> Result<Vec<Friend>, ApiError> {
        #[derive(Deserialize)]
        struct Friends {
            friends: Vec<Friend>,
        }
        Ok(self.get::<Friends>("/friends", &[]).await?.friends)
    }

    /// Ends a friendship.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn remove_friend(&self, friend: UserId) -> Result<(), ApiError> {
        let Nothing {} = self
            .call(Method::DELETE, &format!("/friends/{friend}"), &[], None)
            .await?;
        Ok(())
    }

    /// Sets what one calls a friend; empty for none.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn remark_friend(&self, friend: UserId, remark: &str) -> Result<(), ApiError> {
        let body = json!({ "remark": remark });
        let _: serde_json::Value = self
            .call(
                Method::PUT,
                &format!("/friends/{friend}/remark"),
                &[],
                Some(&body),
            )
            .await?;
        Ok(())
    }

    /// All conversations, the latest first.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn conversations(&self) -> Result<Conversations, ApiError> {
        self.get("/conversations", &[]).await
    }

    /// The private conversation with a user, made if need be.
    ///
    /// # Errors
    /// `UserNotFound`, `InvalidArgument`.
    pub async fn open_conversation(&self, peer: UserId) -> Result<Conversation, ApiError> {
        self.post("/conversations", &json!({ "userId": peer }))
            .await
    }

    /// The last messages before a seq (0: the newest), ascending.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn messages(
        &self,
        conversation: ConversationId,
        before: Seq,
        limit: u32,
    ) -> Result<Messages, ApiError> {
        let mut query = vec![("limit", limit.to_string())];
        if before > Seq(0) {
            query.push(("beforeSeq", before.to_string()));
        }
        self.get(&format!("/conversations/{conversation}/messages"), &query)
            .await
    }

    /// The access nodes that take sessions, the least loaded first.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn endpoints(&self) -> Result<Vec<Address>, ApiError> {
        #[derive(Deserialize)]
        struct Endpoints {
            nodes: Vec<Address>,
        }
        Ok(self.get::<Endpoints>("/access/endpoints", &[]).await?.nodes)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, ApiError> {
        self.call(Method::GET, path, query, None).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T, ApiError> {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&serde_json::Value>,
    ) -> Result<T, ApiError> {
        let unreachable = |source| ApiError::Unreachable {
            server: self.server.clone(),
            source,
        };
        let mut request = self
            .http
            .request(method, format!("{}/api/v1{path}", self.server))
            .query(query);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(unreachable)?;
        answer(status, &bytes)
    }
}

/// Which friend requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Direction {
    /// By others.
    Received,
    /// By oneself.
    Sent,
}

/// Opens the envelope.
fn answer<T: DeserializeOwned>(status: StatusCode, bytes: &[u8]) -> Result<T, ApiError> {
    let unexpected = |source| ApiError::Unexpected { status, source };
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(unexpected)?;
    let code = Code(envelope.code);
    if code != Code::Ok {
        let message = if envelope.message.is_empty() {
            code.text().to_owned()
        } else {
            envelope.message
        };
        return Err(ApiError::Refused {
            code,
            message,
            status,
        });
    }
    serde_json::from_value(envelope.data).map_err(unexpected)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_refusal_carries_its_code_and_words() {
        let error = answer::<Nothing>(
            StatusCode::CONFLICT,
            br#"{"code":1105,"message":"taken","data":null}"#,
        )
        .unwrap_err();
        assert_eq!(error.code(), Some(Code::UsernameTaken));
        assert_eq!(error.to_string(), "taken");
        assert!(matches!(
            answer::<Nothing>(StatusCode::BAD_GATEWAY, b"<html>"),
            Err(ApiError::Unexpected { .. })
        ));
        assert!(answer::<Nothing>(StatusCode::OK, br#"{"code":0,"message":"","data":{}}"#).is_ok());
    }

    /// Mission I4: ids are decimal strings.
    #[test]
    fn a_login_is_read_from_camel_case() {
        let body = br#"{"code":0,"data":{"userId":"7","accessToken":"a","refreshToken":"r","expiresAt":5}}"#;
        let login = answer::<Login>(StatusCode::OK, body).unwrap();
        assert_eq!((login.user_id, login.expires_at), (UserId(7), 5));
    }
}
