//! Watches the numbers of the links from logic processes to this node (decision 8). Pure.
//!
//! A logic process numbers its carriers to a node 1, 2, 3; while it had traffic within ten seconds it repeats the last
//! number every 200 ms without deliveries (a beacon). So a hole, or a link that falls silent though it was busy, shows
//! that deliveries may have been lost, and the sessions are told to sync.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Without any carrier for this long, a busy link counts as silent: five beacons.
const SILENT_AFTER: Duration = Duration::from_secs(1);
/// A link without deliveries for this long may stop its beacons. A second less than logic's ten, because the last
/// delivery is seen later than it is sent.
const QUIET_AFTER: Duration = Duration::from_secs(9);
/// Links that are remembered; the one that was heard least recently is forgotten first.
const MAX_LINKS: usize = 1_024;

/// Why deliveries may have been lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Numbers are missing.
    Hole,
    /// A busy link fell silent.
    Silence,
}

impl Loss {
    /// The label of the metric.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hole => "hole",
            Self::Silence => "silence",
        }
    }
}

#[derive(Debug)]
struct Link {
    last: u64,
    heard_at: Instant,
    delivered_at: Option<Instant>,
    silent: bool,
}

/// What is known of each link.
#[derive(Debug, Default)]
pub(crate) struct Links {
    links: HashMap<u64, Link>,
}

impl Links {
    /// A carrier came in. Number 0 belongs to the broadcast subject, which is not numbered.
    pub(crate) fn heard(
        &mut self,
        link_id: u64,
        number: u64,
        deliveries: bool,
        now: Instant,
    ) -> Option<Loss> {
        if number == 0 {
            return None;
        }
        let Some(link) = self.links.get_mut(&link_id) else {
            self.make_room();
            let delivered_at = deliveries.then_some(now);
            self.links.insert(
                link_id,
                Link {
                    last: number,
                    heard_at: now,
                    delivered_at,
                    silent: false,
                },
            );
            // The first carrier that is heard is the first that was sent, or some were lost.
            let first = u64::from(deliveries);
            return (number > first).then_some(Loss::Hole);
        };
        link.heard_at = now;
        link.silent = false;
        if deliveries {
            link.delivered_at = Some(now);
        }
        let expected = link.last + u64::from(deliveries);
        let hole = number > expected;
        link.last = link.last.max(number);
        hole.then_some(Loss::Hole)
    }

    /// Time passed. Each silence is reported once.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Loss> {
        let mut loss = None;
        for link in self.links.values_mut() {
            let busy = link
                .delivered_at
                .is_some_and(|at| link.heard_at.duration_since(at) < QUIET_AFTER);
            if busy && !link.silent && now.duration_since(link.heard_at) >= SILENT_AFTER {
                link.silent = true;
                loss = Some(Loss::Silence);
            }
        }
        loss
    }

    fn make_room(&mut self) {
        if self.links.len() < MAX_LINKS {
            return;
        }
        let oldest = self
            .links
            .iter()
            .min_by_key(|(_, link)| link.heard_at)
            .map(|(id, _)| *id);
        if let Some(oldest) = oldest {
            self.links.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64, start: Instant) -> Instant {
        start + Duration::from_millis(millis)
    }

    /// Decision 8
    #[test]
    fn consecutive_numbers_and_beacons_are_no_loss() {
        let start = Instant::now();
        let mut links = Links::default();
        assert_eq!(links.heard(7, 1, true, start), None);
        assert_eq!(links.heard(7, 2, true, start), None);
        assert_eq!(links.heard(7, 2, false, at(200, start)), None);
        assert_eq!(links.heard(7, 3, true, at(300, start)), None);
        assert_eq!(links.tick(at(1_200, start)), None);
    }

    /// Decision 8
    #[test]
    fn a_missing_number_is_a_hole_and_reported_once() {
        let start = Instant::now();
        let mut links = Links::default();
        links.heard(7, 1, true, start);
        assert_eq!(links.heard(7, 3, true, start), Some(Loss::Hole));
        assert_eq!(links.heard(7, 4, true, start), None);
        assert_eq!(
            links.heard(7, 5, false, start),
            Some(Loss::Hole),
            "a beacon tells of a lost tail"
        );
        assert_eq!(links.heard(7, 5, false, start), None);
    }

    #[test]
    fn the_first_carrier_of_a_link_may_already_show_a_hole() {
        let start = Instant::now();
        let mut links = Links::default();
        assert_eq!(links.heard(1, 1, true, start), None);
        assert_eq!(links.heard(2, 2, true, start), Some(Loss::Hole));
        assert_eq!(links.heard(3, 1, false, start), Some(Loss::Hole));
        assert_eq!(
            links.heard(4, 0, true, start),
            None,
            "broadcast is not numbered"
        );
    }

    /// Decision 8
    #[test]
    fn a_busy_link_that_falls_silent_is_reported_once_and_a_quiet_one_never() {
        let start = Instant::now();
        let mut links = Links::default();
        links.heard(7, 1, true, start);
        assert_eq!(links.tick(at(999, start)), None);
        assert_eq!(links.tick(at(1_000, start)), Some(Loss::Silence));
        assert_eq!(links.tick(at(1_100, start)), None);

        let mut links = Links::default();
        links.heard(7, 1, true, start);
        for beacon in 1..48 {
            links.heard(7, 1, false, at(beacon * 200, start));
        }
        assert_eq!(
            links.tick(at(60_000, start)),
            None,
            "it had no deliveries for more than nine seconds"
        );
    }

    #[test]
    fn links_are_bounded() {
        let start = Instant::now();
        let mut links = Links::default();
        for id in 0..3_000 {
            links.heard(id, 1, true, at(id, start));
        }
        assert_eq!(links.links.len(), MAX_LINKS);
        assert!(links.links.contains_key(&2_999));
    }
}
