//! What is read for an edit, a recall or a reaction, under the lock of its conversation.

use im_shared::ids::{Seq, UserId};
use im_shared::wire::{ConversationType, Entry, Role};
use tokio_postgres::Row;

use super::entries::{change_join, entry, entry_columns};
use super::{Locked, StoreError};
use crate::bond::Bond;
use crate::change::{Actor, Facts, Room, Target};

/// `$1` the conversation, `$2` the actor, `$3` the target. Everything by index, and of what was said about the target only its edits.
const FACTS: &str = concat!(
    "SELECT c.type, c.user_low, c.user_high, c.silenced, c.owner_id, c.members_seq, ",
    "       CASE WHEN m.deleted = 0 THEN m.role END, m.from_seq, m.silenced_until, ",
    "       CASE WHEN c.type = 1 THEN ( ",
    "         SELECT f.blocked FROM friends f WHERE f.user_id = $2 AND f.deleted = 0 ",
    "           AND f.friend_id = CASE WHEN c.user_low = $2 THEN c.user_high ELSE c.user_low END ",
    "       ) END, ",
    "       (SELECT count(*) FROM messages n ",
    "         WHERE n.conversation_id = e.conversation_id AND n.target_seq = e.seq AND n.type = 32), ",
    "       s.role, ",
    entry_columns!(),
    ", e.created_at ",
    "FROM conversations c ",
    "LEFT JOIN conversation_members m ON m.user_id = $2 AND m.conversation_id = c.id ",
    "LEFT JOIN messages e ON e.conversation_id = c.id AND e.seq = $3 ",
    "LEFT JOIN conversation_members s ON s.user_id = e.sender_id AND s.conversation_id = c.id AND s.deleted = 0 ",
    change_join!("9223372036854775807"),
    "WHERE c.id = $1 AND c.deleted = 0"
);

/// The first column of [`entry_columns`].
const ENTRY: usize = 12;

const OWN_REACTIONS: &str = "\
    SELECT r.seq, r.content FROM messages r \
    WHERE r.conversation_id = $1 AND r.target_seq = $2 AND r.sender_id = $3 AND r.type = 34 ORDER BY r.seq";

const AT: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM messages e ",
    change_join!("9223372036854775807"),
    "WHERE e.conversation_id = $1 AND e.seq = $2"
);

impl Locked {
    /// What the rules of changes ask about; none when there is no such conversation.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn facts(&self, actor: UserId, target: Seq) -> Result<Option<Facts>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(FACTS).await?;
        let row = client
            .query_opt(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &actor.to_sql(),
                    &target.to_sql(),
                ],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let room = room(&row, actor)?;
        Ok(Some(Facts {
            room,
            actor: self.actor(&row, actor, &room)?,
            target: read_target(&row)?,
            now: self.tip().now,
        }))
    }

    fn actor(&self, row: &Row, user: UserId, room: &Room) -> Result<Actor, StoreError> {
        let is_everybody = self.conversation().is_of_everybody();
        let is_system = room.kind == ConversationType::System;
        let role = match row.try_get::<_, Option<i16>>(6)? {
            Some(role) => Role(u8::try_from(role).unwrap_or_default()),
            None if is_everybody && !is_system => Role::Member,
            None => Role::None,
        };
        let never = std::time::SystemTime::UNIX_EPOCH;
        Ok(Actor {
            user,
            role,
            from: Seq::from_sql(row.try_get::<_, Option<i64>>(7)?.unwrap_or(0)),
            silenced_until: row.try_get::<_, Option<_>>(8)?.unwrap_or(never),
        })
    }

    /// What `actor` said in reactions to `target`: seq and content, in order.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn own_reactions(
        &self,
        actor: UserId,
        target: Seq,
    ) -> Result<Vec<(Seq, String)>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(OWN_REACTIONS).await?;
        let rows = client
            .query(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &target.to_sql(),
                    &actor.to_sql(),
                ],
            )
            .await?;
        let mut own = Vec::with_capacity(rows.len());
        for row in rows {
            own.push((Seq::from_sql(row.try_get(0)?), row.try_get(1)?));
        }
        Ok(own)
    }

    /// The entry at `seq`, as it is now.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn at(&self, seq: Seq) -> Result<Option<Entry>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(AT).await?;
        let row = client
            .query_opt(&statement, &[&self.conversation().to_sql(), &seq.to_sql()])
            .await?;
        row.map(|row| entry(&row, 0)).transpose()
    }
}

fn room(row: &Row, actor: UserId) -> Result<Room, StoreError> {
    let kind = ConversationType(u8::try_from(row.try_get::<_, i16>(0)?).unwrap_or_default());
    let (low, high) = (
        UserId::from_sql(row.try_get(1)?),
        UserId::from_sql(row.try_get(2)?),
    );
    let peer = match kind {
        ConversationType::Private if low == actor => high,
        ConversationType::Private => low,
        _ => UserId(0),
    };
    Ok(Room {
        kind,
        peer,
        bond: Bond::of(row.try_get(9)?),
        is_silenced: row.try_get::<_, i16>(3)? != 0,
        is_dissolved: kind == ConversationType::Group && row.try_get::<_, i64>(4)? == 0,
        members_seq: Seq::from_sql(row.try_get(5)?),
    })
}

fn read_target(row: &Row) -> Result<Option<Target>, StoreError> {
    if row.try_get::<_, Option<i64>>(ENTRY)?.is_none() {
        return Ok(None);
    }
    let now = entry(row, ENTRY)?;
    let role = row.try_get::<_, Option<i16>>(11)?;
    let role = role.map_or(Role::None, |role| {
        Role(u8::try_from(role).unwrap_or_default())
    });
    Ok(Some(Target {
        seq: now.seq,
        sender: now.sender_id,
        sender_role: role,
        type_: now.type_,
        // A column of type text.
        content: String::from_utf8_lossy(&now.content).into_owned(),
        mentions: now.mentions,
        created_at: row.try_get(ENTRY + 13)?,
        edited_seq: now.edited_seq,
        recalled_seq: now.recalled_seq,
        edits: usize::try_from(row.try_get::<_, i64>(10)?).unwrap_or(usize::MAX),
    }))
}
