//! Users with many conversations, put straight into PostgreSQL as logic writes them: four fifths are private, the others groups of 20.
//!
//! Ids are derived from the user and the number of the conversation, so that preparing again changes nothing.

use anyhow::Context as _;
use im_shared::ids::{ConversationId, Seq};

use crate::database::Database;
use crate::people::Person;
use crate::population;

/// The users with many conversations are beyond those whom other loads use.
const FIRST: u64 = 60_000;
/// The conversations of each have so many ids.
const IDS: i64 = 1_000_000;
/// Below any snowflake, and beside the ids of other prepared rows.
const FIRST_CONVERSATION: i64 = 2_000_000_000;

/// Who has the conversations, what is in them.
pub(crate) struct Seeded {
    pub(crate) person: Person,
    pub(crate) conversations: u64,
    /// Entries in each.
    pub(crate) entries: u64,
    /// Of these not read by the user, in every `unread_in`-th conversation.
    pub(crate) unread: u64,
    pub(crate) unread_in: u64,
    /// Of these not received by the user's device.
    pub(crate) undelivered: u64,
}

/// With the user's number `$1`, the conversations from 0 to `$2`: number, id, whether it is a group.
const CONVERSATIONS: &str = "\
    INSERT INTO conversations (id, type, user_low, user_high, name, owner_id, creator_id, creation_key, member_count, members_seq, \
                               created_at) \
    SELECT $1 + n, CASE WHEN n % 5 = 4 THEN 2 ELSE 1 END, CASE WHEN n % 5 = 4 THEN 0 ELSE $3::bigint + n END, \
           CASE WHEN n % 5 = 4 THEN 0 ELSE $4::bigint END, CASE WHEN n % 5 = 4 THEN 'Bench group ' || n ELSE '' END, \
           CASE WHEN n % 5 = 4 THEN $4 ELSE 0 END, CASE WHEN n % 5 = 4 THEN $4 ELSE 0 END, \
           CASE WHEN n % 5 = 4 THEN gen_random_uuid() ELSE '00000000-0000-0000-0000-000000000000' END, \
           CASE WHEN n % 5 = 4 THEN 20 ELSE 0 END, CASE WHEN n % 5 = 4 THEN 1 ELSE 0 END, now() - interval '30 days' \
    FROM generate_series(0, $2::bigint - 1) n ON CONFLICT DO NOTHING";

/// The user is the first member; the others have read everything.
const MEMBERS: &str = "\
    INSERT INTO conversation_members (id, conversation_id, user_id, role, read_seq, read_index, delivered_seq, changed_seq) \
    SELECT ($1 + n) * 32 + k, $1 + n, CASE k WHEN 0 THEN $4::bigint ELSE $3::bigint + n + k - 1 END, \
           CASE WHEN k = 0 AND n % 5 = 4 THEN 3 ELSE 1 END, read.seq, read.seq - (n % 5 = 4)::integer, \
           CASE k WHEN 0 THEN $5::bigint - $8::bigint ELSE $5 END, (n % 5 = 4)::integer \
    FROM generate_series(0, $2::bigint - 1) n, generate_series(0, 19) k, \
         LATERAL (SELECT CASE WHEN k = 0 AND n % $7::bigint = 0 THEN $5 - $6::bigint ELSE $5 END AS seq) read \
    WHERE k < 2 OR n % 5 = 4 ON CONFLICT DO NOTHING";

/// A group begins with the entry that says who was invited. The conversations were active one minute after the other.
const MESSAGES: &str = "\
    INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content, created_at, updated_at) \
    SELECT $1 + n, $1 + n, seq, seq - (n % 5 = 4)::integer, \
           CASE WHEN seq % 3 = 0 OR n % 5 = 4 AND seq = 1 THEN $4::bigint ELSE $3::bigint + n END, gen_random_uuid(), \
           CASE WHEN n % 5 = 4 AND seq = 1 THEN 35 ELSE 1 END, \
           CASE WHEN n % 5 = 4 AND seq = 1 THEN ( \
                  SELECT '{\"change\":\"invited\",\"users\":[' || string_agg('\"' || $3 + n + k - 1 || '\"', ',') || ']}' FROM generate_series(1, 19) k \
                ) ELSE 'entry ' || seq || ' of conversation ' || n || repeat(' word', 14) END, \
           at.time, at.time \
    FROM generate_series(0, $2::bigint - 1) n, generate_series(1, $5::bigint) seq, \
         LATERAL (SELECT now() - n * interval '1 minute' - ($5 - seq) * interval '1 second' AS time) at \
    ON CONFLICT DO NOTHING";

impl Seeded {
    /// The n-th user with many conversations.
    pub(crate) fn nth_person(n: u64) -> Person {
        Person(FIRST + n)
    }

    /// Makes what is not there.
    pub(crate) async fn prepare(&self, database: &Database) -> anyhow::Result<()> {
        let conversations = i64::try_from(self.conversations)?;
        population::users(database, self.conversations + 19).await?;
        population::some_users(database, self.person.0, 1).await?;
        let (first, peer, user) = (
            self.first()?,
            Person(0).id().to_sql(),
            self.person.id().to_sql(),
        );
        let (entries, undelivered) = (
            i64::try_from(self.entries)?,
            i64::try_from(self.undelivered)?,
        );
        let (unread, unread_in) = (i64::try_from(self.unread)?, i64::try_from(self.unread_in)?);
        let client = &database.client;
        client
            .execute(CONVERSATIONS, &[&first, &conversations, &peer, &user])
            .await
            .context("cannot make conversations")?;
        client
            .execute(
                MEMBERS,
                &[
                    &first,
                    &conversations,
                    &peer,
                    &user,
                    &entries,
                    &unread,
                    &unread_in,
                    &undelivered,
                ],
            )
            .await
            .context("cannot make members")?;
        client
            .execute(MESSAGES, &[&first, &conversations, &peer, &user, &entries])
            .await
            .context("cannot make messages")?;
        database
            .analyze("users, conversations, conversation_members, messages")
            .await
    }

    /// The conversations with the entry up to which the device holds them.
    pub(crate) fn held(&self) -> anyhow::Result<Vec<(ConversationId, Seq)>> {
        let first = ConversationId::from_sql(self.first()?).0;
        let held = Seq(self.entries - self.undelivered);
        Ok((0..self.conversations)
            .map(|n| (ConversationId(first + n), held))
            .collect())
    }

    fn first(&self) -> anyhow::Result<i64> {
        Ok(FIRST_CONVERSATION + i64::try_from(self.person.0 - FIRST)? * IDS)
    }
}
