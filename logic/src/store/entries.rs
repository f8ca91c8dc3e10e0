//! Stretches of the log, with every message as it is now.
//!
//! Entries are never changed; an edit and a recall are entries of their own (D14). Whoever reads gets a message with the content and the
//! mentions of its last edit, and of a recalled one neither; what an edit of a recalled message said is gone too. It is one statement and
//! so one snapshot, and costs one more look-up by index for each message and edit, however much was said about it.
//!
//! [`entry_columns`], [`change_join`] and [`entry`] are the one place that says so. Other statements that give entries use them over a row
//! `e` of `messages`; the store of web says the same in its own words.

use bytes::Bytes;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{Cursor, Direction, Entry, EntryType};
use tokio_postgres::Row;

use super::append::millis;
use super::{Store, StoreError, View};

/// The thirteen columns of [`entry`]: of a row `e` of `messages`, with the row `x` of [`change_join`] beside it.
macro_rules! entry_columns {
    () => {
        "e.seq, e.message_index, e.id, e.client_message_id, e.sender_id, e.type, \
         CASE WHEN x.type = 33 THEN '' WHEN x.type = 32 AND e.type < 32 THEN x.content ELSE e.content END AS content, \
         e.created_at, e.target_seq, e.conversation_id, \
         CASE WHEN x.type = 33 THEN '{}' WHEN x.type = 32 AND e.type < 32 THEN x.mentions ELSE e.mentions END AS mentions, \
         CASE WHEN x.type = 32 AND e.type < 32 THEN x.seq ELSE 0 END AS edited_seq, \
         CASE WHEN x.type = 33 THEN x.seq ELSE 0 END AS recalled_seq"
    };
}
pub(super) use entry_columns;

/// The row `x`: the recall of the message `e`, or else its last edit up to the given seq (an SQL expression), or else nothing. Of an edit
/// `e` it is the recall of what was edited. Who has left a group sees no edit from after their time, and every recall.
macro_rules! change_join {
    ($until:literal) => {
        concat!(
            "LEFT JOIN LATERAL ( ",
            "  SELECT c.type, c.seq, c.content, c.mentions FROM messages c ",
            "  WHERE c.conversation_id = e.conversation_id AND c.type IN (32, 33) AND (c.type = 33 OR c.seq <= ",
            $until,
            ") ",
            // Other entries ask for NULL, which reads nothing.
            "    AND c.target_seq = CASE WHEN e.type < 32 THEN e.seq WHEN e.type = 32 THEN e.target_seq END ",
            "  ORDER BY c.type DESC, c.seq DESC LIMIT 1 ",
            ") x ON true "
        )
    };
}
pub(super) use change_join;

/// What a user may see of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Not included: what was before the user's time.
    pub from: Seq,
    /// The last one, for who has left.
    pub until: Option<Seq>,
}

impl Span {
    fn until_sql(self) -> i64 {
        self.until.map_or(i64::MAX, Seq::to_sql)
    }
}

impl From<View> for Span {
    fn from(view: View) -> Self {
        Self {
            from: view.from,
            until: view.until,
        }
    }
}

/// A stretch of one conversation's log.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// Which conversation.
    pub conversation: ConversationId,
    /// What of it the reader may see.
    pub span: Span,
    /// Not included; backward, 0 stands for the end of the log.
    pub from: Seq,
    /// Which way.
    pub direction: Direction,
    /// Entries at most.
    pub limit: i64,
}

const FORWARD: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM messages e ",
    change_join!("$3"),
    "WHERE e.conversation_id = $1 AND e.seq > $2 AND e.seq <= $3 ORDER BY e.seq LIMIT $4"
);

const BACKWARD: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM messages e ",
    change_join!("$3"),
    "WHERE e.conversation_id = $1 AND e.seq > $2 AND e.seq <= $3 AND e.seq < $4 ORDER BY e.seq DESC LIMIT $5"
);

/// The nested loop gives the cursors in their order; the outer limit ends it early.
const AFTER_CURSORS: &str = concat!(
    "SELECT n.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS g (conversation_id, after, until) ",
    "CROSS JOIN LATERAL ( SELECT ",
    entry_columns!(),
    "  FROM messages e ",
    change_join!("g.until"),
    "  WHERE e.conversation_id = g.conversation_id AND e.seq > g.after AND e.seq <= g.until ORDER BY e.seq LIMIT $4 ",
    ") n LIMIT $4"
);

impl Store {
    /// The entries next to `stretch.from` that the reader may see, the nearest first.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn stretch(&self, stretch: Stretch) -> Result<Vec<Entry>, StoreError> {
        let client = self.connection().await?;
        let (conversation, until) = (stretch.conversation.to_sql(), stretch.span.until_sql());
        let (begin, limit) = (stretch.span.from.to_sql(), stretch.limit);
        let rows = if stretch.direction == Direction::Backward {
            let before = match stretch.from {
                Seq(0) => i64::MAX,
                seq => seq.to_sql(),
            };
            let statement = client.prepare_cached(BACKWARD).await?;
            client
                .query(
                    &statement,
                    &[&conversation, &begin, &until, &before, &limit],
                )
                .await?
        } else {
            let after = begin.max(stretch.from.to_sql());
            let statement = client.prepare_cached(FORWARD).await?;
            client
                .query(&statement, &[&conversation, &after, &until, &limit])
                .await?
        };
        rows.iter().map(|row| entry(row, 0)).collect()
    }

    /// The entries after each cursor that the reader may see, in the order of the cursors, `limit` at most in all. A cursor before the
    /// reader's time counts as the end of that time.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn after_cursors(
        &self,
        cursors: &[(Cursor, Span)],
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let column = |of: fn(&(Cursor, Span)) -> i64| cursors.iter().map(of).collect::<Vec<i64>>();
        let conversations = column(|(cursor, _)| cursor.conversation_id.to_sql());
        let afters = column(|(cursor, span)| cursor.seq.max(span.from).to_sql());
        let untils = column(|(_, span)| span.until_sql());
        let client = self.connection().await?;
        let statement = client.prepare_cached(AFTER_CURSORS).await?;
        let rows = client
            .query(&statement, &[&conversations, &afters, &untils, &limit])
            .await?;
        rows.iter().map(|row| entry(row, 0)).collect()
    }
}

/// From the thirteen columns of [`entry_columns`], which begin at `at`.
pub(super) fn entry(row: &Row, at: usize) -> Result<Entry, StoreError> {
    let number = |column: usize| row.try_get::<_, i64>(at + column);
    let content: String = row.try_get(at + 6)?;
    let mentions: Vec<i64> = row.try_get(at + 10)?;
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
        mentions: mentions.into_iter().map(UserId::from_sql).collect(),
        edited_seq: Seq::from_sql(number(11)?),
        recalled_seq: Seq::from_sql(number(12)?),
    })
}
