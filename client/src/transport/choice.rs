//! Which transport to try [T4]: WebTransport first, WebSocket after a failure, and after two failures in a row only
//! WebSocket for five minutes. Pure: time is an argument.

use std::fmt;
use std::time::{Duration, Instant};

/// Failures in a row after which WebTransport rests.
const FAILURES: u32 = 2;
/// How long it rests. Browsers throttle WebTransport for about as long after failed attempts.
const REST: Duration = Duration::from_secs(300);

/// A transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTTP/3 over QUIC.
    WebTransport,
    /// TCP.
    WebSocket,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WebTransport => "WebTransport",
            Self::WebSocket => "WebSocket",
        })
    }
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// WebTransport, and WebSocket where that does not work.
    #[default]
    Auto,
    /// WebTransport or nothing.
    WebTransport,
    /// WebSocket or nothing.
    WebSocket,
}

/// Remembers how WebTransport fared.
#[derive(Debug)]
pub struct Choice {
    preference: Preference,
    failures: u32,
    rests_until: Option<Instant>,
}

impl Choice {
    /// Without any memory.
    #[must_use]
    pub fn new(preference: Preference) -> Self {
        Self {
            preference,
            failures: 0,
            rests_until: None,
        }
    }

    /// What to try now, in this order.
    pub fn order(&mut self, now: Instant) -> &'static [Kind] {
        if self.rests_until.is_some_and(|until| now >= until) {
            self.rests_until = None;
            self.failures = 0;
        }
        match self.preference {
            Preference::WebTransport => &[Kind::WebTransport],
            Preference::WebSocket => &[Kind::WebSocket],
            Preference::Auto if self.rests_until.is_some() => &[Kind::WebSocket],
            Preference::Auto => &[Kind::WebTransport, Kind::WebSocket],
        }
    }

    /// WebTransport opened: its failures are forgotten.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// WebTransport failed where WebSocket, tried right after, did not: the path is at fault and not the node.
    pub fn failed(&mut self, now: Instant) {
        self.failures += 1;
        if self.failures >= FAILURES {
            self.rests_until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [T4]
    #[test]
    fn after_two_failures_in_a_row_it_stays_with_web_socket_for_five_minutes() {
        let start = Instant::now();
        let mut choice = Choice::new(Preference::Auto);
        let both = [Kind::WebTransport, Kind::WebSocket];
        assert_eq!(choice.order(start), both);
        choice.failed(start);
        assert_eq!(choice.order(start), both);
        choice.failed(start);
        assert_eq!(choice.order(start), [Kind::WebSocket]);
        assert_eq!(
            choice.order(start + REST - Duration::from_millis(1)),
            [Kind::WebSocket]
        );
        assert_eq!(choice.order(start + REST), both);
        choice.failed(start + REST);
        assert_eq!(choice.order(start + REST), both, "the count began anew");
    }

    /// [T4]
    #[test]
    fn a_success_between_two_failures_forgives_the_first() {
        let start = Instant::now();
        let mut choice = Choice::new(Preference::Auto);
        choice.failed(start);
        choice.succeeded();
        choice.failed(start);
        assert_eq!(choice.order(start), [Kind::WebTransport, Kind::WebSocket]);
    }

    #[test]
    fn a_forced_transport_is_the_only_one() {
        let start = Instant::now();
        let mut choice = Choice::new(Preference::WebTransport);
        choice.failed(start);
        choice.failed(start);
        assert_eq!(choice.order(start), [Kind::WebTransport]);
        assert_eq!(
            Choice::new(Preference::WebSocket).order(start),
            [Kind::WebSocket]
        );
    }
}
