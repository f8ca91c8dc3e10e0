//! Read and delivered positions that are to be told: only the highest of a conversation goes out [R6]. Pure.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, Seq};

/// Positions are gathered for so long before they go out.
const PAUSE: Duration = Duration::from_millis(200);
/// Positions told at a time, so that after a long absence they do not use up the session's allowance of frames.
const AT_A_TIME: usize = 2;

/// What was asked for and what was told, by conversation.
#[derive(Debug, Default)]
pub struct Positions {
    told: HashMap<ConversationId, Seq>,
    wanted: HashMap<ConversationId, Seq>,
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
        if self.due.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let next: Vec<_> = self.wanted.keys().copied().take(AT_A_TIME).collect();
        let due: Vec<_> = next
            .into_iter()
            .filter_map(|id| self.wanted.remove_entry(&id))
            .collect();
        self.told.extend(due.iter().copied());
        self.due = (!self.wanted.is_empty()).then_some(now + PAUSE);
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
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ConversationId = ConversationId(1);

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

    #[test]
    fn many_positions_go_out_a_few_at_a_time() {
        let mut now = Instant::now();
        let mut positions = Positions::default();
        for id in 1..=10 {
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
