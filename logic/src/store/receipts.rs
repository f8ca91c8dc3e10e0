//! Who has received and read an entry.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::MemberReceipt;

use super::{Store, StoreError};

/// How many can have got an entry, and how far they are. Its sender does not count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipts {
    /// Members in whose time it is.
    pub members: u32,
    /// Of these, who have received it.
    pub delivered: u32,
    /// Of these, who have read it.
    pub read: u32,
    /// One page of them, by user id.
    pub page: Vec<MemberReceipt>,
}

const SENDER: &str = "SELECT sender_id FROM messages WHERE conversation_id = $1 AND seq = $2";

/// The members of a conversation lie together in an index, so the counts cost one walk over them. Who came later and may read what was
/// before was never sent it, and their positions began after it. The first row has the counts even when the page is empty.
const RECEIPTS: &str = "\
    WITH reached AS MATERIALIZED ( \
      SELECT m.user_id, m.read_seq, m.delivered_seq \
      FROM messages e \
      JOIN conversation_members m ON m.conversation_id = e.conversation_id \
      WHERE e.conversation_id = $1 AND e.seq = $2 AND m.user_id <> e.sender_id AND m.created_at <= e.created_at \
        AND m.from_seq < e.seq AND CASE WHEN m.deleted = 0 THEN true ELSE m.until_seq >= e.seq END \
    ), page AS ( \
      SELECT * FROM reached WHERE user_id > $3 ORDER BY user_id LIMIT $4 \
    ) \
    SELECT c.members, c.delivered, c.read, p.user_id, p.read_seq, p.delivered_seq \
    FROM ( \
      SELECT count(*) AS members, count(*) FILTER (WHERE delivered_seq >= $2) AS delivered, \
             count(*) FILTER (WHERE read_seq >= $2) AS read \
      FROM reached \
    ) c LEFT JOIN page p ON true \
    ORDER BY p.user_id";

impl Store {
    /// Who made an entry; none when it is not there.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn sender(
        &self,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<UserId>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(SENDER).await?;
        let row = client
            .query_opt(&statement, &[&conversation.to_sql(), &seq.to_sql()])
            .await?;
        let sender = row.map(|row| row.try_get(0)).transpose()?;
        Ok(sender.map(UserId::from_sql))
    }

    /// Who has received and read an entry of a private conversation or a group: the counts, and up to `limit` members after `after`.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn receipts(
        &self,
        conversation: ConversationId,
        seq: Seq,
        after: UserId,
        limit: i64,
    ) -> Result<Receipts, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(RECEIPTS).await?;
        let (conversation, after) = (conversation.to_sql(), after.to_sql());
        let rows = client
            .query(&statement, &[&conversation, &seq.to_sql(), &after, &limit])
            .await?;
        let mut receipts = Receipts::default();
        for row in rows {
            let count = |column: usize| {
                let count = row.try_get::<_, i64>(column);
                count.map(|n| u32::try_from(n).unwrap_or(u32::MAX))
            };
            (receipts.members, receipts.delivered, receipts.read) =
                (count(0)?, count(1)?, count(2)?);
            let Some(user) = row.try_get(3)? else {
                continue;
            };
            receipts.page.push(MemberReceipt {
                user_id: UserId::from_sql(user),
                read_seq: Seq::from_sql(row.try_get(4)?),
                delivered_seq: Seq::from_sql(row.try_get(5)?),
            });
        }
        Ok(receipts)
    }
}
