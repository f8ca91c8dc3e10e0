//! What the caller lets others see and do. Who is shown as online is a matter of `presence`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{self, PrivacyChange};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/user/privacy", own),
        Route::put("/api/v1/user/privacy", set),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(own, set))]
pub(super) struct Paths;

/// Who may ask to be friends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Askers {
    /// Everybody who is registered, and not blocked.
    Everybody,
    /// Nobody; who is a friend stays one.
    Nobody,
}

/// Who sees something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Viewers {
    /// Friends, unless one has blocked the other.
    Friends,
    /// Nobody else.
    Nobody,
}

impl Viewers {
    fn of(friends: bool) -> Self {
        if friends { Self::Friends } else { Self::Nobody }
    }
}

/// What the caller lets others see and do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Privacy {
    /// Whether strangers find the caller by the exact username. Friends and members of the same groups do in any case.
    findable: bool,
    /// Who may ask to be friends.
    friend_requests: Askers,
    /// Who sees when the caller was last here.
    last_seen: Viewers,
    /// Who sees telephone number and mail address.
    contact: Viewers,
}

impl From<store::Privacy> for Privacy {
    fn from(privacy: store::Privacy) -> Self {
        Self {
            findable: privacy.findable,
            friend_requests: if privacy.takes_requests {
                Askers::Everybody
            } else {
                Askers::Nobody
            },
            last_seen: Viewers::of(privacy.shows_last_seen),
            contact: Viewers::of(privacy.shows_contact),
        }
    }
}

/// The caller's settings. Who has set nothing is findable, takes requests, and shows friends when they were here, but no contact data.
#[utoipa::path(get, path = "/api/v1/user/privacy", tag = "user", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Privacy>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn own(
    State(services): State<Services>,
    Registered(caller): Registered,
) -> Result<Reply<Privacy>, ApiError> {
    let privacy = services.store.privacy(caller.user).await?;
    Ok(Reply(privacy.into()))
}

/// A change of the settings; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PrivacyUpdate {
    /// Whether strangers find the caller by the exact username.
    #[serde(default)]
    findable: Option<bool>,
    /// Who may ask to be friends.
    #[serde(default)]
    friend_requests: Option<Askers>,
    /// Who sees when the caller was last here.
    #[serde(default)]
    last_seen: Option<Viewers>,
    /// Who sees telephone number and mail address.
    #[serde(default)]
    contact: Option<Viewers>,
}

/// Changes the caller's settings.
#[utoipa::path(put, path = "/api/v1/user/privacy", tag = "user", request_body = PrivacyUpdate, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Privacy>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn set(
    State(services): State<Services>,
    Registered(caller): Registered,
    Body(body): Body<PrivacyUpdate>,
) -> Result<Reply<Privacy>, ApiError> {
    let shows = |viewers| viewers == Viewers::Friends;
    let change = PrivacyChange {
        findable: body.findable,
        takes_requests: body.friend_requests.map(|who| who == Askers::Everybody),
        shows_last_seen: body.last_seen.map(shows),
        shows_contact: body.contact.map(shows),
    };
    let privacy = services.store.set_privacy(caller.user, change).await?;
    Ok(Reply(privacy.into()))
}
