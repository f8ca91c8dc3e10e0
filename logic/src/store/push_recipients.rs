//! Whom a push is for, and what it tells: asked when it is sent, so that what was read, muted or recalled meanwhile counts.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationType, EntryType};

use super::push::Channel;
use super::{Store, StoreError};
use crate::push::{Face, Message};

/// Somebody who has not read and not muted a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub user: UserId,
    /// What they have read, or what was before their time.
    pub seen: Seq,
}

const FACE: &str = "SELECT type, name FROM conversations WHERE id = $1 AND deleted = 0";

/// The newest message of each of the two who wrote last, with the content of its last edit: who of them is away is told of the other one's.
/// A burst is looked at up to 500 entries back.
const NEWEST: &str = "\
    SELECT n.seq, n.sender_id, n.type, coalesce(edit.content, n.content), coalesce(nullif(u.nickname, ''), u.username, '') \
      FROM ( \
        SELECT DISTINCT ON (r.sender_id) r.seq, r.sender_id, r.type, r.content \
          FROM ( \
            SELECT seq, sender_id, type, content FROM messages \
             WHERE conversation_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq DESC LIMIT 500 \
          ) r \
         WHERE r.type < 32 AND NOT EXISTS ( \
           SELECT FROM messages x WHERE x.conversation_id = $1 AND x.target_seq > 0 AND x.target_seq = r.seq AND x.type = 33 \
         ) \
         ORDER BY r.sender_id, r.seq DESC \
      ) n \
      LEFT JOIN LATERAL ( \
        SELECT x.content FROM messages x \
         WHERE x.conversation_id = $1 AND x.target_seq > 0 AND x.target_seq = n.seq AND x.type = 32 \
         ORDER BY x.seq DESC LIMIT 1 \
      ) edit ON true \
      LEFT JOIN users u ON u.id = n.sender_id \
     ORDER BY n.seq DESC LIMIT 2";

const MEMBERS: &str = "\
    SELECT m.user_id, greatest(m.read_seq, m.from_seq) FROM conversation_members m \
      LEFT JOIN conversation_views v ON v.user_id = m.user_id AND v.conversation_id = m.conversation_id \
     WHERE m.conversation_id = $1 AND m.deleted = 0 AND m.user_id > $2 AND m.read_seq < $3 \
       AND coalesce(v.muted_until, 'epoch') <= now() \
       AND ($4 OR EXISTS (SELECT FROM push_subscriptions s WHERE s.user_id = m.user_id)) \
     ORDER BY m.user_id LIMIT $5";

/// Conversations of everybody have no members: whoever has a browser that takes pushes.
const EVERYBODY: &str = "\
    SELECT s.user_id, coalesce(v.read_seq, 0) FROM (SELECT DISTINCT user_id FROM push_subscriptions WHERE user_id > $2) s \
      LEFT JOIN conversation_views v ON v.user_id = s.user_id AND v.conversation_id = $1 \
     WHERE coalesce(v.read_seq, 0) < $3 AND coalesce(v.muted_until, 'epoch') <= now() \
     ORDER BY s.user_id LIMIT $4";

impl Store {
    /// How a push names a conversation; none when it is gone.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn push_face(&self, id: ConversationId) -> Result<Option<Face>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(FACE).await?;
        let Some(row) = client.query_opt(&statement, &[&id.to_sql()]).await? else {
            return Ok(None);
        };
        Ok(Some(Face {
            id,
            kind: ConversationType(u8::try_from(row.try_get::<_, i16>(0)?).unwrap_or_default()),
            name: row.try_get(1)?,
        }))
    }

    /// The newest countable messages after `since` up to `until` that are not recalled, of the two who wrote last: the newest first.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn push_messages(
        &self,
        conversation: ConversationId,
        since: Seq,
        until: Seq,
    ) -> Result<Vec<Message>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(NEWEST).await?;
        let rows = client
            .query(
                &statement,
                &[&conversation.to_sql(), &since.to_sql(), &until.to_sql()],
            )
            .await?;
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            messages.push(Message {
                seq: Seq::from_sql(row.try_get(0)?),
                sender: UserId::from_sql(row.try_get(1)?),
                kind: EntryType(u8::try_from(row.try_get::<_, i16>(2)?).unwrap_or_default()),
                content: row.try_get(3)?,
                sender_name: row.try_get(4)?,
            });
        }
        Ok(messages)
    }

    /// Up to `limit` members after `cursor`, by user id, who have not read up to `seq` and have not muted the conversation; for Web Push only
    /// those with a subscription.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn push_readers(
        &self,
        channel: Channel,
        conversation: ConversationId,
        cursor: UserId,
        seq: Seq,
        limit: i64,
    ) -> Result<Vec<Reader>, StoreError> {
        let client = self.connection().await?;
        let (id, cursor, seq) = (conversation.to_sql(), cursor.to_sql(), seq.to_sql());
        let rows = if conversation.is_of_everybody() {
            let statement = client.prepare_cached(EVERYBODY).await?;
            client
                .query(&statement, &[&id, &cursor, &seq, &limit])
                .await?
        } else {
            let statement = client.prepare_cached(MEMBERS).await?;
            let all = channel == Channel::Webhook;
            client
                .query(&statement, &[&id, &cursor, &seq, &all, &limit])
                .await?
        };
        let mut readers = Vec::with_capacity(rows.len());
        for row in rows {
            readers.push(Reader {
                user: UserId::from_sql(row.try_get(0)?),
                seen: Seq::from_sql(row.try_get(1)?),
            });
        }
        Ok(readers)
    }

    /// One member, under the same conditions.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn push_reader(
        &self,
        conversation: ConversationId,
        user: UserId,
        seq: Seq,
    ) -> Result<Option<Reader>, StoreError> {
        let before = UserId(user.0.saturating_sub(1));
        let found = self
            .push_readers(Channel::Webhook, conversation, before, seq, 1)
            .await?;
        Ok(found.into_iter().find(|reader| reader.user == user))
    }
}
