//! What waits to be written down: one place per conversation, and a rest after each row, so that a conversation in which much is said costs
//! as little as one in which little is.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use im_shared::ids::{ConversationId, Seq};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::metrics;

/// The first and the last entry that were offered.
pub(super) type Stretch = (Seq, Seq);

/// Conversations in which something was said.
#[derive(Debug)]
pub(super) struct Offers {
    places: Mutex<Places>,
    capacity: usize,
    rest: Duration,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Places {
    /// Of every conversation in `due` and `resting`; none: nothing was offered since it was taken.
    stretches: HashMap<ConversationId, Option<Stretch>>,
    due: VecDeque<ConversationId>,
    /// Each until then, in that order.
    resting: VecDeque<(Instant, ConversationId)>,
    /// Conversations with a stretch.
    offered: usize,
}

impl Places {
    /// Those that have rested are due, or gone.
    fn wake(&mut self, now: Instant) {
        while let Some(&(end, conversation)) = self.resting.front()
            && end <= now
        {
            self.resting.pop_front();
            match self.stretches.get(&conversation) {
                Some(Some(_)) => self.due.push_back(conversation),
                _ => drop(self.stretches.remove(&conversation)),
            }
        }
    }
}

impl Offers {
    /// For `capacity` conversations that wait; each rests for `rest` after it was taken.
    pub(super) fn new(capacity: usize, rest: Duration) -> Self {
        Self {
            places: Mutex::default(),
            capacity,
            rest,
            filled: Notify::new(),
        }
    }

    /// Never waits. What there is no room for is dropped and counted: the next message of the conversation brings its push.
    pub(super) fn put(&self, conversation: ConversationId, (first, last): Stretch) {
        let mut guard = self.places.lock();
        let places = &mut *guard;
        let is_full = places.offered >= self.capacity;
        match places.stretches.get_mut(&conversation) {
            Some(Some(stretch)) => *stretch = (stretch.0.min(first), stretch.1.max(last)),
            _ if is_full => metrics::full("push"),
            Some(rested) => {
                *rested = Some((first, last));
                places.offered += 1;
            }
            None => {
                places.stretches.insert(conversation, Some((first, last)));
                places.due.push_back(conversation);
                places.offered += 1;
                drop(guard);
                self.filled.notify_one();
            }
        }
    }

    /// Waits until something is due.
    pub(super) async fn filled(&self) {
        loop {
            let next = {
                let mut places = self.places.lock();
                places.wake(Instant::now());
                if !places.due.is_empty() {
                    return;
                }
                places.resting.front().map(|(end, _)| *end)
            };
            match next {
                Some(end) => drop(tokio::time::timeout_at(end, self.filled.notified()).await),
                None => self.filled.notified().await,
            }
        }
    }

    /// Up to `limit` of those that are due; they rest now.
    pub(super) fn take(&self, limit: usize) -> Vec<(ConversationId, Stretch)> {
        let now = Instant::now();
        let mut guard = self.places.lock();
        let places = &mut *guard;
        places.wake(now);
        let mut taken = Vec::new();
        while taken.len() < limit
            && let Some(conversation) = places.due.pop_front()
        {
            let stretch = places
                .stretches
                .get_mut(&conversation)
                .and_then(Option::take);
            taken.extend(stretch.map(|stretch| (conversation, stretch)));
            places.offered -= usize::from(stretch.is_some());
            // A rest only saves work: without room for it there is none.
            if places.resting.len() < self.capacity {
                places.resting.push_back((now + self.rest, conversation));
            } else {
                places.stretches.remove(&conversation);
            }
        }
        taken
    }

    /// At the end nobody rests.
    pub(super) fn end_rests(&self) {
        let mut guard = self.places.lock();
        let places = &mut *guard;
        for (end, _) in &mut places.resting {
            *end = Instant::now();
        }
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
        let offers = Offers::new(2, Duration::ZERO);
        offers.put(ConversationId(7), stretch(5, 6));
        offers.put(ConversationId(7), stretch(3, 3));
        offers.put(ConversationId(7), stretch(4, 9));
        offers.put(ConversationId(8), stretch(1, 1));
        offers.put(ConversationId(9), stretch(1, 1));
        offers.put(ConversationId(8), stretch(2, 2));
        assert_eq!(offers.take(1), [(ConversationId(7), stretch(3, 9))]);
        assert_eq!(offers.take(10), [(ConversationId(8), stretch(1, 2))]);
        assert!(offers.take(10).is_empty());
        offers.put(ConversationId(9), stretch(1, 1));
        assert_eq!(offers.take(10), [(ConversationId(9), stretch(1, 1))]);
    }

    /// E6
    #[tokio::test(start_paused = true)]
    async fn a_conversation_that_goes_on_is_due_again_after_its_rest() {
        let rest = Duration::from_secs(3);
        let offers = Offers::new(9, rest);
        offers.put(ConversationId(7), stretch(1, 1));
        offers.filled().await;
        let began = Instant::now();
        assert_eq!(offers.take(9), [(ConversationId(7), stretch(1, 1))]);
        offers.put(ConversationId(7), stretch(2, 2));
        offers.put(ConversationId(7), stretch(3, 3));
        assert!(offers.take(9).is_empty());
        // Another one does not wait for it.
        offers.put(ConversationId(8), stretch(1, 1));
        offers.filled().await;
        assert_eq!(offers.take(9), [(ConversationId(8), stretch(1, 1))]);
        assert_eq!(began.elapsed(), Duration::ZERO);
        offers.filled().await;
        assert_eq!(began.elapsed(), rest);
        assert_eq!(offers.take(9), [(ConversationId(7), stretch(2, 3))]);
        // At a stop it does not rest.
        offers.put(ConversationId(7), stretch(4, 4));
        offers.end_rests();
        assert_eq!(offers.take(9), [(ConversationId(7), stretch(4, 4))]);
        assert_eq!(began.elapsed(), rest);
    }
}
