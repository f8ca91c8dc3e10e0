//! All SQL of web, one file per resource. Web writes `users`, `refresh_tokens`, `friend_requests` and `friends`; it reads
//! what logic writes (`conversations`, `conversation_members`, `messages`).
//!
//! Order of locks: the user's row or the pair's advisory lock first, then rows; no transaction takes both.

mod audit;
mod blocks;
mod conversations;
mod expiry;
mod files;
mod friend_requests;
mod friends;
mod groups;
mod guests;
mod idempotency;
mod messages;
pub mod model;
mod operators;
mod passwords;
mod people;
mod presence;
mod refresh_tokens;
mod revoked;
mod rotation;
mod runtime_settings;
mod sign_ins;
mod user_settings;
mod users;

use std::time::{SystemTime, UNIX_EPOCH};

use deadpool_postgres::{GenericClient, Object, Pool, Transaction};
use im_shared::breaker::Breaker;
use im_shared::database::{self, Outcome};
use im_shared::snowflake::Ids;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

pub use audit::{Actor, AuditEntry, AuditFilter, Deed};
pub use blocks::{Block, BlockRow, Effect};
pub use conversations::{ConversationPage, ConversationRow, Position, Settings};
pub use files::{Blob, BlobRow, FileRow, Look, NewFile, Purpose, StoredFile};
pub use friend_requests::{Direction, FriendRequest, RequestRow, RequestStatus};
pub use friends::{Friend, FriendPosition, FriendRow};
pub use groups::{GroupRow, JoinRow, MemberRow};
pub use guests::Upgrade;
pub use idempotency::IdempotencyKey;
pub use messages::{Entry, History, Reaction, Window};
pub use model::Model;
pub use operators::{Operator, OperatorRole, UserFilter};
pub use passwords::PasswordReset;
pub use people::{Contact, Person, ProfileChange};
pub use refresh_tokens::{Begun, Grant, RefreshToken, TokenHash};
pub use revoked::{RevokedPage, RevokedPosition};
pub use rotation::{Given, LOST_REPLY, Rotation};
pub use runtime_settings::RuntimeSetting;
pub use sign_ins::SignIn;
pub use user_settings::{Privacy, PrivacyChange, UserSettings};
pub use users::{NewUser, User};

use crate::error::ApiError;

type Result<T> = std::result::Result<T, ApiError>;

/// The tables. A cheap clone over the pool.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    breaker: Breaker,
    ids: Ids,
}

impl Store {
    /// The tables behind `pool`, which is asked through `breaker`; new rows take their ids from `ids`.
    #[must_use]
    pub fn new(pool: Pool, breaker: Breaker, ids: Ids) -> Self {
        Self { pool, breaker, ids }
    }

    async fn client(&self) -> Result<Object> {
        Ok(database::acquire_through(&self.breaker, &self.pool).await?)
    }

    /// Does `work` in a transaction, and again when that lost against another one; `work` has no effects outside of it.
    async fn transact<T>(&self, work: impl AsyncFnMut(&Transaction<'_>) -> Result<T>) -> Result<T> {
        database::transact(&mut self.client().await?, work).await
    }

    #[allow(clippy::cast_possible_wrap)]
    fn id(&self) -> Result<i64> {
        Ok(self.ids.next()? as i64)
    }
}

type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

async fn rows(client: &impl GenericClient, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
    let name = database::name(sql);
    let found = database::timed(&name, async {
        let statement = client.prepare_cached(sql).await?;
        client.query(&statement, params).await
    });
    Ok(found.await?)
}

async fn optional(
    client: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
) -> Result<Option<Row>> {
    let name = database::name(sql);
    let found = database::timed(&name, async {
        let statement = client.prepare_cached(sql).await?;
        client.query_opt(&statement, params).await
    });
    Ok(found.await?)
}

/// Runs a statement and says how many rows it touched.
async fn execute(client: &impl GenericClient, sql: &str, params: Params<'_>) -> Result<u64> {
    let name = database::name(sql);
    let touched = database::timed(&name, async {
        let statement = client.prepare_cached(sql).await?;
        client.execute(&statement, params).await
    });
    Ok(touched.await?)
}

impl Outcome for ApiError {
    fn has_lost(&self) -> bool {
        matches!(self, Self::Lost)
    }
}

/// Milliseconds since 1970.
#[must_use]
pub fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
