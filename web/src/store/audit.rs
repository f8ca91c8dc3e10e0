//! What operators did and looked at. An entry is written in the transaction of what it tells: neither is there without the other.

use std::time::SystemTime;

use deadpool_postgres::GenericClient;
use im_shared::ids::UserId;
use serde_json::Value;

use super::model::{Model, model};
use super::{Result, Store, execute, rows};

model! {
    /// What an operator did.
    AuditEntry in "audit_entries" {
        /// Its id.
        id: i64,
        /// Who; 0 for who has the database itself.
        operator_id: UserId,
        /// What.
        action: String,
        /// The user whom it is about, or 0.
        target_id: UserId,
        /// Its parameters, as a JSON object.
        detail: String,
        /// From which address.
        address: String,
        /// The id of the request.
        request_id: String,
        /// When.
        created_at: SystemTime,
        /// As `created_at`.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

/// Who does something, for the audit.
#[derive(Debug, Clone, Default)]
pub struct Actor {
    /// The operator; 0 for who has the database itself.
    pub operator: UserId,
    /// From which address.
    pub address: String,
    /// The id of the request.
    pub request_id: String,
}

/// What is done.
#[derive(Debug, Clone)]
pub struct Deed {
    /// `user.disable`, as docs/http-api.md lists them.
    pub action: &'static str,
    /// The user whom it is about, or 0.
    pub target: UserId,
    /// Its parameters.
    pub detail: Value,
}

impl Deed {
    /// Something about `target`.
    #[must_use]
    pub fn of(action: &'static str, target: UserId, detail: Value) -> Self {
        Self {
            action,
            target,
            detail,
        }
    }

    /// Something about nobody in particular.
    #[must_use]
    pub fn general(action: &'static str, detail: Value) -> Self {
        Self::of(action, UserId(0), detail)
    }
}

/// What to show of the audit; the latest first.
#[derive(Debug, Default)]
pub struct AuditFilter {
    /// Only entries before this one.
    pub after: Option<i64>,
    /// Only of this operator.
    pub operator: Option<UserId>,
    /// Only about this user.
    pub target: Option<UserId>,
}

impl Store {
    /// Notes what `actor` looks at, before it is shown.
    ///
    /// # Errors
    /// When it cannot be noted.
    pub async fn note(&self, actor: &Actor, deed: &Deed) -> Result<()> {
        let id = self.id()?;
        write(&self.client().await?, id, actor, deed).await
    }

    /// Up to `limit` entries, the latest first.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn audit(&self, filter: &AuditFilter, limit: u32) -> Result<Vec<AuditEntry>> {
        let sql = format!(
            "SELECT {} FROM audit_entries WHERE id < $1 AND ($2::bigint IS NULL OR operator_id = $2) AND ($3::bigint IS NULL OR target_id = $3) \
             ORDER BY id DESC LIMIT $4",
            AuditEntry::LIST
        );
        let found = rows(
            &self.client().await?,
            &sql,
            &[
                &filter.after.unwrap_or(i64::MAX),
                &filter.operator.map(UserId::to_sql),
                &filter.target.map(UserId::to_sql),
                &i64::from(limit),
            ],
        )
        .await?;
        found.iter().map(|row| Ok(AuditEntry::read(row)?)).collect()
    }
}

/// Writes an entry into the transaction of what it tells.
pub(super) async fn write(
    client: &impl GenericClient,
    id: i64,
    actor: &Actor,
    deed: &Deed,
) -> Result<()> {
    execute(
        client,
        "INSERT INTO audit_entries (id, operator_id, action, target_id, detail, address, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &id,
            &actor.operator.to_sql(),
            &deed.action,
            &deed.target.to_sql(),
            &deed.detail.to_string(),
            &actor.address,
            &actor.request_id,
        ],
    )
    .await
    .map(|_| ())
}
