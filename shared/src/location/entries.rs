//! The list of a user's sessions as text, and what changes do to it. Pure.
//!
//! A line is `node incarnation session platform`, all but the node in decimal. The text of a list is always the same, so it can be
//! compared. Lines that cannot be read are dropped: a later release may write others.

use std::fmt::Write;

use super::Location;
use crate::ids::{Incarnation, SessionId};
use crate::wire::Platform;

/// The sessions of one user; at most one per platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entries(Vec<Location>);

/// What adding a session led to. `first`: no other live session was there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Added {
        replaced: Vec<Location>,
        first: bool,
    },
    /// It was there already.
    Present { first: bool },
    /// A newer session of the platform, or a newer start of the node, is there; nothing was changed.
    Superseded(Location),
}

impl Entries {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(parse_line).collect())
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for l in &self.0 {
            let platform = l.platform.0;
            // Writing into a String cannot fail.
            let _ = writeln!(
                text,
                "{} {} {} {platform}",
                l.node, l.incarnation.0, l.session
            );
        }
        text
    }

    pub(super) fn into_vec(self) -> Vec<Location> {
        self.0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Location> {
        self.0.iter()
    }

    pub(super) fn add(&mut self, new: Location, is_live: impl Fn(&Location) -> bool) -> Outcome {
        let newer = |old: &&Location| {
            (old.platform == new.platform && old.session > new.session)
                || (old.node == new.node && old.incarnation > new.incarnation)
        };
        if let Some(newer) = self.0.iter().find(newer) {
            return Outcome::Superseded(newer.clone());
        }
        let present = self.0.contains(&new);
        let mut replaced = Vec::new();
        let mut others = false;
        self.0.retain(|old| {
            if *old == new {
                return true;
            }
            // What an earlier start of the same node held is gone; there is nobody to close.
            if old.node == new.node && old.incarnation < new.incarnation {
                return false;
            }
            if old.platform == new.platform {
                replaced.push(old.clone());
                return false;
            }
            others |= is_live(old);
            true
        });
        let first = !others && !replaced.iter().any(&is_live);
        if present {
            return Outcome::Present { first };
        }
        self.0.push(new);
        Outcome::Added { replaced, first }
    }

    /// Whether the entry was there. Entries of any other session or start stay.
    pub(super) fn remove(&mut self, gone: &Location) -> bool {
        let before = self.0.len();
        self.0.retain(|l| {
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
    use super::*;

    fn at(node: &str, incarnation: u64, session: u64, platform: Platform) -> Location {
        Location {
            node: node.parse().unwrap(),
            incarnation: Incarnation(incarnation),
            session: SessionId(session),
            platform,
        }
    }

    #[test]
    fn the_text_of_a_list_is_pinned() {
        let mut entries = Entries::default();
        entries.add(
            at("a-1", 5, 9_223_372_036_854_775_807, Platform::Web),
            |_| true,
        );
        entries.add(at("b", 6, 2, Platform::Terminal), |_| true);
        let text = "a-1 5 9223372036854775807 1\nb 6 2 5\n";
        assert_eq!(entries.to_text(), text);
        assert_eq!(Entries::parse(text), entries);
        assert_eq!(
            Entries::parse("?\na-1 5 x 1\nb 6 2 5\nb 6 2 5 9").0.len(),
            1
        );
    }

    /// F4: the newer session of a platform stays, whichever arrives last.
    #[test]
    fn a_newer_session_replaces_an_older_one_of_the_platform() {
        let (old, new) = (at("a", 1, 1, Platform::Web), at("b", 1, 2, Platform::Web));
        let mut entries = Entries::default();
        let expected = Outcome::Added {
            replaced: vec![],
            first: true,
        };
        assert_eq!(entries.add(old.clone(), |_| true), expected);
        let expected = Outcome::Added {
            replaced: vec![old.clone()],
            first: false,
        };
        assert_eq!(entries.add(new.clone(), |_| true), expected);
        assert_eq!(entries.add(old, |_| true), Outcome::Superseded(new.clone()));
        assert_eq!(entries.into_vec(), vec![new]);
    }

    /// F3.
    #[test]
    fn sessions_of_different_platforms_stay_together() {
        let mut entries = Entries::default();
        entries.add(at("a", 1, 1, Platform::Web), |_| true);
        entries.add(at("a", 1, 2, Platform::Ios), |_| true);
        assert_eq!(entries.iter().count(), 2);
    }

    /// F2: what a node held before it restarted counts no more.
    #[test]
    fn a_restarted_node_forgets_its_earlier_sessions() {
        let mut entries = Entries::default();
        entries.add(at("a", 1, 1, Platform::Web), |_| true);
        entries.add(at("b", 1, 2, Platform::Ios), |_| true);
        let new = at("a", 2, 3, Platform::Terminal);
        entries.add(new.clone(), |_| true);
        assert_eq!(entries.iter().count(), 2);
        let late = at("a", 1, 4, Platform::Android);
        assert_eq!(entries.add(late, |_| true), Outcome::Superseded(new));
    }

    /// F2: removing is for one session of one start.
    #[test]
    fn a_late_removal_does_not_touch_a_newer_session() {
        let mut entries = Entries::default();
        let new = at("a", 2, 1, Platform::Web);
        entries.add(new.clone(), |_| true);
        assert!(!entries.remove(&at("a", 1, 1, Platform::Web)));
        assert!(!entries.remove(&at("b", 2, 1, Platform::Web)));
        assert!(entries.remove(&new));
        assert_eq!(entries.to_text(), "");
    }

    /// F5: sessions of a dead node do not keep a user online.
    #[test]
    fn sessions_of_dead_nodes_do_not_count() {
        let mut entries = Entries::default();
        entries.add(at("dead", 1, 1, Platform::Ios), |_| true);
        let expected = Outcome::Added {
            replaced: vec![],
            first: true,
        };
        let is_live = |l: &Location| l.node.as_str() != "dead";
        assert_eq!(entries.add(at("a", 1, 2, Platform::Web), is_live), expected);
    }
}
