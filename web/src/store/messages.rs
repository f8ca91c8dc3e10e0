//! The log of a conversation, read by its members. Entries are never changed; what is read is the current state of each: with the content of
//! its last edit, and without content once it was taken back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{self, EntryType};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Params, Result, Store, rows};
use crate::validate;

/// One entry of a conversation's log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: MessageId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Who made it; 0 is the operator.
    pub sender: UserId,
    /// The text, or the typed content of another type.
    pub content: String,
    /// What it is.
    pub kind: EntryType,
    /// Its position.
    pub seq: Seq,
    /// When it was committed.
    pub created_at: SystemTime,
    /// The sender's id for it.
    pub client_message_id: Uuid,
    /// The entry that it is about or answers; 0 for none.
    pub target: Seq,
    /// Who is called by name; user 0 stands for everybody.
    pub mentions: Vec<UserId>,
    /// Content and mentions are those of this edit.
    pub edited: Option<Seq>,
    /// Taken back by this entry.
    pub recalled: Option<Seq>,
}

/// The columns `entry_*` of entries `e`, as `x` ([`changes`]) left them: logic's store says the same in its own words.
pub(super) const ENTRY: &str = "\
    e.id AS entry_id, e.conversation_id AS entry_conversation_id, e.seq AS entry_seq, e.sender_id AS entry_sender_id, e.type AS entry_type, \
    CASE WHEN x.type = 33 THEN '' WHEN x.type = 32 AND e.type < 32 THEN x.content ELSE e.content END AS entry_content, \
    CASE WHEN x.type = 33 THEN '{}' WHEN x.type = 32 AND e.type < 32 THEN x.mentions ELSE e.mentions END AS entry_mentions, \
    CASE WHEN x.type = 32 AND e.type < 32 THEN x.seq END AS entry_edited_seq, CASE WHEN x.type = 33 THEN x.seq END AS entry_recalled_seq, \
    e.client_message_id AS entry_client_message_id, e.created_at AS entry_created_at, e.target_seq AS entry_target_seq";

/// The row `x`: the recall of the message `e`, or else its last edit up to `until`, or else nothing; of an edit the recall of what was edited.
/// Who has left a group sees no edit from after their time, and every recall.
pub(super) fn changes(until: &str) -> String {
    format!(
        "LEFT JOIN LATERAL ( \
           SELECT c.type, c.seq, c.content, c.mentions FROM messages c \
           WHERE c.conversation_id = e.conversation_id AND c.type IN (32, 33) AND (c.type = 33 OR c.seq <= {until}) \
             AND c.target_seq = CASE WHEN e.type < 32 THEN e.seq WHEN e.type = 32 THEN e.target_seq END \
           ORDER BY c.type DESC, c.seq DESC LIMIT 1 \
         ) x ON true"
    )
}

impl From<wire::Entry> for Entry {
    /// As logic gave it.
    fn from(entry: wire::Entry) -> Self {
        let some = |seq: Seq| (seq.0 > 0).then_some(seq);
        let created_at = Duration::from_millis(u64::try_from(entry.created_at).unwrap_or(0));
        Self {
            id: entry.message_id,
            conversation: entry.conversation_id,
            sender: entry.sender_id,
            content: String::from_utf8_lossy(&entry.content).into_owned(),
            kind: entry.type_,
            seq: entry.seq,
            created_at: UNIX_EPOCH + created_at,
            client_message_id: entry.client_message_id,
            target: entry.target_seq,
            mentions: entry.mentions,
            edited: some(entry.edited_seq),
            recalled: some(entry.recalled_seq),
        }
    }
}

impl Entry {
    /// Reads the columns `entry_*`.
    pub(super) fn read(row: &Row) -> std::result::Result<Self, tokio_postgres::Error> {
        let kind: i16 = row.try_get("entry_type")?;
        let mentions: Vec<i64> = row.try_get("entry_mentions")?;
        let edited: Option<i64> = row.try_get("entry_edited_seq")?;
        let recalled: Option<i64> = row.try_get("entry_recalled_seq")?;
        Ok(Self {
            id: MessageId::from_sql(row.try_get("entry_id")?),
            conversation: ConversationId::from_sql(row.try_get("entry_conversation_id")?),
            sender: UserId::from_sql(row.try_get("entry_sender_id")?),
            content: row.try_get("entry_content")?,
            kind: u8::try_from(kind).map_or(EntryType::Unknown, EntryType),
            seq: Seq::from_sql(row.try_get("entry_seq")?),
            created_at: row.try_get("entry_created_at")?,
            client_message_id: row.try_get("entry_client_message_id")?,
            target: Seq::from_sql(row.try_get("entry_target_seq")?),
            mentions: mentions.into_iter().map(UserId::from_sql).collect(),
            edited: edited.map(Seq::from_sql),
            recalled: recalled.map(Seq::from_sql),
        })
    }
}

/// Which entries to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest.
    Newest,
    /// The newest before this one.
    Before(Seq),
    /// The oldest after this one.
    After(Seq),
}

/// The time of user $2 in conversation $1: entries after `from_seq`, up to `until_seq`. No row for who was never in it.
const OWN_TIME: &str = "\
    SELECT m.from_seq, CASE WHEN m.until_seq > 0 THEN m.until_seq ELSE 9223372036854775807 END AS until_seq \
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0 \
    WHERE m.user_id = $2 AND m.conversation_id = $1 AND (m.deleted = 0 OR m.until_seq > 0)";

/// The same in a conversation of everybody: all there is and will be.
const ALL_TIME: &str = "\
    SELECT 0::bigint AS from_seq, 9223372036854775807 AS until_seq WHERE $2::bigint IS NOT NULL";

/// Some of a conversation's log.
#[derive(Debug)]
pub struct History {
    /// In ascending order.
    pub entries: Vec<Entry>,
    /// Whether more follow in the direction that was asked for.
    pub more: bool,
}

/// One reaction to one entry, by all who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// To which entry.
    pub target: (ConversationId, Seq),
    /// What it is.
    pub reaction: String,
    /// How many gave it.
    pub count: i64,
    /// Whether the reader is one of them.
    pub mine: bool,
}

impl Store {
    /// Up to `limit` entries, for those who may read the conversation; only those of the reader's time in it. One statement says who may read
    /// what and reads it, so what was removed from a member a moment ago is not given any more.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn history(
        &self,
        user: UserId,
        id: ConversationId,
        window: Window,
        limit: u32,
    ) -> Result<History> {
        let (condition, order, seq) = match window {
            Window::Newest => ("<", "DESC", i64::MAX),
            Window::Before(seq) => ("<", "DESC", seq.to_sql()),
            Window::After(seq) => (">", "ASC", seq.to_sql()),
        };
        let sql = format!(
            "WITH own AS ({}) SELECT {ENTRY} FROM messages e {} \
             WHERE e.conversation_id = $1 AND e.seq {condition} $3 \
               AND e.seq > (SELECT from_seq FROM own) AND e.seq <= (SELECT until_seq FROM own) ORDER BY e.seq {order} LIMIT $4",
            if id.is_of_everybody() {
                ALL_TIME
            } else {
                OWN_TIME
            },
            changes("(SELECT until_seq FROM own)")
        );
        let wanted = i64::from(limit) + 1;
        let params: Params<'_> = &[&id.to_sql(), &user.to_sql(), &seq, &wanted];
        let found = rows(&self.client().await?, &sql, params).await?;
        if found.is_empty() {
            self.require_reader(user, id).await?;
        }
        let (found, more) = validate::page(found, limit);
        let mut entries = found
            .iter()
            .map(Entry::read)
            .collect::<std::result::Result<Vec<_>, _>>()?;
        if order == "DESC" {
            entries.reverse();
        }
        Ok(History { entries, more })
    }

    /// The reactions to these entries, in the order in which each was given first. The last word of each user about each reaction
    /// counts; of a former member's conversation only what was said in their time.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn reactions(
        &self,
        user: UserId,
        targets: &[(ConversationId, Seq)],
    ) -> Result<Vec<Reaction>> {
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let (conversations, seqs): (Vec<i64>, Vec<i64>) = targets
            .iter()
            .map(|(conversation, seq)| (conversation.to_sql(), seq.to_sql()))
            .unzip();
        let sql = "\
            SELECT conversation_id, target_seq, reaction, count(*) AS count, bool_or(sender_id = $1) AS mine FROM ( \
              SELECT DISTINCT ON (r.conversation_id, r.target_seq, r.sender_id, substr(r.content, 2)) \
                     r.conversation_id, r.target_seq, r.sender_id, r.seq, left(r.content, 1) AS sign, substr(r.content, 2) AS reaction \
              FROM unnest($2::bigint[], $3::bigint[]) AS t (conversation_id, seq) \
              LEFT JOIN conversation_members m ON m.user_id = $1 AND m.conversation_id = t.conversation_id \
              JOIN messages r ON r.conversation_id = t.conversation_id AND r.target_seq = t.seq AND r.type = 34 \
                             AND (coalesce(m.until_seq, 0) = 0 OR r.seq <= m.until_seq) \
              ORDER BY r.conversation_id, r.target_seq, r.sender_id, substr(r.content, 2), r.seq DESC \
            ) last WHERE sign = '+' \
            GROUP BY conversation_id, target_seq, reaction ORDER BY conversation_id, target_seq, min(seq)";
        let client = self.client().await?;
        let found = rows(&client, sql, &[&user.to_sql(), &conversations, &seqs]).await?;
        let read = |row: &Row| {
            let conversation = ConversationId::from_sql(row.try_get("conversation_id")?);
            Ok(Reaction {
                target: (conversation, Seq::from_sql(row.try_get("target_seq")?)),
                reaction: row.try_get("reaction")?,
                count: row.try_get("count")?,
                mine: row.try_get("mine")?,
            })
        };
        found.iter().map(read).collect()
    }
}
