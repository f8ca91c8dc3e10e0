//! Login.

use std::time::SystemTime;

use axum::extract::State;
use im_shared::ids::UserId;
use im_shared::wire::{Code, Platform};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::Body;
use crate::failures::Trial;
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::sign_in::{self, Tokens};
use crate::store::{Grant, millis};
use crate::validate;
use crate::visit::Visit;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/api/v1/auth/login", login).for_who_waits()]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(login))]
pub(super) struct Paths;

/// What a device signs in as; one session per platform.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlatformName {
    /// A browser.
    Web,
    /// A desktop program.
    Desktop,
    /// iPhone, iPad.
    Ios,
    /// Android.
    Android,
    /// A terminal.
    Terminal,
}

impl From<PlatformName> for Platform {
    fn from(name: PlatformName) -> Self {
        match name {
            PlatformName::Web => Self::Web,
            PlatformName::Desktop => Self::Desktop,
            PlatformName::Ios => Self::Ios,
            PlatformName::Android => Self::Android,
            PlatformName::Terminal => Self::Terminal,
        }
    }
}

/// A login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Login {
    /// In any case.
    #[schema(example = "ada")]
    username: String,
    /// As registered.
    #[schema(example = "correct horse")]
    password: String,
    /// 1 to 64 of `[A-Za-z0-9_-]`, made by the client once and kept.
    #[schema(example = "3f1c9a52")]
    device_id: String,
    /// The platform of the client.
    platform: PlatformName,
    /// What the device is called in the list of devices: at most 64 characters.
    #[serde(default)]
    #[schema(example = "Ada's laptop")]
    device_name: Option<String>,
}

/// A pair of tokens.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenPair {
    /// Whose they are.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// For `Authorization: Bearer` and for access; good for 7 days.
    access_token: String,
    /// Good for one refresh within 30 days.
    refresh_token: String,
    /// When the access token expires, milliseconds since 1970.
    expires_at: i64,
}

impl From<Tokens> for TokenPair {
    fn from(tokens: Tokens) -> Self {
        Self {
            user_id: tokens.grant.user,
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            expires_at: millis(tokens.expires_at),
        }
    }
}

/// Signs a device in. Replaces an earlier login of the same device.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", request_body = Login, responses(
    (status = 200, body = Envelope<TokenPair>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "WrongCredentials"),
    (status = 403, body = Failure, description = "UserDisabled"),
    (status = 429, body = Failure, description = "RateLimited: too many wrong passwords; Retry-After says when the next may come"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to check; Retry-After says how long they take"),
))]
pub async fn login(
    State(services): State<Services>,
    address: ClientAddress,
    visit: Visit,
    Body(body): Body<Login>,
) -> Result<Reply<TokenPair>, ApiError> {
    validate::device_id(&body.device_id)?;
    let visit = visit.named(body.device_name.as_deref())?;
    // Before anything is looked up: who must come later costs no statement, so others do not wait for a connection behind them.
    let place = services.passwords.place()?;
    // A name that cannot exist takes the same road as one that does not: neither text nor time tells them apart.
    let username = validate::username(&body.username).unwrap_or_default();
    let store = &services.store;
    let user = store.user_by_username(&username).await?;
    let id = user.as_ref().map(|user| user.id);
    let standing = store.standing(id, &body.device_id, &visit.address);
    let trial = Trial {
        account: &username,
        device: &body.device_id,
        address,
        standing: standing.await?,
    };
    let stake = services.failures.admit(trial).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = place.verify(body.password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        services.failures.charge(stake).await;
        return Err(ApiError::Refused(Code::WrongCredentials));
    };
    if !user.is_active() {
        return Err(ApiError::Refused(Code::UserDisabled));
    }
    let grant = Grant {
        user: user.id,
        kind: user.account_kind(),
        device: body.device_id,
        platform: body.platform.into(),
    };
    let checked = Some(user.password_hash.as_str());
    let tokens = sign_in::begin(&services, grant, checked, &visit, SystemTime::now()).await?;
    Ok(Reply(tokens.into()))
}
