//! How users see conversations. `conversation_states` (`schema/migrations/V6__positions.sql`) counts; this reads.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationState, ConversationType, Cursor, Role};
use tokio_postgres::Row;

use super::append::millis;
use super::entries::{Span, change_join, entry, entry_columns};
use super::{Store, StoreError};

/// A transaction that was open when `since` was read may have stamped its rows before: none is open for so long, for
/// `postgres.statement_timeout_ms` and `lanes.commit_timeout_ms` are shorter.
const OVERLAP: Duration = Duration::from_mins(1);

/// A place in the list, which is ordered by activity and then by id, both falling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Milliseconds since 1970.
    pub activity: i64,
    /// Decides between those of the same millisecond.
    pub conversation: ConversationId,
}

/// Which conversations are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// Whose.
    pub user: UserId,
    /// Only those in which something changed since then, in milliseconds since 1970; 0: all but what was left and hidden.
    pub since: i64,
    /// Only what comes after this one.
    pub after: Option<Place>,
    /// At most.
    pub limit: i32,
}

/// A state, and when the settings in it were last changed.
#[derive(Debug, Clone)]
pub struct Seen {
    /// As the client gets it.
    pub state: ConversationState,
    /// By the database's clock; 1970 where nothing was ever set.
    pub set_at: SystemTime,
}

macro_rules! states {
    ($source:literal) => {
        concat!(
            "SELECT ",
            entry_columns!(),
            ", s.conversation_id, s.type, s.peer_id, s.created_at, s.activity, s.tip_seq, s.tip_index, s.read_seq, s.delivered_seq, ",
            "s.peer_read_seq, s.peer_delivered_seq, s.unread, s.mentions, s.role, s.from_seq, s.until_seq, ",
            "s.pinned_at, s.muted_until, s.archived, s.hidden, s.draft, s.draft_at, s.view_at, s.silenced_until, s.silenced, ",
            "s.name, s.avatar, s.owner_id, s.member_count, s.ordinal ",
            "FROM ",
            $source,
            " s LEFT JOIN messages e ON e.conversation_id = s.conversation_id AND e.seq = s.tip_seq ",
            change_join!("s.tip_seq"),
            "ORDER BY s.ordinal"
        )
    };
}

/// Where the columns of the state begin.
const STATE: usize = 13;

/// One statement and so one snapshot: first which conversations, then everything about them.
const LIST: &str = states!(
    "(SELECT coalesce(array_agg(l.conversation_id ORDER BY l.activity DESC, l.conversation_id DESC), '{}') AS ids \
      FROM list_conversations($1, $2, $3, $4, $5) l) page \
     CROSS JOIN LATERAL conversation_states(array_fill($1, ARRAY[cardinality(page.ids)]), page.ids)"
);

const OF: &str = states!("conversation_states($1, $2)");

const NOW: &str = "SELECT now()";

/// In the order of the cursors, without those of conversations that the user has nothing to do with.
const SPANS: &str = "\
    SELECT g.ordinal, coalesce(m.from_seq, 0), coalesce(m.until_seq, 0) \
    FROM unnest($2::bigint[]) WITH ORDINALITY AS g (conversation_id, ordinal) \
    LEFT JOIN conversation_members m \
      ON m.user_id = $1 AND m.conversation_id = g.conversation_id AND (m.deleted = 0 OR m.until_seq > 0) \
    WHERE m.id IS NOT NULL OR g.conversation_id IN (1, 2) \
    ORDER BY g.ordinal";

impl Store {
    /// The database's clock, for [`Listing::since`] of a later listing. Asked before the listing.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn now(&self) -> Result<i64, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(NOW).await?;
        Ok(millis(client.query_one(&statement, &[]).await?.try_get(0)?))
    }

    /// The conversations of a user, the last active first.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn list(&self, listing: Listing) -> Result<Vec<ConversationState>, StoreError> {
        let since = (listing.since > 0)
            .then(|| time(listing.since).checked_sub(OVERLAP))
            .flatten();
        let (before, before_id) = match listing.after {
            Some(place) => (Some(time(place.activity)), place.conversation.to_sql()),
            None => (None, 0),
        };
        let client = self.connection().await?;
        let statement = client.prepare_cached(LIST).await?;
        let rows = client
            .query(
                &statement,
                &[
                    &listing.user.to_sql(),
                    &since,
                    &before,
                    &before_id,
                    &listing.limit,
                ],
            )
            .await?;
        rows.iter().map(|row| Ok(seen(row)?.state)).collect()
    }

    /// What `user` may see of the conversations of these cursors, in their order; without those that the user has nothing to do with.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn spans(
        &self,
        user: UserId,
        cursors: &[Cursor],
    ) -> Result<Vec<(Cursor, Span)>, StoreError> {
        let conversations: Vec<i64> = cursors
            .iter()
            .map(|cursor| cursor.conversation_id.to_sql())
            .collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(SPANS).await?;
        let rows = client
            .query(&statement, &[&user.to_sql(), &conversations])
            .await?;
        let mut spans = Vec::with_capacity(rows.len());
        for row in rows {
            let cursor = usize::try_from(row.try_get::<_, i64>(0)?)
                .ok()
                .and_then(|ordinal| cursors.get(ordinal.checked_sub(1)?));
            let until = Seq::from_sql(row.try_get(2)?);
            let span = Span {
                from: Seq::from_sql(row.try_get(1)?),
                until: (until > Seq(0)).then_some(until),
            };
            spans.extend(cursor.map(|cursor| (*cursor, span)));
        }
        Ok(spans)
    }

    /// The state of one conversation; none when `user` is not in it and never was.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn state(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Option<ConversationState>, StoreError> {
        Ok(self.seen(user, conversation).await?.map(|seen| seen.state))
    }

    /// As [`Store::state`], with the time of the settings.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn seen(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Seen>, StoreError> {
        let mut states = self.states_of(&[user], conversation).await?;
        Ok(states.pop().map(|(_, seen)| seen))
    }

    /// One conversation as each of these users sees it, in their order; without those who have nothing to do with it.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn states_of(
        &self,
        users: &[UserId],
        conversation: ConversationId,
    ) -> Result<Vec<(UserId, Seen)>, StoreError> {
        let ids: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let conversations = vec![conversation.to_sql(); users.len()];
        let client = self.connection().await?;
        let statement = client.prepare_cached(OF).await?;
        let rows = client.query(&statement, &[&ids, &conversations]).await?;
        let mut states = Vec::with_capacity(rows.len());
        for row in rows {
            let ordinal: i32 = row.try_get(STATE + 29)?;
            let user = usize::try_from(ordinal)
                .ok()
                .and_then(|ordinal| users.get(ordinal.checked_sub(1)?));
            if let Some(user) = user {
                states.push((*user, seen(&row)?));
            }
        }
        Ok(states)
    }
}

fn seen(row: &Row) -> Result<Seen, StoreError> {
    let number = |column: usize| row.try_get::<_, i64>(STATE + column);
    let count = |column: usize| number(column).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let small = |column: usize| row.try_get::<_, i16>(STATE + column);
    let at = |column: usize| row.try_get::<_, SystemTime>(STATE + column).map(millis);
    let seq = |column: usize| number(column).map(Seq::from_sql);
    let last = match row.try_get::<_, Option<i64>>(0)? {
        Some(_) => Some(entry(row, 0)?),
        None => None,
    };
    let state = ConversationState {
        conversation_id: ConversationId::from_sql(number(0)?),
        type_: ConversationType(u8::try_from(small(1)?).unwrap_or_default()),
        peer_id: UserId::from_sql(number(2)?),
        tip_seq: seq(5)?,
        tip_index: u64::try_from(number(6)?).unwrap_or_default(),
        read_seq: seq(7)?,
        delivered_seq: seq(8)?,
        peer_read_seq: seq(9)?,
        peer_delivered_seq: seq(10)?,
        unread: count(11)?,
        last,
        created_at: at(3)?,
        activity: at(4)?,
        role: Role(u8::try_from(small(13)?).unwrap_or_default()),
        from_seq: seq(14)?,
        until_seq: seq(15)?,
        mentions: count(12)?,
        pinned_at: at(16)?,
        muted_until: at(17)?,
        archived: row.try_get(STATE + 18)?,
        hidden: row.try_get(STATE + 19)?,
        draft: row.try_get(STATE + 20)?,
        draft_at: at(21)?,
        silenced_until: at(23)?,
        silenced: row.try_get(STATE + 24)?,
        name: row.try_get(STATE + 25)?,
        avatar: row.try_get(STATE + 26)?,
        owner_id: UserId::from_sql(number(27)?),
        member_count: u32::try_from(row.try_get::<_, i32>(STATE + 28)?).unwrap_or_default(),
    };
    Ok(Seen {
        state,
        set_at: row.try_get(STATE + 22)?,
    })
}

/// From milliseconds since 1970, to the end of the year 9999: beyond that a client cannot mean it.
pub(super) fn time(millis: i64) -> SystemTime {
    const END: i64 = 253_402_300_799_000;
    let millis = u64::try_from(millis.clamp(0, END)).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(millis)
}
