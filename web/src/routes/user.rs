//! Profiles and the search for people.

use axum::extract::State;
use im_shared::ids::UserId;
use im_shared::wire::Code;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{Route, passwords};
use crate::auth::{Caller, Registered};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery};
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{Account, Person, ProfileChange, User, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/user/profile", own_profile).polled(),
        Route::put("/api/v1/user/profile", update_profile),
        Route::get("/api/v1/user/search", search),
        Route::get("/api/v1/user/{id}", profile),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(own_profile, update_profile, search, profile))]
pub(super) struct Paths;

/// What everybody sees of an account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The account.
    #[schema(value_type = String, example = "123456789012345678")]
    pub user_id: UserId,
    /// Its login name.
    pub username: String,
    /// Its shown name.
    pub nickname: String,
    /// Address of its picture, or empty.
    pub avatar: String,
}

impl From<Person> for Profile {
    fn from(person: Person) -> Self {
        Self {
            user_id: person.id,
            username: person.username,
            nickname: person.nickname,
            avatar: person.avatar,
        }
    }
}

/// What an account sees of itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnProfile {
    /// The account.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Its login name.
    username: String,
    /// Its shown name.
    nickname: String,
    /// Address of its picture, or empty.
    avatar: String,
    /// As given, or empty.
    phone: String,
    /// As given, or empty.
    email: String,
    /// 1 active, 2 disabled.
    status: i16,
    /// When it was made, milliseconds since 1970.
    created_at: i64,
    /// When it was last changed, milliseconds since 1970.
    updated_at: i64,
}

impl From<&Account> for OwnProfile {
    fn from(account: &Account) -> Self {
        Self {
            user_id: account.id,
            username: account.username.clone(),
            nickname: account.nickname.clone(),
            avatar: account.avatar.clone(),
            phone: account.phone.clone(),
            email: account.email.clone(),
            status: account.status,
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

impl From<User> for OwnProfile {
    fn from(user: User) -> Self {
        Self {
            user_id: user.id,
            username: user.username,
            nickname: user.nickname,
            avatar: user.avatar,
            phone: user.phone,
            email: user.email,
            status: user.status,
            created_at: millis(user.created_at),
            updated_at: millis(user.updated_at),
        }
    }
}

/// The caller's own profile.
#[utoipa::path(get, path = "/api/v1/user/profile", tag = "user", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<OwnProfile>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
))]
pub async fn own_profile(
    State(services): State<Services>,
    caller: Caller,
) -> Result<Reply<OwnProfile>, ApiError> {
    let account = services.cached.account(caller.user).await?;
    Ok(Reply(OwnProfile::from(&*account)))
}

/// A change of the own profile; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ProfileUpdate {
    /// 1 to 64 characters.
    #[serde(default)]
    nickname: Option<String>,
    /// An http(s) address or a path of this server, at most 512 characters; empty for none.
    #[serde(default)]
    avatar: Option<String>,
    /// At most 32 characters; empty for none.
    #[serde(default)]
    phone: Option<String>,
    /// At most 254 characters; empty for none.
    #[serde(default)]
    email: Option<String>,
    /// The caller's password, where `email` is another one than it was: who has the mailbox can set a new password.
    #[serde(default)]
    password: Option<String>,
}

/// Changes the caller's own profile. Another mail address takes the password as well, and ends what was mailed to the one before, which is told.
#[utoipa::path(put, path = "/api/v1/user/profile", tag = "user", request_body = ProfileUpdate, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<OwnProfile>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "WrongCredentials: the password is wrong or missing; Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
    (status = 429, body = Failure, description = "RateLimited: too many wrong passwords; Retry-After says when the next may come"),
    (status = 503, body = Failure, description = "RetryLater: too many passwords to check; Retry-After says how long they take"),
))]
pub async fn update_profile(
    State(services): State<Services>,
    Registered(caller): Registered,
    address: ClientAddress,
    Body(body): Body<ProfileUpdate>,
) -> Result<Reply<OwnProfile>, ApiError> {
    let change = ProfileChange {
        nickname: body
            .nickname
            .as_deref()
            .map(validate::nickname)
            .transpose()?,
        avatar: body.avatar.as_deref().map(validate::avatar).transpose()?,
        phone: body.phone.as_deref().map(validate::phone).transpose()?,
        email: body.email.as_deref().map(validate::email).transpose()?,
    };
    let elsewhere = match &change.email {
        Some(email) => {
            Some(services.store.user(caller.user).await?).filter(|user| user.email != *email)
        }
        None => None,
    };
    if let Some(before) = &elsewhere {
        let password = body
            .password
            .ok_or(ApiError::Refused(Code::WrongCredentials))?;
        passwords::confirm(&services, &caller, address, before, password).await?;
    }
    let user = services.store.update_profile(caller.user, &change).await?;
    if let Some(before) = &elsewhere {
        services.mailing.address_changed(before);
    }
    // A phone number or an address is nobody else's business.
    if change.nickname.is_some() || change.avatar.is_some() {
        services
            .events
            .profile_changed(caller.user, user.nickname.clone(), user.avatar.clone())
            .await;
    }
    Ok(Reply(user.into()))
}

/// What the caller sees of an account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeenProfile {
    /// The account.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Its login name.
    username: String,
    /// Its shown name.
    nickname: String,
    /// Address of its picture, or empty.
    avatar: String,
    /// As given, or empty; missing unless the account shows it to the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// As given, or empty; missing unless the account shows it to the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// The profile of any account; with telephone number and mail address where it is a friend's who shows them.
#[utoipa::path(get, path = "/api/v1/user/{id}", tag = "user", security(("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, body = Envelope<SeenProfile>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn profile(
    State(services): State<Services>,
    caller: Caller,
    InPath(id): InPath<UserId>,
) -> Result<Reply<SeenProfile>, ApiError> {
    let (person, contact) = services.cached.profile(caller.user, id).await?;
    let (phone, email) = contact
        .map(|contact| (contact.phone, contact.email))
        .unzip();
    Ok(Reply(SeenProfile {
        user_id: person.id,
        username: person.username,
        nickname: person.nickname,
        avatar: person.avatar,
        phone,
        email,
    }))
}

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// A username; or how the username or nickname of somebody begins whom the caller knows. 1 to 64 characters, in any case.
    q: String,
    /// 1 to 50; 20 if missing.
    limit: Option<u32>,
}

/// The people found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    /// The one with exactly this username first, then by username.
    users: Vec<Profile>,
}

/// Finds anybody by the exact username, and friends and members of small groups of the caller by the beginning of username or nickname. There is
/// no next page: who is not found with a longer text is not to be found.
#[utoipa::path(get, path = "/api/v1/user/search", tag = "user", params(Search), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Found>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest"),
))]
pub async fn search(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(query): InQuery<Search>,
) -> Result<Reply<Found>, ApiError> {
    let limit = validate::limit(query.limit, 20, 50)?;
    let text = validate::line("q", &query.q, 64)?;
    if text.is_empty() {
        return Err(ApiError::invalid("q", "must not be empty"));
    }
    let found = services
        .store
        .search_users(caller.user, &text, limit)
        .await?;
    let users = found.into_iter().map(Profile::from).collect();
    Ok(Reply(Found { users }))
}
