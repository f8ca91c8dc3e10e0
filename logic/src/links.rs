//! The numbers of the carriers on each link, and when a beacon is due. Pure: time is an argument.
//!
//! Access sees a hole in the numbers when a carrier was lost in the middle, and silence where beacons should be when one was lost at
//! the tail or this process died (decision 8).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use im_shared::ids::NodeId;

/// A link that carried nothing for so long gets no more beacons.
const ACTIVE: Duration = Duration::from_secs(10);

/// The longest silence of an active link.
const BEACON_EVERY: Duration = Duration::from_millis(200);

/// The links of this process, one per access node.
#[derive(Debug)]
pub struct Links {
    id: u64,
    links: HashMap<Arc<NodeId>, Link>,
}

#[derive(Debug)]
struct Link {
    number: u64,
    traffic_at: Instant,
    sent_at: Instant,
}

impl Links {
    /// `id` is drawn at random at every start of the process, so that numbers begin anew only under a new id.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            links: HashMap::new(),
        }
    }

    /// Of this process.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The number of the next carrier to `node`: 1, 2, 3. It is used up even when the carrier is not published, which access then sees
    /// as the loss that it is.
    pub fn number(&mut self, node: &Arc<NodeId>, now: Instant) -> u64 {
        if let Some(link) = self.links.get_mut(node) {
            link.number += 1;
            (link.traffic_at, link.sent_at) = (now, now);
            return link.number;
        }
        self.links.insert(
            Arc::clone(node),
            Link {
                number: 1,
                traffic_at: now,
                sent_at: now,
            },
        );
        1
    }

    /// The links that are due for a beacon, with the last number of each. They count as sent.
    pub fn due(&mut self, now: Instant) -> Vec<(Arc<NodeId>, u64)> {
        let is_due =
            |link: &Link| now - link.traffic_at < ACTIVE && now - link.sent_at >= BEACON_EVERY;
        let due = self.links.iter_mut().filter(|(_, link)| is_due(link));
        due.map(|(node, link)| {
            link.sent_at = now;
            (Arc::clone(node), link.number)
        })
        .collect()
    }

    /// How often [`Links::due`] is to be asked.
    #[must_use]
    pub const fn tick() -> Duration {
        Duration::from_millis(50)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn node(name: &str) -> Arc<NodeId> {
        Arc::new(name.parse().unwrap())
    }

    /// Decision 8.
    #[test]
    fn each_link_counts_for_itself() {
        let (mut links, now) = (Links::new(7), Instant::now());
        let (a, b) = (node("a"), node("b"));
        let numbers = [&a, &a, &b, &a, &b].map(|node| links.number(node, now));
        assert_eq!(numbers, [1, 2, 1, 3, 2]);
    }

    /// Decision 8.
    #[test]
    fn an_active_link_is_never_silent_for_long_and_an_idle_one_is_left_alone() {
        let (mut links, start) = (Links::new(7), Instant::now());
        let a = node("a");
        links.number(&a, start);
        let mut beacons = Vec::new();
        for millis in (0..20_000).step_by(50) {
            let due = links.due(start + Duration::from_millis(millis));
            beacons.extend(due.into_iter().map(|(_, number)| (millis, number)));
        }
        assert_eq!(beacons.first(), Some(&(200, 1)));
        assert_eq!(beacons.last().unwrap().0, 9_800);
        assert_eq!(beacons.len(), 49);
    }

    /// Decision 8.
    #[test]
    fn traffic_is_as_good_as_a_beacon() {
        let (mut links, start) = (Links::new(7), Instant::now());
        let a = node("a");
        for millis in (0..2_000).step_by(100) {
            links.number(&a, start + Duration::from_millis(millis));
            assert!(
                links
                    .due(start + Duration::from_millis(millis + 50))
                    .is_empty()
            );
        }
    }
}
