//! What a conversation is, which never changes; making private ones.

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::ConversationType;

use super::{Store, StoreError};
use crate::bond::Bond;

/// A private conversation. Its pair never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Private {
    /// The conversation.
    pub id: ConversationId,
    /// The smaller user id of the pair.
    pub low: UserId,
    /// The larger one.
    pub high: UserId,
}

impl Private {
    /// The other member; none when `user` is not in the pair.
    #[must_use]
    pub fn peer_of(&self, user: UserId) -> Option<UserId> {
        if user == self.low {
            Some(self.high)
        } else if user == self.high {
            Some(self.low)
        } else {
            None
        }
    }
}

/// What a conversation is. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of two.
    Private(Private),
    /// A group, which may have ended.
    Group,
    /// Of everybody: the world chat.
    World,
    /// Words of the operator: to this user, or to everybody where it is 0.
    System(UserId),
}

const BY_ID: &str =
    "SELECT type, user_low, user_high FROM conversations WHERE id = $1 AND deleted = 0";

const BY_PAIR: &str =
    "SELECT id FROM conversations WHERE user_low = $1 AND user_high = $2 AND type = 1";

const ACQUAINTANCE: &str = "\
    SELECT EXISTS (SELECT FROM users WHERE id = $2 AND deleted = 0), \
           (SELECT blocked FROM friends WHERE user_id = $1 AND friend_id = $2 AND deleted = 0)";

/// One statement and so one transaction: a conversation is never seen without its members. Who loses a race waits for the winner at the
/// unique index, makes nothing, and finds the winner's conversation in a statement of its own (G4).
const MAKE: &str = "\
    WITH made AS ( \
      INSERT INTO conversations (id, type, user_low, user_high) VALUES ($1, 1, $2, $3) \
      ON CONFLICT (user_low, user_high) WHERE type = 1 DO NOTHING RETURNING id \
    ), members AS ( \
      INSERT INTO conversation_members (id, conversation_id, user_id) \
      SELECT m.id, made.id, m.user_id FROM made, (VALUES ($4::bigint, $2), ($5::bigint, $3)) AS m (id, user_id) \
    ) \
    SELECT id FROM made";

impl Store {
    /// What the conversation with this id is; none when there is none.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn kind(&self, id: ConversationId) -> Result<Option<Kind>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(BY_ID).await?;
        let Some(row) = client.query_opt(&statement, &[&id.to_sql()]).await? else {
            return Ok(None);
        };
        let kind = ConversationType(u8::try_from(row.try_get::<_, i16>(0)?).unwrap_or_default());
        let (low, high) = (
            UserId::from_sql(row.try_get(1)?),
            UserId::from_sql(row.try_get(2)?),
        );
        Ok(match kind {
            ConversationType::Private => Some(Kind::Private(Private { id, low, high })),
            ConversationType::Group => Some(Kind::Group),
            ConversationType::World => Some(Kind::World),
            ConversationType::System => Some(Kind::System(low)),
            _ => None,
        })
    }

    /// The conversation of a pair.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn private_of(
        &self,
        low: UserId,
        high: UserId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(BY_PAIR).await?;
        let row = client
            .query_opt(&statement, &[&low.to_sql(), &high.to_sql()])
            .await?;
        Ok(row
            .map(|row| row.try_get(0))
            .transpose()?
            .map(ConversationId::from_sql))
    }

    /// Whether there is a user `other`, and what they are to `user`.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn acquaintance(
        &self,
        user: UserId,
        other: UserId,
    ) -> Result<(bool, Bond), StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(ACQUAINTANCE).await?;
        let row = client
            .query_one(&statement, &[&user.to_sql(), &other.to_sql()])
            .await?;
        Ok((row.try_get(0)?, Bond::of(row.try_get(1)?)))
    }

    /// Makes the conversation of a pair with its two members, or finds the one that another made meanwhile. `ids` are for the
    /// conversation and the members.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn make_private(
        &self,
        low: UserId,
        high: UserId,
        ids: [u64; 3],
    ) -> Result<ConversationId, StoreError> {
        let [id, first, second] = ids.map(|id| ConversationId(id).to_sql());
        let made = {
            let client = self.connection().await?;
            let statement = client.prepare_cached(MAKE).await?;
            client
                .query_opt(
                    &statement,
                    &[&id, &low.to_sql(), &high.to_sql(), &first, &second],
                )
                .await
        };
        // Also when it is not known whether it is made: somebody may have asked for this id before, and learnt that there is none.
        if !matches!(made, Ok(None)) {
            self.forget_conversations(&ids[..1]).await;
        }
        if let Some(row) = made? {
            return Ok(ConversationId::from_sql(row.try_get(0)?));
        }
        let found = self.private_of(low, high).await?;
        Ok(found.unwrap_or_default())
    }
}
