//! How often may be asked, for operators.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError};

/// One rule of the limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitRule {
    /// Its name.
    pub name: String,
    /// Where it holds; `*` is every route.
    pub routes: Vec<String>,
    /// Who has a bucket each: `address`, `user`, `sign_in`, `device`.
    pub per: String,
    /// Requests at once.
    pub burst: u32,
    /// So many come again in each period of so many seconds, evenly.
    pub period_secs: u32,
    /// Whether an operator changed it while running.
    pub changed: bool,
}

#[derive(Deserialize)]
struct Rules {
    rules: Vec<LimitRule>,
}

impl Api {
    /// The rules as they are now, by name.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn limits(&self) -> Result<Vec<LimitRule>, ApiError> {
        let Rules { rules } = self.get("/admin/limits", &[]).await?;
        Ok(rules)
    }

    /// Sets how fast one rule is, or with no pace lets it be as the configuration has it. Other changes stay.
    ///
    /// # Errors
    /// `Forbidden`, `InvalidArgument`.
    pub async fn set_limit(
        &self,
        name: &str,
        pace: Option<(u32, u32)>,
    ) -> Result<Vec<LimitRule>, ApiError> {
        let mut rules: Vec<_> = self
            .limits()
            .await?
            .into_iter()
            .filter(|rule| rule.changed && rule.name != name)
            .map(|rule| json!({"name": rule.name, "burst": rule.burst, "periodSecs": rule.period_secs}))
            .collect();
        if let Some((burst, period_secs)) = pace {
            rules.push(json!({"name": name, "burst": burst, "periodSecs": period_secs}));
        }
        let body = json!({ "rules": rules });
        let Rules { rules } = self
            .call(Method::PUT, "/admin/limits", &[], Some(&body))
            .await?;
        Ok(rules)
    }
}
