//! What users set for themselves in conversations.

use std::time::SystemTime;

use im_shared::ids::{ConversationId, Seq, UserId};

use super::states::time;
use super::{Store, StoreError};

/// One setting with its new value. Times are milliseconds since 1970, 0 for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// When it was pinned.
    Pin(i64),
    /// Until when nothing notifies.
    Mute(i64),
    /// Put away or not.
    Archive(bool),
    /// Not shown while no entry is after this one; more than the tip counts as the tip.
    Hide(Seq),
    /// What is being written; empty for nothing.
    Draft(String),
}

/// The last one to set a value wins. The time that is kept grows with each, so that who asks later knows whether somebody set something
/// meanwhile. $4 is the value.
macro_rules! set {
    ($columns:literal, $values:literal, $changes:literal) => {
        concat!(
            "INSERT INTO conversation_views AS v (id, user_id, conversation_id, ",
            $columns,
            ") VALUES ($1, $2, $3, ",
            $values,
            ") ON CONFLICT (user_id, conversation_id) DO UPDATE SET ",
            $changes,
            ", updated_at = greatest(clock_timestamp(), v.updated_at + interval '1 microsecond') RETURNING updated_at"
        )
    };
}

const PIN: &str = set!("pinned_at", "$4", "pinned_at = excluded.pinned_at");
const MUTE: &str = set!("muted_until", "$4", "muted_until = excluded.muted_until");
const ARCHIVE: &str = set!("archived", "$4", "archived = excluded.archived");
const HIDE: &str = set!(
    "hidden_seq",
    "least($4, (SELECT s.tip_seq FROM conversation_states(ARRAY[$2::bigint], ARRAY[$3::bigint]) s))",
    "hidden_seq = excluded.hidden_seq"
);
const DRAFT: &str = set!(
    "draft, draft_at",
    "$4::text, CASE WHEN $4::text = '' THEN 'epoch' ELSE clock_timestamp() END",
    "draft = excluded.draft, draft_at = excluded.draft_at"
);

const SET_AT: &str =
    "SELECT updated_at FROM conversation_views WHERE user_id = $1 AND conversation_id = $2";

impl Store {
    /// Sets one thing in the view that `user` has of `conversation`, which the user must be in or have been in. `id` is for the row, if there
    /// is none. Gives when it was set.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn set(
        &self,
        user: UserId,
        conversation: ConversationId,
        id: u64,
        set: Set,
    ) -> Result<SystemTime, StoreError> {
        let client = self.connection().await?;
        let (row, user, conversation) = (
            ConversationId(id).to_sql(),
            user.to_sql(),
            conversation.to_sql(),
        );
        let (sql, value): (_, Box<dyn tokio_postgres::types::ToSql + Sync + Send>) = match set {
            Set::Pin(at) => (PIN, Box::new(time(at))),
            Set::Mute(until) => (MUTE, Box::new(time(until))),
            Set::Archive(archived) => (ARCHIVE, Box::new(i16::from(archived))),
            Set::Hide(seq) => (HIDE, Box::new(i64::try_from(seq.0).unwrap_or(i64::MAX))),
            Set::Draft(text) => (DRAFT, Box::new(text)),
        };
        let statement = client.prepare_cached(sql).await?;
        let set = client
            .query_one(&statement, &[&row, &user, &conversation, &*value])
            .await?;
        Ok(set.try_get(0)?)
    }

    /// When something was last set, by the database's clock; 1970 where nothing was.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn set_at(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<SystemTime, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(SET_AT).await?;
        let row = client
            .query_opt(&statement, &[&user.to_sql(), &conversation.to_sql()])
            .await?;
        let at = row.map(|row| row.try_get(0)).transpose()?;
        Ok(at.unwrap_or(SystemTime::UNIX_EPOCH))
    }
}
