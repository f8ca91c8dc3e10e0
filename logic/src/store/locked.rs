//! A transaction that holds the lock of one conversation, for everything that is no batch of messages: changes, group commands,
//! notifications.
//!
//! The lock is that of `append_entries`, so the two never interleave, on whatever worker.

use std::time::SystemTime;

use bytes::Bytes;
use im_shared::cache::Forget;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{Entry, EntryType};
use uuid::Uuid;

use super::append::millis;
use super::connection::Connection;
use super::entries::entry;
use super::{Store, StoreError};

const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";

/// A statement of its own: under READ COMMITTED it sees what was committed before the lock was there. The last column is the database's
/// clock, which never goes back behind the tip.
const TIP: &str = "\
    SELECT coalesce(t.seq, 0), coalesce(t.message_index, 0), greatest(t.created_at, clock_timestamp()), t.low_index \
    FROM (SELECT) AS one \
    LEFT JOIN LATERAL ( \
      SELECT seq, message_index, created_at, low_index FROM messages WHERE conversation_id = $1 ORDER BY seq DESC LIMIT 1 \
    ) t ON true";

const STORED: &str = "\
    SELECT seq, message_index, id, client_message_id, sender_id, type, content, created_at, target_seq, conversation_id, \
           mentions, 0::bigint, 0::bigint \
    FROM messages WHERE client_message_id = $1 AND sender_id = $2 AND conversation_id = $3";

const INSERT: &str = "\
    INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, target_seq, type, content, \
                          mentions, created_at, updated_at, low_index) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)";

/// Where the log ends.
#[derive(Debug, Clone, Copy)]
pub struct Tip {
    /// The highest seq; 0 in an empty log.
    pub seq: Seq,
    /// Countable entries up to it.
    pub index: u64,
    /// When the next entry is made, by the database's clock.
    pub now: SystemTime,
}

/// An entry to be appended.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// A snowflake.
    pub id: MessageId,
    /// Who makes it; 0 is the operator.
    pub sender: UserId,
    /// Unique for this sender in this conversation.
    pub client_message_id: Uuid,
    /// What it is.
    pub type_: EntryType,
    /// Text or JSON, without NUL.
    pub content: String,
    /// The entry that it is about, or 0.
    pub target: Seq,
    /// Who is called by name.
    pub mentions: Vec<UserId>,
}

/// An open transaction with the lock. One that is dropped is rolled back, and its connection is closed.
#[derive(Debug)]
pub struct Locked {
    // None once it has ended.
    client: Option<Connection>,
    conversation: ConversationId,
    tip: Tip,
    // As in V20: of a private conversation, in which nothing countable is appended here.
    low_index: Option<i64>,
    // What others have read of conversations.
    cached: Option<Forget>,
}

impl Store {
    /// Begins a transaction and waits for the lock of `conversation`.
    ///
    /// # Errors
    ///
    /// A statement failed, or the lock was held longer than `postgres.statement_timeout_ms`.
    pub async fn lock(&self, conversation: ConversationId) -> Result<Locked, StoreError> {
        let client = self.connection().await?;
        let forgets = self.cached.as_ref();
        let forgets = forgets.map(|cached| cached.conversations.clone());
        let mut locked = Locked {
            client: Some(client),
            conversation,
            tip: Tip {
                seq: Seq(0),
                index: 0,
                now: SystemTime::UNIX_EPOCH,
            },
            low_index: None,
            cached: forgets,
        };
        let client = locked.client();
        client.batch_execute("BEGIN").await?;
        let lock = client.prepare_cached(LOCK).await?;
        client.execute(&lock, &[&conversation.to_sql()]).await?;
        let statement = client.prepare_cached(TIP).await?;
        let row = client
            .query_one(&statement, &[&conversation.to_sql()])
            .await?;
        locked.tip = Tip {
            seq: Seq::from_sql(row.try_get(0)?),
            index: u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or_default(),
            now: row.try_get(2)?,
        };
        locked.low_index = row.try_get(3)?;
        Ok(locked)
    }
}

impl Locked {
    /// Which conversation is locked.
    #[must_use]
    pub const fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// Where the log ends now, entries of this transaction included.
    #[must_use]
    pub const fn tip(&self) -> Tip {
        self.tip
    }

    /// For further statements of the transaction.
    #[allow(clippy::expect_used)] // Only `commit` and `release` take it out, and they take `self`.
    pub fn client(&self) -> &Connection {
        self.client
            .as_ref()
            .expect("a transaction that has not ended")
    }

    /// The entry that an earlier try with this id made, as it was made (J7).
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn stored(
        &self,
        sender: UserId,
        client_message_id: Uuid,
    ) -> Result<Option<Entry>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(STORED).await?;
        let row = client
            .query_opt(
                &statement,
                &[
                    &client_message_id,
                    &sender.to_sql(),
                    &self.conversation.to_sql(),
                ],
            )
            .await?;
        row.map(|row| entry(&row, 0)).transpose()
    }

    /// Appends an entry after the tip; a countable one not to a private conversation, where lanes do that.
    ///
    /// # Errors
    ///
    /// A statement failed; the transaction is of no more use.
    pub async fn append(&mut self, new: NewEntry) -> Result<Entry, StoreError> {
        let seq = self.tip.seq.next();
        let index = self.tip.index + u64::from(new.type_.0 < 32);
        let now = self.tip.now;
        let mentions: Vec<i64> = new.mentions.iter().map(|user| user.to_sql()).collect();
        let client = self.client();
        let statement = client.prepare_cached(INSERT).await?;
        client
            .execute(
                &statement,
                &[
                    &new.id.to_sql(),
                    &self.conversation.to_sql(),
                    &seq.to_sql(),
                    &i64::try_from(index).unwrap_or(i64::MAX),
                    &new.sender.to_sql(),
                    &new.client_message_id,
                    &new.target.to_sql(),
                    &i16::from(new.type_.0),
                    &new.content,
                    &mentions,
                    &now,
                    &self.low_index,
                ],
            )
            .await?;
        self.tip = Tip { seq, index, now };
        Ok(Entry {
            conversation_id: self.conversation,
            seq,
            message_index: index,
            message_id: new.id,
            client_message_id: new.client_message_id,
            sender_id: new.sender,
            type_: new.type_,
            content: Bytes::from(new.content),
            created_at: millis(now),
            target_seq: new.target,
            mentions: new.mentions,
            edited_seq: Seq(0),
            recalled_seq: Seq(0),
        })
    }

    /// Makes everything durable and lets the lock go.
    ///
    /// # Errors
    ///
    /// The commit failed, or its answer was lost: the same request finds out by [`Locked::stored`].
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.end("COMMIT").await
    }

    /// As [`Locked::commit`], of a change of a group: what others have read of it is forgotten.
    ///
    /// # Errors
    ///
    /// As of [`Locked::commit`].
    pub async fn commit_group(mut self) -> Result<(), StoreError> {
        let committed = self.end("COMMIT").await;
        // Also when it is not known whether it is committed.
        if let Some(cached) = self.cached.take() {
            cached.forget(&[self.conversation.0]).await;
        }
        committed
    }

    /// Undoes everything and lets the lock go.
    ///
    /// # Errors
    ///
    /// The connection is lost, and the transaction with it.
    pub async fn release(mut self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, statement: &str) -> Result<(), StoreError> {
        let ended = self.client().batch_execute(statement).await;
        if ended.is_ok() {
            // Back to the pool, in no transaction.
            self.client = None;
        }
        Ok(ended?)
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // A connection that is in a transaction must not be used by others.
        if let Some(client) = self.client.take() {
            client.discard();
        }
    }
}
