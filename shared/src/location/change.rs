//! One change of a user's list, attempt by attempt.
//!
//! The first attempt guesses that the user has no session, which is true for most who connect; Redis answers a wrong guess with the
//! list, and the next attempt starts from it. A change costs one round trip or two.

use std::sync::LazyLock;

use fred::types::scripts::Script;

use super::device::{Arrival, DevicePolicy};
use super::entries::{Entries, Outcome};
use super::{Added, Location, Removed};
use crate::cache::{Redis, RedisError};

/// A list that nobody touches for so long is forgotten: the user's node died and the user never came back.
const TIME_TO_LIVE_SECONDS: u64 = 30 * 24 * 60 * 60;

static COMPARE_AND_SET: LazyLock<Script> =
    LazyLock::new(|| Script::from_lua(include_str!("compare_and_set.lua")));

/// What an attempt led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Another writer was faster.
    Again,
    Added(Added),
    Removed(Removed),
}

#[derive(Debug)]
enum Kind {
    Add(Arrival, DevicePolicy),
    Remove(Location),
}

#[derive(Debug)]
pub(super) struct Change {
    key: String,
    kind: Kind,
    /// The list as it was last seen.
    seen: Option<String>,
    /// What the attempt before said: its answer may have been lost although Redis had made the change.
    before: Added,
}

impl Change {
    pub(super) fn add(key: String, arrival: Arrival, policy: DevicePolicy) -> Self {
        Self::new(key, Kind::Add(arrival, policy))
    }

    pub(super) fn remove(key: String, location: Location) -> Self {
        Self::new(key, Kind::Remove(location))
    }

    fn new(key: String, kind: Kind) -> Self {
        Self {
            key,
            kind,
            seen: None,
            before: Added::default(),
        }
    }

    /// One round trip. Call it until it returns something else than [`Step::Again`].
    pub(super) async fn attempt(
        &mut self,
        redis: &Redis,
        is_live: impl Fn(&Location) -> bool,
    ) -> Result<Step, RedisError> {
        let expected = self.seen.clone().unwrap_or_default();
        let mut entries = Entries::parse(&expected);
        let step = match &self.kind {
            Kind::Add(arrival, policy) => {
                let added = match entries.add(arrival.clone(), *policy, is_live) {
                    Outcome::Superseded(by) => Added {
                        superseded: Some(by),
                        ..Added::default()
                    },
                    Outcome::Added {
                        replaced,
                        first,
                        present,
                    } => Added {
                        replaced,
                        superseded: None,
                        first: first && (!present || self.before.first),
                    },
                };
                Step::Added(self.remember(added))
            }
            Kind::Remove(location) => {
                let removed = entries.remove(location);
                let last = removed && !entries.iter().any(is_live);
                Step::Removed(Removed { removed, last })
            }
        };
        let wanted = entries.to_text();
        // A change that has not seen the list yet has to look, even when it would change nothing.
        if wanted == expected && self.seen.is_some() && !matches!(self.kind, Kind::Add(..)) {
            return Ok(step);
        }
        let client = redis.next_connected().clone();
        let arguments = vec![expected, wanted, TIME_TO_LIVE_SECONDS.to_string()];
        let current: Option<String> = COMPARE_AND_SET
            .evalsha_with_reload(&client, self.key.clone(), arguments)
            .await?;
        match current {
            None => Ok(step),
            Some(current) => {
                self.seen = Some(current);
                Ok(Step::Again)
            }
        }
    }

    /// Adds what earlier attempts replaced: closing a session twice does no harm, not closing it does.
    fn remember(&mut self, mut added: Added) -> Added {
        for old in std::mem::take(&mut self.before.replaced) {
            if !added.replaced.contains(&old) {
                added.replaced.push(old);
            }
        }
        self.before = added.clone();
        added
    }
}
