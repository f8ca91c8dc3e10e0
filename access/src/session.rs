//! One authenticated connection: one task that reads, writes and keeps the time.
//!
//! What comes from outside comes through the [`Handle`]'s outbox. The order of priority, written in `run`: the end that
//! somebody asked for; bytes to the client; frames from the client; bulk streams that ended; the clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use im_shared::bus::Origin;
use im_shared::wire::limits::{MAX_FRAME, MAX_MESSAGES, MAX_TEXT};
use im_shared::wire::{
    self, AuthResponse, Body, BodyKind, CloseCode, Code, Frame, HeartbeatAck, Kick, Limits,
    RequestId, TokenExpiring,
};
use tokio::pin;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::admission::Permit;
use crate::handshake::Identity;
use crate::node::{Node, now_ms};
use crate::outbox::{Kind, Offered};
use crate::presence::Place;
use crate::rate::{Bucket, Rate};
use crate::sessions::{Handle, Sessions};
use crate::transport::{Gone, ReadError, Reader, Writer};
use crate::uplink::RETRY_AFTER;

/// Heartbeats are free, but not without end: an honest client sends one in 30 s.
const HEARTBEATS: Rate = Rate {
    per_second: 5.0,
    burst: 20.0,
};
/// Streams of their own that a session writes at once; bulk frames on top go in line.
const BULK_STREAMS: usize = 4;
/// A bulk stream that takes longer is given up; the client asks again.
const BULK_WAIT: Duration = Duration::from_secs(15);
/// How long the last frames may take before the connection ends without them.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Why a session's loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client left, or its connection is gone.
    Left,
    /// The server ends it.
    Closed(CloseCode),
}

/// Registers the session, runs it, and takes it back everywhere.
pub(crate) async fn open<R: Reader, W: Writer>(
    node: Node,
    identity: Identity,
    request_id: RequestId,
    reader: R,
    writer: W,
    permit: Permit,
) {
    if node.is_draining() {
        return end(writer, BytesMut::new(), CloseCode::GoingAway).await;
    }
    let id = node.session_ids.next(now_ms(), rand::random());
    let (user, platform) = (identity.user(), identity.platform());
    let outbox_bytes = node.config.session.outbox_bytes;
    let handle = Handle::new(id, user, platform, identity.device(), outbox_bytes);
    let handle = Arc::new(handle);
    let registered = Registered::new(&node.sessions, &handle);
    let counted = node.metrics.opened(W::CARRIER);
    // [S2]: before the AuthResponse, so that what is committed later is pushed.
    let place = node.presence.online(&handle).await;
    drop(permit);

    let mut session = Session::new(node.clone(), Arc::clone(&handle), identity, reader, writer);
    let ended = match place {
        Place::Superseded(code) => End::Closed(code),
        Place::Registered | Place::Later => {
            session.welcome(request_id);
            session.run().await
        }
    };
    drop(registered);
    drop(counted);
    let reason = match ended {
        End::Left => "left",
        End::Closed(code) => code.name(),
    };
    node.metrics.closed(reason);
    tracing::info!(
        user_id = user.0,
        session_id = id.0,
        transport = W::CARRIER.name(),
        reason,
        "session ended"
    );
    tokio::join!(session.finish(ended), node.presence.offline(&handle));
}

/// Writes what is left and a `Kick` as the last frame, then closes ([S6]). Takes two seconds at most.
pub(crate) async fn end<W: Writer>(mut writer: W, mut last: BytesMut, code: CloseCode) {
    let kick = Kick {
        code,
        message: code.text().to_owned(),
    };
    wire::write_frame(&mut last, &wire::encode(&Frame::push(kick)));
    let mut pending = last.freeze();
    let write = async {
        while !pending.is_empty() {
            writer.write(&mut pending).await?;
        }
        writer.flush().await
    };
    match timeout(LAST_WAIT, write).await {
        Ok(Ok(())) => writer.close(code).await,
        Ok(Err(Gone)) | Err(_) => writer.abort(code),
    }
}

/// Keeps a session in the registry, whatever happens to its task.
struct Registered<'a> {
    sessions: &'a Sessions,
    handle: &'a Handle,
}

impl<'a> Registered<'a> {
    fn new(sessions: &'a Sessions, handle: &'a Arc<Handle>) -> Self {
        sessions.insert(handle);
        Self { sessions, handle }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.sessions.remove(self.handle);
    }
}

struct Session<R, W> {
    node: Node,
    handle: Arc<Handle>,
    identity: Identity,
    reader: R,
    writer: W,
    /// Taken from the outbox, not yet by the transport.
    pending: Bytes,
    bulk: JoinSet<()>,
    frames: Bucket,
    heartbeats: Bucket,
    heard_at: Instant,
    /// Since when something waits and nothing is taken.
    stuck_since: Option<Instant>,
    hint_at: Option<Instant>,
    expires_at: Instant,
    warned: bool,
}

impl<R: Reader, W: Writer> Session<R, W> {
    fn new(node: Node, handle: Arc<Handle>, identity: Identity, mut reader: R, writer: W) -> Self {
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
    fn welcome(&mut self, request_id: RequestId) {
        let mut first = BytesMut::new();
        wire::write_frame(&mut first, &self.auth_response(request_id));
        self.pending = first.freeze();
    }

    fn auth_response(&self, request_id: RequestId) -> Bytes {
        let config = &self.node.config.session;
        wire::encode(&Frame::reply(
            request_id,
            AuthResponse {
                session_id: self.handle.id,
                user_id: self.handle.user,
                node_id: self.node.id.to_string(),
                server_time: server_time(),
                heartbeat_interval_ms: u32::try_from(config.heartbeat_interval_ms)
                    .unwrap_or(u32::MAX),
                token_expires_at: self.identity.expires_at_ms(),
                limits: Limits {
                    max_frame_bytes: MAX_FRAME as u32,
                    max_text_bytes: MAX_TEXT as u32,
                    max_messages_per_request: MAX_MESSAGES as u16,
                    frames_per_second: config.frames_per_second,
                    frame_burst: config.frame_burst,
                },
            },
        ))
    }

    async fn run(&mut self) -> End {
        let timer = sleep_until(self.deadline().into());
        pin!(timer);
        loop {
            if let Some(code) = self.handle.outbox.closing() {
                return End::Closed(code);
            }
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
                    Ok(Some(frame)) => self.receive(frame),
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

    /// Takes what is ready from the outbox, once the transport has taken everything else.
    fn refill(&mut self) {
        if !self.pending.is_empty() || self.writer.needs_flush() {
            return;
        }
        let taken = self.handle.outbox.take(Instant::now());
        self.pending = taken.live;
        self.hint_at = taken.again_at;
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

    /// When the clock has to be looked at next.
    fn deadline(&self) -> Instant {
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

    fn look_at_the_clock(&mut self) -> Option<CloseCode> {
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

    fn receive(&mut self, frame: Bytes) {
        self.heard_at = Instant::now();
        self.node.metrics.frame_in(frame.len());
        let peek = match wire::peek(&frame) {
            Ok(peek) => peek,
            Err(error) => return self.refuse(error.code()),
        };
        let request_id = peek.request_id;
        match peek.kind {
            BodyKind::Heartbeat => self.heartbeat(request_id, &frame),
            BodyKind::Reauth => self.reauth(request_id, &frame),
            kind if kind.is_upstream() => self.forward(request_id, frame),
            _ => self.reply_error(request_id, Code::Unsupported, None),
        }
    }

    fn heartbeat(&mut self, request_id: RequestId, frame: &Bytes) {
        if let Err(wait) = self.heartbeats.take(self.heard_at) {
            return self.limited(request_id, wait);
        }
        let Ok(Frame {
            body: Body::Heartbeat(heartbeat),
            ..
        }) = wire::decode_shared(frame)
        else {
            return self.refuse(Code::MalformedFrame);
        };
        let ack = HeartbeatAck {
            client_time: heartbeat.client_time,
            server_time: server_time(),
            pushed: self.handle.outbox.addressed(),
        };
        self.send(Kind::Reply, &wire::encode(&Frame::reply(request_id, ack)));
    }

    fn reauth(&mut self, request_id: RequestId, frame: &Bytes) {
        if let Err(wait) = self.frames.take(self.heard_at) {
            return self.limited(request_id, wait);
        }
        let Ok(Frame {
            body: Body::Reauth(reauth),
            ..
        }) = wire::decode_shared(frame)
        else {
            return self.refuse(Code::MalformedFrame);
        };
        if let Err(code) = self.identity.renew(&reauth.token, &self.node.verifier) {
            return self.reply_error(request_id, code, None);
        }
        self.expires_at = expiry(&self.identity, self.heard_at);
        self.warned = false;
        let response = self.auth_response(request_id);
        self.send(Kind::Reply, &response);
    }

    fn forward(&mut self, request_id: RequestId, frame: Bytes) {
        if let Err(wait) = self.frames.take(self.heard_at) {
            return self.limited(request_id, wait);
        }
        if self.node.uplink.offer(origin(&self.handle), frame).is_err() {
            self.node.metrics.uplink_full();
            self.reply_error(request_id, Code::RetryLater, Some(RETRY_AFTER));
        }
    }

    /// [S9]
    fn limited(&self, request_id: RequestId, wait: Duration) {
        self.node.metrics.rate_limited();
        // Rounded up, so that a client that waits exactly so long is not refused again.
        let wait = Duration::from_millis(wait.as_millis() as u64 + 1);
        self.reply_error(request_id, Code::RetryLater, Some(wait));
    }

    /// [F3]
    fn refuse(&self, code: Code) {
        self.reply_error(RequestId::PUSH, code, None);
        self.handle.outbox.close(CloseCode::ProtocolError);
    }

    fn reply_error(&self, request_id: RequestId, code: Code, retry_after: Option<Duration>) {
        self.send(Kind::Reply, &wire::error(request_id, code, retry_after));
    }

    fn send(&self, kind: Kind, frame: &[u8]) {
        if self.handle.outbox.offer(kind, frame) == Offered::Dropped {
            self.node.metrics.replies_dropped(1);
        }
    }

    /// Ends the connection. What is queued goes out first, unless the client does not read anyway.
    async fn finish(mut self, ended: End) {
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
        end(self.writer, last, code).await;
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

/// Who a session is to logic.
pub(crate) fn origin(handle: &Handle) -> Origin {
    Origin {
        session: handle.id,
        user: handle.user,
        platform: handle.platform,
    }
}

fn expiry(identity: &Identity, now: Instant) -> Instant {
    let left = identity.expires_at_ms().saturating_sub(server_time());
    now + Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

fn server_time() -> i64 {
    i64::try_from(now_ms()).unwrap_or(i64::MAX)
}
