//! Full text.

use std::collections::BTreeSet;

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::Entry;

use super::entries::{change_join, entry, entry_columns};
use super::{Store, StoreError};
use crate::search::text::searched;
use crate::search::words::{Query, words};

/// In the order of the ids, so that no two workers deadlock. Whoever comes second waits and finds nothing left.
const BEGIN: &str = "\
    INSERT INTO search_progress (id) SELECT id FROM (SELECT unnest($1::bigint[]) AS id ORDER BY 1) c ON CONFLICT DO NOTHING";
const LOCK: &str =
    "SELECT id, indexed_seq FROM search_progress WHERE id = ANY($1) ORDER BY id FOR UPDATE";

/// What was added to each log: the entries that are messages, and those that change one.
const ADDED: &str = "\
    SELECT n.conversation_id, n.seq, n.type, n.target_seq \
    FROM unnest($1::bigint[], $2::bigint[]) AS g (conversation_id, after) \
    CROSS JOIN LATERAL ( \
      SELECT m.conversation_id, m.seq, m.type, m.target_seq FROM messages m \
      WHERE m.conversation_id = g.conversation_id AND m.seq > g.after ORDER BY m.seq LIMIT $3 \
    ) n LIMIT $3";

/// Messages as they are now.
const NOW: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS g (conversation_id, seq) ",
    "JOIN messages e ON e.conversation_id = g.conversation_id AND e.seq = g.seq ",
    change_join!("9223372036854775807"),
);

/// Words as they are, and as English stems; what has no space is cut up already.
const WRITE: &str = "\
    INSERT INTO search_entries (id, conversation_id, seq, words) \
    SELECT g.id, g.conversation_id, g.seq, \
           to_tsvector('pg_catalog.simple', g.spaced) || to_tsvector('pg_catalog.english', g.spaced) \
             || array_to_tsvector(string_to_array(g.dense, ' ')) \
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[]) AS g (id, conversation_id, seq, spaced, dense) \
    ON CONFLICT (conversation_id, seq) DO UPDATE SET words = excluded.words, updated_at = now()";
const ERASE: &str = "\
    DELETE FROM search_entries s USING unnest($1::bigint[], $2::bigint[]) AS g (conversation_id, seq) \
    WHERE s.conversation_id = g.conversation_id AND s.seq = g.seq";
const ADVANCE: &str = "\
    UPDATE search_progress p SET indexed_seq = g.seq, updated_at = now() \
    FROM unnest($1::bigint[], $2::bigint[]) AS g (id, seq) WHERE p.id = g.id";

/// One's own conversations, as far as one may read them; or a conversation of everybody, when it is asked for by name.
const RANGES: &str = "\
    SELECT m.conversation_id, m.from_seq, CASE WHEN m.deleted = 1 THEN m.until_seq ELSE 9223372036854775807 END \
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0 \
    WHERE m.user_id = $1 AND ($2::bigint = 0 OR m.conversation_id = $2) \
    UNION ALL \
    SELECT c.id, 0, 9223372036854775807 FROM conversations c WHERE c.id IN (1, 2) AND (c.id = $2 OR ($2 = 0 AND c.id = 2))";

/// Whose log goes on beyond what is indexed.
const BEHIND: &str = "\
    SELECT g.id FROM unnest($1::bigint[]) AS g (id) LEFT JOIN search_progress p ON p.id = g.id \
    WHERE EXISTS ( \
      SELECT FROM messages m WHERE m.conversation_id = g.id AND m.seq = coalesce(p.indexed_seq, 0) + 1 \
    )";

/// The newest first. A word that is asked for is a stem or stands as it is; the last one may go on.
const FIND: &str = concat!(
    "SELECT ",
    entry_columns!(),
    ", f.until FROM ( \
      SELECT s.conversation_id, s.seq, s.id, r.until FROM search_entries s \
      JOIN unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS r (conversation_id, after, until) ON r.conversation_id = s.conversation_id \
      WHERE s.conversation_id = ANY($1) AND s.words @@ $4::text::tsquery AND s.seq > r.after AND s.seq <= r.until AND s.id < $5 \
      ORDER BY s.id DESC LIMIT $6 \
    ) f JOIN messages e ON e.conversation_id = f.conversation_id AND e.seq = f.seq ",
    change_join!("f.until"),
    "ORDER BY e.id DESC"
);

/// PostgreSQL stems what is asked for as it stems what is written.
const STEMS: &str = "\
    SELECT string_agg('(' || (plainto_tsquery('pg_catalog.simple', w) || plainto_tsquery('pg_catalog.english', w))::text || ')', ' & ') \
    FROM unnest($1::text[]) AS w";

/// What of a conversation a user may search.
#[derive(Debug, Clone, Copy)]
pub struct Searched {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Not included.
    pub from: Seq,
    /// The last one.
    pub until: i64,
}

impl Store {
    /// Indexes a portion of what `conversations` have beyond what is indexed, in one transaction. Gives the number of entries; 0 when
    /// nothing is left.
    ///
    /// # Errors
    ///
    /// A statement failed; nothing was done.
    pub async fn index(
        &self,
        conversations: &[ConversationId],
        limit: usize,
    ) -> Result<usize, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ids: Vec<i64> = conversations.iter().map(|id| id.to_sql()).collect();
        let mut client = self.connection().await?;
        let transaction = client.transaction().await?;
        let begin = transaction.prepare_cached(BEGIN).await?;
        transaction.execute(&begin, &[&ids]).await?;
        let lock = transaction.prepare_cached(LOCK).await?;
        let (mut held, mut after) = (Vec::<i64>::new(), Vec::<i64>::new());
        for row in transaction.query(&lock, &[&ids]).await? {
            held.push(row.try_get(0)?);
            after.push(row.try_get(1)?);
        }
        let added = transaction.prepare_cached(ADDED).await?;
        let added = transaction.query(&added, &[&held, &after, &limit]).await?;
        let mut changed = BTreeSet::new();
        let mut reached = std::collections::BTreeMap::new();
        for row in &added {
            let (conversation, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            reached.insert(conversation, seq);
            match row.try_get::<_, i16>(2)? {
                ..32 => changed.insert((conversation, seq)),
                32 | 33 => changed.insert((conversation, row.try_get(3)?)),
                _ => false,
            };
        }
        let (at, seqs): (Vec<i64>, Vec<i64>) = changed.into_iter().unzip();
        let now = transaction.prepare_cached(NOW).await?;
        let mut rows = Rows::default();
        for row in transaction.query(&now, &[&at, &seqs]).await? {
            rows.add(&entry(&row, 0)?);
        }
        let write = transaction.prepare_cached(WRITE).await?;
        transaction
            .execute(
                &write,
                &[
                    &rows.ids,
                    &rows.conversations,
                    &rows.seqs,
                    &rows.spaced,
                    &rows.dense,
                ],
            )
            .await?;
        let erase = transaction.prepare_cached(ERASE).await?;
        let (gone, gone_seqs): (Vec<i64>, Vec<i64>) = rows.gone.into_iter().unzip();
        transaction.execute(&erase, &[&gone, &gone_seqs]).await?;
        let advance = transaction.prepare_cached(ADVANCE).await?;
        let (reached, reached_seqs): (Vec<i64>, Vec<i64>) = reached.into_iter().unzip();
        transaction
            .execute(&advance, &[&reached, &reached_seqs])
            .await?;
        transaction.commit().await?;
        Ok(added.len())
    }

    /// What `user` may search: one conversation, or all of their own when it is 0.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn searched(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Vec<Searched>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(RANGES).await?;
        let rows = client
            .query(&statement, &[&user.to_sql(), &conversation.to_sql()])
            .await?;
        let range = |row: &tokio_postgres::Row| {
            Ok(Searched {
                conversation: ConversationId::from_sql(row.try_get(0)?),
                from: Seq::from_sql(row.try_get(1)?),
                until: row.try_get(2)?,
            })
        };
        rows.iter().map(range).collect()
    }

    /// Which of `conversations` are not indexed up to their ends.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn not_indexed(
        &self,
        conversations: &[Searched],
    ) -> Result<Vec<ConversationId>, StoreError> {
        let ids: Vec<i64> = conversations
            .iter()
            .map(|range| range.conversation.to_sql())
            .collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(BEHIND).await?;
        let rows = client.query(&statement, &[&ids]).await?;
        let id = |row: &tokio_postgres::Row| Ok(ConversationId::from_sql(row.try_get(0)?));
        rows.iter().map(id).collect()
    }

    /// Candidates before the message `before` (0: from the newest), the newest first, `limit` at most: the words are there; whether the
    /// runs stand together is for [`Query::has_runs`] to say.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn find(
        &self,
        query: &Query,
        ranges: &[Searched],
        before: MessageId,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let column = |of: fn(&Searched) -> i64| ranges.iter().map(of).collect::<Vec<i64>>();
        let conversations = column(|range| range.conversation.to_sql());
        let (afters, untils) = (
            column(|range| range.from.to_sql()),
            column(|range| range.until),
        );
        let before = if before.is_some() {
            before.to_sql()
        } else {
            i64::MAX
        };
        let client = self.connection().await?;
        let stems = client.prepare_cached(STEMS).await?;
        let (last, whole) = match query.spaced.split_last() {
            Some((last, whole)) => (Some(last), whole.to_vec()),
            None => (None, Vec::new()),
        };
        let stemmed: Option<String> = client.query_one(&stems, &[&whole]).await?.try_get(0)?;
        let mut parts: Vec<String> = stemmed.into_iter().collect();
        if let Some(last) = last {
            let stems: Option<String> = client
                .query_one(&stems, &[&vec![last.clone()]])
                .await?
                .try_get(0)?;
            let prefix = format!("{}:*", quoted(last));
            parts.push(match stems {
                Some(stems) => format!("({prefix} | {stems})"),
                None => prefix,
            });
        }
        parts.extend(query.grams().iter().map(|gram| quoted(gram)));
        let asked = parts.join(" & ");
        let statement = client.prepare_cached(FIND).await?;
        let rows = client
            .query(
                &statement,
                &[&conversations, &afters, &untils, &asked, &before, &limit],
            )
            .await?;
        rows.iter().map(|row| entry(row, 0)).collect()
    }
}

/// A lexeme in a `tsquery`. Words are letters and digits only, so nothing in them ends the quotes.
fn quoted(word: &str) -> String {
    format!("'{word}'")
}

/// What is to be written, column by column.
#[derive(Default)]
struct Rows {
    ids: Vec<i64>,
    conversations: Vec<i64>,
    seqs: Vec<i64>,
    spaced: Vec<String>,
    dense: Vec<String>,
    gone: Vec<(i64, i64)>,
}

impl Rows {
    fn add(&mut self, entry: &Entry) {
        let words = words(&searched(entry.type_, &entry.content));
        let (conversation, seq) = (entry.conversation_id.to_sql(), entry.seq.to_sql());
        if words.spaced.is_empty() && words.dense.is_empty() {
            // Taken back, or nothing to search.
            self.gone.push((conversation, seq));
            return;
        }
        self.ids.push(entry.message_id.to_sql());
        self.conversations.push(conversation);
        self.seqs.push(seq);
        self.spaced.push(words.spaced);
        self.dense.push(words.dense.join(" "));
    }
}
