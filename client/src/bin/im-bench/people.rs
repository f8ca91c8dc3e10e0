//! The prepared users: their ids, names, neighbours and tokens.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use im_shared::ids::UserId;
use im_shared::tokens::Signer;
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

    /// The n-th neighbour in a ring of `count`: +1, -1, +2, -2 and so on.
    pub(crate) fn neighbour(self, n: u64, count: u64) -> Self {
        let step = n / 2 + 1;
        Self(if n.is_multiple_of(2) {
            (self.0 + step) % count
        } else {
            (self.0 + count - step % count) % count
        })
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
        Ok(self
            .0
            .sign(person.id(), DEVICE, PLATFORM, SystemTime::now())?
            .token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_alternate_around_the_ring() {
        let neighbours: Vec<u64> = (0..4).map(|n| Person(0).neighbour(n, 10).0).collect();
        assert_eq!(neighbours, [1, 9, 2, 8]);
        assert_eq!(Person::of(Person(7).id()), Some(Person(7)));
    }
}
