//! Who is in a conversation, and since when.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationType, Role};

use super::{Store, StoreError};
use crate::members::Member;

/// What a user has to do with a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// What it is.
    pub kind: ConversationType,
    /// `None`: has left.
    pub role: Role,
    /// Entries up to here were before the user's time.
    pub from: Seq,
    /// The last entry that a user who has left may read.
    pub until: Option<Seq>,
    /// Private: the other one; else 0.
    pub peer: UserId,
}

impl View {
    /// Of what everybody is in.
    #[must_use]
    pub const fn of_everybody(conversation: ConversationId) -> Self {
        let kind = match conversation {
            ConversationId::WORLD => ConversationType::World,
            _ => ConversationType::System,
        };
        Self {
            kind,
            role: Role::Member,
            from: Seq(0),
            until: None,
            peer: UserId(0),
        }
    }

    /// Whether the user may read this entry.
    #[must_use]
    pub fn shows(&self, seq: Seq) -> bool {
        seq > self.from && self.until.is_none_or(|until| seq <= until)
    }
}

const VIEW: &str = "\
    SELECT c.type, c.user_low, c.user_high, m.role, m.from_seq, m.until_seq, m.deleted \
    FROM conversations c \
    LEFT JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id = $1 \
    WHERE c.id = $2 AND c.deleted = 0";

/// One statement, and so one view of the database: the members are those of that `members_seq`. Who has just left is given too, because
/// what was committed before that is still theirs.
const CHANGED: &str = "\
    SELECT c.members_seq, m.user_id, m.from_seq, m.until_seq, m.deleted, m.changed_seq \
    FROM conversations c \
    LEFT JOIN conversation_members m \
      ON m.conversation_id = c.id AND m.changed_seq > $2 AND (m.deleted = 0 OR m.until_seq = c.members_seq OR $2 >= 0) \
    WHERE c.id = $1 \
    ORDER BY m.user_id";

/// Members of a group that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The entry that last changed the membership; 0 where there is no such group.
    pub seq: Seq,
    /// By user, those who left among them.
    pub members: Vec<Member>,
}

/// Of all groups of a user, by index; few are large.
const LARGE: &str = "\
    SELECT c.id FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id \
    WHERE m.user_id = $1 AND m.deleted = 0 AND c.type = 2 AND c.member_count > $2";

impl Store {
    /// The groups of `user` with more than `members` members.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn large_groups(
        &self,
        user: UserId,
        members: i32,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(LARGE).await?;
        let rows = client
            .query(&statement, &[&user.to_sql(), &members])
            .await?;
        let id = |row: &tokio_postgres::Row| Ok(ConversationId::from_sql(row.try_get(0)?));
        rows.iter().map(id).collect()
    }

    /// What `user` has to do with `conversation`: none when there is no such conversation, `Some(None)` when the user never was in it.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn view(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Option<View>>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(VIEW).await?;
        let row = client
            .query_opt(&statement, &[&user.to_sql(), &conversation.to_sql()])
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(role) = row.try_get::<_, Option<i16>>(3)? else {
            return Ok(Some(None));
        };
        let kind = ConversationType(u8::try_from(row.try_get::<_, i16>(0)?).unwrap_or_default());
        let (low, high) = (
            UserId::from_sql(row.try_get(1)?),
            UserId::from_sql(row.try_get(2)?),
        );
        let peer = match kind {
            ConversationType::Private if low == user => high,
            ConversationType::Private => low,
            _ => UserId(0),
        };
        let has_left = row.try_get::<_, i16>(6)? != 0;
        let role = if has_left {
            Role::None
        } else {
            Role(u8::try_from(role).unwrap_or_default())
        };
        Ok(Some(Some(View {
            kind,
            role,
            from: Seq::from_sql(row.try_get(4)?),
            until: has_left
                .then(|| row.try_get(5).map(Seq::from_sql))
                .transpose()?,
            peer,
        })))
    }

    /// The members of a conversation whose membership changed after the entry `since`; without it all members, and those who left just now.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn changed_members(
        &self,
        conversation: ConversationId,
        since: Option<Seq>,
    ) -> Result<Changed, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(CHANGED).await?;
        let since = since.map_or(-1, Seq::to_sql);
        let rows = client
            .query(&statement, &[&conversation.to_sql(), &since])
            .await?;
        let mut changed = Changed {
            seq: Seq(0),
            members: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            changed.seq = Seq::from_sql(row.try_get(0)?);
            let Some(user) = row.try_get::<_, Option<i64>>(1)? else {
                continue;
            };
            let has_left = row.try_get::<_, i16>(4)? != 0;
            let until = has_left.then(|| row.try_get(3)).transpose()?;
            changed.members.push(Member {
                user: UserId::from_sql(user),
                from: Seq::from_sql(row.try_get(2)?),
                until: until.map(Seq::from_sql),
                changed: Seq::from_sql(row.try_get(5)?),
            });
        }
        Ok(changed)
    }
}
