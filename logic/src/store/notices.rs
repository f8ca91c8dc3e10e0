//! The conversations of the operator's notifications to single users.

use std::collections::HashMap;

use im_shared::ids::{ConversationId, UserId};

use super::{Store, StoreError};

/// Users who exist and are registered.
const REGISTERED: &str =
    "SELECT count(*) FROM users WHERE id = ANY($1) AND deleted = 0 AND type = 1";

/// One statement and so one transaction: a conversation is never seen without its member. Whose exist already are passed over.
const MAKE: &str = "\
    WITH given AS ( \
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS g (user_id, conversation_id, member_id) ORDER BY user_id \
    ), made AS ( \
      INSERT INTO conversations (id, type, user_low, user_high) SELECT conversation_id, 4, user_id, user_id FROM given \
      ON CONFLICT (user_low) WHERE type = 4 AND user_low > 0 DO NOTHING RETURNING id, user_low \
    ) \
    INSERT INTO conversation_members (id, conversation_id, user_id) \
    SELECT g.member_id, made.id, made.user_low FROM made JOIN given g ON g.user_id = made.user_low";

const FIND: &str =
    "SELECT user_low, id FROM conversations WHERE type = 4 AND user_low > 0 AND user_low = ANY($1)";

impl Store {
    /// Whether all of `users` exist and are registered. Nobody is named twice.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn are_registered(&self, users: &[UserId]) -> Result<bool, StoreError> {
        let users: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(REGISTERED).await?;
        let count: i64 = client.query_one(&statement, &[&users]).await?.try_get(0)?;
        Ok(usize::try_from(count).is_ok_and(|count| count == users.len()))
    }

    /// The conversation in which each of `users` gets notifications, made where there is none. `ids` are two for each user.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn notice_conversations(
        &self,
        users: &[UserId],
        ids: &[(u64, u64)],
    ) -> Result<HashMap<UserId, ConversationId>, StoreError> {
        let users: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let (conversations, members): (Vec<i64>, Vec<i64>) = ids
            .iter()
            .map(|(conversation, member)| {
                (
                    ConversationId(*conversation).to_sql(),
                    ConversationId(*member).to_sql(),
                )
            })
            .unzip();
        let client = self.connection().await?;
        let statement = client.prepare_cached(MAKE).await?;
        let made = client
            .execute(&statement, &[&users, &conversations, &members])
            .await;
        // Also when it is not known whether they are made: somebody may have asked for these ids before, and learnt that there are none.
        if !matches!(made, Ok(0)) {
            let new: Vec<u64> = ids.iter().map(|(conversation, _)| *conversation).collect();
            self.forget_conversations(&new).await;
        }
        made?;
        // A statement of its own sees what another worker made meanwhile.
        let statement = client.prepare_cached(FIND).await?;
        let rows = client.query(&statement, &[&users]).await?;
        let pair = |row: &tokio_postgres::Row| {
            Ok((
                UserId::from_sql(row.try_get(0)?),
                ConversationId::from_sql(row.try_get(1)?),
            ))
        };
        rows.iter().map(pair).collect()
    }
}
