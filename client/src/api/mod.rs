//! REST: one [`Api`] whose calls lie by resource.
//!
//! ```text
//! account         register, login, guests, refresh, logout, profiles
//! files           uploaded files
//! friends         friends, their requests, and blocks
//! privacy         what one lets others see and do
//! conversations   conversations, settings, access endpoints
//! messages        history, receipts, search
//! groups          groups
//! members         their members, and requests to join
//! devices         presence, pushes
//! sign_ins        where one is signed in
//! passwords       changing them, and setting them anew
//! admin           for operators
//! limits          how often may be asked, for operators
//! types           what is answered
//! ```

mod account;
mod admin;
mod conversations;
mod devices;
mod files;
mod friends;
mod groups;
mod limits;
mod members;
mod messages;
mod passwords;
mod privacy;
mod sign_ins;
mod types;

use std::time::Duration;

use im_shared::wire::Code;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use admin::{Account, AccountDevice, Accounts, AuditRecord};
pub use conversations::Settings;
pub use devices::Visibility;
pub use files::UploadedFile;
pub use friends::{Blocked, Direction};
pub use groups::{Group, GroupChange, NewGroup, Policy};
pub use limits::LimitRule;
pub use members::{Admission, Answer, JoinRequest, Member};
pub use messages::{Found, Receipt, Receipts};
pub use privacy::{Askers, Privacy, PrivacyChange, Viewers};
pub use sign_ins::SignedInDevice;
pub use types::{
    Conversation, ConversationKind, Conversations, Friend, FriendRequest, Login, Message, Messages,
    Profile, Reactions, Role, platform_name,
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
        let unreachable = |source| self.unreachable(source);
        let mut request = self.request(method, path).query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(unreachable)?;
        answer(status, &bytes)
    }
}

impl Api {
    /// A request to a path of the API, in the caller's name.
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1{path}", self.server);
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn unreachable(&self, source: reqwest::Error) -> ApiError {
        ApiError::Unreachable {
            server: self.server.clone(),
            source,
        }
    }
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
    use im_shared::ids::UserId;

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
