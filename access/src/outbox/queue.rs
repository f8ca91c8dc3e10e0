//! The pure part of an outbox: bytes and time in, decisions out.

use std::collections::VecDeque;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use im_shared::ids::ConversationId;
use im_shared::wire::{self, Body, CloseCode, Frame, SyncHint};

use super::{Kind, Offered, Taken};

/// At most this much is handed to the transport at once, unless one frame is larger.
const WRITE_BYTES: usize = 64 * 1024;
/// Replies still find room when pushes no longer do: a session has few requests in flight.
const REPLY_RESERVE: usize = 64 * 1024;
/// A session is not told to sync more often than this.
const HINT_INTERVAL: Duration = Duration::from_secs(1);
/// Ephemeral frames that wait; the newest tell what is now. A larger one is none.
const EPHEMERAL_FRAMES: usize = 32;
const EPHEMERAL_BYTES: usize = 1_024;
/// In line they go only while less than this part of the limit waits.
const EPHEMERAL_ROOM: usize = 4;
/// The bytes of a length in front of a frame.
const LENGTH_BYTES: usize = 4;

static SYNC_HINT: LazyLock<Bytes> = LazyLock::new(|| {
    wire::encode(&Frame::push(Body::SyncHint(SyncHint {
        conversation_id: ConversationId(0),
    })))
});

/// What waits, and what is known of the client's pace.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) limit: usize,
    live: BytesMut,
    bulk: VecDeque<Bytes>,
    bulk_bytes: usize,
    ephemeral: VecDeque<Bytes>,
    pub(super) pushed: u64,
    lagging: bool,
    pub(super) hint: bool,
    hinted_at: Option<Instant>,
    pub(super) close: Option<CloseCode>,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            live: BytesMut::new(),
            bulk: VecDeque::new(),
            bulk_bytes: 0,
            ephemeral: VecDeque::new(),
            pushed: 0,
            lagging: false,
            hint: false,
            hinted_at: None,
            close: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.live.is_empty() && self.bulk.is_empty() && self.ephemeral.is_empty()
    }

    pub(super) fn has_ephemeral(&self) -> bool {
        !self.ephemeral.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.live.len() + self.bulk_bytes
    }

    pub(super) fn offer(&mut self, kind: Kind, frame: &[u8]) -> Offered {
        let room = match kind {
            Kind::Push => self.limit,
            Kind::Control | Kind::Reply | Kind::Bulk => self.limit + REPLY_RESERVE,
            Kind::Ephemeral => return self.offer_ephemeral(frame),
        };
        if kind == Kind::Push {
            self.pushed += 1;
        }
        let fits = self.bytes() + LENGTH_BYTES + frame.len() <= room;
        if !fits || (self.lagging && kind == Kind::Push) {
            // A lost reply is asked for again; a lost push only shows by the hint.
            if kind != Kind::Reply && kind != Kind::Bulk {
                self.lagging = true;
                self.hint = true;
            }
            return Offered::Dropped;
        }
        if kind == Kind::Bulk {
            self.bulk_bytes += frame.len();
            self.bulk.push_back(Bytes::copy_from_slice(frame));
        } else {
            wire::write_frame(&mut self.live, frame);
        }
        Offered::Queued
    }

    fn offer_ephemeral(&mut self, frame: &[u8]) -> Offered {
        if frame.len() > EPHEMERAL_BYTES {
            return Offered::Dropped;
        }
        let full = self.ephemeral.len() >= EPHEMERAL_FRAMES;
        if full {
            self.ephemeral.pop_front();
        }
        self.ephemeral.push_back(Bytes::copy_from_slice(frame));
        if full {
            Offered::Dropped
        } else {
            Offered::Queued
        }
    }

    pub(super) fn take_ephemeral(&mut self, max: usize) -> VecDeque<Bytes> {
        let all = std::mem::take(&mut self.ephemeral);
        let (fit, rest) = all.into_iter().partition(|frame| frame.len() <= max);
        self.ephemeral = rest;
        fit
    }

    pub(super) fn take(&mut self, now: Instant) -> Taken {
        let crowded = self.bytes() * EPHEMERAL_ROOM >= self.limit;
        let mut live = if self.live.len() <= WRITE_BYTES {
            std::mem::take(&mut self.live)
        } else {
            let end = whole_frames(&self.live, WRITE_BYTES);
            self.live.split_to(end)
        };
        let bulk = std::mem::take(&mut self.bulk);
        self.bulk_bytes = 0;
        let mut again_at = None;
        let (mut ephemeral, mut given_up) = (0, 0);
        if self.live.is_empty() {
            self.live = BytesMut::new();
            for frame in std::mem::take(&mut self.ephemeral) {
                if crowded {
                    given_up += 1;
                } else {
                    wire::write_frame(&mut live, &frame);
                    ephemeral += 1;
                }
            }
            self.lagging = false;
            let due = self
                .hinted_at
                .map(|at| at + HINT_INTERVAL)
                .filter(|due| *due > now);
            if self.hint && due.is_none() {
                self.hint = false;
                self.hinted_at = Some(now);
                wire::write_frame(&mut live, &SYNC_HINT);
            } else if self.hint {
                again_at = due;
            }
        }
        Taken {
            live: live.freeze(),
            bulk,
            ephemeral,
            given_up,
            again_at,
        }
    }
}

/// The end of the last whole frame within `limit` bytes, or of the first frame if that is longer.
fn whole_frames(buffer: &[u8], limit: usize) -> usize {
    let mut end = 0;
    while let Some(length) = buffer[end..].first_chunk::<LENGTH_BYTES>() {
        let next = end + LENGTH_BYTES + u32::from_be_bytes(*length) as usize;
        if next > limit && end > 0 {
            break;
        }
        end = next;
    }
    end.min(buffer.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// The frames in written bytes.
    fn frames(bytes: &Bytes) -> Vec<Vec<u8>> {
        let mut rest = &bytes[..];
        let mut frames = Vec::new();
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let (frame, tail) = tail.split_at(u32::from_be_bytes(*length) as usize);
            frames.push(frame.to_vec());
            rest = tail;
        }
        assert!(rest.is_empty());
        frames
    }

    #[test]
    fn what_is_ready_leaves_in_one_write_and_in_order() {
        let now = Instant::now();
        let mut queue = Queue::new(1_000);
        queue.offer(Kind::Push, b"one");
        queue.offer(Kind::Reply, b"two");
        let taken = queue.take(now);
        assert_eq!(frames(&taken.live), [b"one", b"two"]);
        assert!(queue.take(now).live.is_empty());
        assert_eq!(queue.live.capacity(), 0, "an idle outbox owns no memory");
    }

    /// Decision 9
    #[test]
    fn a_full_outbox_drops_pushes_until_it_has_drained_and_then_hints_once() {
        let now = Instant::now();
        let mut queue = Queue::new(40);
        assert_eq!(queue.offer(Kind::Push, &[1; 30]), Offered::Queued);
        assert_eq!(queue.offer(Kind::Push, &[2; 30]), Offered::Dropped);
        assert_eq!(
            queue.offer(Kind::Push, &[3; 1]),
            Offered::Dropped,
            "order is kept: nothing passes a dropped push"
        );
        assert_eq!(
            queue.offer(Kind::Reply, &[4; 30]),
            Offered::Queued,
            "replies have a reserve"
        );
        let taken = queue.take(now);
        assert_eq!(
            frames(&taken.live),
            [vec![1; 30], vec![4; 30], SYNC_HINT.to_vec()]
        );
        assert_eq!(queue.offer(Kind::Push, &[5; 30]), Offered::Queued);
        assert_eq!(frames(&queue.take(now).live), [vec![5; 30]]);
        assert_eq!(queue.pushed, 4, "[S5] counts dropped ones");
    }

    /// [R8]
    #[test]
    fn hints_are_a_second_apart() {
        let now = Instant::now();
        let mut queue = Queue::new(1_000);
        queue.hint = true;
        assert_eq!(frames(&queue.take(now).live), [SYNC_HINT.to_vec()]);
        queue.hint = true;
        let taken = queue.take(now);
        assert!(taken.live.is_empty());
        assert_eq!(taken.again_at, Some(now + HINT_INTERVAL));
        assert_eq!(
            frames(&queue.take(now + HINT_INTERVAL).live),
            [SYNC_HINT.to_vec()]
        );
        assert_eq!(queue.take(now + HINT_INTERVAL * 3).again_at, None);
    }

    /// A20, [S5]: they neither count nor make a session lag, and the newest stay.
    #[test]
    fn ephemeral_frames_are_bounded_and_not_counted() {
        let mut queue = Queue::new(1_000);
        for number in 0..40 {
            let offered = queue.offer(Kind::Ephemeral, &[number]);
            assert_eq!(offered == Offered::Queued, number < 32);
        }
        assert_eq!(queue.offer(Kind::Ephemeral, &[0; 2_000]), Offered::Dropped);
        queue.offer(Kind::Push, b"a push");
        let taken = queue.take(Instant::now());
        let expected = (8..40).map(|number| vec![number]);
        let expected: Vec<_> = std::iter::once(b"a push".to_vec())
            .chain(expected)
            .collect();
        assert_eq!(frames(&taken.live), expected);
        assert_eq!((taken.ephemeral, taken.given_up), (32, 0));
        assert_eq!(queue.pushed, 1);
        assert!(queue.is_empty());
        assert_eq!(queue.ephemeral.capacity(), 0, "no memory when idle");
    }

    /// A20: with a quarter of the outbox full they are given up.
    #[test]
    fn ephemeral_frames_give_way_to_what_waits() {
        let mut queue = Queue::new(100);
        queue.offer(Kind::Push, &[1; 21]);
        queue.offer(Kind::Ephemeral, b"typing");
        let taken = queue.take(Instant::now());
        assert_eq!(frames(&taken.live), [[1; 21]]);
        assert_eq!((taken.ephemeral, taken.given_up), (0, 1));
        queue.offer(Kind::Push, &[1; 20]);
        queue.offer(Kind::Ephemeral, b"typing");
        assert_eq!(frames(&queue.take(Instant::now()).live).len(), 2);
    }

    /// A20: what is too large for a datagram goes in line.
    #[test]
    fn ephemeral_frames_leave_as_datagrams_where_they_fit() {
        let mut queue = Queue::new(1_000);
        queue.offer(Kind::Ephemeral, b"small");
        queue.offer(Kind::Ephemeral, b"larger");
        assert_eq!(queue.take_ephemeral(5), [b"small".as_slice()]);
        assert_eq!(frames(&queue.take(Instant::now()).live), [b"larger"]);
        assert!(queue.is_empty());
    }

    #[test]
    fn bulk_frames_wait_apart_and_count_against_the_limit() {
        let mut queue = Queue::new(10);
        assert_eq!(queue.offer(Kind::Bulk, &[1; 60_000]), Offered::Queued);
        assert_eq!(queue.offer(Kind::Bulk, &[2; 60_000]), Offered::Dropped);
        assert_eq!(queue.offer(Kind::Push, &[3; 1]), Offered::Dropped);
        let taken = queue.take(Instant::now());
        assert_eq!(taken.bulk.len(), 1);
        assert_eq!(queue.bytes(), 0);
    }

    proptest! {
        /// A15
        #[test]
        fn writes_hold_whole_frames_in_order_and_memory_stays_bounded(
            sizes in prop::collection::vec(1usize..70_000, 1..60),
            limit in 1_000usize..300_000,
        ) {
            let now = Instant::now();
            let mut queue = Queue::new(limit);
            let mut expected = Vec::new();
            for (index, size) in sizes.iter().enumerate() {
                let frame = vec![index as u8; *size];
                if queue.offer(Kind::Push, &frame) == Offered::Queued {
                    expected.push(frame);
                }
                prop_assert!(queue.bytes() <= limit);
            }
            let lagged = expected.len() < sizes.len();
            let mut written = Vec::new();
            loop {
                let taken = queue.take(now).live;
                if taken.is_empty() {
                    break;
                }
                let batch = frames(&taken);
                prop_assert!(taken.len() <= WRITE_BYTES + 200 || batch.len() <= 2);
                written.extend(batch);
            }
            if lagged {
                prop_assert_eq!(written.pop().unwrap(), SYNC_HINT.to_vec());
            }
            prop_assert_eq!(written, expected);
        }
    }
}
