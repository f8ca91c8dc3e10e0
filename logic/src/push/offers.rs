//! What waits to be written down: one place per conversation, so that a burst costs one row.

use std::collections::HashMap;

use im_shared::ids::{ConversationId, Seq};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::metrics;

/// The first and the last entry that were offered.
pub(super) type Stretch = (Seq, Seq);

/// Conversations in which something was said.
#[derive(Debug)]
pub(super) struct Offers {
    waiting: Mutex<HashMap<ConversationId, Stretch>>,
    capacity: usize,
    filled: Notify,
}

impl Offers {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            capacity,
            filled: Notify::new(),
        }
    }

    /// Never waits. What there is no room for is dropped and counted: the next message of the conversation brings its push.
    pub(super) fn put(&self, conversation: ConversationId, (first, last): Stretch) {
        {
            let mut waiting = self.waiting.lock();
            let is_full = waiting.len() >= self.capacity;
            match waiting.get_mut(&conversation) {
                Some(stretch) => *stretch = (stretch.0.min(first), stretch.1.max(last)),
                None if is_full => return metrics::full("push"),
                None => {
                    waiting.insert(conversation, (first, last));
                }
            }
        }
        self.filled.notify_one();
    }

    /// Waits until there is something.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Up to `limit` of them.
    pub(super) fn take(&self, limit: usize) -> Vec<(ConversationId, Stretch)> {
        let mut waiting = self.waiting.lock();
        if waiting.len() <= limit {
            return waiting.drain().collect();
        }
        let some: Vec<ConversationId> = waiting.keys().take(limit).copied().collect();
        some.into_iter()
            .filter_map(|conversation| waiting.remove_entry(&conversation))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn stretch(first: u64, last: u64) -> Stretch {
        (Seq(first), Seq(last))
    }

    /// E6
    #[test]
    fn a_burst_takes_one_place_and_what_has_no_place_is_dropped() {
        let offers = Offers::new(2);
        offers.put(ConversationId(7), stretch(5, 6));
        offers.put(ConversationId(7), stretch(3, 3));
        offers.put(ConversationId(7), stretch(4, 9));
        offers.put(ConversationId(8), stretch(1, 1));
        offers.put(ConversationId(9), stretch(1, 1));
        offers.put(ConversationId(8), stretch(2, 2));
        assert_eq!(offers.take(1).len(), 1);
        let mut taken = offers.take(10);
        offers.put(ConversationId(7), stretch(3, 9));
        offers.put(ConversationId(8), stretch(1, 2));
        taken.extend(offers.take(10));
        taken.sort_unstable();
        taken.dedup();
        let expected = [
            (ConversationId(7), stretch(3, 9)),
            (ConversationId(8), stretch(1, 2)),
        ];
        assert_eq!(taken, expected);
        assert!(offers.take(10).is_empty());
    }
}
