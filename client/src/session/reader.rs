//! The task that reads: replies go to their requests, everything else to the client; it also beats the heart.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use im_shared::wire::{self, Body, CloseCode, Frame, Heartbeat, Kick, RequestId};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::heartbeat::PushCount;
use super::requests::Requests;
use super::{Ended, SessionEvent};
use crate::transport::{Receiver, TransportError};

/// Silence after a heartbeat that means that the connection is dead.
const SILENCE: Duration = Duration::from_secs(5);
/// The same after a probe: then there is a suspicion already.
const SUSPICIOUS_SILENCE: Duration = Duration::from_secs(3);

pub(super) struct Reader {
    receiver: Receiver,
    requests: Requests,
    outgoing: mpsc::WeakSender<Bytes>,
    events: mpsc::Sender<SessionEvent>,
    probe: Arc<Notify>,
    interval: Duration,
    pushes: PushCount,
}

impl Reader {
    pub(super) fn new(
        receiver: Receiver,
        requests: Requests,
        outgoing: mpsc::WeakSender<Bytes>,
        events: mpsc::Sender<SessionEvent>,
        probe: Arc<Notify>,
        interval: Duration,
    ) -> Self {
        Self {
            receiver,
            requests,
            outgoing,
            events,
            probe,
            interval,
            pushes: PushCount::default(),
        }
    }

    /// Reads until the connection ends or the session is left.
    pub(super) async fn run(mut self, end: CancellationToken) {
        let ended = tokio::select! {
            ended = self.read() => ended,
            () = end.cancelled() => Ended { code: None, message: "left".to_owned() },
        };
        self.requests.end();
        end.cancel(); // The writer closes the connection.
        self.tell(SessionEvent::Ended(ended)).await;
    }

    async fn read(&mut self) -> Ended {
        let mut heartbeat = Instant::now() + self.interval;
        let mut dead: Option<Instant> = None;
        loop {
            let silent_at = dead.unwrap_or(heartbeat + SILENCE);
            tokio::select! {
                frame = self.receiver.next() => {
                    dead = None;
                    match frame.and_then(|frame| Ok(wire::decode_shared(&frame)?)) {
                        // The last frame [S6].
                        Ok(Frame { body: Body::Kick(kick), .. }) => return kicked(kick),
                        Ok(frame) => self.take(frame).await,
                        Err(error) => return lost(&error),
                    }
                }
                () = tokio::time::sleep_until(heartbeat) => {
                    heartbeat = Instant::now() + self.interval;
                    dead = dead.or_else(|| self.beat(SILENCE));
                }
                () = self.probe.notified() => dead = dead.or_else(|| self.beat(SUSPICIOUS_SILENCE)),
                () = tokio::time::sleep_until(silent_at), if dead.is_some() => {
                    return lost(&TransportError::TimedOut(SILENCE));
                }
            }
        }
    }

    async fn take(&mut self, frame: Frame) {
        if frame.request_id.0 == 0 {
            self.pushes.push(&frame.body);
        }
        match frame.body {
            Body::HeartbeatAck(ack) => {
                if self.pushes.heartbeat(ack.pushed) {
                    self.tell(SessionEvent::MustSync).await;
                }
            }
            body if frame.request_id.0 != 0 => self.answer(frame.request_id, body).await,
            Body::Drain(drain) => {
                self.tell(SessionEvent::Drain(Duration::from_millis(
                    drain.within_ms.into(),
                )))
                .await
            }
            Body::TokenExpiring(_) => self.tell(SessionEvent::TokenExpiring).await,
            // [S13]: about one conversation it only says that there is news to pull when it is looked at.
            Body::SyncHint(hint) if !hint.conversation_id.is_some() => {
                self.tell(SessionEvent::MustSync).await;
            }
            body => self.tell(SessionEvent::Push(Box::new(body))).await,
        }
    }

    async fn answer(&mut self, request_id: RequestId, body: Body) {
        match self.requests.answer(request_id, body) {
            Some(Body::ErrorResponse(error)) => {
                let retry_after = Duration::from_millis(error.retry_after_ms.into());
                self.tell(SessionEvent::Refused {
                    request_id,
                    retry_after,
                })
                .await;
            }
            Some(body) => tracing::debug!(kind = body.kind().name(), "a reply to no request"),
            None => {}
        }
    }

    /// Sends a heartbeat [S4]. Gives the time at which silence means death.
    fn beat(&self, silence: Duration) -> Option<Instant> {
        let outgoing = self.outgoing.upgrade()?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let client_time = i64::try_from(now.as_millis()).unwrap_or_default();
        let frame = wire::encode(&Frame::request(
            self.requests.next_id(),
            Body::Heartbeat(Heartbeat { client_time }),
        ));
        if outgoing.try_send(frame).is_err() {
            tracing::debug!("no room for a heartbeat"); // Then frames wait that are as good a sign of life.
        }
        Some(Instant::now() + silence)
    }

    async fn tell(&mut self, event: SessionEvent) {
        if self.events.send(event).await.is_err() {
            tracing::trace!("the client has left this session");
        }
    }
}

/// The server has ended it, and said why.
fn kicked(kick: Kick) -> Ended {
    Ended {
        code: Some(kick.code),
        message: kick.message,
    }
}

/// The connection has ended without a kick; its close may have told a code.
fn lost(error: &TransportError) -> Ended {
    let code = match error {
        TransportError::Closed(code) => u16::try_from(*code).ok(),
        _ => None,
    };
    Ended {
        code: code
            .filter(|code| (4000..5000).contains(code))
            .map(CloseCode),
        message: error.to_string(),
    }
}
