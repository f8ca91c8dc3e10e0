//! Where the caller is signed in.

use axum::extract::State;
use im_shared::ids::SignInId;
use im_shared::wire::{Code, Platform};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::logout::{self, SignedOut};
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{InPath, InQuery};
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::revocation::Scope;
use crate::services::Services;
use crate::store::{SignIn, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/devices", list).polled(),
        Route::delete("/api/v1/devices", sign_others_out),
        Route::delete("/api/v1/devices/{id}", sign_out),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, sign_others_out, sign_out))]
pub(super) struct Paths;

/// A login on a device.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The login, to sign it out.
    #[schema(value_type = String, example = "123456789012345678")]
    id: SignInId,
    /// The id that the client gave itself.
    device_id: String,
    /// `web`, `desktop`, `ios`, `android`, `terminal`, or `unknown`.
    #[schema(example = "web")]
    platform: &'static str,
    /// What the device calls itself, or empty.
    name: String,
    /// The program that signed in, in its own words, or empty.
    user_agent: String,
    /// Where it signed in or got its last tokens: an IPv4 address, or the /64 of an IPv6 address.
    address: String,
    /// When it signed in, milliseconds since 1970.
    created_at: i64,
    /// When it was last seen, milliseconds since 1970, to five minutes.
    last_seen_at: i64,
    /// Whether it has a session now.
    online: bool,
    /// Whether it is the one that asks.
    current: bool,
}

/// Some of the devices.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Devices {
    /// The latest logins first.
    devices: Vec<Device>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<SignInId>,
}

/// A page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<SignInId>,
    /// 1 to 100; 50 if missing.
    limit: Option<u32>,
}

fn platform_name(platform: i16) -> &'static str {
    match u8::try_from(platform).map_or(Platform::Unknown, Platform) {
        Platform::Web => "web",
        Platform::Desktop => "desktop",
        Platform::Ios => "ios",
        Platform::Android => "android",
        Platform::Terminal => "terminal",
        _ => "unknown",
    }
}

/// Where the caller is signed in. Without Redis no device is shown as online.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices", params(Page), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Devices>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 503, body = Failure, description = "Unavailable"),
))]
pub async fn list(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(page): InQuery<Page>,
) -> Result<Reply<Devices>, ApiError> {
    let limit = validate::limit(page.limit, 50, 100)?;
    let found = services
        .store
        .sign_ins(caller.user, page.after, limit + 1)
        .await?;
    let more = found.len() > limit as usize;
    let rows: Vec<SignIn> = found.into_iter().take(limit as usize).collect();
    let next_after = rows.last().map(|row| row.id).filter(|_| more);
    let ids: Vec<&str> = rows.iter().map(|row| row.device_id.as_str()).collect();
    let online = services.presence.devices(caller.user, &ids).await;
    let device = |(row, online): (SignIn, bool)| Device {
        current: row.id == caller.sign_in,
        id: row.id,
        device_id: row.device_id,
        platform: platform_name(row.platform),
        name: row.name,
        user_agent: row.user_agent,
        address: row.address,
        created_at: millis(row.created_at),
        last_seen_at: millis(row.last_seen_at),
        online,
    };
    Ok(Reply(Devices {
        devices: rows.into_iter().zip(online).map(device).collect(),
        next_after,
    }))
}

/// Signs one device out: its tokens are refused from now on, and its live session ends.
#[utoipa::path(delete, path = "/api/v1/devices/{id}", tag = "devices",
    params(("id" = String, Path, description = "As in the list of devices", example = "123456789012345678")), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Done>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 404, body = Failure, description = "DeviceNotFound: not the caller's, or signed out already"),
    (status = 503, body = Failure, description = "Unavailable"),
))]
pub async fn sign_out(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<SignInId>,
) -> Result<Reply<Done>, ApiError> {
    let ended = logout::sign_out(&services, &caller, Scope::SignIn(id)).await?;
    if ended.is_none() {
        return Err(ApiError::Refused(Code::DeviceNotFound));
    }
    Ok(Reply(Done {}))
}

/// Signs all devices out but the one that asks.
#[utoipa::path(delete, path = "/api/v1/devices", tag = "devices", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<SignedOut>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 503, body = Failure, description = "Unavailable"),
))]
pub async fn sign_others_out(
    State(services): State<Services>,
    Registered(caller): Registered,
) -> Result<Reply<SignedOut>, ApiError> {
    let others = Scope::Others(caller.sign_in);
    logout::sign_out(&services, &caller, others)
        .await
        .map(Reply)
}
