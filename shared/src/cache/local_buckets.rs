//! Token buckets of one process: what holds while Redis does not answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Rate;

/// Buckets in memory, of up to so many subjects as busy ones are remembered. A cheap clone.
#[derive(Debug, Clone)]
pub struct LocalBuckets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    began: Instant,
    capacity: usize,
    generations: Mutex<Generations>,
}

/// Who is busy is in `young`; when that is full it becomes `old`, and what was old is forgotten: full buckets, in effect.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<(String, String), u64>,
    old: HashMap<(String, String), u64>,
}

impl LocalBuckets {
    /// Remembers `capacity` to twice as many buckets, at about 100 bytes each; the rest counts as full.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Inner {
            began: Instant::now(),
            capacity: capacity.max(1),
            generations: Mutex::default(),
        }))
    }

    /// As [`super::Buckets::take`], for this process alone, at `now`.
    ///
    /// # Errors
    ///
    /// The time after which the same request passes. A refusal costs nothing.
    pub fn take(
        &self,
        rule: &str,
        subject: &str,
        cost: u32,
        rate: Rate,
        now: Instant,
    ) -> Result<(), Duration> {
        self.update(rule, subject, now, |full_at, now| {
            rate.take(full_at, now, cost).map(Some)
        })
    }

    /// As [`super::Buckets::peek`], for this process alone, at `now`.
    ///
    /// # Errors
    ///
    /// The time after which a token is there.
    pub fn peek(
        &self,
        rule: &str,
        subject: &str,
        rate: Rate,
        now: Instant,
    ) -> Result<(), Duration> {
        self.update(rule, subject, now, |full_at, now| {
            rate.take(full_at, now, 1).map(|_| None)
        })
    }

    /// As [`super::Buckets::charge`], for this process alone, at `now`.
    pub fn charge(&self, rule: &str, subject: &str, cost: u32, rate: Rate, now: Instant) {
        // A charge is never refused.
        let _ = self.update(rule, subject, now, |full_at, now| {
            Ok(Some(rate.charge(full_at, now, cost)))
        });
    }

    /// Stores what `change` makes of the time at which a bucket is full, or nothing; it gets that time and now, in microseconds.
    pub(super) fn update(
        &self,
        rule: &str,
        subject: &str,
        now: Instant,
        change: impl FnOnce(u64, u64) -> Result<Option<u64>, Duration>,
    ) -> Result<(), Duration> {
        let elapsed = now.saturating_duration_since(self.0.began).as_micros();
        let now = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let key = (rule.to_owned(), subject.to_owned());
        let mut generations = self.0.generations.lock();
        let full_at = match generations.young.get(&key) {
            Some(full_at) => *full_at,
            None => generations.old.get(&key).copied().unwrap_or(0),
        };
        let Some(full_at) = change(full_at, now)? else {
            return Ok(());
        };
        if generations.young.len() >= self.0.capacity && !generations.young.contains_key(&key) {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, full_at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// J8
    #[test]
    fn a_burst_passes_and_each_subject_and_rule_has_its_own() {
        let (buckets, now) = (LocalBuckets::new(8), Instant::now());
        let rate = Rate::of(2, Duration::from_secs(2));
        assert_eq!(buckets.take("r", "a", 2, rate, now), Ok(()));
        let wait = buckets.take("r", "a", 1, rate, now).unwrap_err();
        assert_eq!(wait, Duration::from_secs(1));
        assert_eq!(buckets.take("r", "b", 1, rate, now), Ok(()));
        assert_eq!(buckets.take("other", "a", 1, rate, now), Ok(()));
        assert_eq!(buckets.take("r", "a", 1, rate, now + wait), Ok(()));
    }

    /// B8
    #[test]
    fn a_look_is_free_and_a_charge_is_owed() {
        let (buckets, now) = (LocalBuckets::new(8), Instant::now());
        let rate = Rate::new(2, Duration::from_secs(10));
        for _ in 0..3 {
            assert_eq!(buckets.peek("r", "a", rate, now), Ok(()));
        }
        for _ in 0..4 {
            buckets.charge("r", "a", 1, rate, now);
        }
        let wait = buckets.peek("r", "a", rate, now).unwrap_err();
        assert_eq!(wait, Duration::from_secs(30));
        assert_eq!(buckets.peek("r", "a", rate, now + wait), Ok(()));
    }

    /// A15: memory stays bounded, and a busy subject is not forgotten for it.
    #[test]
    fn a_flood_of_subjects_is_forgotten_before_a_busy_one() {
        let (buckets, now) = (LocalBuckets::new(100), Instant::now());
        let rate = Rate::of(10_000, Duration::from_secs(36_000));
        for number in 0..5_000 {
            let subject = number.to_string();
            assert_eq!(buckets.take("r", &subject, 1, rate, now), Ok(()));
            assert_eq!(buckets.take("r", "busy", 2, rate, now), Ok(()));
        }
        assert!(buckets.take("r", "busy", 1, rate, now).is_err());
        let generations = buckets.0.generations.lock();
        assert!(generations.young.len() <= 100 && generations.old.len() <= 100);
    }
}
