//! Accounts, for operators.

use axum::extract::State;
use im_shared::ids::UserId;
use im_shared::tokens::AccountKind;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{Administrator, Operator, Target};
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery};
use crate::reply::{Done, Envelope, Failure, Reply};
use crate::revocation::Reason;
use crate::routes::Route;
use crate::services::Services;
use crate::store::{Deed, User, UserFilter, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/admin/users", list),
        Route::get("/api/v1/admin/users/{id}", one),
        Route::post("/api/v1/admin/users/{id}/disable", disable),
        Route::post("/api/v1/admin/users/{id}/enable", enable),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, disable, enable))]
pub(in crate::routes) struct Paths;

/// Whether an account may log in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// It may.
    Active,
    /// An operator has disabled it.
    Disabled,
}

impl AccountStatus {
    fn of(user: &User) -> Self {
        if user.is_active() {
            Self::Active
        } else {
            Self::Disabled
        }
    }

    fn to_sql(self) -> i16 {
        match self {
            Self::Active => 1,
            Self::Disabled => 2,
        }
    }
}

/// An account in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Its login name.
    username: String,
    /// Its shown name.
    nickname: String,
    /// Whether it may log in.
    status: AccountStatus,
    /// Whether it is a guest.
    guest: bool,
    /// When it was made, milliseconds since 1970.
    created_at: i64,
}

impl From<&User> for Account {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id,
            username: user.username.clone(),
            nickname: user.nickname.clone(),
            status: AccountStatus::of(user),
            guest: user.account_kind() == AccountKind::Guest,
            created_at: millis(user.created_at),
        }
    }
}

/// Some accounts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accounts {
    /// By id.
    users: Vec<Account>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<UserId>,
}

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountPage {
    /// How the username begins, or a whole id or mail address; at most 254 characters.
    q: Option<String>,
    /// Only of this status.
    #[param(inline)]
    status: Option<AccountStatus>,
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
    /// 1 to 200; 50 if missing.
    limit: Option<u32>,
}

/// Lists accounts, guests and disabled ones too.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin", params(AccountPage), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<Accounts>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for who is no operator"),
))]
pub async fn list(
    State(services): State<Services>,
    operator: Operator,
    InQuery(page): InQuery<AccountPage>,
) -> Result<Reply<Accounts>, ApiError> {
    let limit = validate::limit(page.limit, 50, 200)?;
    let text = validate::line("q", page.q.as_deref().unwrap_or_default(), 254)?;
    let detail = json!({ "q": text, "status": page.status, "after": page.after });
    let deed = Deed::general("user.list", detail);
    services.store.note(&operator.actor, &deed).await?;
    let filter = UserFilter {
        text,
        status: page.status.map(AccountStatus::to_sql),
        after: page.after,
    };
    let found = services.store.list_users(&filter, limit + 1).await?;
    let (found, more) = validate::page(found, limit);
    let last = found.last().map(|user| user.id);
    Ok(Reply(Accounts {
        users: found.iter().map(Account::from).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// All that is known of an account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountDetails {
    /// Its id.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Its login name.
    username: String,
    /// Its shown name.
    nickname: String,
    /// Whether it may log in.
    status: AccountStatus,
    /// Whether it is a guest.
    guest: bool,
    /// When it was made, milliseconds since 1970.
    created_at: i64,
    /// As given, or empty.
    phone: String,
    /// As given, or empty.
    email: String,
    /// `support` or `admin`; null for who is no operator.
    role: Option<&'static str>,
    /// When the profile or the status was last changed, milliseconds since 1970.
    updated_at: i64,
    /// When the password was last changed, milliseconds since 1970; null when never.
    password_changed_at: Option<i64>,
}

/// Shows an account with its contact data.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, body = Envelope<AccountDetails>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
        (status = 403, body = Failure, description = "Forbidden for who is no operator"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn one(
    State(services): State<Services>,
    operator: Operator,
    InPath(id): InPath<Target>,
) -> Result<Reply<AccountDetails>, ApiError> {
    let user = services.store.user(id).await?;
    let deed = Deed::of("user.show", id, json!({}));
    services.store.note(&operator.actor, &deed).await?;
    let role = services.store.operator_role(id).await?;
    let changed_at = millis(user.password_changed_at);
    let account = Account::from(&user);
    Ok(Reply(AccountDetails {
        user_id: account.user_id,
        username: account.username,
        nickname: account.nickname,
        status: account.status,
        guest: account.guest,
        created_at: account.created_at,
        phone: user.phone,
        email: user.email,
        role: role.map(crate::store::OperatorRole::name),
        updated_at: millis(user.updated_at),
        password_changed_at: Some(changed_at).filter(|at| *at > 0),
    }))
}

/// Why something is done, for the audit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// 1 to 500 characters.
    #[schema(example = "spam, ticket 4711")]
    reason: String,
}

impl Because {
    fn check(&self) -> Result<String, ApiError> {
        let reason = validate::line("reason", &self.reason, 500)?;
        if reason.is_empty() {
            return Err(ApiError::invalid("reason", "must not be empty"));
        }
        Ok(reason)
    }
}

/// Disables an account: it cannot log in, its tokens are refused everywhere, and its live sessions end with `RemovedByAdministrator`.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/disable", tag = "admin", request_body = Because, security(("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
        (status = 403, body = Failure, description = "Forbidden for who is no admin, and for oneself and other admins"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn disable(
    State(services): State<Services>,
    Administrator(actor): Administrator,
    InPath(id): InPath<Target>,
    Body(body): Body<Because>,
) -> Result<Reply<Done>, ApiError> {
    let deed = Deed::of("user.disable", id, json!({ "reason": body.check()? }));
    let revoked = services.store.disable_user(&actor, &deed).await?;
    let reason = Reason::Administrator;
    services.revocations.announce(id, &revoked, reason).await;
    Ok(Reply(Done {}))
}

/// Lets an account log in again.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/enable", tag = "admin", request_body = Because, security(("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
        (status = 403, body = Failure, description = "Forbidden for who is no admin, and for oneself and other admins"),
        (status = 404, body = Failure, description = "UserNotFound"),
    ))]
pub async fn enable(
    State(services): State<Services>,
    Administrator(actor): Administrator,
    InPath(id): InPath<Target>,
    Body(body): Body<Because>,
) -> Result<Reply<Done>, ApiError> {
    let deed = Deed::of("user.enable", id, json!({ "reason": body.check()? }));
    services.store.enable_user(&actor, &deed).await?;
    Ok(Reply(Done {}))
}
