//! Which session is hinted when. Pure: time is an argument.
//!
//! The first news after a pause is hinted at within [`SPREAD`] of the interval, at random; whatever comes later waits until the
//! interval is over. So a session gets one hint per interval and conversation, and many sessions do not get theirs at once.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, SessionId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A hint is put off by up to this part of the interval.
const SPREAD: u32 = 4;

/// Whom a hint is for, and about what.
pub(super) type Subject = (SessionId, ConversationId);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A hint will be given.
    Waiting,
    /// One was given; `more`: there is news since.
    Resting { more: bool },
}

/// The hints of a node. Each subject that it knows has one time at which it is looked at.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    rng: StdRng,
    states: HashMap<Subject, State>,
    times: BinaryHeap<Reverse<(Instant, Subject)>>,
}

impl Schedule {
    /// Without any subject. Hints of one subject are `interval` apart at least.
    pub(super) fn new(interval: Duration, seed: u64) -> Self {
        Self {
            interval,
            rng: StdRng::seed_from_u64(seed),
            states: HashMap::new(),
            times: BinaryHeap::new(),
        }
    }

    /// There is news for this subject.
    pub(super) fn heard(&mut self, subject: Subject, now: Instant) {
        match self.states.entry(subject) {
            Entry::Vacant(entry) => {
                entry.insert(State::Waiting);
                let at = now + self.delay();
                self.times.push(Reverse((at, subject)));
            }
            Entry::Occupied(mut entry) => {
                if let State::Resting { more } = entry.get_mut() {
                    *more = true;
                }
            }
        }
    }

    /// The hints that are to be given now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Subject> {
        let mut due = Vec::new();
        while let Some(Reverse((at, subject))) = self.times.peek().copied() {
            if at > now {
                break;
            }
            self.times.pop();
            let (state, again_at) = match self.states.get(&subject) {
                Some(State::Waiting) => {
                    due.push(subject);
                    (State::Resting { more: false }, now + self.interval)
                }
                Some(State::Resting { more: true }) => (State::Waiting, now + self.delay()),
                Some(State::Resting { more: false }) | None => {
                    self.states.remove(&subject);
                    continue;
                }
            };
            self.states.insert(subject, state);
            self.times.push(Reverse((again_at, subject)));
        }
        if self.states.is_empty() {
            // After a rush nothing is kept.
            self.states = HashMap::new();
            self.times = BinaryHeap::new();
        }
        due
    }

    fn delay(&mut self) -> Duration {
        let spread = self.interval / SPREAD;
        spread.mul_f64(self.rng.random_range(0.0..1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(60);

    fn subject(session: u64) -> Subject {
        (SessionId(session), ConversationId(1))
    }

    /// [S13]
    #[test]
    fn ten_thousand_sessions_do_not_get_their_hint_at_once() {
        let begin = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, 1);
        for session in 0..10_000 {
            schedule.heard(subject(session), begin);
        }
        let mut all = 0;
        for tick in 0..=150 {
            let due = schedule
                .due(begin + Duration::from_millis(100) * tick)
                .len();
            assert!(due < 200, "{due} in tick {tick}");
            all += due;
        }
        assert_eq!(all, 10_000, "within a quarter of the interval");
    }

    #[test]
    fn nothing_is_kept_of_a_conversation_that_fell_silent() {
        let begin = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, 1);
        schedule.heard(subject(1), begin);
        assert_eq!(schedule.due(begin + INTERVAL / 4), [subject(1)]);
        assert!(schedule.due(begin + INTERVAL * 2).is_empty());
        assert_eq!(schedule.states.capacity() + schedule.times.capacity(), 0);
    }

    proptest! {
        /// [S13]
        #[test]
        fn news_is_followed_by_a_hint_in_time_and_hints_are_an_interval_apart(
            steps in prop::collection::vec((0u64..20_000, any::<bool>()), 1..200),
            seed in any::<u64>(),
        ) {
            let mut now = Instant::now();
            let mut schedule = Schedule::new(INTERVAL, seed);
            let (mut hinted, mut unhinted): (Option<Instant>, Option<Instant>) = (None, None);
            for (step, heard) in steps {
                for _ in 0..step / 100 {
                    now += Duration::from_millis(100);
                    if !schedule.due(now).is_empty() {
                        prop_assert!(hinted.is_none_or(|before| now >= before + INTERVAL));
                        prop_assert!(unhinted.take().is_some(), "a hint without news");
                        hinted = Some(now);
                    }
                    if let Some(since) = unhinted {
                        let latest = since + INTERVAL + INTERVAL / SPREAD;
                        prop_assert!(now <= latest + Duration::from_millis(200));
                    }
                }
                if heard {
                    schedule.heard(subject(1), now);
                    unhinted.get_or_insert(now);
                }
            }
        }
    }
}
