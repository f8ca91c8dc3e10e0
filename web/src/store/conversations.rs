//! Conversations as a member sees them. Logic writes these tables; the numbers here are derived from the log, never kept.

use std::time::{Duration, SystemTime};

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, ConversationType, Role};
use tokio_postgres::Row;

use super::groups::{role, some_time};
use super::messages::{ENTRY, Entry, changes};
use super::people::Person;
use super::{Result, Store, optional, rows};
use crate::error::ApiError;
use crate::validate;

/// One conversation of one member.
#[derive(Debug)]
pub struct ConversationRow {
    /// Its id.
    pub id: ConversationId,
    /// Private, group, world or system.
    pub kind: ConversationType,
    /// Private: the other one.
    pub peer: Option<Person>,
    /// `None`: has left.
    pub role: Role,
    /// Groups.
    pub name: String,
    /// Groups: address of the picture, or empty.
    pub avatar: String,
    /// Groups; 0 elsewhere.
    pub owner: UserId,
    /// Groups; 0 elsewhere.
    pub member_count: i32,
    /// Groups: only admins and the owner write.
    pub silenced: bool,
    /// The member may not write until then.
    pub silenced_until: Option<SystemTime>,
    /// What the member has set.
    pub settings: Settings,
    /// Entries up to here were before the member's time.
    pub from_seq: i64,
    /// The entry by which the member left; 0 while a member.
    pub until_seq: i64,
    /// Unread entries that mention the member.
    pub mentions: i64,
    /// Countable entries of others after the read position.
    pub unread: i64,
    /// The member's read position.
    pub read_seq: i64,
    /// Private: the other one's read position.
    pub peer_read_seq: i64,
    /// Private: the other one's delivered position.
    pub peer_delivered_seq: i64,
    /// The highest seq that the member is given; 0 when there is none.
    pub tip_seq: i64,
    /// The entry at the tip, if there is any.
    pub last: Option<Entry>,
    /// When it was made.
    pub created_at: SystemTime,
    /// When its last entry was committed, else when it was made.
    pub active_at: SystemTime,
    /// Where it stands in the list.
    pub position: Position,
}

/// A place in the list: after the conversation with this time of activity, in whole milliseconds, and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Of the last entry, or of the creation.
    pub active_at: SystemTime,
    /// Decides between conversations of the same millisecond.
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

/// What a user sets for themselves in a conversation.
#[derive(Debug)]
pub struct Settings {
    /// When it was pinned.
    pub pinned_at: Option<SystemTime>,
    /// Nothing notifies until then.
    pub muted_until: Option<SystemTime>,
    /// Put away.
    pub archived: bool,
    /// Not shown until the next entry.
    pub hidden: bool,
    /// What the user is writing.
    pub draft: String,
    /// When that was last changed.
    pub draft_at: Option<SystemTime>,
}

/// Later than every entry.
const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Behind every entry.
const END: i64 = i64::MAX;

/// From states `s` of `conversation_states`: everything of [`ConversationRow`], with the peer `u`.
fn row_of(source: &str) -> String {
    format!(
        "SELECT s.*, {ENTRY}, {} FROM ({source}) s \
         LEFT JOIN messages e ON e.conversation_id = s.conversation_id AND e.seq = s.tip_seq \
         {} LEFT JOIN users u ON u.id = s.peer_id",
        Person::LIST,
        changes("s.tip_seq")
    )
}

impl Store {
    /// Up to `limit` conversations of a user after `after`, newest first, without those that are hidden; only those that are `archived` or not,
    /// where that is given. Those of everybody, which are always there, are left out. The page and the total, which counts all of them, are one
    /// snapshot.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn conversations(
        &self,
        user: UserId,
        archived: Option<bool>,
        after: Option<Position>,
        limit: u32,
    ) -> Result<ConversationPage> {
        // The functions are those of logic, so that a list says what a sync says. What is hidden shows again with the entry after it.
        // Materialized: in a nested loop the functions would run once per row.
        let sql = format!(
            "WITH page AS MATERIALIZED ( \
               SELECT s.* FROM ( \
                 SELECT coalesce(array_agg(x.conversation_id ORDER BY x.activity DESC, x.conversation_id DESC), '{{}}') AS ids FROM ( \
                   SELECT l.conversation_id, l.activity FROM list_conversations($1, NULL, $2, $3, NULL) l \
                   LEFT JOIN conversation_views v ON v.user_id = $1 AND v.conversation_id = l.conversation_id \
                   WHERE l.conversation_id NOT IN (1, 2) AND ($5::boolean IS NULL OR (coalesce(v.archived, 0) = 1) = $5) \
                     AND (coalesce(v.hidden_seq, 0) = 0 OR EXISTS ( \
                       SELECT FROM messages e WHERE e.conversation_id = l.conversation_id AND e.seq = v.hidden_seq + 1)) \
                   ORDER BY l.activity DESC, l.conversation_id DESC LIMIT $4) x) listed \
               CROSS JOIN LATERAL conversation_states(array_fill($1::bigint, ARRAY[cardinality(listed.ids)]), listed.ids) s \
             ), total AS MATERIALIZED (SELECT unread_total($1) AS unread) \
             SELECT total.unread AS total_unread, shown.* FROM total LEFT JOIN ({}) shown ON true ORDER BY shown.ordinal",
            row_of("SELECT * FROM page")
        );
        let (before, before_id) = match after {
            Some(position) => (position.active_at, position.id),
            None => (SystemTime::now() + FAR, END),
        };
        let client = self.client().await?;
        // One more than asked for tells whether more follow.
        let wanted = i64::from(limit) + 1;
        let found = rows(
            &client,
            &sql,
            &[&user.to_sql(), &before, &before_id, &wanted, &archived],
        )
        .await?;
        let total_unread = found
            .first()
            .map_or(Ok(0), |row| row.try_get("total_unread"))?;
        let mut conversations = Vec::with_capacity(found.len());
        for row in &found {
            // Without conversations there is one row with the total and nothing else.
            if row.try_get::<_, Option<i64>>("conversation_id")?.is_some() {
                conversations.push(ConversationRow::read(row)?);
            }
        }
        let (conversations, more) = validate::page(conversations, limit);
        Ok(ConversationPage {
            conversations,
            total_unread,
            more,
        })
    }

    /// One conversation of a user, or one of everybody.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn conversation(&self, user: UserId, id: ConversationId) -> Result<ConversationRow> {
        let sql = row_of("SELECT * FROM conversation_states(ARRAY[$1::bigint], ARRAY[$2::bigint])");
        let client = self.client().await?;
        let row = optional(&client, &sql, &[&user.to_sql(), &id.to_sql()]).await?;
        match row {
            Some(row) => Ok(ConversationRow::read(&row)?),
            None => Err(self.absent(id).await?),
        }
    }

    /// Whether the user may read any of it, also after leaving; everybody may read what is for everybody.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub(super) async fn require_reader(&self, user: UserId, id: ConversationId) -> Result<()> {
        if id.is_of_everybody() {
            return Ok(());
        }
        let sql = "SELECT 1 FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0 \
                   WHERE m.user_id = $1 AND m.conversation_id = $2 AND (m.deleted = 0 OR m.until_seq > 0)";
        let client = self.client().await?;
        let found = optional(&client, sql, &[&user.to_sql(), &id.to_sql()]).await?;
        match found {
            Some(_) => Ok(()),
            None => Err(self.absent(id).await?),
        }
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
        let id: i64 = row.try_get("conversation_id")?;
        let kind: i16 = row.try_get("type")?;
        let last = match row.try_get::<_, Option<i64>>("entry_id")? {
            Some(_) => Some(Entry::read(row)?),
            None => None,
        };
        let peer = match row.try_get::<_, Option<i64>>("person_id")? {
            Some(_) => Some(Person::read(row)?),
            None => None,
        };
        let active_at: SystemTime = row.try_get("activity")?;
        Ok(Self {
            id: ConversationId::from_sql(id),
            kind: u8::try_from(kind).map_or(ConversationType::Unknown, ConversationType),
            peer,
            role: role(row.try_get("role")?),
            name: row.try_get("name")?,
            avatar: row.try_get("avatar")?,
            owner: UserId::from_sql(row.try_get("owner_id")?),
            member_count: row.try_get("member_count")?,
            silenced: row.try_get("silenced")?,
            silenced_until: some_time(row.try_get("silenced_until")?),
            settings: Settings {
                pinned_at: some_time(row.try_get("pinned_at")?),
                muted_until: some_time(row.try_get("muted_until")?),
                archived: row.try_get("archived")?,
                hidden: row.try_get("hidden")?,
                draft: row.try_get("draft")?,
                draft_at: some_time(row.try_get("draft_at")?),
            },
            from_seq: row.try_get("from_seq")?,
            until_seq: row.try_get("until_seq")?,
            unread: row.try_get("unread")?,
            mentions: row.try_get("mentions")?,
            read_seq: row.try_get("read_seq")?,
            peer_read_seq: row.try_get("peer_read_seq")?,
            peer_delivered_seq: row.try_get("peer_delivered_seq")?,
            tip_seq: row.try_get("tip_seq")?,
            last,
            created_at: row.try_get("created_at")?,
            active_at,
            position: Position { active_at, id },
        })
    }
}
