//! All SQL of web, one file per resource. Web writes `users`, `refresh_tokens`, `friend_requests` and `friends`; it reads
//! what logic writes (`conversations`, `conversation_members`, `messages`).
//!
//! Order of locks: the user's row or the pair's advisory lock first, then rows; no transaction takes both.

mod audit;
mod blocks;
mod conversations;
mod expiry;
mod faces;
mod files;
mod forgets;
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
mod replica;
mod revoked;
mod rotation;
mod runtime_settings;
mod sign_ins;
mod snapshots;
mod user_settings;
mod users;

use std::time::{SystemTime, UNIX_EPOCH};

use deadpool_postgres::{GenericClient, Object, Pool};
use im_shared::breaker::Breaker;
use im_shared::database::{self, Outcome};
use im_shared::snowflake::Ids;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

pub use audit::{Actor, AuditEntry, AuditFilter, Deed};
pub use blocks::{Block, BlockRow, Effect};
pub use conversations::{ConversationPage, ConversationRow, Position, Settings};
pub use faces::{Face, Member};
pub use files::{Blob, BlobRow, FileRow, Look, NewFile, Purpose, StoredFile};
pub use forgets::Forgets;
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
pub use replica::Replica;
pub use revoked::{RevokedPage, RevokedPosition};
pub use rotation::{Given, LOST_REPLY, Rotation};
pub use runtime_settings::RuntimeSetting;
pub use sign_ins::SignIn;
pub use snapshots::{Account, FRIENDS, Friendship};
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
    replica: Option<Replica>,
    forgets: Option<Forgets>,
}

impl Store {
    /// The tables behind `pool`, which is asked through `breaker`; new rows take their ids from `ids`.
    #[must_use]
    pub fn new(pool: Pool, breaker: Breaker, ids: Ids) -> Self {
        Self {
            pool,
            breaker,
            ids,
            replica: None,
            forgets: None,
        }
    }

    /// What it changes is forgotten there.
    #[must_use]
    pub fn with_forgets(mut self, forgets: Forgets) -> Self {
        self.forgets = Some(forgets);
        self
    }

    /// Reads may go to `replica`.
    #[must_use]
    pub fn with_replica(mut self, replica: Option<Replica>) -> Self {
        self.replica = replica;
        self
    }

    async fn client(&self) -> Result<Object> {
        Ok(database::acquire_through(&self.breaker, &self.pool).await?)
    }

    #[allow(clippy::cast_possible_wrap)]
    fn id(&self) -> Result<i64> {
        Ok(self.ids.next()? as i64)
    }
}

/// `transact!(store, |transaction| { ... })`: what the block gives, once it is committed. It is done again when it lost against another transaction,
/// so it has no effects outside of it; an error undoes it.
macro_rules! transact {
    ($store:expr, |$transaction:ident| $work:block) => {{
        let mut client = $store.client().await?;
        let mut tries = im_shared::database::Tries::default();
        let ended: $crate::store::Result<_> = loop {
            let begun = client.transaction().await?;
            let done: $crate::store::Result<_> = {
                let $transaction = &begun;
                async { $work }.await
            };
            match im_shared::database::end(begun, done).await {
                Err(error) if tries.again(&error).await => {}
                ended => break ended,
            }
        };
        ended
    }};
}
use transact;

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
