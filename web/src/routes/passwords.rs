//! Changing a password, and setting a forgotten one anew.

use std::time::SystemTime;

use axum::extract::State;
use im_shared::wire::Code;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::login::TokenPair;
use crate::auth::{Caller, Registered};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::Body;
use crate::failures::{Standing, Trial};
use crate::mailing::{Forgotten, hash_of};
use crate::password::judge;
use crate::reply::{Accepted, Done, Envelope, Failure, Reply};
use crate::revocation::Reason;
use crate::services::Services;
use crate::sign_in;
use crate::store::{Grant, User};
use crate::validate;
use crate::visit::Visit;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::put("/api/v1/user/password", change),
        Route::post("/api/v1/auth/password/forgot", forgot),
        Route::post("/api/v1/auth/password/reset", reset),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(change, forgot, reset))]
pub(super) struct Paths;

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PasswordChange {
    /// As it is now.
    #[schema(example = "correct horse")]
    old_password: String,
    /// 8 to 71 bytes, and not easy to guess.
    #[schema(example = "battery staple 42")]
    new_password: String,
}

/// Changes the caller's password. Every device is signed out, live sessions end with `PasswordChanged`, and the caller's device gets the new pair
/// that is answered. Wrong old passwords make the device wait as failed logins do. The mail address of the profile is told.
#[utoipa::path(put, path = "/api/v1/user/password", tag = "user", request_body = PasswordChange, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<TokenPair>),
    (status = 400, body = Failure, description = "PasswordInvalid, PasswordCommon, InvalidArgument"),
    (status = 401, body = Failure, description = "WrongCredentials: the old password is wrong; Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for a guest; UserDisabled"),
    (status = 429, body = Failure, description = "RateLimited: too many wrong passwords; Retry-After says when the next may come"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to hash; Retry-After says how long they take"),
))]
pub async fn change(
    State(services): State<Services>,
    Registered(caller): Registered,
    address: ClientAddress,
    visit: Visit,
    Body(body): Body<PasswordChange>,
) -> Result<Reply<TokenPair>, ApiError> {
    let user = services.store.user(caller.user).await?;
    judge(&body.new_password, &[&user.username, &user.nickname])
        .map_err(|error| error.of_field("newPassword"))?;
    confirm(&services, &caller, address, &user, body.old_password).await?;
    let after = services.passwords.hash(body.new_password).await?;
    let revoked = services
        .store
        .change_password(caller.user, &user.password_hash, &after)
        .await?;
    services.mailing.password_changed(&user);
    services
        .revocations
        .announce(caller.user, &revoked, Reason::PasswordChanged)
        .await;
    let grant = Grant {
        user: caller.user,
        kind: caller.kind,
        device: caller.device,
        platform: caller.platform,
    };
    let name = services
        .store
        .device_name(caller.user, &grant.device)
        .await?;
    let visit = Visit { name, ..visit };
    let tokens = sign_in::begin(&services, grant, Some(&after), &visit, SystemTime::now()).await?;
    Ok(Reply(tokens.into()))
}

/// Takes the caller's own password for what a token alone may not do. A wrong one makes the device wait as a failed login does.
///
/// # Errors
/// `WrongCredentials`, `RateLimited`, `RetryLater`.
pub(super) async fn confirm(
    services: &Services,
    caller: &Caller,
    address: ClientAddress,
    user: &User,
    password: String,
) -> Result<(), ApiError> {
    let trial = Trial {
        account: &user.username,
        device: &caller.device,
        address,
        // Whoever has a token of the account is on a device of it.
        standing: Standing::KnownDevice,
    };
    let stake = services.failures.admit(trial).await?;
    let place = services.passwords.place()?;
    let hash = Some(user.password_hash.clone());
    if place.verify(password, hash).await? {
        return Ok(());
    }
    services.failures.charge(stake).await;
    Err(ApiError::Refused(Code::WrongCredentials))
}

/// Whose password is forgotten: one of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ForgottenPassword {
    /// The login name, in any case.
    #[serde(default)]
    #[schema(example = "ada")]
    username: Option<String>,
    /// The mail address of the profile.
    #[serde(default)]
    email: Option<String>,
}

/// Mails a token that sets a new password once within 30 minutes, to the address of the profile. The answer is the same, and as fast, whether there
/// is such an account or not.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", tag = "auth", request_body = ForgottenPassword, responses(
    (status = 202, body = Envelope<Done>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 429, body = Failure, description = "RateLimited"),
    (status = 501, body = Failure, description = "Unsupported: this server sends no mails"),
))]
pub async fn forgot(
    State(services): State<Services>,
    Body(body): Body<ForgottenPassword>,
) -> Result<Accepted<Done>, ApiError> {
    let whose = match (body.username, body.email) {
        // What cannot be a name is nobody's.
        (Some(name), None) => validate::username(&name).ok().map(Forgotten::Username),
        (None, Some(email)) => {
            let email = validate::email(&email)?;
            Some(email)
                .filter(|email| !email.is_empty())
                .map(Forgotten::Email)
        }
        _ => {
            let rule = "or email must be given, and not both";
            return Err(ApiError::invalid("username", rule));
        }
    };
    let whose = whose.unwrap_or(Forgotten::Username(String::new()));
    if services.mailing.reset(whose) {
        Ok(Accepted(Done {}))
    } else {
        Err(ApiError::Refused(Code::Unsupported))
    }
}

/// A new password for a forgotten one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PasswordReset {
    /// As mailed.
    token: String,
    /// 8 to 71 bytes, and not easy to guess.
    #[schema(example = "battery staple 42")]
    new_password: String,
}

/// Sets a new password by a mailed token, which is used up. Every device is signed out, and the mail address is told.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", tag = "auth", request_body = PasswordReset, responses(
    (status = 200, body = Envelope<Done>),
    (status = 400, body = Failure, description = "ResetTokenInvalid: unknown, used or expired; PasswordInvalid, PasswordCommon, InvalidArgument"),
    (status = 429, body = Failure, description = "RateLimited"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to hash; Retry-After says how long they take"),
))]
pub async fn reset(
    State(services): State<Services>,
    Body(body): Body<PasswordReset>,
) -> Result<Reply<Done>, ApiError> {
    let user = services
        .verifier
        .verify_reset_at(&body.token, SystemTime::now())
        .map_err(|_| ApiError::Refused(Code::ResetTokenInvalid))?;
    let hash = hash_of(&body.token);
    let user = services.store.reset_target(user, &hash).await?;
    judge(&body.new_password, &[&user.username, &user.nickname])
        .map_err(|error| error.of_field("newPassword"))?;
    let password = services.passwords.hash(body.new_password).await?;
    let revoked = services
        .store
        .reset_password(user.id, &hash, &password)
        .await?;
    services.mailing.password_changed(&user);
    services
        .revocations
        .announce(user.id, &revoked, Reason::PasswordChanged)
        .await;
    Ok(Reply(Done {}))
}
