//! Which members of a large group are online, give or take: what a push to it looks at instead of all its members (E4).
//!
//! One sorted set per group in Redis. It may hold people who have left or are offline, who cost a look at their location until they are
//! dropped; whoever is online and a member is in it, because
//! - it is filled from all members when it is not there, and again every [`REFRESH`];
//! - whoever connects is added before the sync that every new session begins with reads anything ([R4]);
//! - members who came after the entry up to which it is complete are added by the push that notices them.
//!
//! Its own two members are no users: `built`, the time of its filling, and `seq`, the entry of membership up to which it is complete.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fred::prelude::SortedSetsInterface;
use fred::types::scripts::Script;
use fred::types::sorted_sets::Ordering;
use im_shared::cache::{Keys, Redis};
use im_shared::ids::{ConversationId, Seq, UserId};

/// A roster is filled anew at this age, so that whatever it lost is lost for so long at most.
const REFRESH: Duration = Duration::from_secs(600);

/// Who is found offline is dropped only when they were added so long before: who is just coming is never dropped.
const SETTLED: Duration = Duration::from_secs(60);

/// Removes those of the members ARGV[2..] whose score is below ARGV[1], in one step: one who is added meanwhile stays.
static DROP: LazyLock<Script> = LazyLock::new(|| {
    Script::from_lua(
        "local dropped = 0 \
         for place = 2, #ARGV do \
           local added = redis.call('ZSCORE', KEYS[1], ARGV[place]) \
           if added and tonumber(added) < tonumber(ARGV[1]) then \
             dropped = dropped + redis.call('ZREM', KEYS[1], ARGV[place]) \
           end \
         end \
         return dropped",
    )
});

const BUILT: &str = "built";
const SEQ: &str = "seq";

/// Redis did not answer.
#[derive(Debug, thiserror::Error)]
#[error("redis failed")]
pub struct RosterError(#[from] fred::error::Error);

/// Reads and changes rosters. A cheap clone.
#[derive(Debug, Clone)]
pub struct Rosters {
    redis: Redis,
    keys: Keys,
}

/// Who may be online, as one roster says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// By id.
    pub users: BTreeSet<UserId>,
    /// Complete for those who were members then; none when it has to be filled.
    pub complete: Option<Seq>,
}

impl Rosters {
    /// Over an open connection.
    #[must_use]
    pub fn new(redis: Redis, keys: Keys) -> Self {
        Self { redis, keys }
    }

    /// The roster of a group.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn of(&self, group: ConversationId) -> Result<Roster, RosterError> {
        let held: Vec<(String, f64)> = self
            .redis
            .zrange(self.keys.roster(group), 0, -1, None, false, None, true)
            .await?;
        Ok(read(&held, SystemTime::now()))
    }

    /// `users` may be online in `group` from now on.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn add(&self, group: ConversationId, users: &[UserId]) -> Result<(), RosterError> {
        let now = millis(SystemTime::now());
        let values = users.iter().map(|user| (now, user.to_string())).collect();
        self.put(group, values).await
    }

    /// The roster is complete for the members as of `seq`; `is_filled` when all of them were looked at.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn completed(
        &self,
        group: ConversationId,
        seq: Seq,
        is_filled: bool,
    ) -> Result<(), RosterError> {
        #[allow(clippy::cast_precision_loss)] // Below 2^53.
        let mut values = vec![(seq.0 as f64, SEQ.to_owned())];
        if is_filled {
            values.push((millis(SystemTime::now()), BUILT.to_owned()));
        }
        self.put(group, values).await
    }

    /// `users` were not online when it was looked at, at `looked`. Who was added shortly before or since stays.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn drop_settled(
        &self,
        group: ConversationId,
        users: &[UserId],
        looked: SystemTime,
    ) -> Result<(), RosterError> {
        if users.is_empty() {
            return Ok(());
        }
        let mut arguments = vec![millis(looked - SETTLED).to_string()];
        arguments.extend(users.iter().map(ToString::to_string));
        let client = self.redis.next_connected().clone();
        let _: u64 = DROP
            .evalsha_with_reload(&client, self.keys.roster(group), arguments)
            .await?;
        Ok(())
    }

    async fn put(
        &self,
        group: ConversationId,
        values: Vec<(f64, String)>,
    ) -> Result<(), RosterError> {
        if values.is_empty() {
            return Ok(());
        }
        // A later time and a later entry win.
        let _: u64 = self
            .redis
            .zadd(
                self.keys.roster(group),
                None,
                Some(Ordering::GreaterThan),
                false,
                false,
                values,
            )
            .await?;
        Ok(())
    }
}

fn read(held: &[(String, f64)], now: SystemTime) -> Roster {
    let score = |name: &str| held.iter().find(|(member, _)| member == name);
    let is_fresh =
        score(BUILT).is_some_and(|(_, built)| millis(now) - built < REFRESH.as_millis() as f64);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A seq that was put in.
    let seq = score(SEQ).map(|(_, seq)| Seq(*seq as u64));
    Roster {
        users: held
            .iter()
            .filter_map(|(member, _)| member.parse().ok())
            .collect(),
        complete: seq.filter(|_| is_fresh),
    }
}

fn millis(time: SystemTime) -> f64 {
    #[allow(clippy::cast_precision_loss)] // Below 2^53 for a long time.
    let millis = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis() as f64;
    millis
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(built: f64, seq: f64) -> Vec<(String, f64)> {
        let pairs = [("7", 1.0), (BUILT, built), (SEQ, seq), ("9", 2.0)];
        pairs.map(|(name, score)| (name.to_owned(), score)).to_vec()
    }

    /// E4
    #[test]
    fn a_roster_that_is_old_or_was_lost_has_to_be_filled() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let fresh = read(&held(millis(now) - 1_000.0, 12.0), now);
        assert_eq!(fresh.complete, Some(Seq(12)));
        assert_eq!(fresh.users, BTreeSet::from([UserId(7), UserId(9)]));
        let old = read(&held(millis(now - REFRESH), 12.0), now);
        assert_eq!(old.complete, None);
        assert_eq!(read(&[], now), Roster::default());
    }
}
