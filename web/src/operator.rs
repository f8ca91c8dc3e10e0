//! `im-web operator`: who has the database makes the first operator. It is noted in the audit as done by nobody.

use anyhow::{Context, bail};
use im_shared::snowflake::Ids;
use im_shared::{database, telemetry};

use crate::config::MigrateConfig;
use crate::store::{Actor, OperatorRole, Store};

/// Makes the user an operator, changes the role, or (`None`) takes it away. It holds at the user's next request.
///
/// # Errors
/// When PostgreSQL cannot be used, or nobody registered has this name.
pub async fn set(
    config: MigrateConfig,
    username: &str,
    role: Option<OperatorRole>,
) -> anyhow::Result<()> {
    telemetry::init("web", "operator", &config.log)?;
    let pool = database::pool(&config.postgres).context("PostgreSQL")?;
    let ids = Ids::lease(&pool)
        .await
        .context("leasing ids from PostgreSQL")?;
    let store = Store::new(pool, database::breaker(&config.postgres), ids.clone());
    let done = change(&store, username, role).await;
    if let Err(error) = ids.release().await {
        tracing::warn!(%error, "the lease of ids ends by itself");
    }
    done
}

async fn change(store: &Store, username: &str, role: Option<OperatorRole>) -> anyhow::Result<()> {
    let username = username.to_lowercase();
    let Some(user) = store.user_by_username(&username).await? else {
        bail!("nobody is called {username}");
    };
    store
        .set_operator(&Actor::default(), user.id, role)
        .await
        .with_context(|| format!("{username} cannot be an operator"))?;
    let role = role.map_or("no operator", OperatorRole::name);
    tracing::info!(username, role, "the role is set");
    Ok(())
}
