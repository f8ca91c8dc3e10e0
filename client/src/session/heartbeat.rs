//! Tells from the heartbeats whether pushes were lost [S5]. Pure.

use im_shared::wire::Body;

/// Counts pushes and compares with what the server says it addressed to this session.
#[derive(Debug, Default)]
pub(super) struct PushCount {
    received: u64,
    /// Pushes that are known to be lost and were made up for by a sync.
    forgiven: u64,
    behind_before: bool,
}

impl PushCount {
    /// Counts a frame that arrived with request id 0.
    pub(super) fn push(&mut self, body: &Body) {
        let about_the_session = matches!(
            body,
            Body::Drain(_) | Body::Kick(_) | Body::TokenExpiring(_) | Body::SyncHint(_)
        );
        if !about_the_session && !body.kind().is_ephemeral() {
            self.received += 1;
        }
    }

    /// Takes `HeartbeatAck.pushed`. True when fewer arrived for the second heartbeat in a row: sync now.
    pub(super) fn heartbeat(&mut self, pushed: u64) -> bool {
        let missing = pushed.saturating_sub(self.received);
        let behind = missing > self.forgiven;
        let sync = behind && self.behind_before;
        self.behind_before = behind && !sync;
        if sync {
            self.forgiven = missing;
        }
        sync
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use im_shared::wire::{PresenceEvent, PushMessage, SyncHint, TypingEvent};

    fn received(count: u64) -> PushCount {
        let mut pushes = PushCount::default();
        for _ in 0..count {
            pushes.push(&Body::PushMessage(PushMessage::default()));
            pushes.push(&Body::SyncHint(SyncHint::default()));
            pushes.push(&Body::TypingEvent(TypingEvent::default()));
            pushes.push(&Body::PresenceEvent(PresenceEvent::default()));
        }
        pushes
    }

    /// [S5]
    #[test]
    fn fewer_pushes_for_two_heartbeats_in_a_row_ask_for_one_sync() {
        let mut pushes = received(3);
        assert!(!pushes.heartbeat(3));
        assert!(!pushes.heartbeat(5), "they may be on their way");
        assert!(pushes.heartbeat(5));
        assert!(!pushes.heartbeat(5), "the sync made up for them");
        assert!(!pushes.heartbeat(5));
        assert!(!pushes.heartbeat(6));
        assert!(pushes.heartbeat(6), "one more is missing");
    }

    /// [S5]
    #[test]
    fn a_push_that_comes_late_is_no_loss() {
        let mut pushes = received(3);
        assert!(!pushes.heartbeat(4));
        pushes.push(&Body::PushMessage(PushMessage::default()));
        assert!(!pushes.heartbeat(4));
        assert!(!pushes.heartbeat(5));
    }
}
