//! Read and delivered positions that are to be told: only the highest of a conversation goes out [R6]. Pure.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, Seq};

/// Positions are gathered for so long before they go out.
const PAUSE: Duration = Duration::from_millis(200);
/// Positions told at a time, so that after a long absence they do not use up the session's allowance of frames.
const AT_A_TIME: usize = 2;
/// A position in a conversation of everybody goes out once in this time [R6]: there, everybody who is there reads every message.
const REST: Duration = Duration::from_secs(5);

/// What was asked for and what was told, by conversation.
#[derive(Debug, Default)]
pub struct Positions {
    told: HashMap<ConversationId, Seq>,
    wanted: HashMap<ConversationId, Seq>,
    /// Until when conversations of everybody rest after they were told.
    resting: HashMap<ConversationId, Instant>,
    due: Option<Instant>,
}

impl Positions {
    /// Asks for a position to be told; one that is no step forward is ignored.
    pub fn want(&mut self, conversation: ConversationId, seq: Seq, now: Instant) {
        if self
            .told
            .get(&conversation)
            .is_some_and(|told| *told >= seq)
        {
            return;
        }
        let wanted = self.wanted.entry(conversation).or_default();
        *wanted = seq.max(*wanted);
        self.due.get_or_insert(now + PAUSE);
    }

    /// What to tell now; it counts as told.
    pub fn due(&mut self, now: Instant) -> Vec<(ConversationId, Seq)> {
        if self.next_due().is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.resting.retain(|_, until| *until > now);
        let ready = self.wanted.keys().copied();
        let ready = ready.filter(|id| !self.resting.contains_key(id));
        let next: Vec<_> = ready.take(AT_A_TIME).collect();
        let due: Vec<_> = next
            .into_iter()
            .filter_map(|id| self.wanted.remove_entry(&id))
            .collect();
        self.told.extend(due.iter().copied());
        let everybody = due.iter().filter(|(id, _)| id.is_of_everybody());
        self.resting
            .extend(everybody.map(|(id, _)| (*id, now + REST)));
        let is_ready = |id: &ConversationId| !self.resting.contains_key(id);
        self.due = self.wanted.keys().any(is_ready).then_some(now + PAUSE);
        due
    }

    /// Telling failed: it is told again after `wait`, unless a later position is.
    pub fn failed(&mut self, conversation: ConversationId, seq: Seq, wait: Duration, now: Instant) {
        if self.told.get(&conversation) == Some(&seq) {
            self.told.remove(&conversation);
            let wanted = self.wanted.entry(conversation).or_default();
            *wanted = seq.max(*wanted);
            let at = now + wait.max(PAUSE);
            self.due = Some(self.due.map_or(at, |due| due.max(at)));
        }
    }

    /// The server says what it holds: what was told beyond that was lost and is told again.
    pub fn held(&mut self, conversation: ConversationId, seq: Seq, now: Instant) {
        if let Some(told) = self
            .told
            .get(&conversation)
            .copied()
            .filter(|told| *told > seq)
        {
            self.told.insert(conversation, seq);
            self.want(conversation, told, now);
        }
    }

    /// When [`Self::due`] has something next.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let rested = self.wanted.keys().filter_map(|id| self.resting.get(id));
        self.due.or_else(|| rested.min().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ConversationId = ConversationId(7);

    /// [R6]
    #[test]
    fn only_the_highest_position_is_told_and_only_once() {
        let now = Instant::now();
        let mut positions = Positions::default();
        for seq in [3, 7, 5] {
            positions.want(A, Seq(seq), now);
        }
        assert!(positions.due(now).is_empty());
        assert_eq!(positions.due(now + PAUSE), [(A, Seq(7))]);
        positions.want(A, Seq(6), now);
        assert_eq!(positions.next_due(), None);
    }

    #[test]
    fn what_failed_is_told_again_unless_a_later_one_was() {
        let now = Instant::now();
        let mut positions = Positions::default();
        positions.want(A, Seq(3), now);
        assert_eq!(positions.due(now + PAUSE), [(A, Seq(3))]);
        positions.failed(A, Seq(3), Duration::from_secs(1), now);
        assert!(positions.due(now + PAUSE).is_empty());
        positions.want(A, Seq(4), now);
        assert_eq!(positions.due(now + Duration::from_secs(1)), [(A, Seq(4))]);
        positions.failed(A, Seq(3), Duration::ZERO, now);
        assert_eq!(positions.next_due(), None, "a later one was told");
    }

    #[test]
    fn what_the_server_does_not_hold_is_told_again() {
        let now = Instant::now();
        let mut positions = Positions::default();
        positions.want(A, Seq(3), now);
        assert_eq!(positions.due(now + PAUSE), [(A, Seq(3))]);
        positions.held(A, Seq(3), now);
        assert_eq!(positions.next_due(), None);
        positions.held(A, Seq(1), now);
        assert_eq!(positions.due(now + PAUSE), [(A, Seq(3))]);
    }

    /// [R6]
    #[test]
    fn in_the_world_chat_a_position_goes_out_once_in_a_while() {
        let now = Instant::now();
        let mut positions = Positions::default();
        positions.want(ConversationId::WORLD, Seq(3), now);
        let first = now + PAUSE;
        assert_eq!(positions.due(first), [(ConversationId::WORLD, Seq(3))]);
        positions.want(ConversationId::WORLD, Seq(4), first);
        positions.want(A, Seq(1), first);
        positions.want(ConversationId::WORLD, Seq(9), first);
        assert_eq!(positions.due(first + PAUSE), [(A, Seq(1))]);
        assert_eq!(positions.next_due(), Some(first + REST));
        // It holds up nothing else.
        let later = first + 2 * PAUSE;
        positions.want(A, Seq(2), later);
        assert_eq!(positions.due(later + PAUSE), [(A, Seq(2))]);
        assert!(positions.due(first + REST - PAUSE).is_empty());
        assert_eq!(
            positions.due(first + REST),
            [(ConversationId::WORLD, Seq(9))]
        );
        assert_eq!(positions.next_due(), None);
    }

    #[test]
    fn many_positions_go_out_a_few_at_a_time() {
        let mut now = Instant::now();
        let mut positions = Positions::default();
        for id in 11..=20 {
            positions.want(ConversationId(id), Seq(1), now);
        }
        let mut told = 0;
        while let Some(at) = positions.next_due() {
            now = at;
            let due = positions.due(now).len();
            assert!((1..=AT_A_TIME).contains(&due));
            told += due;
        }
        assert_eq!(told, 10);
    }
}
