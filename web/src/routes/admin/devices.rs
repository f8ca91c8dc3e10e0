//! Where an account is signed in, for operators.

use axum::extract::State;
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::platform_name;
use im_shared::wire::Platform;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{Administrator, Operator, Target};
use crate::error::ApiError;
use crate::extract::{InPath, InQuery};
use crate::reply::{Envelope, Failure, Reply};
use crate::revocation::{Reason, Scope};
use crate::routes::Route;
use crate::services::Services;
use crate::store::{Actor, Deed, SignIn, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/admin/users/{id}/devices", list),
        Route::delete("/api/v1/admin/users/{id}/devices", sign_out_all),
        Route::delete("/api/v1/admin/users/{id}/devices/{signInId}", sign_out_one),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, sign_out_all, sign_out_one))]
pub(in crate::routes) struct Paths;

/// A sign-in of an account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountDevice {
    /// The sign-in: `sid` in its tokens.
    #[schema(value_type = String, example = "123456789012345678")]
    sign_in_id: SignInId,
    /// The client's id of the device.
    device_id: String,
    /// Its platform, as at the login.
    platform: &'static str,
    /// What it calls itself, or empty.
    name: String,
    /// The program, or empty.
    user_agent: String,
    /// The address that was last seen, or empty.
    address: String,
    /// When it signed in, milliseconds since 1970.
    created_at: i64,
    /// When it was last seen, to some minutes, milliseconds since 1970.
    last_seen_at: i64,
}

impl From<SignIn> for AccountDevice {
    fn from(sign_in: SignIn) -> Self {
        let platform = u8::try_from(sign_in.platform).unwrap_or_default();
        Self {
            sign_in_id: sign_in.id,
            device_id: sign_in.device_id,
            platform: platform_name(Platform(platform)).unwrap_or("unknown"),
            name: sign_in.name,
            user_agent: sign_in.user_agent,
            address: sign_in.address,
            created_at: millis(sign_in.created_at),
            last_seen_at: millis(sign_in.last_seen_at),
        }
    }
}

/// Where an account is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountDevices {
    /// The latest logins first.
    devices: Vec<AccountDevice>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<SignInId>,
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountDevicePage {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<SignInId>,
    /// 1 to 200; 50 if missing.
    limit: Option<u32>,
}

/// Lists where an account is signed in.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}/devices", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "The account"), AccountDevicePage),
    responses(
        (status = 200, body = Envelope<AccountDevices>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
        (status = 403, body = Failure, description = "Forbidden for who is no operator"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn list(
    State(services): State<Services>,
    operator: Operator,
    InPath(id): InPath<Target>,
    InQuery(page): InQuery<AccountDevicePage>,
) -> Result<Reply<AccountDevices>, ApiError> {
    let limit = validate::limit(page.limit, 50, 200)?;
    let user = services.store.user(id).await?;
    let deed = Deed::of("user.devices", user.id, json!({}));
    services.store.note(&operator.actor, &deed).await?;
    let found = services.store.sign_ins(user.id, page.after, limit + 1);
    let (found, more) = validate::page(found.await?, limit);
    let last = found.last().map(|sign_in| sign_in.id);
    Ok(Reply(AccountDevices {
        devices: found.into_iter().map(AccountDevice::from).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// How many sign-ins ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountSignedOut {
    /// Those that were good until now.
    signed_out: usize,
}

/// Signs an account out on every device; live sessions end with `RemovedByAdministrator`. It may log in again.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}/devices", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, body = Envelope<AccountSignedOut>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
        (status = 403, body = Failure, description = "Forbidden for who is no admin, and for other admins"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn sign_out_all(
    State(services): State<Services>,
    Administrator(actor): Administrator,
    InPath(id): InPath<Target>,
) -> Result<Reply<AccountSignedOut>, ApiError> {
    sign_out(&services, &actor, id, Scope::All).await
}

/// Signs an account out on one device.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}/devices/{signInId}", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "The account"), ("signInId" = String, Path, description = "The sign-in, as the list has it")),
    responses(
        (status = 200, body = Envelope<AccountSignedOut>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
        (status = 403, body = Failure, description = "Forbidden for who is no admin, and for other admins"),
        (status = 404, body = Failure, description = "UserNotFound; DeviceNotFound where the account is not signed in so"),
    ))]
pub async fn sign_out_one(
    State(services): State<Services>,
    Administrator(actor): Administrator,
    InPath((id, sign_in)): InPath<(UserId, SignInId)>,
) -> Result<Reply<AccountSignedOut>, ApiError> {
    sign_out(&services, &actor, id, Scope::SignIn(sign_in)).await
}

async fn sign_out(
    services: &Services,
    actor: &Actor,
    user: UserId,
    scope: Scope,
) -> Result<Reply<AccountSignedOut>, ApiError> {
    let detail = match scope {
        Scope::SignIn(id) => json!({ "signInId": id }),
        Scope::All | Scope::Others(_) => json!({}),
    };
    let deed = Deed::of("user.sign_out", user, detail);
    let revoked = services.store.sign_user_out(actor, &deed, scope).await?;
    let reason = Reason::Administrator;
    services.revocations.announce(user, &revoked, reason).await;
    Ok(Reply(AccountSignedOut {
        signed_out: revoked.len(),
    }))
}
