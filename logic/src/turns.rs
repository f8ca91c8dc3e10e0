//! Who wants to change the same conversation takes turns: one at a time of each conversation is under way, with as many as wait for it.
//!
//! Changes of one conversation cannot run side by side, because they take its lock. Without turns, a storm in one conversation would fill
//! every place with transactions that wait for each other; with them it has one place, and the more wait, the more share a transaction.
//! Pure but for the mutex.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use im_shared::ids::ConversationId;
use parking_lot::Mutex;

/// What waits, by conversation. A cheap clone.
#[derive(Debug)]
pub struct Turns<T>(Arc<Mutex<Inner<T>>>);

impl<T> Clone for Turns<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Inner<T> {
    /// A conversation is in here exactly while somebody has its turn.
    waiting: HashMap<ConversationId, VecDeque<T>>,
    count: usize,
    room: usize,
}

impl<T> Turns<T> {
    /// Room for so many that wait.
    #[must_use]
    pub fn new(room: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            waiting: HashMap::new(),
            count: 0,
            room,
        })))
    }

    /// Lets `item` wait for its turn. True when nobody has the turn of the conversation: then the caller has it from now on.
    ///
    /// # Errors
    ///
    /// There is no room; gives the item back.
    pub fn offer(&self, conversation: ConversationId, item: T) -> Result<bool, T> {
        let mut inner = self.0.lock();
        if inner.count >= inner.room {
            return Err(item);
        }
        inner.count += 1;
        match inner.waiting.entry(conversation) {
            Entry::Occupied(mut queue) => {
                queue.get_mut().push_back(item);
                Ok(false)
            }
            Entry::Vacant(place) => {
                place.insert(VecDeque::from([item]));
                Ok(true)
            }
        }
    }

    /// For who has the turn: the first that wait, `most` at most, in their order.
    #[must_use]
    pub fn take(&self, conversation: ConversationId, most: usize) -> Vec<T> {
        let mut inner = self.0.lock();
        let Some(queue) = inner.waiting.get_mut(&conversation) else {
            return Vec::new();
        };
        let count = queue.len().min(most);
        let taken: Vec<T> = queue.drain(..count).collect();
        inner.count -= taken.len();
        taken
    }

    /// For who has the turn: whether more wait. If not, the turn is given back.
    #[must_use]
    pub fn next(&self, conversation: ConversationId) -> bool {
        let mut inner = self.0.lock();
        match inner.waiting.entry(conversation) {
            Entry::Occupied(queue) if queue.get().is_empty() => {
                queue.remove();
                false
            }
            Entry::Occupied(_) => true,
            Entry::Vacant(_) => false,
        }
    }

    /// For who has the turn and cannot go on: gives it back, and all that wait.
    pub fn close(&self, conversation: ConversationId) -> Vec<T> {
        let mut inner = self.0.lock();
        let queue = inner.waiting.remove(&conversation).unwrap_or_default();
        inner.count -= queue.len();
        queue.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: ConversationId = ConversationId(7);
    const THEIRS: ConversationId = ConversationId(8);

    #[test]
    fn the_first_has_the_turn_and_takes_who_comes_after_along() {
        let turns = Turns::new(10);
        assert_eq!(turns.offer(OURS, 1), Ok(true));
        assert_eq!(turns.offer(THEIRS, 9), Ok(true));
        assert_eq!(turns.offer(OURS, 2), Ok(false));
        assert_eq!(turns.offer(OURS, 3), Ok(false));
        assert_eq!(turns.take(OURS, 2), [1, 2]);
        assert!(turns.next(OURS));
        assert_eq!(turns.take(OURS, 2), [3]);
        assert_eq!(turns.offer(OURS, 4), Ok(false), "the turn goes on");
        assert!(turns.next(OURS));
        assert_eq!(turns.take(OURS, 2), [4]);
        assert!(!turns.next(OURS));
        assert_eq!(turns.offer(OURS, 5), Ok(true));
    }

    /// A15
    #[test]
    fn what_has_no_room_is_given_back() {
        let turns = Turns::new(2);
        assert_eq!(turns.offer(OURS, 1), Ok(true));
        assert_eq!(turns.offer(OURS, 2), Ok(false));
        assert_eq!(turns.offer(THEIRS, 3), Err(3));
        assert_eq!(turns.take(OURS, 1), [1]);
        assert_eq!(turns.offer(THEIRS, 3), Ok(true));
        assert_eq!(turns.close(OURS), [2]);
        assert_eq!(turns.offer(OURS, 4), Ok(true));
    }
}
