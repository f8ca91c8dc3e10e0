//! Stretches of the log.

use bytes::Bytes;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{Cursor, Direction, Entry, EntryType};
use tokio_postgres::Row;

use super::append::millis;
use super::{Store, StoreError};

/// A stretch of one conversation's log.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Not included; backward, 0 stands for the end of the log.
    pub from: Seq,
    /// Which way.
    pub direction: Direction,
    /// Entries at most.
    pub limit: i64,
}

const FORWARD: &str = "\
    SELECT seq, message_index, id, client_message_id, sender_id, type, content, created_at, target_seq, conversation_id \
    FROM messages WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";

const BACKWARD: &str = "\
    SELECT seq, message_index, id, client_message_id, sender_id, type, content, created_at, target_seq, conversation_id \
    FROM messages WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";

/// The nested loop gives the cursors in their order; the outer limit ends it early.
const AFTER_CURSORS: &str = "\
    SELECT e.* FROM unnest($1::bigint[], $2::bigint[]) AS c (conversation_id, seq) \
    CROSS JOIN LATERAL ( \
      SELECT m.seq, m.message_index, m.id, m.client_message_id, m.sender_id, m.type, m.content, m.created_at, \
             m.target_seq, m.conversation_id \
      FROM messages m WHERE m.conversation_id = c.conversation_id AND m.seq > c.seq ORDER BY m.seq LIMIT $3 \
    ) e \
    LIMIT $3";

impl Store {
    /// The entries next to `stretch.from`, the nearest first.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn stretch(&self, stretch: Stretch) -> Result<Vec<Entry>, StoreError> {
        let client = self.connection().await?;
        let (sql, from) = match stretch.direction {
            Direction::Backward if stretch.from == Seq(0) => (BACKWARD, i64::MAX),
            Direction::Backward => (BACKWARD, stretch.from.to_sql()),
            _ => (FORWARD, stretch.from.to_sql()),
        };
        let statement = client.prepare_cached(sql).await?;
        let rows = client
            .query(
                &statement,
                &[&stretch.conversation.to_sql(), &from, &stretch.limit],
            )
            .await?;
        rows.iter().map(|row| entry(row, 0)).collect()
    }

    /// The entries after each cursor, in the order of the cursors, `limit` at most in all.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn after_cursors(
        &self,
        cursors: &[Cursor],
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let conversations: Vec<i64> = cursors
            .iter()
            .map(|cursor| cursor.conversation_id.to_sql())
            .collect();
        let seqs: Vec<i64> = cursors.iter().map(|cursor| cursor.seq.to_sql()).collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(AFTER_CURSORS).await?;
        let rows = client
            .query(&statement, &[&conversations, &seqs, &limit])
            .await?;
        rows.iter().map(|row| entry(row, 0)).collect()
    }
}

/// From the ten columns that begin at `at`.
pub(super) fn entry(row: &Row, at: usize) -> Result<Entry, StoreError> {
    let number = |column: usize| row.try_get::<_, i64>(at + column);
    let content: String = row.try_get(at + 6)?;
    Ok(Entry {
        seq: Seq::from_sql(number(0)?),
        message_index: u64::try_from(number(1)?).unwrap_or_default(),
        message_id: MessageId::from_sql(number(2)?),
        client_message_id: row.try_get(at + 3)?,
        sender_id: UserId::from_sql(number(4)?),
        type_: EntryType(u8::try_from(row.try_get::<_, i16>(at + 5)?).unwrap_or_default()),
        content: Bytes::from(content),
        created_at: millis(row.try_get(at + 7)?),
        target_seq: Seq::from_sql(number(8)?),
        conversation_id: ConversationId::from_sql(number(9)?),
        ..Entry::default()
    })
}
