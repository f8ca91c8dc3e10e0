//! Come as a guest, and stay as a registered user.

use std::time::SystemTime;

use axum::extract::State;
use im_shared::ids::UserId;
use im_shared::tokens::AccountKind;
use im_shared::wire::Code;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::login::{PlatformName, TokenPair};
use super::register::Registration;
use crate::auth::Guest;
use crate::error::ApiError;
use crate::extract::{Body, RepeatHeader};
use crate::idempotency::OnceKey;
use crate::limits::Quota;
use crate::reply::{Created, Envelope, Failure, Reply};
use crate::services::Services;
use crate::sign_in;
use crate::store::{Grant, Upgrade};
use crate::validate;
use crate::visit::Visit;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/auth/guest", guest),
        Route::post("/api/v1/auth/upgrade", upgrade),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(guest, upgrade))]
pub(super) struct Paths;

/// A guest's arrival.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Arrival {
    /// 1 to 64 of `[A-Za-z0-9_-]`, made by the client once and kept.
    #[schema(example = "3f1c9a52")]
    device_id: String,
    /// The platform of the client.
    platform: PlatformName,
    /// 1 to 64 characters; `Guest` and a number if missing or empty.
    #[serde(default)]
    nickname: Option<String>,
    /// What the device is called in the list of devices: at most 64 characters.
    #[serde(default)]
    device_name: Option<String>,
}

/// Makes an account without a password and signs it in. It is a new one each time; the refresh token is the only way back to it.
#[utoipa::path(post, path = "/api/v1/auth/guest", tag = "auth", request_body = Arrival, params(RepeatHeader), responses(
    (status = 201, body = Envelope<TokenPair>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 409, body = Failure, description = "IdempotencyConflict: the key was used for another arrival, or its guest has registered"),
    (status = 429, body = Failure, description = "RateLimited: too many new guests from this address; Retry-After says when the next may come"),
))]
pub async fn guest(
    State(services): State<Services>,
    quota: Quota,
    key: OnceKey,
    visit: Visit,
    Body(body): Body<Arrival>,
) -> Result<Created<TokenPair>, ApiError> {
    validate::device_id(&body.device_id)?;
    let visit = visit.named(body.device_name.as_deref())?;
    let once = key.once("guest", &(&body.device_id, body.platform, &body.nickname))?;
    let nickname = match body.nickname.as_deref().map(str::trim) {
        None | Some("") => format!("Guest {}", rand::random_range(1_000..10_000)),
        Some(nickname) => validate::nickname(nickname)?,
    };
    let user = match services.store.created_earlier(once.as_ref()).await? {
        Some(guest) => UserId::from_sql(guest),
        None => {
            quota.creates().await?;
            services
                .store
                .create_guest(&nickname, once.as_ref())
                .await?
        }
    };
    // A key opens the account that it made as long as that has no password.
    if once.is_some() && services.store.user(user).await?.account_kind() != AccountKind::Guest {
        return Err(ApiError::Refused(Code::IdempotencyConflict));
    }
    let grant = Grant {
        user,
        kind: AccountKind::Guest,
        device: body.device_id,
        platform: body.platform.into(),
    };
    let tokens = sign_in::begin(&services, grant, None, &visit, SystemTime::now()).await?;
    Ok(Created(tokens.into()))
}

/// Makes the guest who calls a registered user with the same id, and signs the same device in as that user. All tokens of the guest are
/// revoked.
#[utoipa::path(post, path = "/api/v1/auth/upgrade", tag = "auth", request_body = Registration, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<TokenPair>),
    (status = 400, body = Failure, description = "UsernameInvalid, PasswordInvalid, PasswordCommon, InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a registered user; UserDisabled"),
    (status = 404, body = Failure, description = "UserNotFound: the guest was deleted"),
    (status = 409, body = Failure, description = "UsernameTaken"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to hash"),
))]
pub async fn upgrade(
    State(services): State<Services>,
    Guest(caller): Guest,
    visit: Visit,
    Body(body): Body<Registration>,
) -> Result<Reply<TokenPair>, ApiError> {
    let account = body.check()?;
    let upgrade = Upgrade {
        username: account.username,
        password_hash: services.passwords.hash(account.password).await?,
        nickname: account.nickname,
        phone: account.phone,
        email: account.email,
    };
    let grant = Grant {
        user: caller.user,
        kind: AccountKind::User,
        device: caller.device,
        platform: caller.platform,
    };
    let now = SystemTime::now();
    let tokens = sign_in::upgrade(&services, grant, &visit, &upgrade, now).await?;
    Ok(Reply(tokens.into()))
}
