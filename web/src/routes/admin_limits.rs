//! The rules of limits, for operators: which there are, and how fast they are. A change holds on every node within a second.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::admin::{Administrator, Operator};
use crate::error::ApiError;
use crate::extract::Body;
use crate::limits::{Changes, Limits, Pace, Per, Rule};
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::Deed;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/admin/limits", show),
        Route::put("/api/v1/admin/limits", change),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(show, change))]
pub(super) struct Paths;

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LimitRule {
    /// Its name.
    #[schema(example = "login")]
    name: String,
    /// Where it holds; `*` is every route.
    routes: Vec<String>,
    /// Who has a bucket each.
    per: Per,
    /// Requests at once.
    #[schema(example = 30)]
    burst: u32,
    /// So many come again in each period of so many seconds, evenly.
    #[schema(example = 60)]
    period_secs: u32,
    /// Whether an operator changed it while running.
    changed: bool,
}

impl From<&Rule> for LimitRule {
    fn from(rule: &Rule) -> Self {
        let routes = match &rule.routes {
            None => vec!["*".to_owned()],
            Some(routes) => routes
                .iter()
                .map(|(method, path)| format!("{method} {path}"))
                .collect(),
        };
        Self {
            name: rule.name.clone(),
            routes,
            per: rule.per,
            burst: rule.pace.burst,
            period_secs: rule.pace.period_secs,
            changed: rule.pace != rule.configured,
        }
    }
}

/// All rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitRules {
    /// By name.
    rules: Vec<LimitRule>,
}

impl LimitRules {
    fn of(limits: &Limits) -> Self {
        let rules = limits.rules().iter().map(LimitRule::from).collect();
        Self { rules }
    }
}

/// How fast a rule is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LimitChange {
    /// Which rule.
    #[schema(example = "login")]
    name: String,
    /// Requests at once, 1 to 10,000.
    #[schema(example = 10, minimum = 1, maximum = 10_000)]
    burst: u32,
    /// So many come again in each period of so many seconds, evenly; 1 to 86,400.
    #[schema(example = 60, minimum = 1, maximum = 86_400)]
    period_secs: u32,
}

/// All changes; a rule that is not named is as the configuration has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitChanges {
    /// Which rules, and how fast.
    rules: Vec<LimitChange>,
}

/// The rules as they are now.
#[utoipa::path(get, path = "/api/v1/admin/limits", tag = "admin", security(("bearer" = [])), responses(
    (status = 200, body = Envelope<LimitRules>),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for who is no operator"),
))]
pub async fn show(
    State(services): State<Services>,
    operator: Operator,
) -> Result<Reply<LimitRules>, ApiError> {
    let deed = Deed::general("limits.show", json!({}));
    services.store.note(&operator.actor, &deed).await?;
    Ok(Reply(LimitRules::of(&services.limits)))
}

/// Changes how fast rules are, while everything runs. Replaces all earlier changes: who sends none goes back to the configuration.
#[utoipa::path(put, path = "/api/v1/admin/limits", tag = "admin", request_body = LimitChanges, security(("bearer" = [])), responses(
    (status = 200, body = Envelope<LimitRules>),
    (status = 400, body = Failure, description = "InvalidArgument: a rule that is not there, or a pace that cannot be"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked"),
    (status = 403, body = Failure, description = "Forbidden for who is no administrator"),
))]
pub async fn change(
    State(services): State<Services>,
    Administrator(actor): Administrator,
    Body(body): Body<LimitChanges>,
) -> Result<Reply<LimitRules>, ApiError> {
    let mut changes = Changes::new();
    for rule in body.rules {
        let pace = Pace {
            burst: rule.burst,
            period_secs: rule.period_secs,
        };
        if changes.insert(rule.name.clone(), pace).is_some() {
            let field = format!("rules.{}", rule.name);
            return Err(ApiError::invalid(field, "is named once"));
        }
    }
    services.limits.check(&changes)?;
    services.store.change_limits(&actor, &changes).await?;
    services.limits.change(&changes);
    Ok(Reply(LimitRules::of(&services.limits)))
}
