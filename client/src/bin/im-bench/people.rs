//! The prepared users: their ids, names, neighbours and tokens.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use im_client::Target;
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::{AccountKind, Signer, Subject};
use im_shared::wire::Platform;

/// Ids below those of any real time: snowflakes count milliseconds from 2025 in their upper bits.
const FIRST_ID: u64 = 1_000_000;

/// One of the prepared users, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Person(pub(crate) u64);

impl Person {
    pub(crate) fn id(self) -> UserId {
        UserId(FIRST_ID + self.0)
    }

    pub(crate) fn of(user: UserId) -> Option<Self> {
        user.0.checked_sub(FIRST_ID).map(Self)
    }

    pub(crate) fn username(self) -> String {
        format!("bench-{}", self.0)
    }

    /// The nearest `wanted` of the first `count` people: +1, -1, +2, -2 and so on. They are friends up to the degree of `prepare`.
    pub(crate) fn neighbours(self, wanted: u64, count: u64) -> Vec<Self> {
        let sides =
            (1..count).flat_map(|step| [self.0.checked_add(step), self.0.checked_sub(step)]);
        let there = sides.flatten().filter(|index| *index < count);
        there
            .take(usize::try_from(wanted).unwrap_or(usize::MAX))
            .map(Self)
            .collect()
    }

    /// The private conversations with these neighbours.
    pub(crate) fn peers(self, wanted: u64, count: u64) -> Vec<Target> {
        let neighbours = self.neighbours(wanted, count).into_iter();
        neighbours.map(|peer| Target::Peer(peer.id())).collect()
    }
}

pub(crate) const DEVICE: &str = "bench";
pub(crate) const PLATFORM: Platform = Platform::Terminal;

/// Makes tokens as web does. A cheap clone.
#[derive(Clone)]
pub(crate) struct Tokens(Arc<Signer>);

impl Tokens {
    pub(crate) fn load(key: &Path) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Signer::load(key).with_context(|| {
            format!("cannot load {}", key.display())
        })?)))
    }

    pub(crate) fn of(&self, person: Person) -> anyhow::Result<String> {
        let subject = Subject {
            user: person.id(),
            kind: AccountKind::User,
            sign_in: SignInId(person.id().0),
            device: DEVICE,
            platform: PLATFORM,
        };
        Ok(self.0.sign(&subject, SystemTime::now())?.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_alternate_and_stay_among_those_who_are_there() {
        let of = |person: u64| -> Vec<u64> {
            Person(person)
                .neighbours(4, 10)
                .iter()
                .map(|peer| peer.0)
                .collect()
        };
        assert_eq!(of(5), [6, 4, 7, 3]);
        assert_eq!(of(0), [1, 2, 3, 4]);
        assert_eq!(of(9), [8, 7, 6, 5]);
        assert_eq!(Person::of(Person(7).id()), Some(Person(7)));
    }
}
