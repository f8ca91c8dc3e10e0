//! A group with many members. It is made as users make one; its other members are put straight into PostgreSQL, as logic writes them, since
//! one may invite only one's friends.

use anyhow::Context as _;
use im_client::Api;
use im_client::api::NewGroup;
use im_shared::ids::ConversationId;

use crate::database::Database;
use crate::people::{Person, Tokens};

/// Users in one entry that says who was invited.
const INVITED: i64 = 100;

/// What an invitation writes: an entry per so many users, a row per member, and the count. All under the lock that logic takes.
const INVITE: &str = "\
    WITH tip AS (
      SELECT seq, message_index FROM messages WHERE conversation_id = $1 ORDER BY seq DESC LIMIT 1
    ), invited AS (
      SELECT n, (n - $4::bigint) / $5::bigint + 1 AS step FROM generate_series($4::bigint, $3::bigint - 1) n
    ), said AS (
      INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content)
      SELECT $1 + step, $1, tip.seq + step, tip.message_index, $2::bigint, gen_random_uuid(), 35,
             '{\"change\":\"invited\",\"users\":[' || string_agg('\"' || $2 + n || '\"', ',' ORDER BY n) || ']}'
        FROM invited, tip GROUP BY step, tip.seq, tip.message_index
    ), free AS (
      SELECT coalesce(max(id), 1000000000) AS id FROM conversation_members WHERE id BETWEEN 1000000000 AND 1999999999
    ), joined AS (
      INSERT INTO conversation_members (id, conversation_id, user_id, role, read_seq, read_index, delivered_seq, from_seq,
                                        changed_seq, invited_by)
      SELECT free.id + 1 + n, $1, $2 + n, 1, tip.seq + step - 1, tip.message_index, tip.seq + step - 1, tip.seq + step - 1,
             tip.seq + step, $2
        FROM invited, tip, free
      RETURNING changed_seq
    )
    UPDATE conversations
       SET member_count = member_count + (SELECT count(*) FROM joined), members_seq = (SELECT max(changed_seq) FROM joined),
           updated_at = clock_timestamp()
     WHERE id = $1";

/// Makes a group of the first `members` people, owned by the first one.
pub(crate) async fn gather(
    api: &Api,
    tokens: &Tokens,
    database: &mut Database,
    members: u64,
) -> anyhow::Result<ConversationId> {
    let (owner, friend) = (Person(0), Person(1));
    let new = NewGroup {
        name: format!("Bench of {members}"),
        member_ids: vec![friend.id()],
        ..NewGroup::default()
    };
    let api = api.with_token(&tokens.of(owner)?);
    let group = api
        .create_group(&new)
        .await
        .context("cannot make a group")?
        .id;
    let transaction = database.client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&group.to_sql()])
        .await?;
    let (members, first) = (i64::try_from(members)?, i64::try_from(friend.0 + 1)?);
    transaction
        .execute(
            INVITE,
            &[
                &group.to_sql(),
                &owner.id().to_sql(),
                &members,
                &first,
                &INVITED,
            ],
        )
        .await
        .context("cannot put members into the group")?;
    transaction.commit().await?;
    database
        .analyze("conversations, conversation_members, messages")
        .await?;
    Ok(group)
}
