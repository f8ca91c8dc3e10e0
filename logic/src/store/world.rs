//! The world chat, as everybody sees it.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationState, ConversationType};

use super::append::millis;
use super::entries::{change_join, entry, entry_columns};
use super::{Store, StoreError};

const STATE: &str = concat!(
    "SELECT c.created_at, ",
    entry_columns!(),
    " FROM conversations c \
     LEFT JOIN LATERAL ( \
       SELECT e.* FROM messages e WHERE e.conversation_id = c.id ORDER BY e.seq DESC LIMIT 1 \
     ) e ON true ",
    change_join!("9223372036854775807"),
    "WHERE c.id = $1 AND c.deleted = 0"
);

impl Store {
    /// The state of the world chat: nobody has a position in it, so everything counts as read; none where the database does not have it.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn world(&self) -> Result<Option<ConversationState>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(STATE).await?;
        let world = ConversationId::WORLD;
        let row = client.query_opt(&statement, &[&world.to_sql()]).await?;
        let Some(row) = row else { return Ok(None) };
        let last = match row.try_get::<_, Option<i64>>(1)? {
            Some(_) => Some(entry(&row, 1)?),
            None => None,
        };
        let (tip_seq, tip_index) = last
            .as_ref()
            .map_or((Seq(0), 0), |last| (last.seq, last.message_index));
        Ok(Some(ConversationState {
            conversation_id: world,
            type_: ConversationType::World,
            peer_id: UserId(0),
            tip_seq,
            tip_index,
            read_seq: tip_seq,
            delivered_seq: tip_seq,
            peer_read_seq: Seq(0),
            peer_delivered_seq: Seq(0),
            unread: 0,
            last,
            created_at: millis(row.try_get(0)?),
            ..ConversationState::default()
        }))
    }
}
