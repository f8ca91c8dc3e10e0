//! Conversations as a member sees them. Logic writes these tables; the numbers here are derived from the log, never kept.

use std::time::SystemTime;

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, ConversationType};
use tokio_postgres::Row;

use super::messages::Entry;
use super::users::Person;
use super::{Result, Store, optional, rows};
use crate::error::ApiError;

/// One conversation of one member.
#[derive(Debug)]
pub struct ConversationRow {
    /// Its id.
    pub id: ConversationId,
    /// Private, group or world.
    pub kind: ConversationType,
    /// Private: the other one.
    pub peer: Option<Person>,
    /// 1 member, 2 admin, 3 owner.
    pub role: i16,
    /// Countable entries of others after the read position.
    pub unread: i64,
    /// The member's read position.
    pub read_seq: i64,
    /// Private: the other one's read position.
    pub peer_read_seq: i64,
    /// Private: the other one's delivered position.
    pub peer_delivered_seq: i64,
    /// The entry at the tip, if there is any.
    pub last: Option<Entry>,
    /// When it was made.
    pub created_at: SystemTime,
    /// When its last entry was committed, else when it was made.
    pub active_at: SystemTime,
    /// Where it stands in the list.
    pub position: Position,
}

/// A place in the list: after the conversation with this time of activity (microseconds since 1970) and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Of the last entry, or of the creation.
    pub active_micros: i64,
    /// Decides between conversations of the same microsecond.
    pub id: i64,
}

/// Some of a member's conversations.
#[derive(Debug)]
pub struct ConversationPage {
    /// Newest first.
    pub conversations: Vec<ConversationRow>,
    /// Unread over all conversations, not only these.
    pub total_unread: i64,
    /// Whether more follow.
    pub more: bool,
}

/// Every conversation of member $1 but the world chat (type 3). The peer, the tip and the own entries are look-ups by index,
/// a few microseconds each; entries that are not countable have no part in `message_index`.
const MINE: &str = "\
SELECT c.id, c.type, c.created_at, m.role, m.read_seq, \
       coalesce(p.read_seq, 0) AS peer_read_seq, coalesce(p.delivered_seq, 0) AS peer_delivered_seq, \
       peer.id AS peer_id, \
       coalesce(tip.created_at, c.created_at) AS active_at, \
       (extract(epoch FROM coalesce(tip.created_at, c.created_at)) * 1000000)::bigint AS active_micros, \
       greatest(coalesce(tip.message_index, 0) - m.read_index - own.entries, 0) AS unread, \
       tip.id AS entry_id, tip.seq AS entry_seq, tip.sender_id AS entry_sender_id, tip.type AS entry_type, \
       tip.content AS entry_content, tip.client_message_id AS entry_client_message_id, tip.created_at AS entry_created_at \
FROM conversation_members m \
JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0 \
CROSS JOIN LATERAL (SELECT CASE WHEN c.type <> 1 THEN 0 WHEN c.user_low = m.user_id THEN c.user_high ELSE c.user_low END AS id) peer \
LEFT JOIN conversation_members p ON p.user_id = peer.id AND p.conversation_id = c.id \
LEFT JOIN LATERAL (SELECT * FROM messages t WHERE t.conversation_id = c.id ORDER BY t.seq DESC LIMIT 1) tip ON true \
CROSS JOIN LATERAL (SELECT count(*) AS entries FROM messages o \
     WHERE o.conversation_id = c.id AND o.seq > m.read_seq AND o.sender_id = m.user_id AND o.type < 32) own \
WHERE m.user_id = $1 AND m.deleted = 0 AND c.type <> 3";

/// The world chat, the same for everybody: nobody has a position in it.
const WORLD: &str = "\
SELECT c.id, c.type, c.created_at, 1::smallint AS role, 0::bigint AS read_seq, \
       0::bigint AS peer_read_seq, 0::bigint AS peer_delivered_seq, 0::bigint AS peer_id, \
       coalesce(tip.created_at, c.created_at) AS active_at, \
       (extract(epoch FROM coalesce(tip.created_at, c.created_at)) * 1000000)::bigint AS active_micros, \
       0::bigint AS unread, \
       tip.id AS entry_id, tip.seq AS entry_seq, tip.sender_id AS entry_sender_id, tip.type AS entry_type, \
       tip.content AS entry_content, tip.client_message_id AS entry_client_message_id, tip.created_at AS entry_created_at \
FROM conversations c \
LEFT JOIN LATERAL (SELECT * FROM messages t WHERE t.conversation_id = c.id ORDER BY t.seq DESC LIMIT 1) tip ON true \
WHERE c.id = $1 AND c.deleted = 0";

impl Store {
    /// Up to `limit` conversations of a user after `after`, newest first. The page and the total are one snapshot.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn conversations(
        &self,
        user: UserId,
        after: Option<Position>,
        limit: u32,
    ) -> Result<ConversationPage> {
        let sql = format!(
            "WITH mine AS ({MINE}) \
             SELECT total.unread AS total_unread, page.*, {} \
             FROM (SELECT coalesce(sum(unread), 0)::bigint AS unread FROM mine) total \
             LEFT JOIN (SELECT * FROM mine WHERE (active_micros, id) < ($2, $3) \
                        ORDER BY active_micros DESC, id DESC LIMIT $4) page ON true \
             LEFT JOIN users u ON u.id = page.peer_id \
             ORDER BY page.active_micros DESC, page.id DESC",
            Person::LIST
        );
        let after = after.unwrap_or(Position {
            active_micros: i64::MAX,
            id: i64::MAX,
        });
        let client = self.client().await?;
        // One more than asked for tells whether more follow.
        let wanted = i64::from(limit) + 1;
        let found = rows(
            &client,
            &sql,
            &[&user.to_sql(), &after.active_micros, &after.id, &wanted],
        )
        .await?;
        let total_unread = found
            .first()
            .map_or(Ok(0), |row| row.try_get("total_unread"))?;
        let mut conversations = Vec::with_capacity(found.len());
        for row in &found {
            // Without conversations there is one row with the total and nothing else.
            if row.try_get::<_, Option<i64>>("id")?.is_some() {
                conversations.push(ConversationRow::read(row)?);
            }
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = conversations.len() > limit;
        conversations.truncate(limit);
        Ok(ConversationPage {
            conversations,
            total_unread,
            more,
        })
    }

    /// One conversation of a user, or the world chat.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn conversation(&self, user: UserId, id: ConversationId) -> Result<ConversationRow> {
        let one = |source: &str| {
            let person = Person::LIST;
            format!("SELECT c.*, {person} FROM ({source}) c LEFT JOIN users u ON u.id = c.peer_id")
        };
        let client = self.client().await?;
        let row = if id == ConversationId::WORLD {
            optional(&client, &one(WORLD), &[&id.to_sql()]).await?
        } else {
            let source = format!("{MINE} AND c.id = $2");
            optional(&client, &one(&source), &[&user.to_sql(), &id.to_sql()]).await?
        };
        match row {
            Some(row) => Ok(ConversationRow::read(&row)?),
            None => Err(self.absent(id).await?),
        }
    }

    /// Whether the user may read it, and if not why. Everybody may read the world chat.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub(super) async fn require_reader(&self, user: UserId, id: ConversationId) -> Result<()> {
        if id == ConversationId::WORLD {
            return Ok(());
        }
        let sql = "SELECT 1 FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0 \
                   WHERE m.user_id = $1 AND m.conversation_id = $2 AND m.deleted = 0";
        let client = self.client().await?;
        if optional(&client, sql, &[&user.to_sql(), &id.to_sql()])
            .await?
            .is_none()
        {
            return Err(self.absent(id).await?);
        }
        Ok(())
    }

    /// Why a user does not see this conversation.
    async fn absent(&self, id: ConversationId) -> Result<ApiError> {
        let sql = "SELECT 1 FROM conversations WHERE id = $1 AND deleted = 0";
        let exists = optional(&self.client().await?, sql, &[&id.to_sql()])
            .await?
            .is_some();
        let code = if exists {
            Code::NotMember
        } else {
            Code::ConversationNotFound
        };
        Ok(ApiError::Refused(code))
    }
}

impl ConversationRow {
    fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        let id: i64 = row.try_get("id")?;
        let kind: i16 = row.try_get("type")?;
        let last = match row.try_get::<_, Option<i64>>("entry_id")? {
            Some(_) => Some(Entry::read(row, ConversationId::from_sql(id))?),
            None => None,
        };
        let peer = match row.try_get::<_, Option<i64>>("person_id")? {
            Some(_) => Some(Person::read(row)?),
            None => None,
        };
        Ok(Self {
            id: ConversationId::from_sql(id),
            kind: u8::try_from(kind).map_or(ConversationType::Unknown, ConversationType),
            peer,
            role: row.try_get("role")?,
            unread: row.try_get("unread")?,
            read_seq: row.try_get("read_seq")?,
            peer_read_seq: row.try_get("peer_read_seq")?,
            peer_delivered_seq: row.try_get("peer_delivered_seq")?,
            last,
            created_at: row.try_get("created_at")?,
            active_at: row.try_get("active_at")?,
            position: Position {
                active_micros: row.try_get("active_micros")?,
                id,
            },
        })
    }
}
