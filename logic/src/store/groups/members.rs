//! Who comes, who goes, who may do what.
//!
//! Positions of many members are moved in one statement that locks their rows by user id (`move_positions`). Whatever here writes several
//! rows takes them in the same order, so that the two never wait for each other in a circle.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::{Seq, UserId};
use im_shared::wire::Role;

use crate::bond::Bond;
use crate::group::Candidate;
use crate::store::append::millis;
use crate::store::{Locked, StoreError};

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// `None`: not a member.
    pub role: Role,
    /// May not write until then; milliseconds since 1970, 0 for a voice.
    pub silenced_until: i64,
}

/// Members who come with one entry.
#[derive(Debug, Clone)]
pub struct Joining<'a> {
    /// Who, each once, by id.
    pub users: &'a [UserId],
    /// A snowflake for each.
    pub ids: &'a [i64],
    /// Their role.
    pub role: Role,
    /// Who invited or admitted them, or 0.
    pub invited_by: UserId,
    /// The entry that says so.
    pub seq: Seq,
    /// Entries up to here are not given to them.
    pub from: Seq,
    /// Entries up to here count as read.
    pub read: Seq,
    /// Countable entries up to `read`.
    pub read_index: u64,
}

const RANKS: &str = "\
    SELECT user_id, role, silenced_until FROM conversation_members \
    WHERE conversation_id = $1 AND user_id = ANY($2) AND deleted = 0";

const ADMINS: &str = "\
    SELECT user_id FROM conversation_members WHERE conversation_id = $1 AND deleted = 0 AND role >= 2";

/// At most one of each role: the first of them.
const CANDIDATES: &str = "\
    SELECT DISTINCT ON (role) user_id, role, created_at FROM conversation_members \
    WHERE conversation_id = $1 AND deleted = 0 AND user_id <> $2 \
    ORDER BY role DESC, created_at, user_id";

const FRIENDS: &str = "\
    SELECT count(*), count(*) FILTER (WHERE f.blocked <> 0) FROM friends f JOIN users u ON u.id = f.friend_id AND u.type = 1 AND u.deleted = 0 \
    WHERE f.user_id = $1 AND f.friend_id = ANY($2) AND f.deleted = 0";

/// A row of an earlier membership is used again: the positions only grow, and a voice that was taken stays taken.
const ADMIT: &str = "\
    INSERT INTO conversation_members AS m (id, conversation_id, user_id, role, read_seq, read_index, delivered_seq, \
                                           from_seq, changed_seq, invited_by, created_at, updated_at) \
    SELECT g.id, $1, g.user_id, $4, $5, $6, $5, $7, $8, $9, clock_timestamp(), clock_timestamp() \
    FROM unnest($2::bigint[], $3::bigint[]) AS g (id, user_id) ORDER BY g.user_id \
    ON CONFLICT (user_id, conversation_id) DO UPDATE \
    SET role = excluded.role, \
        read_index = CASE WHEN excluded.read_seq > m.read_seq THEN excluded.read_index ELSE m.read_index END, \
        read_seq = greatest(m.read_seq, excluded.read_seq), \
        delivered_seq = greatest(m.delivered_seq, excluded.delivered_seq), \
        from_seq = excluded.from_seq, until_seq = 0, changed_seq = excluded.changed_seq, invited_by = excluded.invited_by, \
        created_at = excluded.created_at, updated_at = excluded.updated_at, deleted = 0";

const HOLD: &str = "\
    SELECT FROM conversation_members WHERE conversation_id = $1 AND user_id = ANY($2) ORDER BY user_id FOR NO KEY UPDATE";

const HOLD_ALL: &str = "\
    SELECT FROM conversation_members WHERE conversation_id = $1 AND deleted = 0 ORDER BY user_id FOR NO KEY UPDATE";

const PART: &str = "\
    UPDATE conversation_members \
    SET deleted = 1, until_seq = $3, changed_seq = $3, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND user_id = $2 AND deleted = 0";

const PART_ALL: &str = "\
    UPDATE conversation_members \
    SET deleted = 1, until_seq = $2, changed_seq = $2, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND deleted = 0 RETURNING user_id";

const PARTED: &str = "\
    SELECT user_id FROM conversation_members WHERE conversation_id = $1 AND deleted = 1 AND until_seq = $2";

const ROLE: &str = "\
    UPDATE conversation_members SET role = $3, changed_seq = $4, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND user_id = $2";

/// Nobody could give an owner their voice back, so they have it.
const OWNER: &str = "\
    UPDATE conversation_members SET role = 3, silenced_until = 'epoch', changed_seq = $3, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND user_id = $2";

const VOICE: &str = "\
    UPDATE conversation_members SET silenced_until = $3, changed_seq = $4, updated_at = clock_timestamp() \
    WHERE conversation_id = $1 AND user_id = $2";

const COUNT: &str = "\
    UPDATE conversations \
    SET member_count = member_count + $2, members_seq = $3, owner_id = coalesce($4, owner_id), updated_at = clock_timestamp() \
    WHERE id = $1";

impl Locked {
    /// What `user` may do.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn rank(&self, user: UserId) -> Result<Rank, StoreError> {
        let nobody = Rank {
            role: Role::None,
            silenced_until: 0,
        };
        let ranks = self.ranks(&[user]).await?;
        Ok(ranks.first().map_or(nobody, |(_, rank)| *rank))
    }

    /// What those of `users` who are members may do.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn ranks(&self, users: &[UserId]) -> Result<Vec<(UserId, Rank)>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(RANKS).await?;
        let rows = client
            .query(&statement, &[&self.conversation().to_sql(), &column(users)])
            .await?;
        let mut ranks = Vec::with_capacity(rows.len());
        for row in rows {
            let role = u8::try_from(row.try_get::<_, i16>(1)?).unwrap_or_default();
            let rank = Rank {
                role: Role(role),
                silenced_until: millis(row.try_get(2)?),
            };
            ranks.push((UserId::from_sql(row.try_get(0)?), rank));
        }
        Ok(ranks)
    }

    /// The admins and the owner.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn admins(&self) -> Result<Vec<UserId>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(ADMINS).await?;
        let rows = client
            .query(&statement, &[&self.conversation().to_sql()])
            .await?;
        users_of(&rows)
    }

    /// Of those who stay when `leaving` goes, who may come next: the first of each role.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn candidates(&self, leaving: UserId) -> Result<Vec<Candidate>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(CANDIDATES).await?;
        let rows = client
            .query(
                &statement,
                &[&self.conversation().to_sql(), &leaving.to_sql()],
            )
            .await?;
        let mut candidates = Vec::with_capacity(rows.len());
        for row in rows {
            let role = u8::try_from(row.try_get::<_, i16>(1)?).unwrap_or_default();
            candidates.push(Candidate {
                user: UserId::from_sql(row.try_get(0)?),
                role: Role(role),
                since: row.try_get(2)?,
            });
        }
        Ok(candidates)
    }

    /// What `users`, each named once, are to `user`: the worst of it. Who is not registered is a stranger.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn bond_with(&self, user: UserId, users: &[UserId]) -> Result<Bond, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(FRIENDS).await?;
        let row = client
            .query_one(&statement, &[&user.to_sql(), &column(users)])
            .await?;
        let (friends, blocked): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(
            if usize::try_from(friends).unwrap_or_default() < users.len() {
                Bond::Strangers
            } else if blocked > 0 {
                Bond::Blocked
            } else {
                Bond::Friends
            },
        )
    }

    /// Makes members of those who are none, and counts them. What they asked for is no longer pending.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn admit(&self, joining: &Joining<'_>) -> Result<(), StoreError> {
        let (client, conversation) = (self.client(), self.conversation().to_sql());
        let statement = client.prepare_cached(ADMIT).await?;
        client
            .execute(
                &statement,
                &[
                    &conversation,
                    &joining.ids,
                    &column(joining.users),
                    &i16::from(joining.role.0),
                    &joining.read.to_sql(),
                    &i64::try_from(joining.read_index).unwrap_or(i64::MAX),
                    &joining.from.to_sql(),
                    &joining.seq.to_sql(),
                    &joining.invited_by.to_sql(),
                ],
            )
            .await?;
        self.void_requests(joining.users).await?;
        let more = i32::try_from(joining.users.len()).unwrap_or(i32::MAX);
        self.count_members(more, joining.seq, None).await
    }

    /// Ends the membership of `user` with the entry `seq`. `owner`: who owns the group from then on, where that changes; nobody when
    /// `user` was the last.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn part(
        &self,
        user: UserId,
        seq: Seq,
        owner: Option<UserId>,
    ) -> Result<(), StoreError> {
        let (client, conversation) = (self.client(), self.conversation().to_sql());
        if let Some(owner) = owner.filter(|owner| owner.is_some()) {
            self.hold(&[user, owner]).await?;
            self.crown(owner, seq).await?;
        }
        let statement = client.prepare_cached(PART).await?;
        let parted = client
            .execute(&statement, &[&conversation, &user.to_sql(), &seq.to_sql()])
            .await?;
        let fewer = -i32::try_from(parted).unwrap_or_default();
        self.count_members(fewer, seq, owner).await
    }

    /// Ends every membership and the group with the entry `seq`, and gives who was in it.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn dissolve(&self, seq: Seq) -> Result<Vec<UserId>, StoreError> {
        let (client, conversation) = (self.client(), self.conversation().to_sql());
        let statement = client.prepare_cached(HOLD_ALL).await?;
        client.execute(&statement, &[&conversation]).await?;
        let statement = client.prepare_cached(PART_ALL).await?;
        let rows = client
            .query(&statement, &[&conversation, &seq.to_sql()])
            .await?;
        let fewer = -i32::try_from(rows.len()).unwrap_or_default();
        self.count_members(fewer, seq, Some(UserId(0))).await?;
        self.void_all_requests().await?;
        users_of(&rows)
    }

    /// Who left with the entry `seq`.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn parted(&self, seq: Seq) -> Result<Vec<UserId>, StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(PARTED).await?;
        let rows = client
            .query(&statement, &[&self.conversation().to_sql(), &seq.to_sql()])
            .await?;
        users_of(&rows)
    }

    /// Makes the member `to` the owner, and `from` an admin.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn hand_over(&self, from: UserId, to: UserId, seq: Seq) -> Result<(), StoreError> {
        self.hold(&[from, to]).await?;
        self.write_role(from, Role::Admin, seq).await?;
        self.crown(to, seq).await?;
        self.count_members(0, seq, Some(to)).await
    }

    /// Makes a member an admin, or an admin a member.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn set_role(&self, user: UserId, role: Role, seq: Seq) -> Result<(), StoreError> {
        self.write_role(user, role, seq).await?;
        self.count_members(0, seq, None).await
    }

    /// Takes a voice until a time, in milliseconds since 1970, or gives it back at 0.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn set_voice(&self, user: UserId, until: i64, seq: Seq) -> Result<(), StoreError> {
        let client = self.client();
        let until: SystemTime =
            UNIX_EPOCH + Duration::from_millis(u64::try_from(until).unwrap_or_default());
        let statement = client.prepare_cached(VOICE).await?;
        client
            .execute(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &user.to_sql(),
                    &until,
                    &seq.to_sql(),
                ],
            )
            .await?;
        self.count_members(0, seq, None).await
    }

    async fn write_role(&self, user: UserId, role: Role, seq: Seq) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(ROLE).await?;
        client
            .execute(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &user.to_sql(),
                    &i16::from(role.0),
                    &seq.to_sql(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn crown(&self, user: UserId, seq: Seq) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(OWNER).await?;
        client
            .execute(
                &statement,
                &[&self.conversation().to_sql(), &user.to_sql(), &seq.to_sql()],
            )
            .await?;
        Ok(())
    }

    async fn hold(&self, users: &[UserId]) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(HOLD).await?;
        client
            .execute(&statement, &[&self.conversation().to_sql(), &column(users)])
            .await?;
        Ok(())
    }

    async fn count_members(
        &self,
        more: i32,
        seq: Seq,
        owner: Option<UserId>,
    ) -> Result<(), StoreError> {
        let client = self.client();
        let statement = client.prepare_cached(COUNT).await?;
        client
            .execute(
                &statement,
                &[
                    &self.conversation().to_sql(),
                    &more,
                    &seq.to_sql(),
                    &owner.map(UserId::to_sql),
                ],
            )
            .await?;
        Ok(())
    }
}

pub(super) fn column(users: &[UserId]) -> Vec<i64> {
    users.iter().map(|user| user.to_sql()).collect()
}

fn users_of(rows: &[tokio_postgres::Row]) -> Result<Vec<UserId>, StoreError> {
    rows.iter()
        .map(|row| Ok(UserId::from_sql(row.try_get(0)?)))
        .collect()
}
