//! Read and delivered positions.

use im_shared::ids::{ConversationId, Seq, UserId};

use super::{Store, StoreError};

/// Where a member wants its positions to be, at least. 0 moves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The member.
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
    /// The user is not in it.
    NotMember,
    /// The positions of the member.
    Member(Moved),
}

/// The positions of a member, and whether this call moved them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The other member of a private conversation; 0 in others.
    pub peer: UserId,
    /// The read position.
    pub read: Seq,
    /// The delivered position.
    pub delivered: Seq,
    /// The read position was lower before.
    pub read_moved: bool,
    /// The delivered position was lower before.
    pub delivered_moved: bool,
}

const MOVE: &str = "\
    SELECT ordinal, status, peer_id, read_seq, delivered_seq, read_moved, delivered_moved \
    FROM move_positions($1, $2, $3, $4)";

impl Store {
    /// Moves positions forward, capped at the tips, and gives what holds then, in the order of `wanted`.
    ///
    /// # Errors
    ///
    /// A statement failed; nothing was moved, or the answer was lost. Moving again is harmless.
    pub async fn move_positions(&self, wanted: &[Wanted]) -> Result<Vec<Standing>, StoreError> {
        let column = |of: fn(&Wanted) -> i64| wanted.iter().map(of).collect::<Vec<i64>>();
        let users = column(|w| w.user.to_sql());
        let conversations = column(|w| w.conversation.to_sql());
        let (reads, delivereds) = (
            column(|w| w.read.to_sql()),
            column(|w| w.delivered.to_sql()),
        );

        let client = self.connection().await?;
        let statement = client.prepare_cached(MOVE).await?;
        let rows = client
            .query(&statement, &[&users, &conversations, &reads, &delivereds])
            .await?;
        let mut standings = vec![Standing::Unknown; wanted.len()];
        for row in rows {
            let ordinal: i32 = row.try_get(0)?;
            let place = usize::try_from(ordinal)
                .ok()
                .and_then(|ordinal| standings.get_mut(ordinal.checked_sub(1)?));
            let Some(place) = place else { continue };
            *place = match row.try_get::<_, i16>(1)? {
                0 => Standing::Member(Moved {
                    peer: UserId::from_sql(row.try_get(2)?),
                    read: Seq::from_sql(row.try_get(3)?),
                    delivered: Seq::from_sql(row.try_get(4)?),
                    read_moved: row.try_get(5)?,
                    delivered_moved: row.try_get(6)?,
                }),
                1 => Standing::NotMember,
                _ => Standing::Unknown,
            };
        }
        Ok(standings)
    }
}
