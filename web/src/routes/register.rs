//! New accounts.

use axum::extract::State;
use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::error::ApiError;
use crate::extract::{Body, RepeatHeader};
use crate::idempotency::OnceKey;
use crate::limits::Quota;
use crate::password::judge;
use crate::reply::{Created, Envelope, Failure};
use crate::services::Services;
use crate::store::NewUser;
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/api/v1/auth/register", register).for_who_waits()]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(register))]
pub(super) struct Paths;

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Registration {
    /// 3 to 32 of `[a-z0-9_.-]`, not beginning with `guest-`; upper case is lowered.
    #[schema(example = "ada")]
    username: String,
    /// 8 to 71 bytes, and not easy to guess.
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
#[derive(Serialize)]
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
    /// `UsernameInvalid`, `PasswordInvalid`, `PasswordCommon`, `InvalidArgument`.
    pub(super) fn check(self) -> Result<Checked, ApiError> {
        let username = validate::new_username(&self.username)?;
        let nickname = match self.nickname.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(nickname) => Some(validate::nickname(nickname)?),
        };
        judge(
            &self.password,
            &[&username, nickname.as_deref().unwrap_or_default()],
        )?;
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
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", request_body = Registration, params(RepeatHeader), responses(
    (status = 201, body = Envelope<Registered>),
    (status = 400, body = Failure, description = "UsernameInvalid, PasswordInvalid, PasswordCommon, InvalidArgument"),
    (status = 409, body = Failure, description = "UsernameTaken; IdempotencyConflict: the key was used for another account"),
    (status = 429, body = Failure, description = "RateLimited: too many new accounts from this address"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to hash; Retry-After says how long they take"),
))]
pub async fn register(
    State(services): State<Services>,
    quota: Quota,
    key: OnceKey,
    Body(body): Body<Registration>,
) -> Result<Created<Registered>, ApiError> {
    let account = body.check()?;
    let once = key.once("register", &account)?;
    if let Some(made) = services.store.created_earlier(once.as_ref()).await? {
        let user_id = UserId::from_sql(made);
        return Ok(Created(Registered { user_id }));
    }
    quota.creates().await?;
    let user = NewUser {
        nickname: account.nickname.unwrap_or(account.username.clone()),
        username: account.username,
        password_hash: services.passwords.hash(account.password).await?,
        phone: account.phone,
        email: account.email,
    };
    let user_id = services.store.create_user(&user, once.as_ref()).await?;
    Ok(Created(Registered { user_id }))
}
