//! The row of a group.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationType, JoinPolicy};
use uuid::Uuid;

use crate::group::Face;
use crate::store::{Locked, Store, StoreError};

/// A conversation as the group commands see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Only groups have a face and members that change.
    pub kind: ConversationType,
    /// What is shown, and the rules.
    pub face: Face,
    /// 0: dissolved.
    pub owner: UserId,
    /// Members now.
    pub member_count: usize,
    /// The entry that last changed a membership, a role or a voice.
    pub members_seq: Seq,
}

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup<'a> {
    /// Who makes and owns it.
    pub owner: UserId,
    /// The client's id of the creation: one group.
    pub key: Uuid,
    /// What is shown, and the rules.
    pub face: &'a Face,
}

const FIND: &str = "\
    SELECT type, name, avatar, description, join_policy, history_open, silenced, owner_id, member_count, members_seq \
    FROM conversations WHERE id = $1 AND deleted = 0";

const CREATED: &str =
    "SELECT id FROM conversations WHERE creator_id = $1 AND creation_key = $2 AND type = 2";

/// Who loses a race waits for the winner at the unique index and makes nothing.
const CREATE: &str = "\
    INSERT INTO conversations (id, type, name, avatar, description, owner_id, creator_id, creation_key, \
                               join_policy, history_open, silenced) \
    VALUES ($1, 2, $2, $3, $4, $5, $5, $6, $7, $8, $9) \
    ON CONFLICT (creator_id, creation_key) WHERE type = 2 DO NOTHING";

const UPDATE: &str = "\
    UPDATE conversations \
    SET name = $2, avatar = $3, description = $4, join_policy = $5, history_open = $6, silenced = $7, \
        members_seq = greatest(members_seq, $8), updated_at = clock_timestamp() \
    WHERE id = $1";

/// Beside the locks of conversations, which have one number: it is always taken after one of those, and no two of it, so nobody waits
/// in a circle.
const LOCK_OWNER: &str = "SELECT pg_advisory_xact_lock(1869050482, hashint8($1))";

const OWNED: &str = "SELECT count(*) FROM conversations WHERE type = 2 AND owner_id = $1";

impl Store {
    /// The group that a creation with this key made.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn created_group(
        &self,
        creator: UserId,
        key: Uuid,
    ) -> Result<Option<ConversationId>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(CREATED).await?;
        let row = client
            .query_opt(&statement, &[&creator.to_sql(), &key])
            .await?;
        Ok(row
            .map(|row| row.try_get(0))
            .transpose()?
            .map(ConversationId::from_sql))
    }
}

impl Locked {
    /// The conversation that is locked; none when there is none.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn group(&self) -> Result<Option<Group>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(FIND).await?;
        let row = client
            .query_opt(&statement, &[&self.conversation().to_sql()])
            .await?;
        let Some(row) = row else { return Ok(None) };
        let small = |column: usize| -> Result<u8, StoreError> {
            Ok(u8::try_from(row.try_get::<_, i16>(column)?).unwrap_or_default())
        };
        Ok(Some(Group {
            kind: ConversationType(small(0)?),
            face: Face {
                name: row.try_get(1)?,
                avatar: row.try_get(2)?,
                description: row.try_get(3)?,
                join_policy: JoinPolicy(small(4)?),
                history_open: small(5)? != 0,
                silenced: small(6)? != 0,
            },
            owner: UserId::from_sql(row.try_get(7)?),
            member_count: usize::try_from(row.try_get::<_, i32>(8)?).unwrap_or_default(),
            members_seq: Seq::from_sql(row.try_get(9)?),
        }))
    }

    /// Makes the conversation that is locked, without members. False when a creation with this key has made another one.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn create_group(&self, new: &NewGroup<'_>) -> Result<bool, StoreError> {
        let NewGroup { owner, key, face } = new;
        let client = self.client();
        let statement = client.prepare_cached(CREATE).await?;
        let made = client
            .execute(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &face.name,
                    &face.avatar,
                    &face.description,
                    &owner.to_sql(),
                    key,
                    &i16::from(face.join_policy.0),
                    &i16::from(face.history_open),
                    &i16::from(face.silenced),
                ],
            )
            .await?;
        Ok(made == 1)
    }

    /// Gives the group another face. `members_seq`: the entry that says so, where it changes who may write; else 0.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn set_face(&self, face: &Face, members_seq: Seq) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(UPDATE).await?;
        client
            .execute(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &face.name,
                    &face.avatar,
                    &face.description,
                    &i16::from(face.join_policy.0),
                    &i16::from(face.history_open),
                    &i16::from(face.silenced),
                    &members_seq.to_sql(),
                ],
            )
            .await?;
        Ok(())
    }

    /// How many groups `user` owns; no other transaction that asks the same goes on before this one has ended.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn owned_groups(&self, user: UserId) -> Result<usize, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(LOCK_OWNER).await?;
        client.execute(&statement, &[&user.to_sql()]).await?;
        // A statement of its own: it sees what was committed before the lock was there.
        let statement = client.prepare_cached(OWNED).await?;
        let row = client.query_one(&statement, &[&user.to_sql()]).await?;
        Ok(usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default())
    }
}
