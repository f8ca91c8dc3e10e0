//! Requests to join. They make no entry: what makes their repeats harmless stands in their rows.

use im_shared::ids::UserId;
use uuid::Uuid;

use super::members::column;
use crate::store::{Locked, StoreError};

/// Requests to be made by one command.
#[derive(Debug, Clone)]
pub struct Asking<'a> {
    /// Who wants to join, each once.
    pub users: &'a [UserId],
    /// A snowflake for each.
    pub ids: &'a [i64],
    /// Who asks: the user, or a member who invites them.
    pub asked_by: UserId,
    /// The client's id of the command.
    pub key: Uuid,
    /// For the admins.
    pub message: &'a str,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has answered.
    Pending,
    /// An admin agreed.
    Accepted,
    /// An admin did not.
    Rejected,
    /// The user became a member otherwise, or the group was dissolved.
    Void,
}

/// Who asked before is passed over.
const ASK: &str = "\
    INSERT INTO group_requests (id, conversation_id, user_id, message, asked_by, request_key) \
    SELECT g.id, $1, g.user_id, $4, $5, $6 FROM unnest($2::bigint[], $3::bigint[]) AS g (id, user_id) ORDER BY g.user_id \
    ON CONFLICT (conversation_id, user_id) WHERE status = 1 DO NOTHING \
    RETURNING user_id";

const ASKED: &str = "\
    SELECT user_id, status FROM group_requests WHERE request_key = $1 AND conversation_id = $2 AND asked_by = $3";

const REJECTED: &str = "\
    SELECT user_id FROM group_requests WHERE answer_key = $1 AND conversation_id = $2 AND answered_by = $3 AND status = 3";

const ANSWER: &str = "\
    UPDATE group_requests SET status = $3, answered_by = $4, answer_key = $5, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND user_id = $2 AND status = 1";

const VOID: &str = "\
    UPDATE group_requests SET status = 4, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND user_id = ANY($2) AND status = 1";

const VOID_ALL: &str = "\
    UPDATE group_requests SET status = 4, updated_at = clock_timestamp() WHERE conversation_id = $1 AND status = 1";

impl Locked {
    /// Makes a request for each of those who have none pending, and gives for whom.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn ask(&self, asking: &Asking<'_>) -> Result<Vec<UserId>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(ASK).await?;
        let rows = client
            .query(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &asking.ids,
                    &column(asking.users),
                    &asking.message,
                    &asking.asked_by.to_sql(),
                    &asking.key,
                ],
            )
            .await?;
        rows.iter()
            .map(|row| Ok(UserId::from_sql(row.try_get(0)?)))
            .collect()
    }

    /// The requests that an earlier try of a command by `asked_by` made (J7).
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn asked(
        &self,
        asked_by: UserId,
        key: Uuid,
    ) -> Result<Vec<(UserId, Standing)>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(ASKED).await?;
        let rows = client
            .query(
                &statement,
                &[&key, &self.conversation().to_sql(), &asked_by.to_sql()],
            )
            .await?;
        let mut asked = Vec::with_capacity(rows.len());
        for row in rows {
            let standing = match row.try_get::<_, i16>(1)? {
                1 => Standing::Pending,
                2 => Standing::Accepted,
                3 => Standing::Rejected,
                _ => Standing::Void,
            };
            asked.push((UserId::from_sql(row.try_get(0)?), standing));
        }
        Ok(asked)
    }

    /// Whom an earlier try of an answer by `admin` rejected (J7).
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn rejected(&self, admin: UserId, key: Uuid) -> Result<Option<UserId>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(REJECTED).await?;
        let row = client
            .query_opt(
                &statement,
                &[&key, &self.conversation().to_sql(), &admin.to_sql()],
            )
            .await?;
        Ok(row
            .map(|row| row.try_get(0))
            .transpose()?
            .map(UserId::from_sql))
    }

    /// Answers the pending request of `user`. False when there is none.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn answer_request(
        &self,
        user: UserId,
        admin: UserId,
        accept: bool,
        key: Uuid,
    ) -> Result<bool, StoreError> {
        let status: i16 = if accept { 2 } else { 3 };
        let client = self.client();
        let statement = client.prepare_cached(ANSWER).await?;
        let answered = client
            .execute(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &user.to_sql(),
                    &status,
                    &admin.to_sql(),
                    &key,
                ],
            )
            .await?;
        Ok(answered > 0)
    }

    pub(super) async fn void_requests(&self, users: &[UserId]) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(VOID).await?;
        client
            .execute(&statement, &[&self.conversation().to_sql(), &column(users)])
            .await?;
        Ok(())
    }

    pub(super) async fn void_all_requests(&self) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(VOID_ALL).await?;
        client
            .execute(&statement, &[&self.conversation().to_sql()])
            .await?;
        Ok(())
    }
}
