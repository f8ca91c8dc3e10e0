//! Pushes to browsers (Push API, RFC 8030): where the caller's device takes them.

use axum::extract::State;
use im_shared::wire::{Code, PushSubscribe, PushUnsubscribe};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::services::Services;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/push/key", key),
        Route::put("/api/v1/push/subscription", subscribe),
        Route::delete("/api/v1/push/subscription", unsubscribe),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(key, subscribe, unsubscribe))]
pub(super) struct Paths;

/// The key that pushes are signed with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushKey {
    /// A point of P-256 in base64url: `applicationServerKey` of `PushManager.subscribe`.
    public_key: String,
}

/// The key that a browser subscribes with.
#[utoipa::path(get, path = "/api/v1/push/key", tag = "push", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<PushKey>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 404, body = Failure, description = "NotFound: this server sends no pushes to browsers"),
))]
pub async fn key(
    State(services): State<Services>,
    _caller: Registered,
) -> Result<Reply<PushKey>, ApiError> {
    let key = services.push_key.clone();
    let public_key = key.ok_or(ApiError::Refused(Code::NotFound))?;
    Ok(Reply(PushKey { public_key }))
}

/// A subscription, as `PushSubscription.toJSON` gives it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Subscription {
    /// An https address of a push service that the operator allows.
    endpoint: String,
    /// When the push service ends it, in milliseconds since 1970. Browsers say so; it ends by itself.
    #[allow(dead_code)]
    expiration_time: Option<f64>,
    /// The browser's keys.
    keys: SubscriptionKeys,
    /// Pushes say that there is something, and not what.
    #[serde(default)]
    hide_content: bool,
}

/// The browser's keys, in base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionKeys {
    /// The public key.
    p256dh: String,
    /// The secret.
    auth: String,
}

/// Lets the device of the token take pushes there; an earlier subscription of the device ends.
#[utoipa::path(put, path = "/api/v1/push/subscription", tag = "push", request_body = Subscription, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Done>),
    (status = 400, body = Failure, description = "InvalidArgument, PushSubscriptionInvalid"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 404, body = Failure, description = "NotFound: this server sends no pushes to browsers"),
    (status = 503, body = Failure, description = "Unavailable, RetryLater"),
    (status = 504, body = Failure, description = "DeadlineExceeded"),
))]
pub async fn subscribe(
    State(services): State<Services>,
    Registered(caller): Registered,
    Body(body): Body<Subscription>,
) -> Result<Reply<Done>, ApiError> {
    if services.push_key.is_none() {
        return Err(ApiError::Refused(Code::NotFound));
    }
    let command = PushSubscribe {
        device_id: caller.device.clone(),
        endpoint: body.endpoint,
        p256dh: body.keys.p256dh,
        auth: body.keys.auth,
        hide_content: body.hide_content,
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(Done {}))
}

/// No more pushes to the device of the token. Doing it again changes nothing.
#[utoipa::path(delete, path = "/api/v1/push/subscription", tag = "push", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Done>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 503, body = Failure, description = "Unavailable, RetryLater"),
    (status = 504, body = Failure, description = "DeadlineExceeded"),
))]
pub async fn unsubscribe(
    State(services): State<Services>,
    Registered(caller): Registered,
) -> Result<Reply<Done>, ApiError> {
    let command = PushUnsubscribe {
        device_id: caller.device.clone(),
    };
    services.commands.order(&caller, command).await?;
    Ok(Reply(Done {}))
}
