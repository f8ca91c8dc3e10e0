//! Which changes are to be told, and when. Pure: it is told the time.

use std::collections::BTreeMap;
use std::time::Duration;

use im_shared::ids::UserId;
use tokio::time::Instant;

use super::Change;

/// Somebody whose friends are to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// Who.
    pub user: UserId,
    /// As the last event said.
    pub online: bool,
    /// The user changed whether they are seen.
    pub is_shown_anew: bool,
}

/// What waits to be told. The last event about a user wins.
#[derive(Debug)]
pub(super) struct Changes {
    grace: Duration,
    waiting: BTreeMap<UserId, (Due, Instant)>,
}

impl Changes {
    /// Who goes is told after `grace`, unless they come back.
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            grace,
            waiting: BTreeMap::new(),
        }
    }

    /// Takes an event.
    pub(super) fn take(&mut self, change: Change, now: Instant) {
        let (user, online, is_shown_anew) = match change {
            // Back within the grace: nobody was told that they went.
            Change::Came(user) if self.has_gone(user) => {
                self.waiting.remove(&user);
                return;
            }
            Change::Came(user) => (user, true, false),
            Change::Went(user) => (user, false, false),
            Change::Shown(user) => (user, false, true),
        };
        let at = match change {
            Change::Went(_) => now + self.grace,
            Change::Came(_) | Change::Shown(_) => now,
        };
        let was_shown_anew = self
            .waiting
            .get(&user)
            .is_some_and(|(due, _)| due.is_shown_anew);
        let due = Due {
            user,
            online,
            is_shown_anew: is_shown_anew || was_shown_anew,
        };
        self.waiting.insert(user, (due, at));
    }

    /// Takes out what is due at `now`, or everything.
    pub(super) fn due(&mut self, now: Option<Instant>) -> Vec<Due> {
        let is_due = |at: &Instant| now.is_none_or(|now| *at <= now);
        let due: Vec<Due> = self
            .waiting
            .values()
            .filter(|(_, at)| is_due(at))
            .map(|(due, _)| *due)
            .collect();
        self.waiting.retain(|_, (_, at)| !is_due(at));
        due
    }

    /// When something is due next.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.values().map(|(_, at)| *at).min()
    }

    fn has_gone(&self, user: UserId) -> bool {
        self.waiting
            .get(&user)
            .is_some_and(|(due, _)| !due.online && !due.is_shown_anew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: UserId = UserId(1);
    const BOB: UserId = UserId(2);
    const GRACE: Duration = Duration::from_secs(3);

    fn users(due: &[Due]) -> Vec<(u64, bool)> {
        due.iter().map(|due| (due.user.0, due.online)).collect()
    }

    /// F5
    #[test]
    fn who_comes_back_within_the_grace_never_was_away() {
        let (mut changes, now) = (Changes::new(GRACE), Instant::now());
        changes.take(Change::Went(ANN), now);
        changes.take(Change::Went(BOB), now);
        assert_eq!(changes.due(Some(now)), []);
        changes.take(Change::Came(ANN), now + GRACE / 2);
        assert_eq!(changes.next_due(), Some(now + GRACE));
        assert_eq!(users(&changes.due(Some(now + GRACE))), [(2, false)]);
        assert_eq!(changes.next_due(), None);
    }

    /// F5
    #[test]
    fn who_comes_is_told_at_once() {
        let (mut changes, now) = (Changes::new(GRACE), Instant::now());
        changes.take(Change::Came(ANN), now);
        assert_eq!(users(&changes.due(Some(now))), [(1, true)]);
    }

    #[test]
    fn a_wish_to_be_seen_is_not_lost_to_a_session_that_comes_or_goes() {
        let (mut changes, now) = (Changes::new(GRACE), Instant::now());
        changes.take(Change::Shown(ANN), now);
        changes.take(Change::Came(ANN), now);
        let due = changes.due(Some(now));
        assert!(due.iter().all(|due| due.is_shown_anew), "{due:?}");
        changes.take(Change::Shown(ANN), now);
        changes.take(Change::Went(ANN), now);
        assert!(changes.due(None).iter().all(|due| due.is_shown_anew));
    }

    #[test]
    fn at_the_end_everything_is_due() {
        let (mut changes, now) = (Changes::new(GRACE), Instant::now());
        changes.take(Change::Went(ANN), now);
        assert_eq!(users(&changes.due(None)), [(1, false)]);
    }
}
