//! Register, login, refresh, logout.

use std::time::SystemTime;

use axum::extract::State;
use im_shared::ids::UserId;
use im_shared::wire::{Code, Platform};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Route;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Created, Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::sign_in::{self, Tokens};
use crate::store::{Grant, NewUser, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/auth/register", register),
        Route::post("/api/v1/auth/login", login),
        Route::post("/api/v1/auth/refresh", refresh),
        Route::post("/api/v1/auth/logout", logout),
    ]
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// 3 to 32 of `[a-z0-9_.-]`, not beginning with `guest-`; upper case is lowered.
    #[schema(example = "ada")]
    username: String,
    /// 8 to 71 bytes.
    #[schema(example = "correct horse")]
    password: String,
    /// 1 to 64 characters. If missing or empty: the username, or what a guest is called already.
    #[serde(default)]
    nickname: Option<String>,
    /// A telephone number, or nothing.
    #[serde(default)]
    phone: Option<String>,
    /// A mail address, or nothing.
    #[serde(default)]
    email: Option<String>,
}

/// A [`Registration`] that may be stored, once its password is hashed.
pub(super) struct Checked {
    pub(super) username: String,
    pub(super) password: String,
    /// Not empty.
    pub(super) nickname: Option<String>,
    pub(super) phone: String,
    pub(super) email: String,
}

impl Registration {
    /// # Errors
    /// `UsernameInvalid`, `PasswordInvalid`, `InvalidArgument`.
    pub(super) fn check(self) -> Result<Checked, ApiError> {
        let username = validate::new_username(&self.username)?;
        validate::password(&self.password)?;
        let nickname = match self.nickname.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(nickname) => Some(validate::nickname(nickname)?),
        };
        Ok(Checked {
            username,
            password: self.password,
            nickname,
            phone: validate::phone(self.phone.as_deref().unwrap_or_default())?,
            email: validate::email(self.email.as_deref().unwrap_or_default())?,
        })
    }
}

/// The account that was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", request_body = Registration, responses(
    (status = 201, body = Envelope<Registered>),
    (status = 400, body = Failure, description = "UsernameInvalid, PasswordInvalid, InvalidArgument"),
    (status = 409, body = Failure, description = "UsernameTaken"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to hash"),
))]
pub async fn register(
    State(services): State<Services>,
    Body(body): Body<Registration>,
) -> Result<Created<Registered>, ApiError> {
    let account = body.check()?;
    let user = NewUser {
        nickname: account.nickname.unwrap_or(account.username.clone()),
        username: account.username,
        password_hash: services.passwords.hash(account.password).await?,
        phone: account.phone,
        email: account.email,
    };
    let user_id = services.store.create_user(&user).await?;
    Ok(Created(Registered { user_id }))
}

/// What a device signs in as; one session per platform.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
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
#[serde(rename_all = "camelCase")]
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
    (status = 503, body = Failure, description = "RetryLater: too many passwords to check"),
))]
pub async fn login(
    State(services): State<Services>,
    Body(body): Body<Login>,
) -> Result<Reply<TokenPair>, ApiError> {
    validate::device_id(&body.device_id)?;
    // A name that cannot exist takes the same road as one that does not: neither text nor time tells them apart.
    let user = match validate::username(&body.username) {
        Ok(username) => services.store.user_by_username(&username).await?,
        Err(_) => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = services.passwords.verify(body.password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
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
    let tokens =
        sign_in::begin(&services.store, &services.signer, grant, SystemTime::now()).await?;
    Ok(Reply(tokens.into()))
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokenBody {
    /// As login or the last refresh gave it.
    refresh_token: String,
}

/// Gives the next pair. The used refresh token is dead; using it again revokes all that came from the same login.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", request_body = RefreshTokenBody, responses(
    (status = 200, body = Envelope<TokenPair>),
    (status = 401, body = Failure, description = "TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "UserDisabled"),
))]
pub async fn refresh(
    State(services): State<Services>,
    Body(body): Body<RefreshTokenBody>,
) -> Result<Reply<TokenPair>, ApiError> {
    let now = SystemTime::now();
    let tokens =
        sign_in::refresh(&services.store, &services.signer, &body.refresh_token, now).await?;
    Ok(Reply(tokens.into()))
}

/// Revokes the refresh tokens of a login, and ends the live session of the caller's device. The access token stays good until it expires.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", request_body = RefreshTokenBody, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Done>),
    (status = 401, body = Failure, description = "Unauthenticated; TokenInvalid also for a refresh token of somebody else"),
))]
pub async fn logout(
    State(services): State<Services>,
    caller: Caller,
    Body(body): Body<RefreshTokenBody>,
) -> Result<Reply<Done>, ApiError> {
    let hash = sign_in::hash_of(&body.refresh_token)?;
    services.store.revoke(caller.user, &hash).await?;
    services
        .events
        .signed_out(caller.user, &caller.device)
        .await;
    Ok(Reply(Done {}))
}
