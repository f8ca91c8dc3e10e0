//! What operators did, for operators.

use axum::extract::State;
use im_shared::ids::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Operator;
use crate::error::ApiError;
use crate::extract::InQuery;
use crate::reply::{Envelope, Failure, Reply};
use crate::routes::Route;
use crate::services::Services;
use crate::store::{AuditEntry, AuditFilter, Deed, millis};
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/admin/audit", list)]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(in crate::routes) struct Paths;

/// What an operator did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its id.
    id: String,
    /// Who; null for who has the database itself.
    #[schema(value_type = Option<String>)]
    operator_id: Option<UserId>,
    /// What.
    #[schema(example = "user.disable")]
    action: String,
    /// The account that it is about; null for none.
    #[schema(value_type = Option<String>)]
    target_id: Option<UserId>,
    /// Its parameters.
    #[schema(value_type = Object)]
    detail: Value,
    /// From which address, or empty.
    address: String,
    /// `X-Request-Id`, or empty. No id of ours: it may be the caller's own.
    request_id: String,
    /// When, milliseconds since 1970.
    created_at: i64,
}

impl From<AuditEntry> for AuditRecord {
    fn from(entry: AuditEntry) -> Self {
        let somebody = |id: UserId| Some(id).filter(|id| id.0 != 0);
        Self {
            id: entry.id.to_string(),
            operator_id: somebody(entry.operator_id),
            action: entry.action,
            target_id: somebody(entry.target_id),
            detail: serde_json::from_str(&entry.detail).unwrap_or(Value::Null),
            address: entry.address,
            request_id: entry.request_id,
            created_at: millis(entry.created_at),
        }
    }
}

/// Some of what operators did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecords {
    /// The latest first.
    entries: Vec<AuditRecord>,
    /// `after` for the next page; null on the last one.
    next_after: Option<String>,
}

/// Which of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditPage {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
    /// Only what this operator did.
    #[param(value_type = Option<String>)]
    operator: Option<UserId>,
    /// Only what is about this account.
    #[param(value_type = Option<String>)]
    target: Option<UserId>,
    /// 1 to 200; 50 if missing.
    limit: Option<u32>,
}

/// Lists what operators did and looked at.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "admin", params(AuditPage), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<AuditRecords>),
    (status = 400, body = Failure, description = "InvalidArgument"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for who is no operator"),
))]
pub async fn list(
    State(services): State<Services>,
    operator: Operator,
    InQuery(page): InQuery<AuditPage>,
) -> Result<Reply<AuditRecords>, ApiError> {
    let limit = validate::limit(page.limit, 50, 200)?;
    let detail = json!({ "operator": page.operator, "target": page.target, "after": page.after });
    let deed = Deed::general("audit.list", detail);
    services.store.note(&operator.actor, &deed).await?;
    let filter = AuditFilter {
        after: page.after.map(UserId::to_sql),
        operator: page.operator,
        target: page.target,
    };
    let found = services.store.audit(&filter, limit + 1).await?;
    let (found, more) = validate::page(found, limit);
    let last = found.last().map(|entry| entry.id.to_string());
    Ok(Reply(AuditRecords {
        entries: found.into_iter().map(AuditRecord::from).collect(),
        next_after: last.filter(|_| more),
    }))
}
