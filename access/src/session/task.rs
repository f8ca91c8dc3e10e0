//! The loop of one session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use im_shared::wire::limits::MAX_FRAME;
use im_shared::wire::{self, CloseCode, RequestId};
use tokio::pin;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::{LAST_WAIT, end};
use crate::handshake::Identity;
use crate::node::{Node, now_ms};
use crate::rate::{Bucket, Rate};
use crate::sessions::Handle;
use crate::transport::{Gone, ReadError, Reader, Received, Writer};

/// Heartbeats are free, but not without end: an honest client sends one in 30 s.
const HEARTBEATS: Rate = Rate {
    per_second: 5.0,
    burst: 20.0,
};
/// Streams of their own that a session writes at once; bulk frames on top go in line.
const BULK_STREAMS: usize = 4;
/// A bulk stream that takes longer is given up; the client asks again.
const BULK_WAIT: Duration = Duration::from_secs(15);

/// Why a session's loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The client left, or its connection is gone.
    Left,
    /// The server ends it.
    Closed(CloseCode),
}

/// One session, owned by its task.
pub(super) struct Session<R, W> {
    pub(super) node: Node,
    pub(super) handle: Arc<Handle>,
    pub(super) identity: Identity,
    reader: R,
    writer: W,
    /// Taken from the outbox, not yet by the transport.
    pending: Bytes,
    bulk: JoinSet<()>,
    pub(super) frames: Bucket,
    pub(super) heartbeats: Bucket,
    pub(super) heard_at: Instant,
    /// Since when something waits and nothing is taken.
    pub(super) stuck_since: Option<Instant>,
    pub(super) hint_at: Option<Instant>,
    pub(super) expires_at: Instant,
    pub(super) warned: bool,
}

impl<R: Reader, W: Writer> Session<R, W> {
    /// Of an identity, over a connection.
    pub(super) fn new(
        node: Node,
        handle: Arc<Handle>,
        identity: Identity,
        mut reader: R,
        writer: W,
    ) -> Self {
        let now = Instant::now();
        reader.set_limit(MAX_FRAME);
        Self {
            frames: Bucket::new(node.config.session.rate(), now),
            heartbeats: Bucket::new(HEARTBEATS, now),
            expires_at: expiry(&identity, now),
            node,
            handle,
            identity,
            reader,
            writer,
            pending: Bytes::new(),
            bulk: JoinSet::new(),
            heard_at: now,
            stuck_since: None,
            hint_at: None,
            warned: false,
        }
    }

    /// Puts the `AuthResponse` before everything that is queued already.
    pub(super) fn welcome(&mut self, request_id: RequestId) {
        let mut first = BytesMut::new();
        wire::write_frame(&mut first, &self.auth_response(request_id));
        self.pending = first.freeze();
    }

    /// Runs until the client or the server ends it.
    pub(super) async fn run(&mut self) -> End {
        let timer = sleep_until(self.deadline().into());
        pin!(timer);
        loop {
            if let Some(code) = self.handle.outbox.closing() {
                return End::Closed(code);
            }
            self.send_datagrams();
            self.refill();
            let writing = !self.pending.is_empty() || self.writer.needs_flush();
            if !writing {
                self.stuck_since = None;
            } else if self.stuck_since.is_none() {
                self.stuck_since = Some(Instant::now());
            }
            // The timer is only ever moved forward here; when it fires too early it is set anew.
            let deadline = self.deadline().into();
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            // Who sends requests without reading replies is not read.
            let reading = !self.handle.outbox.is_over_limit();
            tokio::select! {
                biased;
                () = self.handle.outbox.changed() => {}
                written = advance(&mut self.writer, &mut self.pending), if writing => match written {
                    Ok(()) => self.stuck_since = None,
                    Err(Gone) => return End::Left,
                },
                read = self.reader.next(), if reading => match read {
                    Ok(Some(Received::Frame(frame))) => self.receive(frame),
                    Ok(Some(Received::Datagram(frame))) => self.receive_datagram(frame),
                    Ok(None) | Err(ReadError::Gone) => return End::Left,
                    Err(ReadError::Frame(error)) => self.refuse(error.code()),
                },
                Some(_) = self.bulk.join_next(), if !self.bulk.is_empty() => {}
                () = &mut timer => {
                    if let Some(code) = self.look_at_the_clock() {
                        return End::Closed(code);
                    }
                    timer.as_mut().reset(self.deadline().into());
                }
            }
        }
    }

    /// Sends what may be lost as datagrams, where it can ([T5]). What cannot waits for the next refill.
    fn send_datagrams(&self) {
        if !self.handle.outbox.has_ephemeral() {
            return;
        }
        let size = self.writer.datagram_size();
        if size == 0 {
            return;
        }
        for frame in self.handle.outbox.take_ephemeral(size) {
            if self.writer.send_datagram(&frame) {
                self.node.metrics.ephemeral_datagram();
            } else {
                self.node.metrics.ephemeral_dropped(1);
            }
        }
    }

    /// Takes what is ready from the outbox, once the transport has taken everything else.
    fn refill(&mut self) {
        if !self.pending.is_empty() || self.writer.needs_flush() {
            return;
        }
        let taken = self.handle.outbox.take(Instant::now());
        self.pending = taken.live;
        self.hint_at = taken.again_at;
        self.node.metrics.ephemeral_in_line(taken.ephemeral);
        self.node.metrics.ephemeral_dropped(taken.given_up);
        if taken.bulk.is_empty() {
            return;
        }
        let mut in_line = BytesMut::new();
        for frame in taken.bulk {
            if !self.start_bulk(&frame) {
                wire::write_frame(&mut in_line, &frame);
            }
        }
        if !in_line.is_empty() {
            let mut joined = BytesMut::from(std::mem::take(&mut self.pending));
            joined.unsplit(in_line);
            self.pending = joined.freeze();
        }
    }

    /// Writes a frame on a stream of its own ([T2]), or says that it must go in line.
    fn start_bulk(&mut self, frame: &Bytes) -> bool {
        if self.bulk.len() >= BULK_STREAMS {
            return false;
        }
        let Some(send) = self.writer.send_bulk(frame.clone()) else {
            return false;
        };
        self.node.metrics.bulk_stream();
        self.bulk.spawn(async move {
            // When it fails the connection is gone, or the client does not read: it asks again.
            let _ = timeout(BULK_WAIT, send).await;
        });
        true
    }

    /// Ends the connection. What is queued goes out first, unless the client does not read anyway.
    pub(super) async fn finish(mut self, ended: End) {
        let End::Closed(code) = ended else {
            return self.writer.abort(CloseCode::None);
        };
        let mut last = BytesMut::from(std::mem::take(&mut self.pending));
        if code != CloseCode::SlowConsumer {
            loop {
                let taken = self.handle.outbox.take(Instant::now());
                if taken.live.is_empty() && taken.bulk.is_empty() {
                    break;
                }
                last.extend_from_slice(&taken.live);
                for frame in taken.bulk {
                    wire::write_frame(&mut last, &frame);
                }
            }
            // Replies that are on their way on streams of their own; a client that does not take them is not waited for.
            let _ = timeout(LAST_WAIT, async {
                while self.bulk.join_next().await.is_some() {}
            })
            .await;
        }
        end(self.reader, self.writer, last, code).await;
    }
}

/// Hands bytes to the transport, or, when there are none, waits until it has passed them on.
async fn advance<W: Writer>(writer: &mut W, pending: &mut Bytes) -> Result<(), Gone> {
    if pending.is_empty() {
        writer.flush().await
    } else {
        writer.write(pending).await
    }
}

/// When the token of `identity` ends.
pub(super) fn expiry(identity: &Identity, now: Instant) -> Instant {
    let left = identity.expires_at_ms().saturating_sub(server_time());
    now + Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

/// Milliseconds since 1970, as frames have it.
pub(super) fn server_time() -> i64 {
    i64::try_from(now_ms()).unwrap_or(i64::MAX)
}
