//! Keeps one conversation's log gap-free [R1]: what follows the tip is applied, what is ahead is held, what is old is
//! dropped, and a gap is pulled. Pure: entries and time go in, decisions come out.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use im_shared::ids::Seq;
use im_shared::wire::Entry;

/// Entries held ahead of the tip. What does not fit is pulled later.
const HELD: usize = 512;
/// A gap that a late push may still close waits this long before it is pulled.
const GRACE: Duration = Duration::from_millis(100);
/// A pull that failed, or that brought nothing, is asked again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// The tip of one conversation and what lies beyond it.
#[derive(Debug)]
pub struct Tracker {
    tip: Seq,
    known: Seq,
    held: BTreeMap<Seq, Entry>,
    pull: Pull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pull {
    /// Nothing is missing, as far as is known.
    Idle,
    /// Something is missing; ask at this time.
    Due(Instant),
    /// Asked while the tip was here; the reply is awaited.
    Asked(Seq),
}

impl Tracker {
    /// Everything up to and including `tip` is held already.
    #[must_use]
    pub fn new(tip: Seq) -> Self {
        Self {
            tip,
            known: tip,
            held: BTreeMap::new(),
            pull: Pull::Idle,
        }
    }

    /// The last entry without a hole before it.
    #[must_use]
    pub fn tip(&self) -> Seq {
        self.tip
    }

    /// Whether everything that is known to exist is held.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.known <= self.tip
    }

    /// Takes an entry from a push, a pull, a sync or an acknowledgement. Gives what can be applied now, in order.
    #[must_use]
    pub fn offer(&mut self, entry: Entry, now: Instant) -> Vec<Entry> {
        let seq = entry.seq;
        if seq <= self.tip {
            return Vec::new();
        }
        self.known = self.known.max(seq);
        self.held.insert(seq, entry);
        let applied = self.apply_held();
        if self.held.len() > HELD {
            self.held.pop_last(); // The lowest are the next to be applied.
        }
        self.schedule(now + GRACE);
        applied
    }

    /// The log is known to reach `tip`: from a conversation's state, which is authoritative. Nothing is under way, so a
    /// gap is pulled at once.
    pub fn heard(&mut self, tip: Seq, now: Instant) {
        self.known = self.known.max(tip);
        if let Pull::Due(_) = self.pull {
            self.pull = Pull::Idle;
        }
        self.schedule(now);
    }

    /// Nothing up to and including `seq` is ever given: it was before the user's time. Gives what can be applied now, in order.
    #[must_use]
    pub fn begin_after(&mut self, seq: Seq, now: Instant) -> Vec<Entry> {
        if seq <= self.tip {
            return Vec::new();
        }
        self.tip = seq;
        self.known = self.known.max(seq);
        self.held = self.held.split_off(&seq.next());
        let applied = self.apply_held();
        self.schedule(now);
        applied
    }

    /// When the gap is to be pulled.
    #[must_use]
    pub fn pull_due(&self) -> Option<Instant> {
        match self.pull {
            Pull::Due(at) => Some(at),
            Pull::Idle | Pull::Asked(_) => None,
        }
    }

    /// If a pull is due, gives the seq to pull forward from and counts it as asked. One pull is under way at a time.
    pub fn pull(&mut self, now: Instant) -> Option<Seq> {
        match self.pull {
            Pull::Due(at) if at <= now => {
                self.pull = Pull::Asked(self.tip);
                Some(self.tip)
            }
            _ => None,
        }
    }

    /// The reply to the pull came and its entries were offered. Without progress the next pull waits a second.
    pub fn pulled(&mut self, now: Instant) {
        let progress = matches!(self.pull, Pull::Asked(from) if from < self.tip);
        self.pull = Pull::Idle;
        self.schedule(if progress { now } else { now + AGAIN });
    }

    /// The reply had no room for this conversation: it is asked for again at once.
    pub fn put_off(&mut self, now: Instant) {
        self.pull = Pull::Idle;
        self.schedule(now);
    }

    /// The pull was not answered, or refused: it is asked again after `wait`, a second at least.
    pub fn pull_failed(&mut self, wait: Duration, now: Instant) {
        self.pull = Pull::Idle;
        self.schedule(now + wait.max(AGAIN));
    }

    fn apply_held(&mut self) -> Vec<Entry> {
        let mut applied = Vec::new();
        while let Some(entry) = self.held.remove(&self.tip.next()) {
            self.tip = entry.seq;
            applied.push(entry);
        }
        applied
    }

    fn schedule(&mut self, at: Instant) {
        match self.pull {
            Pull::Due(_) if self.is_complete() => self.pull = Pull::Idle,
            Pull::Idle if !self.is_complete() => self.pull = Pull::Due(at),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    fn entry(seq: u64) -> Entry {
        Entry {
            seq: Seq(seq),
            ..Entry::default()
        }
    }

    fn seqs(entries: &[Entry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.seq.0).collect()
    }

    /// [R1]
    #[test]
    fn an_entry_ahead_is_held_until_the_gap_closes() {
        let now = Instant::now();
        let mut tracker = Tracker::new(Seq(0));
        assert_eq!(seqs(&tracker.offer(entry(1), now)), [1]);
        assert_eq!(seqs(&tracker.offer(entry(3), now)), [0_u64; 0]);
        assert_eq!(tracker.pull_due(), Some(now + GRACE));
        assert_eq!(seqs(&tracker.offer(entry(2), now)), [2, 3]);
        assert_eq!(tracker.pull_due(), None, "the late push closed the gap");
        assert_eq!(seqs(&tracker.offer(entry(2), now)), [0_u64; 0], "old");
    }

    /// [R1]
    #[test]
    fn a_gap_is_pulled_once_and_again_when_nothing_came() {
        let now = Instant::now();
        let mut tracker = Tracker::new(Seq(5));
        tracker.heard(Seq(9), now);
        assert_eq!(tracker.pull(now), Some(Seq(5)));
        assert_eq!(tracker.pull(now), None, "one is under way");
        tracker.pulled(now);
        assert_eq!(tracker.pull(now), None);
        assert_eq!(tracker.pull(now + AGAIN), Some(Seq(5)));
        tracker.pull_failed(Duration::from_secs(3), now);
        assert_eq!(tracker.pull_due(), Some(now + Duration::from_secs(3)));
    }

    /// [R9]: what was before the user's time is no gap.
    #[test]
    fn a_log_begins_where_the_user_came_in() {
        let now = Instant::now();
        let mut tracker = Tracker::new(Seq(0));
        assert!(tracker.offer(entry(8), now).is_empty());
        assert_eq!(seqs(&tracker.begin_after(Seq(7), now)), [8]);
        assert_eq!(tracker.pull_due(), None);
        assert!(tracker.begin_after(Seq(3), now).is_empty());
        assert_eq!(tracker.tip(), Seq(8));
    }

    #[test]
    fn what_is_held_ahead_is_bounded() {
        let now = Instant::now();
        let mut tracker = Tracker::new(Seq(0));
        for seq in (2..5_000).rev() {
            assert!(tracker.offer(entry(seq), now).is_empty());
        }
        assert_eq!(tracker.held.len(), HELD);
        assert_eq!(
            tracker.offer(entry(1), now).len(),
            HELD + 1,
            "the lowest were kept"
        );
        assert!(!tracker.is_complete());
    }

    proptest! {
        /// [R1, R2] For all orders, repeats and losses of pushes, with pulls of any page size between them, what is
        /// applied is 1..n, each once.
        #[test]
        fn any_order_repetition_and_loss_of_pushes_ends_with_the_whole_log(
            tip in 1_u64..700,
            pushes in prop::collection::vec((1_u64..700, any::<bool>()), 0..300),
            page in 1_u64..200,
        ) {
            let mut now = Instant::now();
            let mut tracker = Tracker::new(Seq(0));
            let mut applied = Vec::new();
            let answer = |tracker: &mut Tracker, now: Instant, applied: &mut Vec<Entry>| {
                if let Some(Seq(after)) = tracker.pull(now) {
                    for seq in after + 1..=tip.min(after + page) {
                        applied.extend(tracker.offer(entry(seq), now));
                    }
                    tracker.pulled(now);
                }
            };
            for (seq, late) in pushes {
                if late {
                    now += GRACE;
                    answer(&mut tracker, now, &mut applied);
                }
                applied.extend(tracker.offer(entry(seq.min(tip)), now));
            }
            tracker.heard(Seq(tip), now);
            let mut rounds = 0;
            while let Some(at) = tracker.pull_due() {
                now = now.max(at);
                answer(&mut tracker, now, &mut applied);
                rounds += 1;
                prop_assert!(rounds <= tip + 1, "every pull makes progress");
            }
            prop_assert_eq!(seqs(&applied), (1..=tip).collect::<Vec<_>>());
            prop_assert!(tracker.is_complete());
        }
    }
}
