//! Where a user's sessions are.
//!
//! One Redis string per user lists its sessions. It is read for many users with one MGET, and changed by compare-and-set only, so that no
//! change that arrives late or twice can undo a newer one: plain SET and DEL under 4,000 interleavings left 1,263 users unreachable
//! (findings). An entry names the node's incarnation; entries of a dead incarnation are ignored by whoever reads, see
//! [`crate::nodes::LiveNodes`].
//!
//! | file | what it holds |
//! |---|---|
//! | `device` | which of a user's sessions may stand next to each other |
//! | `entries` | the list as text, and what adding and removing do to it: pure |
//! | `change` | one compare-and-set change, attempt by attempt |
//! | `compare_and_set.lua` | the only writer of these keys |

mod change;
mod device;
mod entries;
#[cfg(test)]
mod interleavings;

use fred::prelude::KeysInterface;

use crate::cache::{Keys, Redis, RedisError};
use crate::ids::{Incarnation, NodeId, SessionId, UserId};
use crate::nodes::LiveNodes;
use crate::wire::Platform;
use change::{Change, Step};
use entries::Entries;

pub use device::{Arrival, Device, DevicePolicy};

/// Keys per MGET: large enough to be cheap, small enough not to hold up others.
const READ_CHUNK: usize = 500;

/// So often is a change tried again after another writer was faster; with the few devices of a user more means a fault.
const MAX_ATTEMPTS: usize = 32;

/// One session of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The access node that holds the session.
    pub node: NodeId,
    /// Which start of the node.
    pub incarnation: Incarnation,
    /// The session on that node.
    pub session: SessionId,
    /// What the session signed in as.
    pub platform: Platform,
}

/// What [`Locations::add`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// Older sessions, which the new one replaces ([`DevicePolicy`]): they are to be closed.
    pub replaced: Vec<Location>,
    /// A newer session has its place, or a newer start of its node is there; the session was not added and is to be closed.
    pub superseded: Option<Location>,
    /// The user had no other session: they came online.
    pub first: bool,
}

/// What [`Locations::remove`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// The entry was there.
    pub removed: bool,
    /// It was the user's last: they went offline.
    pub last: bool,
}

/// Reads and changes locations. A cheap clone.
#[derive(Debug, Clone)]
pub struct Locations {
    redis: Redis,
    keys: Keys,
    live: Option<LiveNodes>,
    devices: DevicePolicy,
}

impl Locations {
    /// Over an open connection; a user has one session per platform.
    #[must_use]
    pub fn new(redis: Redis, keys: Keys) -> Self {
        Self {
            redis,
            keys,
            live: None,
            devices: DevicePolicy::default(),
        }
    }

    /// With another policy for a user's sessions. It is the same on every node; while it changes, each node goes by its own.
    #[must_use]
    pub fn with_devices(mut self, policy: DevicePolicy) -> Self {
        self.devices = policy;
        self
    }

    /// Sessions of dead nodes no longer count for [`Added::first`] and [`Removed::last`].
    #[must_use]
    pub fn counting_live(mut self, live: LiveNodes) -> Self {
        self.live = Some(live);
        self
    }

    /// Adds a session of `user`; adding it again changes nothing. Add again after Redis lost its data, and at each new token of a
    /// session: an entry lives 30 days.
    ///
    /// # Errors
    ///
    /// Redis did not answer; the entry may have been added or not.
    pub async fn add(
        &self,
        user: UserId,
        arrival: impl Into<Arrival>,
    ) -> Result<Added, RedisError> {
        let change = Change::add(self.keys.location(user), arrival.into(), self.devices);
        match self.run(change).await? {
            Step::Added(added) => Ok(added),
            _ => Err(RedisError::Unreadable),
        }
    }

    /// Removes exactly this session of `user`: a newer one stays.
    ///
    /// # Errors
    ///
    /// Redis did not answer; the entry may have been removed or not.
    pub async fn remove(&self, user: UserId, location: &Location) -> Result<Removed, RedisError> {
        let change = Change::remove(self.keys.location(user), location.clone());
        match self.run(change).await? {
            Step::Removed(removed) => Ok(removed),
            _ => Err(RedisError::Unreadable),
        }
    }

    /// The sessions of each of `users`, in their order; those of dead nodes are among them.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn of(&self, users: &[UserId]) -> Result<Vec<Vec<Location>>, RedisError> {
        let mut found = Vec::with_capacity(users.len());
        for chunk in users.chunks(READ_CHUNK) {
            let keys: Vec<String> = chunk.iter().map(|user| self.keys.location(*user)).collect();
            let values: Vec<Option<String>> = self.redis.mget(keys).await?;
            found.extend(values.iter().map(|value| {
                let text = value.as_deref().unwrap_or_default();
                Entries::parse(text).into_vec()
            }));
        }
        Ok(found)
    }

    /// The sessions of `user` on the device with this id; those of dead nodes are among them.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn on_device(&self, user: UserId, device: &str) -> Result<Vec<Location>, RedisError> {
        let text: Option<String> = self.redis.get(self.keys.location(user)).await?;
        let entries = Entries::parse(text.as_deref().unwrap_or_default());
        Ok(entries.on_device(Device::of(device)))
    }

    /// The sessions of `user` with their devices; those of dead nodes are among them.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn arrivals(&self, user: UserId) -> Result<Vec<Arrival>, RedisError> {
        let text: Option<String> = self.redis.get(self.keys.location(user)).await?;
        Ok(Entries::parse(text.as_deref().unwrap_or_default()).into_arrivals())
    }

    /// Those of `sessions` that are not in Redis and have to be added again.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn missing(
        &self,
        sessions: &[(UserId, Location)],
    ) -> Result<Vec<(UserId, Location)>, RedisError> {
        let users: Vec<UserId> = sessions.iter().map(|(user, _)| *user).collect();
        let found = self.of(&users).await?;
        let missing = sessions
            .iter()
            .zip(found)
            .filter(|((_, location), found)| !found.contains(location))
            .map(|(session, _)| session.clone());
        Ok(missing.collect())
    }

    async fn run(&self, mut change: Change) -> Result<Step, RedisError> {
        for _ in 0..MAX_ATTEMPTS {
            let is_live = |l: &Location| match &self.live {
                Some(live) => live.is_live(&l.node, l.incarnation),
                None => true,
            };
            match change.attempt(&self.redis, is_live).await? {
                Step::Again => {}
                done => return Ok(done),
            }
        }
        Err(RedisError::Contended)
    }
}
