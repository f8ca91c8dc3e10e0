//! Operators: who they are, and what they change about accounts. Each change and its audit entry are one transaction.

use std::time::SystemTime;

use deadpool_postgres::Transaction;
use im_shared::ids::{SignInId, UserId};
use im_shared::wire::Code;

use super::audit::{self, Actor, Deed};
use super::model::{Model, model};
use super::revoked::revoke_sign_ins;
use super::users::{ACTIVE, DISABLED, User};
use super::{Result, Store, execute, optional, rows, transact};
use crate::error::ApiError;
use crate::revocation::{Reason, Scope};

model! {
    /// A user who may run the service.
    Operator in "operators" {
        /// The user.
        id: UserId,
        /// 1 support, 2 admin.
        role: i16,
        /// When the user first became an operator.
        created_at: SystemTime,
        /// When the role was last changed.
        updated_at: SystemTime,
        /// 0, or 1 when the role was taken away.
        deleted: i16,
    }
}

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperatorRole {
    /// Reads.
    Support,
    /// Changes, too.
    Admin,
}

impl OperatorRole {
    /// A role of a later release may do the least.
    fn of(value: i16) -> Self {
        match value {
            2 => Self::Admin,
            _ => Self::Support,
        }
    }

    fn to_sql(self) -> i16 {
        match self {
            Self::Support => 1,
            Self::Admin => 2,
        }
    }

    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }
}

/// Which accounts to list, by id.
#[derive(Debug, Default)]
pub struct UserFilter {
    /// How the login name begins, or the whole id or mail address; empty for everybody.
    pub text: String,
    /// Only of this `users.status`.
    pub status: Option<i16>,
    /// Only accounts behind this one.
    pub after: Option<UserId>,
}

impl Store {
    /// The role of an active account, if it is an operator.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn operator_role(&self, user: UserId) -> Result<Option<OperatorRole>> {
        role(&self.client().await?, user).await
    }

    /// Makes a user an operator, changes the role, or takes it away.
    ///
    /// # Errors
    /// `UserNotFound`, also for a guest.
    pub async fn set_operator(
        &self,
        actor: &Actor,
        user: UserId,
        role: Option<OperatorRole>,
    ) -> Result<()> {
        let id = self.id()?;
        transact!(self, |transaction| {
            let sql =
                "SELECT id FROM users WHERE id = $1 AND type = 1 AND deleted = 0 FOR NO KEY UPDATE";
            optional(transaction, sql, &[&user.to_sql()])
                .await?
                .ok_or(ApiError::Refused(Code::UserNotFound))?;
            let name = role.map(OperatorRole::name);
            match role {
                Some(role) => {
                    let sql = "INSERT INTO operators (id, role) VALUES ($1, $2) \
                           ON CONFLICT (id) DO UPDATE SET role = excluded.role, deleted = 0, updated_at = now()";
                    execute(transaction, sql, &[&user.to_sql(), &role.to_sql()]).await?;
                }
                None => {
                    let sql = "UPDATE operators SET deleted = 1, updated_at = now() WHERE id = $1 AND deleted = 0";
                    execute(transaction, sql, &[&user.to_sql()]).await?;
                }
            }
            let detail = serde_json::json!({ "role": name });
            let deed = Deed::of("operator.set", user, detail);
            audit::write(transaction, id, actor, &deed).await?;
            Ok(())
        })
    }

    /// Up to `limit` accounts by id, guests and disabled ones too.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn list_users(&self, filter: &UserFilter, limit: u32) -> Result<Vec<User>> {
        let text = filter.text.to_lowercase();
        let behind = format!("{text}\u{10FFFF}");
        let whole = text.parse::<UserId>().map_or(0, UserId::to_sql);
        // Each way to find one has its index; without a text it is a walk along the ids.
        let found = if text.is_empty() {
            "true"
        } else {
            "id IN (SELECT id FROM users WHERE username ~>=~ $4 AND username ~<~ $5 \
             UNION SELECT id FROM users WHERE lower(email) = $4 AND email <> '' \
             UNION SELECT id FROM users WHERE id = $6)"
        };
        let sql = format!(
            "SELECT {} FROM users WHERE id > $1 AND ($2::smallint IS NULL OR status = $2) AND deleted = 0 AND {found} ORDER BY id LIMIT $3",
            User::LIST
        );
        let (after, limit) = (filter.after.map_or(0, UserId::to_sql), i64::from(limit));
        let mut params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            vec![&after, &filter.status, &limit];
        if !text.is_empty() {
            params.push(&text);
            params.push(&behind);
            params.push(&whole);
        }
        let found = rows(&self.client().await?, &sql, &params).await?;
        found.iter().map(|row| Ok(User::read(row)?)).collect()
    }

    /// Disables an account: nobody logs in, and every sign-in is revoked. Returns those that were good. Again it changes nothing but is noted.
    ///
    /// # Errors
    /// `UserNotFound`; `Forbidden` for oneself and for another admin.
    pub async fn disable_user(&self, actor: &Actor, deed: &Deed) -> Result<Vec<SignInId>> {
        let id = self.id()?;
        let revoked = transact!(self, |transaction| {
            let user = deed.target;
            change_status(transaction, actor, user, DISABLED).await?;
            let reason = Reason::Administrator;
            let revoked = revoke_sign_ins(transaction, user, Scope::All, reason).await?;
            audit::write(transaction, id, actor, deed).await?;
            Ok(revoked)
        })?;
        self.users_changed(&[deed.target]).await;
        Ok(revoked)
    }

    /// Lets an account log in again; what was revoked stays so.
    ///
    /// # Errors
    /// As [`Store::disable_user`].
    pub async fn enable_user(&self, actor: &Actor, deed: &Deed) -> Result<()> {
        let id = self.id()?;
        transact!(self, |transaction| {
            change_status(transaction, actor, deed.target, ACTIVE).await?;
            audit::write(transaction, id, actor, deed).await?;
            Ok(())
        })?;
        self.users_changed(&[deed.target]).await;
        Ok(())
    }

    /// Signs an account out: everywhere, or one sign-in. Returns those that were good.
    ///
    /// # Errors
    /// `UserNotFound`; `DeviceNotFound` where the one sign-in is not good; `Forbidden` for another admin.
    pub async fn sign_user_out(
        &self,
        actor: &Actor,
        deed: &Deed,
        scope: Scope,
    ) -> Result<Vec<SignInId>> {
        let id = self.id()?;
        transact!(self, |transaction| {
            let user = deed.target;
            lock_target(transaction, actor, user).await?;
            let revoked = revoke_sign_ins(transaction, user, scope, Reason::Administrator).await?;
            if matches!(scope, Scope::SignIn(_)) && revoked.is_empty() {
                return Err(ApiError::Refused(Code::DeviceNotFound));
            }
            audit::write(transaction, id, actor, deed).await?;
            Ok(revoked)
        })
    }
}

async fn role(
    client: &impl deadpool_postgres::GenericClient,
    user: UserId,
) -> Result<Option<OperatorRole>> {
    let sql = "SELECT o.role FROM operators o JOIN users u ON u.id = o.id WHERE o.id = $1 AND o.deleted = 0 AND u.status = $2 AND u.deleted = 0";
    let row = optional(client, sql, &[&user.to_sql(), &ACTIVE]).await?;
    let value = row.map(|row| row.try_get(0)).transpose()?;
    Ok(value.map(OperatorRole::of))
}

/// Locks the row of an account that `actor` wants to change. An admin is changed by nobody else: the role goes first (`im-web operator`).
async fn lock_target(transaction: &Transaction<'_>, actor: &Actor, user: UserId) -> Result<()> {
    let sql = "SELECT id FROM users WHERE id = $1 AND deleted = 0 FOR NO KEY UPDATE";
    optional(transaction, sql, &[&user.to_sql()])
        .await?
        .ok_or(ApiError::Refused(Code::UserNotFound))?;
    if user != actor.operator && role(transaction, user).await? == Some(OperatorRole::Admin) {
        return Err(ApiError::Refused(Code::Forbidden));
    }
    Ok(())
}

async fn change_status(
    transaction: &Transaction<'_>,
    actor: &Actor,
    user: UserId,
    status: i16,
) -> Result<()> {
    if user == actor.operator {
        return Err(ApiError::Refused(Code::Forbidden));
    }
    lock_target(transaction, actor, user).await?;
    let sql = "UPDATE users SET status = $2, updated_at = now() WHERE id = $1 AND status <> $2";
    execute(transaction, sql, &[&user.to_sql(), &status])
        .await
        .map(|_| ())
}
