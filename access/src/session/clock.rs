//! What ends or warns a session when time passes. One timer per session is enough: it is set to the earliest of these.

use std::time::{Duration, Instant};

use im_shared::wire::{self, CloseCode, Frame, TokenExpiring};

use super::task::Session;
use crate::outbox::Kind;
use crate::transport::{Reader, Writer};

impl<R: Reader, W: Writer> Session<R, W> {
    /// When the clock has to be looked at next.
    pub(super) fn deadline(&self) -> Instant {
        let config = &self.node.config.session;
        let heard = self.heard_at + config.heartbeat_timeout();
        let stuck = self.stuck_since.map(|since| since + config.slow_after());
        let token = if self.warned {
            self.expires_at
        } else {
            self.warn_at()
        };
        let earliest = heard.min(token);
        [stuck, self.hint_at]
            .into_iter()
            .flatten()
            .fold(earliest, Instant::min)
    }

    fn warn_at(&self) -> Instant {
        let before = Duration::from_millis(self.node.config.session.token_warning_ms);
        self.expires_at
            .checked_sub(before)
            .unwrap_or(self.expires_at)
    }

    /// Does what is due; gives the code when the session is to end.
    pub(super) fn look_at_the_clock(&mut self) -> Option<CloseCode> {
        let now = Instant::now();
        let config = &self.node.config.session;
        if now >= self.heard_at + config.heartbeat_timeout() {
            return Some(CloseCode::HeartbeatTimeout);
        }
        if self
            .stuck_since
            .is_some_and(|since| now >= since + config.slow_after())
        {
            return Some(CloseCode::SlowConsumer);
        }
        if now >= self.expires_at {
            return Some(CloseCode::TokenExpired);
        }
        if !self.warned && now >= self.warn_at() {
            self.warned = true;
            let expires_at = self.identity.expires_at_ms();
            self.send(
                Kind::Control,
                &wire::encode(&Frame::push(TokenExpiring { expires_at })),
            );
        }
        // A hint that is due is taken by the next refill.
        self.hint_at = None;
        None
    }
}
