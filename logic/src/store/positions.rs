//! Read and delivered positions.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::ConversationType;

use super::{Store, StoreError};

/// Where a user wants its positions to be, at least. 0 moves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// For the row of a conversation of everybody, if there is none; else not used.
    pub id: i64,
    /// The user.
    pub user: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// Everything up to it was read.
    pub read: Seq,
    /// Everything up to it has arrived.
    pub delivered: Seq,
}

/// What holds after the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no such conversation.
    Unknown,
    /// The user is not in it and never was.
    NotMember,
    /// The positions of a member, or of a former one.
    Member(Moved),
}

/// The positions of a user before and after the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// What the conversation is.
    pub kind: ConversationType,
    /// The other member of a private conversation; 0 in others.
    pub peer: UserId,
    /// Members of a group; 0 in others.
    pub members: u32,
    /// The read position before.
    pub read_before: Seq,
    /// The read position.
    pub read: Seq,
    /// The delivered position before.
    pub delivered_before: Seq,
    /// The delivered position.
    pub delivered: Seq,
}

impl Moved {
    /// Whether this call moved the read position.
    #[must_use]
    pub fn read_moved(&self) -> bool {
        self.read > self.read_before
    }

    /// Whether this call moved the delivered position.
    #[must_use]
    pub fn delivered_moved(&self) -> bool {
        self.delivered > self.delivered_before
    }
}

/// Entries that a member has just read or received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Not included.
    pub after: Seq,
    /// The last one.
    pub until: Seq,
}

const MOVE: &str = "\
    SELECT ordinal, status, type, peer_id, member_count, old_read_seq, read_seq, old_delivered_seq, delivered_seq \
    FROM move_positions($1, $2, $3, $4, $5)";

/// The newest entries that were passed, $5 at most each. Who has left meanwhile is told of nothing.
const SENDERS: &str = "\
    SELECT g.ordinal, n.sender_id \
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY \
         AS g (conversation_id, user_id, after, until, ordinal) \
    CROSS JOIN LATERAL ( \
      SELECT DISTINCT e.sender_id FROM ( \
        SELECT m.sender_id, m.type FROM messages m \
        WHERE m.conversation_id = g.conversation_id AND m.seq > g.after AND m.seq <= g.until ORDER BY m.seq DESC LIMIT $5 \
      ) e WHERE e.sender_id <> g.user_id AND e.type < 32 \
    ) n \
    JOIN conversation_members s ON s.user_id = n.sender_id AND s.conversation_id = g.conversation_id AND s.deleted = 0";

impl Store {
    /// Moves positions forward, capped at the tips, and gives what holds then, in the order of `wanted`.
    ///
    /// # Errors
    ///
    /// A statement failed; nothing was moved, or the answer was lost. Moving again is harmless.
    pub async fn move_positions(&self, wanted: &[Wanted]) -> Result<Vec<Standing>, StoreError> {
        let column = |of: fn(&Wanted) -> i64| wanted.iter().map(of).collect::<Vec<i64>>();
        let (ids, users) = (column(|w| w.id), column(|w| w.user.to_sql()));
        let conversations = column(|w| w.conversation.to_sql());
        // What has the highest bit set is more than any seq.
        let reads = column(|w| i64::try_from(w.read.0).unwrap_or(i64::MAX));
        let delivereds = column(|w| i64::try_from(w.delivered.0).unwrap_or(i64::MAX));

        let client = self.connection().await?;
        let statement = client.prepare_cached(MOVE).await?;
        let rows = client
            .query(
                &statement,
                &[&ids, &users, &conversations, &reads, &delivereds],
            )
            .await?;
        let mut standings = vec![Standing::Unknown; wanted.len()];
        for row in rows {
            let ordinal: i32 = row.try_get(0)?;
            let place = usize::try_from(ordinal)
                .ok()
                .and_then(|ordinal| standings.get_mut(ordinal.checked_sub(1)?));
            let Some(place) = place else { continue };
            let kind = u8::try_from(row.try_get::<_, i16>(2)?).unwrap_or_default();
            let seq = |column: usize| row.try_get(column).map(Seq::from_sql);
            *place = match row.try_get::<_, i16>(1)? {
                0 => Standing::Member(Moved {
                    kind: ConversationType(kind),
                    peer: UserId::from_sql(row.try_get(3)?),
                    members: u32::try_from(row.try_get::<_, i32>(4)?).unwrap_or_default(),
                    read_before: seq(5)?,
                    read: seq(6)?,
                    delivered_before: seq(7)?,
                    delivered: seq(8)?,
                }),
                1 => Standing::NotMember,
                _ => Standing::Unknown,
            };
        }
        Ok(standings)
    }

    /// Who sent what was passed, the passing member apart: of the newest `entries` entries of each, in the order of `passed`.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn senders(
        &self,
        passed: &[Passed],
        entries: i64,
    ) -> Result<Vec<Vec<UserId>>, StoreError> {
        let column = |of: fn(&Passed) -> i64| passed.iter().map(of).collect::<Vec<i64>>();
        let conversations = column(|p| p.conversation.to_sql());
        let users = column(|p| p.user.to_sql());
        let (afters, untils) = (column(|p| p.after.to_sql()), column(|p| p.until.to_sql()));
        let client = self.connection().await?;
        let statement = client.prepare_cached(SENDERS).await?;
        let rows = client
            .query(
                &statement,
                &[&conversations, &users, &afters, &untils, &entries],
            )
            .await?;
        let mut senders = vec![Vec::new(); passed.len()];
        for row in rows {
            let place = usize::try_from(row.try_get::<_, i64>(0)?)
                .ok()
                .and_then(|ordinal| senders.get_mut(ordinal.checked_sub(1)?));
            if let Some(place) = place {
                place.push(UserId::from_sql(row.try_get(1)?));
            }
        }
        Ok(senders)
    }
}
