//! How a member sees conversations.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationState, ConversationType};
use tokio_postgres::Row;

use super::append::millis;
use super::entries::{change_join, entry, entry_columns};
use super::{Store, StoreError};

/// One statement and so one snapshot: unread is exact in itself, whatever is sent and read meanwhile (G2). Own entries never count, and
/// they are counted only where something is unread at all.
macro_rules! states {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, c.type, c.user_low, c.user_high, c.created_at, ",
            "       m.read_seq, m.read_index, m.delivered_seq, ",
            "       coalesce(p.read_seq, 0), coalesce(p.delivered_seq, 0), own.count, ",
            entry_columns!(),
            " FROM conversation_members m ",
            "JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0 ",
            "LEFT JOIN conversation_members p ON c.type = 1 AND p.conversation_id = c.id ",
            "  AND p.user_id = CASE WHEN c.user_low = m.user_id THEN c.user_high ELSE c.user_low END ",
            "LEFT JOIN LATERAL ( ",
            "  SELECT e.* FROM messages e WHERE e.conversation_id = c.id AND e.seq >= m.read_seq ",
            "  ORDER BY e.seq DESC LIMIT 1 ",
            ") e ON true ",
            change_join!("9223372036854775807"),
            "LEFT JOIN LATERAL ( ",
            "  SELECT count(*) AS count FROM messages o ",
            "  WHERE e.message_index > m.read_index AND o.conversation_id = c.id AND o.seq > m.read_seq ",
            "    AND o.sender_id = m.user_id AND o.type < 32 ",
            ") own ON true ",
            "WHERE m.user_id = $1 AND m.deleted = 0 AND m.conversation_id ",
            $condition
        )
    };
}

const PAGE: &str = states!("> $2 ORDER BY m.conversation_id LIMIT $3");
const ONE: &str = states!("= $2");

impl Store {
    /// The states of the conversations of `user` after `after`, by id, `limit` at most.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn states(
        &self,
        user: UserId,
        after: ConversationId,
        limit: i64,
    ) -> Result<Vec<ConversationState>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(PAGE).await?;
        let rows = client
            .query(&statement, &[&user.to_sql(), &after.to_sql(), &limit])
            .await?;
        rows.iter().map(|row| state(row, user)).collect()
    }

    /// The state of one conversation; none when `user` is not in it.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn state(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Option<ConversationState>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(ONE).await?;
        let row = client
            .query_opt(&statement, &[&user.to_sql(), &conversation.to_sql()])
            .await?;
        row.map(|row| state(&row, user)).transpose()
    }
}

fn state(row: &Row, user: UserId) -> Result<ConversationState, StoreError> {
    let number = |column: usize| row.try_get::<_, i64>(column);
    let (low, high) = (UserId::from_sql(number(2)?), UserId::from_sql(number(3)?));
    let last = match row.try_get::<_, Option<i64>>(11)? {
        Some(_) => Some(entry(row, 11)?),
        None => None,
    };
    let (tip_seq, tip_index) = last
        .as_ref()
        .map_or((Seq(0), 0), |last| (last.seq, last.message_index));
    let read_index = u64::try_from(number(6)?).unwrap_or_default();
    let own = u64::try_from(number(10)?).unwrap_or_default();
    let unread = tip_index.saturating_sub(read_index).saturating_sub(own);
    Ok(ConversationState {
        conversation_id: ConversationId::from_sql(number(0)?),
        type_: ConversationType(u8::try_from(row.try_get::<_, i16>(1)?).unwrap_or_default()),
        peer_id: if user == low { high } else { low },
        tip_seq,
        tip_index,
        read_seq: Seq::from_sql(number(5)?),
        delivered_seq: Seq::from_sql(number(7)?),
        peer_read_seq: Seq::from_sql(number(8)?),
        peer_delivered_seq: Seq::from_sql(number(9)?),
        unread: u32::try_from(unread).unwrap_or(u32::MAX),
        last,
        created_at: millis(row.try_get(4)?),
        ..ConversationState::default()
    })
}
