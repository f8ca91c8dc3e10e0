//! What waits to be written to one session (decision 9).
//!
//! Offering never waits. Frames are copied, with their length, into one buffer, so a session holds no carrier alive and
//! everything that is ready leaves in one write. When the buffer is full, pushes are dropped and the session gets one
//! `SyncHint` after it has drained. An idle outbox owns no memory.
//!
//! | file | what it holds |
//! |---|---|
//! | `queue` | the pure part |

mod queue;

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use im_shared::wire::CloseCode;
use parking_lot::Mutex;
use tokio::sync::Notify;

use queue::Queue;

/// What a frame is to the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Spoken unasked and counted for [S5]; the first to be dropped.
    Push,
    /// Spoken unasked about the session itself; not counted.
    Control,
    /// Answers a request.
    Reply,
    /// A reply on a stream of its own, where the transport has them.
    Bulk,
    /// Says what is now and may be lost; not counted, and never in the way of other frames.
    Ephemeral,
}

/// What became of an offered frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offered {
    /// It will be written.
    Queued,
    /// There was no room; of ephemeral frames, the oldest made room.
    Dropped,
}

/// What is to be written now.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Whole frames with their lengths.
    pub(crate) live: Bytes,
    /// Frames without length, each for a stream of its own.
    pub(crate) bulk: VecDeque<Bytes>,
    /// Ephemeral frames that stand in `live`.
    pub(crate) ephemeral: u64,
    /// Ephemeral frames that were given up, because too much else waits.
    pub(crate) given_up: u64,
    /// The hint must wait until then: look again.
    pub(crate) again_at: Option<Instant>,
}

/// The outbox of one session: offered to by anybody, emptied by the session's task alone.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    changed: Notify,
}

impl Outbox {
    /// Holds at most `limit` bytes of pushes, and a reserve of 64 KiB for replies.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            queue: Mutex::new(Queue::new(limit)),
            changed: Notify::new(),
        }
    }

    /// Offers a frame (without length). Never waits.
    pub(crate) fn offer(&self, kind: Kind, frame: &[u8]) -> Offered {
        let mut queue = self.queue.lock();
        // Datagrams do not wait for what the transport does not take.
        let wake = match kind {
            Kind::Ephemeral => !queue.has_ephemeral(),
            _ => queue.is_empty(),
        };
        let offered = queue.offer(kind, frame);
        drop(queue);
        if wake && offered == Offered::Queued {
            self.changed.notify_one();
        }
        offered
    }

    /// Asks for one `SyncHint` after what is queued. Several requests make one hint.
    pub(crate) fn hint(&self) {
        let mut queue = self.queue.lock();
        let wake = !queue.hint && queue.is_empty();
        queue.hint = true;
        drop(queue);
        if wake {
            self.changed.notify_one();
        }
    }

    /// Asks the session to end. The first reason stays.
    pub(crate) fn close(&self, code: CloseCode) {
        self.queue.lock().close.get_or_insert(code);
        self.changed.notify_one();
    }

    /// Why the session is to end, if it is.
    pub(crate) fn closing(&self) -> Option<CloseCode> {
        self.queue.lock().close
    }

    /// Pushes that were addressed to this session, dropped ones included ([S5]).
    pub(crate) fn addressed(&self) -> u64 {
        self.queue.lock().pushed
    }

    /// Whether a client that sends requests without reading replies must be left unread for now.
    pub(crate) fn is_over_limit(&self) -> bool {
        let queue = self.queue.lock();
        queue.bytes() > queue.limit
    }

    /// Whether ephemeral frames wait.
    pub(crate) fn has_ephemeral(&self) -> bool {
        self.queue.lock().has_ephemeral()
    }

    /// The ephemeral frames of up to `max` bytes, to be sent as datagrams; the others stay, and go in line.
    pub(crate) fn take_ephemeral(&self, max: usize) -> VecDeque<Bytes> {
        self.queue.lock().take_ephemeral(max)
    }

    /// What is to be written now: whole frames up to about 64 KB, and all bulk frames.
    pub(crate) fn take(&self, now: Instant) -> Taken {
        self.queue.lock().take(now)
    }

    /// Resolves when something was offered to an empty outbox, or its end was asked for. Cancel-safe.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_to_close_stays() {
        let outbox = Outbox::new(10);
        outbox.close(CloseCode::SignedInElsewhere);
        outbox.close(CloseCode::GoingAway);
        assert_eq!(outbox.closing(), Some(CloseCode::SignedInElsewhere));
        assert_eq!(outbox.addressed(), 0);
    }
}
