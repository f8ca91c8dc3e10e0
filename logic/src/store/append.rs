//! The write of the message path: one call of `append_entries`, which is one transaction.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Statement};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::connection;
use crate::content::Content;
use crate::error::Chain;
use im_shared::config::PostgresConfig;

const APPEND: &str = "SELECT ordinal, status, id, seq, message_index, created_at, members_seq, member_count \
                      FROM append_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// The rows of a batch, column by column; the rows of a conversation stand together. One of these is filled again and again.
#[derive(Debug, Default)]
pub struct Rows {
    /// Snowflakes.
    pub ids: Vec<i64>,
    /// Where to.
    pub conversations: Vec<i64>,
    /// As `ConversationType`.
    pub kinds: Vec<i16>,
    /// Who sends.
    pub senders: Vec<i64>,
    /// Who must be a friend of the sender, or 0.
    pub peers: Vec<i64>,
    /// The clients' ids.
    pub client_ids: Vec<Uuid>,
    /// As `EntryType`.
    pub types: Vec<i16>,
    /// Texts, or JSON.
    pub contents: Vec<Content>,
    /// The message that is answered, or 0.
    pub targets: Vec<i64>,
    /// Array literals, or empty: see `V5__sending.sql`.
    pub mentions: Vec<String>,
    /// A seq that the conversation is known to hold, or 0.
    pub hints: Vec<i64>,
}

impl Rows {
    /// Empty again, without giving memory back.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.conversations.clear();
        self.kinds.clear();
        self.senders.clear();
        self.peers.clear();
        self.client_ids.clear();
        self.types.clear();
        self.contents.clear();
        self.targets.clear();
        self.mentions.clear();
        self.hints.clear();
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In the log now.
    Stored,
    /// In the log before, with the same type and content.
    Duplicate,
    /// In the log before, with another type or content.
    Conflict,
    /// Sender and peer are not friends.
    NotFriends,
    /// Sender and peer are friends, and one of them has blocked the other.
    Blocked,
    /// The sender is not in the group.
    NotMember,
    /// The sender may not write in the group now.
    Silenced,
    /// The group has ended.
    Dissolved,
    /// The message that it answers is not there, or was before the sender's time.
    NoTarget,
    /// The sender may not mention everybody.
    MentionsEverybody,
}

/// One row after the call. Of the stored entry, where there is one.
#[derive(Debug, Clone, Copy)]
pub struct Appended {
    /// What became of it.
    pub status: Status,
    /// Snowflake.
    pub id: i64,
    /// Its position.
    pub seq: i64,
    /// Countable entries up to it.
    pub message_index: i64,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Of a group: the entry that last changed its membership.
    pub members_seq: i64,
    /// Of a group.
    pub member_count: i32,
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A deadlock or a serialisation failure: the same call may succeed now.
    Retry,
    /// A hint was above the tip, which only a restore from a backup brings about.
    Hint,
    /// The batch is too large for the server's lock table or memory: a smaller one may do.
    TooLarge,
    /// A row was refused.
    Refused,
    /// The server does not answer, stops, or took too long.
    Unavailable,
}

/// The connection of one lane.
#[derive(Debug)]
pub struct Appender {
    client: Client,
    append: Statement,
    deadline: Duration,
    _connection: AbortOnDropHandle<()>,
}

impl Appender {
    /// Opens the connection. `deadline` bounds a call; after it the connection is given up.
    ///
    /// # Errors
    ///
    /// PostgreSQL is not there, or its schema is not migrated.
    pub async fn connect(
        config: &PostgresConfig,
        deadline: Duration,
    ) -> Result<Self, connection::ConnectError> {
        let (client, connection) = connection::open(config).await?;
        let append = client.prepare(APPEND).await?;
        Ok(Self {
            client,
            append,
            deadline,
            _connection: connection,
        })
    }

    /// Whether the connection has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Appends all rows in one transaction and gives what became of them, in their order.
    ///
    /// # Errors
    ///
    /// Nothing is stored, or with [`Failure::Unavailable`] it is not known whether it is.
    pub async fn append(&self, rows: &Rows) -> Result<Vec<Appended>, Failure> {
        self.bounded(self.call(rows)).await
    }

    /// Does everything but the commit, to find out whether `rows` would be refused.
    ///
    /// # Errors
    ///
    /// As [`Appender::append`]; nothing is stored either way.
    pub async fn rehearse(&self, rows: &Rows) -> Result<(), Failure> {
        let rehearsal = async {
            self.client.batch_execute("BEGIN").await?;
            let outcome = self.call(rows).await;
            self.client.batch_execute("ROLLBACK").await?;
            outcome.map(drop)
        };
        self.bounded(rehearsal).await
    }

    async fn bounded<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        match tokio::time::timeout(self.deadline, call).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let failure = classify(&error);
                if failure != Failure::Retry {
                    tracing::warn!(error = %Chain(&error), ?failure, "a batch failed");
                }
                Err(failure)
            }
            Err(_) => {
                tracing::warn!(deadline = ?self.deadline, "a batch took too long");
                Err(Failure::Unavailable)
            }
        }
    }

    async fn call(&self, rows: &Rows) -> Result<Vec<Appended>, Error> {
        let Rows {
            ids,
            conversations,
            kinds,
            senders,
            peers,
            client_ids,
            types,
            contents,
            targets,
            mentions,
            hints,
        } = rows;
        let found = self
            .client
            .query(
                &self.append,
                &[
                    ids,
                    conversations,
                    kinds,
                    senders,
                    peers,
                    client_ids,
                    types,
                    contents,
                    targets,
                    mentions,
                    hints,
                ],
            )
            .await?;
        let nothing = Appended {
            status: Status::NotFriends,
            id: 0,
            seq: 0,
            message_index: 0,
            created_at: 0,
            members_seq: 0,
            member_count: 0,
        };
        let mut appended = vec![nothing; ids.len()];
        for row in found {
            let ordinal: i32 = row.try_get(0)?;
            let place = usize::try_from(ordinal)
                .ok()
                .and_then(|ordinal| appended.get_mut(ordinal.checked_sub(1)?));
            if let Some(place) = place {
                *place = Appended {
                    status: status(row.try_get(1)?),
                    id: row.try_get(2)?,
                    seq: row.try_get(3)?,
                    message_index: row.try_get(4)?,
                    created_at: millis(row.try_get(5)?),
                    members_seq: row.try_get(6)?,
                    member_count: row.try_get(7)?,
                };
            }
        }
        Ok(appended)
    }
}

/// The numbers of `append_entries`.
fn status(number: i16) -> Status {
    match number {
        0 => Status::Stored,
        1 => Status::Duplicate,
        2 => Status::Conflict,
        4 => Status::NotMember,
        5 => Status::Silenced,
        6 => Status::Dissolved,
        7 => Status::NoTarget,
        8 => Status::MentionsEverybody,
        9 => Status::Blocked,
        _ => Status::NotFriends,
    }
}

fn classify(error: &Error) -> Failure {
    let Some(refusal) = error.as_db_error() else {
        return if error.is_closed() || error.code().is_none() {
            Failure::Unavailable
        } else {
            Failure::Refused
        };
    };
    let code = refusal.code();
    if *code == SqlState::T_R_DEADLOCK_DETECTED || *code == SqlState::T_R_SERIALIZATION_FAILURE {
        return Failure::Retry;
    }
    if *code == SqlState::UNIQUE_VIOLATION && refusal.constraint() == Some("messages_pkey") {
        return Failure::Hint;
    }
    match code.code().get(..2) {
        // Data that is not valid, a constraint, a function that raises.
        Some("22" | "23" | "P0") => Failure::Refused,
        // Out of locks, memory or disk. Too many connections is not met here.
        Some("53" | "54") => Failure::TooLarge,
        _ => Failure::Unavailable,
    }
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
