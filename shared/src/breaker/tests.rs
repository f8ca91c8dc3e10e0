//! The breaker with given times, and its handle.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::*;

const POLICY: Policy = Policy {
    failures: 3,
    calls: 10,
    window: Duration::from_secs(10),
    rest: Duration::from_secs(1),
    longest_rest: Duration::from_secs(4),
    patience: Duration::from_secs(1),
};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// An open core, and when it opened.
fn open() -> (Core, Instant) {
    let now = Instant::now();
    let mut core = Core::new(POLICY, now);
    for _ in 0..3 {
        let ticket = core.admit(now).unwrap();
        core.failed(ticket, now);
    }
    assert_eq!(core.state(), State::Open);
    (core, now)
}

/// J9: some failures among successes are life; some in a row are an outage.
#[test]
fn failures_in_a_row_open_it() {
    let now = Instant::now();
    let mut core = Core::new(POLICY, now);
    for failed in [true, true, false, true, true, false] {
        let ticket = core.admit(now).unwrap();
        match failed {
            true => core.failed(ticket, now),
            false => core.succeeded(ticket, now),
        }
    }
    assert_eq!(core.state(), State::Closed);
    for _ in 0..3 {
        let ticket = core.admit(now).unwrap();
        core.failed(ticket, now);
    }
    assert_eq!(core.admit(now), Err(POLICY.rest));
}

/// J9: a dependency that answers every other call is no help either; one that did so long ago is forgiven.
#[test]
fn half_of_many_calls_open_it() {
    let began = Instant::now();
    for (step, opens) in [(millis(1), true), (millis(1_500), false)] {
        let (mut core, mut now) = (Core::new(POLICY, began), began);
        for call in 0..12 {
            now += step;
            let Ok(ticket) = core.admit(now) else { break };
            match call % 2 {
                0 => core.succeeded(ticket, now),
                _ => core.failed(ticket, now),
            }
        }
        assert_eq!(core.state() == State::Open, opens, "{step:?}");
    }
}

/// J9: one asks, the others do not wait for it.
#[test]
fn one_probe_closes_it() {
    let (mut core, opened) = open();
    assert_eq!(core.admit(opened + millis(400)), Err(millis(600)));
    let now = opened + POLICY.rest;
    let probe = core.admit(now).unwrap();
    assert_eq!(core.state(), State::HalfOpen);
    assert_eq!(core.admit(now), Err(POLICY.rest));
    core.succeeded(probe, now);
    assert_eq!(core.state(), State::Closed);
    // It starts anew: the failures before do not count.
    let ticket = core.admit(now).unwrap();
    core.failed(ticket, now);
    assert_eq!(core.state(), State::Closed);
}

/// J9: the longer it is away, the less often it is asked, up to a bound.
#[test]
fn a_failed_probe_doubles_the_rest() {
    let (mut core, mut now) = open();
    for rest in [1, 2, 4, 4, 4] {
        let rest = Duration::from_secs(rest);
        assert_eq!(core.admit(now), Err(rest));
        now += rest;
        let probe = core.admit(now).unwrap();
        core.failed(probe, now);
    }
    now += POLICY.longest_rest;
    let probe = core.admit(now).unwrap();
    core.succeeded(probe, now);
    for _ in 0..3 {
        let ticket = core.admit(now).unwrap();
        core.failed(ticket, now);
    }
    assert_eq!(core.admit(now), Err(POLICY.rest), "it is short again");
}

/// J9: what was asked before it opened says nothing about now.
#[test]
fn a_late_outcome_changes_nothing() {
    let now = Instant::now();
    let mut core = Core::new(POLICY, now);
    let slow = [core.admit(now).unwrap(), core.admit(now).unwrap()];
    for _ in 0..3 {
        let ticket = core.admit(now).unwrap();
        core.failed(ticket, now);
    }
    core.succeeded(slow[0], now);
    assert_eq!(core.state(), State::Open);
    let probe = core.admit(now + POLICY.rest).unwrap();
    core.failed(slow[1], now + POLICY.rest);
    assert_eq!(core.state(), State::HalfOpen);
    core.abandoned(probe, now + POLICY.rest);
    assert_eq!(core.state(), State::Open);
}

proptest! {
    /// J9: whatever happens, it is open for a bounded time only, and then asks.
    #[test]
    fn it_never_stays_open(steps in proptest::collection::vec((0_u64..3_000, 0_u8..3), 1..200)) {
        let mut now = Instant::now();
        let mut core = Core::new(POLICY, now);
        for (step, outcome) in steps {
            now += millis(step);
            match (core.admit(now), outcome) {
                (Ok(ticket), 0) => core.succeeded(ticket, now),
                (Ok(ticket), 1) => core.failed(ticket, now),
                (Ok(ticket), _) => core.abandoned(ticket, now),
                (Err(wait), _) => prop_assert!(wait <= POLICY.longest_rest),
            }
            prop_assert!(core.state() != State::HalfOpen, "the probe came to an end");
        }
        prop_assert!(core.admit(now + POLICY.longest_rest).is_ok());
    }
}

/// J9: a dependency that hangs costs its patience a few times, and then nothing: it is not even asked.
#[tokio::test]
async fn whoever_hangs_is_not_waited_for() {
    let policy = Policy {
        rest: Duration::from_secs(3_600),
        patience: millis(10),
        ..POLICY
    };
    let (breaker, asked) = (Breaker::new("hanging", policy), AtomicU32::new(0));
    let hang = async || {
        asked.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<Result<(), Infallible>>().await
    };
    for _ in 0..3 {
        let late = breaker.call(hang()).await;
        assert!(matches!(late, Err(Broken::Late { name: "hanging" })));
    }
    for _ in 0..100 {
        let refused = breaker.call(hang()).await;
        assert!(matches!(refused, Err(Broken::Open { .. })));
    }
    assert_eq!(asked.into_inner(), 3);
}

/// J9: a refusal is an answer; only what is said to be a failure opens it.
#[tokio::test]
async fn an_answer_is_no_failure() {
    let breaker = Breaker::new("answering", POLICY);
    for _ in 0..20 {
        let answer = breaker.call_if(async { Err::<(), _>("no") }, |_| false);
        assert!(matches!(answer.await, Err(Broken::Failed("no"))));
    }
    assert_eq!(breaker.state(), State::Closed);
    for _ in 0..3 {
        let _ = breaker.call(async { Err::<(), _>("gone") }).await;
    }
    assert_eq!(breaker.state(), State::Open);
}
