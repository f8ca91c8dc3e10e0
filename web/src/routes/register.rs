//! New accounts.

use axum::extract::State;
use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Route;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Created, Envelope, Failure};
use crate::services::Services;
use crate::store::NewUser;
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/api/v1/auth/register", register)]
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
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
