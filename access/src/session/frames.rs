//! What is done with a client's frame: answered here, forwarded to logic, or refused.

use std::time::{Duration, Instant};

use bytes::Bytes;
use im_shared::wire::limits::{MAX_FRAME, MAX_MESSAGES, MAX_TEXT};
use im_shared::wire::{
    self, AuthResponse, Body, BodyKind, CloseCode, Code, Done, Frame, HeartbeatAck, Limits,
    RequestId,
};

use super::origin;
use super::task::{Session, expiry, server_time};
use crate::outbox::{Kind, Offered};
use crate::transport::{Reader, Writer};
use crate::uplink::RETRY_AFTER;

impl<R: Reader, W: Writer> Session<R, W> {
    /// Does what is to be done with `frame`; never waits.
    pub(super) fn receive(&mut self, frame: Bytes) {
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
            BodyKind::Follow => self.follow(request_id, &frame),
            kind if kind.is_upstream() => self.forward(request_id, frame),
            _ => self.reply_error(request_id, Code::Unsupported, None),
        }
    }

    /// Passes `Typing` on and ignores everything else ([T5]); never answers.
    pub(super) fn receive_datagram(&mut self, frame: Bytes) {
        let now = Instant::now();
        let typing = wire::peek(&frame).is_ok_and(|peek| peek.kind == BodyKind::Typing);
        if !typing || self.frames.take(now).is_err() {
            return self.node.metrics.datagram_ignored();
        }
        self.heard_at = now;
        self.node.metrics.datagram_in(frame.len());
        if self.node.uplink.offer(origin(&self.handle), frame).is_err() {
            self.node.metrics.uplink_full();
        }
    }

    /// [S12]
    fn follow(&mut self, request_id: RequestId, frame: &Bytes) {
        if let Err(wait) = self.frames.take(self.heard_at) {
            return self.limited(request_id, wait);
        }
        let Ok(Frame {
            body: Body::Follow(follow),
            ..
        }) = wire::decode_shared(frame)
        else {
            return self.refuse(Code::MalformedFrame);
        };
        let (sessions, conversation) = (&self.node.sessions, follow.conversation_id);
        let done = if follow.ended {
            sessions.unfollow(&self.handle, conversation);
            true
        } else {
            conversation.is_some() && sessions.follow(&self.handle, conversation)
        };
        if done {
            self.send(
                Kind::Reply,
                &wire::encode(&Frame::reply(request_id, Done {})),
            );
        } else {
            self.reply_error(request_id, Code::InvalidArgument, None);
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

    /// Ends the session for what is no frame ([F3]).
    pub(super) fn refuse(&self, code: Code) {
        self.reply_error(RequestId::PUSH, code, None);
        self.handle.outbox.close(CloseCode::ProtocolError);
    }

    fn reply_error(&self, request_id: RequestId, code: Code, retry_after: Option<Duration>) {
        self.send(Kind::Reply, &wire::error(request_id, code, retry_after));
    }

    /// Queues a frame of the session's own.
    pub(super) fn send(&self, kind: Kind, frame: &[u8]) {
        if self.handle.outbox.offer(kind, frame) == Offered::Dropped {
            self.node.metrics.replies_dropped(1);
        }
    }

    /// The answer to `AuthRequest` and to `Reauth`.
    pub(super) fn auth_response(&self, request_id: RequestId) -> Bytes {
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
}
