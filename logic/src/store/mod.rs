//! All SQL of this program (I8).
//!
//! | file | what it holds |
//! |---|---|
//! | `append` | the write of the message path, on a lane's own connection |
//! | `changes` | what is read for an edit, a recall or a reaction |
//! | `connection` | that connection |
//! | `conversations` | what a conversation is; making private ones |
//! | `positions` | read and delivered positions |
//! | `presence` | what outlives a user's sessions |
//! | `notices` | conversations of the operator's notifications |
//! | `push`, `push_recipients`, `subscriptions` | who is to be told while they are away, and where |
//! | `search` | full text |
//! | `states` | how users see conversations |
//! | `entries` | stretches of the log |
//! | `files` | uploaded files |
//! | `friends` | who is told of a user's presence |
//! | `groups` | groups: face, members, requests to join |
//! | `locked` | a transaction that holds the lock of one conversation |
//! | `members` | who is in a conversation, and since when |
//! | `receipts` | who has received and read an entry |
//! | `views` | what users set for themselves |

pub mod append;
mod changes;
pub mod connection;
mod conversations;
mod entries;
mod files;
mod friends;
mod groups;
mod locked;
mod members;
mod notices;
mod positions;
mod presence;
mod push;
mod push_recipients;
mod receipts;
mod search;
mod states;
mod subscriptions;
mod views;

use std::time::Duration;

use deadpool_postgres::Pool;
use im_shared::breaker::Breaker;
use im_shared::cache::{Forget, Keys, Redis, family};
use im_shared::database::{self, DatabaseError};
use im_shared::ids::UserId;
use im_shared::wire::Code;
use tokio_postgres::error::SqlState;

use crate::error::Chain;
use crate::pending::Refusal;

use connection::Connection;

pub use conversations::{Kind, Private};
pub use entries::{Span, Stretch};
pub use groups::{Asking, Group, Joining, NewGroup, Rank, Standing as RequestStanding};
pub use locked::{Locked, NewEntry, Tip};
pub use members::{Changed, View};
pub use positions::{Moved, Passed, Standing, Wanted};
pub use push::{Channel, Failure, Job, Offer};
pub use push_recipients::Reader;
pub use receipts::Receipts;
pub use search::Searched;
pub use states::{Listing, Place, Seen};
pub use subscriptions::{NewSubscription, Subscription};
pub use views::Set;

/// A statement failed.
#[derive(Debug, thiserror::Error)]
#[error("a statement failed")]
pub struct StoreError(#[from] DatabaseError);

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(DatabaseError::Failed(error))
    }
}

impl StoreError {
    /// The error with its sources, for a log.
    #[must_use]
    pub fn told(&self) -> String {
        Chain(self).to_string()
    }

    /// What the client is told; the error is logged here and nowhere else.
    #[must_use]
    pub fn refusal(self, what: &'static str) -> Refusal {
        tracing::warn!(error = %Chain(&self), what, "a read or write failed");
        match &self.0 {
            // Told apart from a server that stops or is gone: these would fail again.
            DatabaseError::Failed(error) if error.as_db_error().is_some_and(is_fault) => {
                Refusal::because(Code::Internal)
            }
            _ => Refusal::UNAVAILABLE,
        }
    }
}

impl StoreError {
    /// Whether the same call may succeed now: it was chosen to end a deadlock.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        let DatabaseError::Failed(error) = &self.0 else {
            return false;
        };
        error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
    }
}

/// A statement that is wrong, or data that does not fit it.
fn is_fault(error: &tokio_postgres::error::DbError) -> bool {
    matches!(error.code().code().get(..2), Some("22" | "23" | "42"))
}

/// The pool, for everything but the message path. A cheap clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
    breaker: Breaker,
    cached: Option<Cached>,
}

/// What web has read of the tables that are written here; every write forgets it (I7).
#[derive(Debug, Clone)]
pub struct Cached {
    /// [`family::USERS`].
    pub users: Forget,
    /// [`family::CONVERSATIONS`].
    pub conversations: Forget,
}

impl Cached {
    /// In this Redis, which answers within `answer_within` or is away.
    #[must_use]
    pub fn new(redis: &Redis, keys: &Keys, answer_within: Duration) -> Self {
        let (redis, keys) = (|| redis.clone(), || keys.clone());
        let of = |name| Forget::new(redis(), keys(), name, family::LIVES, answer_within);
        Self {
            users: of(family::USERS),
            conversations: of(family::CONVERSATIONS),
        }
    }
}

impl Store {
    /// Over a pool that need not be connected yet, asked through its breaker.
    #[must_use]
    pub fn new(pool: Pool, breaker: Breaker) -> Self {
        Self {
            pool,
            breaker,
            cached: None,
        }
    }

    /// With what others have read of these tables.
    #[must_use]
    pub fn with_cached(mut self, cached: Cached) -> Self {
        self.cached = Some(cached);
        self
    }

    /// What others have read of `users` is not so any more.
    async fn forget_users(&self, users: &[UserId]) {
        if let Some(cached) = &self.cached {
            let users: Vec<u64> = users.iter().map(|user| user.0).collect();
            cached.users.forget(&users).await;
        }
    }

    /// What others have read of `conversations` is not so any more, nor that there are none.
    async fn forget_conversations(&self, conversations: &[u64]) {
        if let Some(cached) = &self.cached {
            cached.conversations.forget(conversations).await;
        }
    }

    async fn connection(&self) -> Result<Connection, StoreError> {
        Ok(Connection::new(
            database::acquire_through(&self.breaker, &self.pool).await?,
        ))
    }
}
