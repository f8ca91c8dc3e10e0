//! The list of a user's sessions as text, and what changes do to it. Pure.
//!
//! A session is a line `node incarnation session platform`, all but the node in decimal, and after it a line `=device`, in hexadecimal,
//! when its device is known. The text of a list is always the same, so it can be compared. Lines that cannot be read are dropped: that
//! is what a release that knows no devices does with `=device`, and a later release may write others.

use std::fmt::Write;

use super::Location;
use super::device::{Arrival, Device, DevicePolicy};
use crate::ids::{Incarnation, SessionId};
use crate::wire::Platform;

/// The sessions of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entries(Vec<Arrival>);

/// What adding a session led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Added {
        replaced: Vec<Location>,
        /// No other live session was there.
        first: bool,
        /// It was there already.
        present: bool,
    },
    /// A newer session has its place, or a newer start of the node is there; nothing was changed.
    Superseded(Location),
}

impl Entries {
    pub(super) fn parse(text: &str) -> Self {
        let mut entries: Vec<Arrival> = Vec::new();
        // Whose device a line tells: the session of the line before it, if that could be read.
        let mut before = false;
        for line in text.lines() {
            if let Some(device) = line.strip_prefix('=') {
                if let (true, Some(last)) = (before, entries.last_mut()) {
                    last.device = device.parse().ok();
                }
                before = false;
            } else if let Some(location) = parse_line(line) {
                entries.push(location.into());
                before = true;
            } else {
                before = false;
            }
        }
        Self(entries)
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for Arrival {
            location: l,
            device,
        } in &self.0
        {
            let platform = l.platform.0;
            // Writing into a String cannot fail.
            let _ = writeln!(
                text,
                "{} {} {} {platform}",
                l.node, l.incarnation.0, l.session
            );
            if let Some(device) = device {
                let _ = writeln!(text, "={device}");
            }
        }
        text
    }

    pub(super) fn into_arrivals(self) -> Vec<Arrival> {
        self.0
    }

    pub(super) fn into_vec(self) -> Vec<Location> {
        self.0.into_iter().map(|entry| entry.location).collect()
    }

    pub(super) fn on_device(&self, device: Device) -> Vec<Location> {
        let on_it = self.0.iter().filter(|entry| entry.device == Some(device));
        on_it.map(|entry| entry.location.clone()).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Location> {
        self.0.iter().map(|entry| &entry.location)
    }

    pub(super) fn add(
        &mut self,
        new: Arrival,
        policy: DevicePolicy,
        is_live: impl Fn(&Location) -> bool,
    ) -> Outcome {
        if let Some(newer) = self.superseding(&new, policy, &is_live) {
            return Outcome::Superseded(newer);
        }
        let present = self.iter().any(|old| *old == new.location);
        let mut replaced = Vec::new();
        let mut others = false;
        self.0.retain_mut(|old| {
            if old.location == new.location {
                old.device = new.device.or(old.device);
                return true;
            }
            // What an earlier start of the same node held is gone; there is nobody to close.
            if old.location.node == new.location.node
                && old.location.incarnation < new.location.incarnation
            {
                return false;
            }
            others |= is_live(&old.location);
            if policy.clash(old, &new) {
                replaced.push(old.location.clone());
                return false;
            }
            true
        });
        let location = new.location.clone();
        if !present {
            self.0.push(new);
        }
        self.make_room(&location, policy, &is_live, &mut replaced);
        Outcome::Added {
            replaced,
            first: !others,
            present,
        }
    }

    /// The session that leaves `new` no place.
    fn superseding(
        &self,
        new: &Arrival,
        policy: DevicePolicy,
        is_live: impl Fn(&Location) -> bool,
    ) -> Option<Location> {
        let location = &new.location;
        let newer = |old: &&Arrival| {
            (policy.clash(old, new) && old.location.session > location.session)
                || (old.location.node == location.node
                    && old.location.incarnation > location.incarnation)
        };
        if let Some(newer) = self.0.iter().find(newer) {
            return Some(newer.location.clone());
        }
        let limit = policy.limit()?;
        let mut newer: Vec<_> = self
            .iter()
            .filter(|old| old.session > location.session && is_live(old))
            .collect();
        newer.sort_unstable_by_key(|old| old.session);
        (newer.len() >= limit).then(|| newer[0].clone())
    }

    /// Forgets sessions of dead nodes, whom nobody has to tell, and then replaces the oldest, until there are no more than the policy
    /// lets stand beside `new`. A node that was taken for dead by mistake puts its sessions back.
    fn make_room(
        &mut self,
        new: &Location,
        policy: DevicePolicy,
        is_live: impl Fn(&Location) -> bool,
        replaced: &mut Vec<Location>,
    ) {
        if self.0.len() > policy.crowd() {
            self.0
                .retain(|old| old.location == *new || is_live(&old.location));
        }
        while policy.limit().is_some_and(|limit| self.0.len() > limit) {
            let others = self.iter().enumerate().filter(|(_, old)| *old != new);
            let Some((oldest, _)) = others.min_by_key(|(_, old)| old.session) else {
                return;
            };
            replaced.push(self.0.remove(oldest).location);
        }
    }

    /// Whether the entry was there. Entries of any other session or start stay.
    pub(super) fn remove(&mut self, gone: &Location) -> bool {
        let before = self.0.len();
        self.0.retain(|Arrival { location: l, .. }| {
            (&l.node, l.incarnation, l.session) != (&gone.node, gone.incarnation, gone.session)
        });
        self.0.len() < before
    }
}

fn parse_line(line: &str) -> Option<Location> {
    let mut words = line.split(' ');
    let location = Location {
        node: words.next()?.parse().ok()?,
        incarnation: Incarnation(words.next()?.parse().ok()?),
        session: SessionId(words.next()?.parse().ok()?),
        platform: Platform(words.next()?.parse().ok()?),
    };
    words.next().is_none().then_some(location)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::num::NonZeroU16;

    use super::super::device::Device;
    use super::*;

    use DevicePolicy::{OnePerPlatform, Unlimited};

    fn at_most(limit: u16) -> DevicePolicy {
        DevicePolicy::AtMost(NonZeroU16::new(limit).unwrap())
    }

    fn at(node: &str, incarnation: u64, session: u64, platform: Platform) -> Location {
        Location {
            node: node.parse().unwrap(),
            incarnation: Incarnation(incarnation),
            session: SessionId(session),
            platform,
        }
    }

    /// A session of a browser on node `a`.
    fn browser(session: u64, device: &str) -> Arrival {
        Arrival::of(at("a", 1, session, Platform::Web), device)
    }

    /// Adds a session that is let in; gives the ids of those that it replaced.
    fn add(entries: &mut Entries, new: Arrival, policy: DevicePolicy) -> Vec<u64> {
        match entries.add(new, policy, |_| true) {
            Outcome::Added { replaced, .. } => replaced.iter().map(|l| l.session.0).collect(),
            Outcome::Superseded(by) => panic!("superseded by {by:?}"),
        }
    }

    fn ids(entries: &Entries) -> Vec<u64> {
        entries.iter().map(|l| l.session.0).collect()
    }

    fn added(replaced: Vec<Location>, first: bool) -> Outcome {
        Outcome::Added {
            replaced,
            first,
            present: false,
        }
    }

    #[test]
    fn the_text_of_a_list_is_pinned() {
        let mut entries = Entries::default();
        let first = at("a-1", 5, 9_223_372_036_854_775_807, Platform::Web);
        add(&mut entries, first.into(), OnePerPlatform);
        let second = Arrival::of(at("b", 6, 2, Platform::Terminal), "foobar");
        add(&mut entries, second, OnePerPlatform);
        let text = "a-1 5 9223372036854775807 1\nb 6 2 5\n=85944171f73967e8\n";
        assert_eq!(entries.to_text(), text);
        assert_eq!(Entries::parse(text), entries);
        assert_eq!(
            Entries::parse("?\na-1 5 x 1\nb 6 2 5\nb 6 2 5 9").0.len(),
            1
        );
    }

    /// K13: while releases change, a node that knows no devices writes lists without them and drops them from lists that it changes.
    #[test]
    fn lists_of_nodes_that_know_no_devices_are_read() {
        let entries = Entries::parse("a 1 1 1\nb 1 2 3\n");
        assert_eq!(ids(&entries), [1, 2]);
        assert!(entries.0.iter().all(|entry| entry.device.is_none()));
        // A line that tells a device, after one that could not be read, belongs to nobody.
        let entries = Entries::parse("a 1 1 1\n?\n=1\nb 1 2 3\n=2\n=3\n");
        assert_eq!(entries.0[0].device, None);
        assert_eq!(entries.0[1].device, Some("2".parse::<Device>().unwrap()));
    }

    /// F4: the newer session of a platform stays, whichever arrives last.
    #[test]
    fn a_newer_session_replaces_an_older_one_of_the_platform() {
        let (old, new) = (at("a", 1, 1, Platform::Web), at("b", 1, 2, Platform::Web));
        let mut entries = Entries::default();
        let mut add = |new: &Location| entries.add(new.clone().into(), OnePerPlatform, |_| true);
        assert_eq!(add(&old), added(vec![], true));
        assert_eq!(add(&new), added(vec![old.clone()], false));
        assert_eq!(add(&old), Outcome::Superseded(new.clone()));
        assert_eq!(entries.into_vec(), vec![new]);
    }

    /// F3.
    #[test]
    fn sessions_of_different_platforms_stay_together() {
        let mut entries = Entries::default();
        for (session, platform) in [(1, Platform::Web), (2, Platform::Ios)] {
            let new = Arrival::of(at("a", 1, session, platform), "one id for both");
            assert!(add(&mut entries, new, OnePerPlatform).is_empty());
        }
        assert_eq!(ids(&entries), [1, 2]);
    }

    /// F4: whatever the policy, a device that connects again does not stand next to itself.
    #[test]
    fn a_device_replaces_its_own_older_session_under_every_policy() {
        for policy in [OnePerPlatform, at_most(3), Unlimited] {
            let mut entries = Entries::default();
            add(&mut entries, browser(1, "mine"), policy);
            assert_eq!(add(&mut entries, browser(2, "mine"), policy), [1]);
            let late = entries.add(browser(1, "mine"), policy, |_| true);
            assert_eq!(late, Outcome::Superseded(browser(2, "mine").location));
            assert_eq!(ids(&entries), [2], "{policy:?}");
        }
    }

    /// F3, F4
    #[test]
    fn without_a_limit_every_device_has_its_session() {
        let mut entries = Entries::default();
        for session in 1..=40 {
            let new = browser(session, &session.to_string());
            assert!(add(&mut entries, new, Unlimited).is_empty());
        }
        assert_eq!(entries.iter().count(), 40);
    }

    /// F4
    #[test]
    fn the_oldest_sessions_beyond_the_limit_are_replaced() {
        let mut entries = Entries::default();
        for session in 1..=3 {
            add(
                &mut entries,
                browser(session, &session.to_string()),
                at_most(3),
            );
        }
        assert_eq!(add(&mut entries, browser(5, "5"), at_most(3)), [1]);
        let late = entries.add(browser(1, "1"), at_most(3), |_| true);
        assert_eq!(late, Outcome::Superseded(browser(2, "2").location));
        // A lower limit holds from the next session on.
        assert_eq!(add(&mut entries, browser(6, "6"), at_most(2)), [2, 3]);
        assert_eq!(ids(&entries), [5, 6]);
    }

    /// F4: a session that nobody can be on takes no place.
    #[test]
    fn sessions_of_dead_nodes_make_room_before_the_oldest() {
        let mut entries = Entries::default();
        add(&mut entries, browser(1, "1"), at_most(2));
        let dead = Arrival::of(at("dead", 1, 2, Platform::Web), "2");
        add(&mut entries, dead.clone(), at_most(2));
        let is_live = |l: &Location| l.node.as_str() != "dead";
        let outcome = entries.add(browser(3, "3"), at_most(2), is_live);
        assert_eq!(outcome, added(vec![], false));
        assert_eq!(ids(&entries), [1, 3]);
        // It was not dead after all, and its node puts it back.
        assert_eq!(add(&mut entries, dead, at_most(2)), [1]);
    }

    /// F2: what a node held before it restarted counts no more.
    #[test]
    fn a_restarted_node_forgets_its_earlier_sessions() {
        let mut entries = Entries::default();
        for old in [at("a", 1, 1, Platform::Web), at("b", 1, 2, Platform::Ios)] {
            add(&mut entries, old.into(), OnePerPlatform);
        }
        let new = at("a", 2, 3, Platform::Terminal);
        add(&mut entries, new.clone().into(), OnePerPlatform);
        assert_eq!(entries.iter().count(), 2);
        for policy in [OnePerPlatform, at_most(9), Unlimited] {
            let late = Arrival::of(at("a", 1, 4, Platform::Android), "late");
            let outcome = entries.add(late, policy, |_| true);
            assert_eq!(outcome, Outcome::Superseded(new.clone()));
        }
    }

    /// F2: removing is for one session of one start.
    #[test]
    fn a_late_removal_does_not_touch_a_newer_session() {
        let mut entries = Entries::default();
        let new = at("a", 2, 1, Platform::Web);
        add(&mut entries, Arrival::of(new.clone(), "x"), Unlimited);
        assert!(!entries.remove(&at("a", 1, 1, Platform::Web)));
        assert!(!entries.remove(&at("b", 2, 1, Platform::Web)));
        assert!(entries.remove(&new));
        assert_eq!(entries.to_text(), "");
    }

    /// F5: sessions of a dead node do not keep a user online.
    #[test]
    fn sessions_of_dead_nodes_do_not_count() {
        let mut entries = Entries::default();
        let dead = at("dead", 1, 1, Platform::Ios);
        add(&mut entries, dead.into(), OnePerPlatform);
        let is_live = |l: &Location| l.node.as_str() != "dead";
        let new = at("a", 1, 2, Platform::Web).into();
        let outcome = entries.add(new, OnePerPlatform, is_live);
        assert_eq!(outcome, added(vec![], true));
    }
}
