//! One authenticated connection: authentication, heartbeats, matching of replies by request id, kick and drain.
//!
//! ```text
//! reader      the task that reads: replies to their requests, everything else to the client
//! heartbeat   tells from the heartbeats whether pushes were lost [S5]
//! requests    which request waits for which reply
//! ```
//!
//! Tasks: a reader and a writer. They end with the connection, or when the last clone of [`Session`] is dropped.

mod heartbeat;
mod reader;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use im_shared::wire::{self, AuthRequest, AuthResponse, Body, CloseCode, Code, Frame, RequestId};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::transport::{Connection, Datagrams, Kind, Receiver, Sender, TransportError};
use requests::{Requests, Waiting};

pub use requests::RequestError;

/// Frames that wait for the writer. When it is full the request fails at once, and its owner's retry follows.
const OUTGOING: usize = 512;
/// Frames written in one go.
const COALESCED: usize = 64;
/// Events that wait for the client; then reading stops, and the server holds back.
const EVENTS: usize = 1_024;
/// How long authentication may take; the server allows 5 s [S1].
const AUTHENTICATION: Duration = Duration::from_secs(5);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The connection ended or broke.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server refused, for example with `TokenExpired`.
    #[error("refused: {message}")]
    Refused {
        /// Why.
        code: Code,
        /// In words.
        message: String,
    },
    /// No answer to `AuthRequest` in time.
    #[error("no answer to the authentication")]
    TimedOut,
    /// The first frame was no answer to `AuthRequest`.
    #[error("the server did not answer the authentication")]
    Unexpected,
}

/// What a session tells, in the order of arrival. [`SessionEvent::Ended`] is the last.
#[derive(Debug)]
pub enum SessionEvent {
    /// Anything that the server sends unasked and that is not one of the following; a `SyncHint` about one conversation too, for
    /// which nobody must sync [S13].
    Push(Box<Body>),
    /// Pushes were lost [S5], or may have been [R8]: sync.
    MustSync,
    /// Open a session elsewhere within this time, then leave this one [S7].
    Drain(Duration),
    /// The token expires soon: send `Reauth`.
    TokenExpiring,
    /// A frame that has no reply was refused, for example because the session sent too many.
    Refused {
        /// What [`Session::notify`] gave.
        request_id: RequestId,
        /// Not before.
        retry_after: Duration,
    },
    /// It is over.
    Ended(Ended),
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The server's reason; `None` when the connection broke.
    pub code: Option<CloseCode>,
    /// In words.
    pub message: String,
}

impl Ended {
    /// Whether the client may connect again by itself [S6].
    #[must_use]
    pub fn may_reconnect(&self) -> bool {
        self.code.is_none_or(|code| code.may_reconnect())
    }
}

/// An authenticated session. A cheap clone; the last one that goes closes the connection.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    welcome: AuthResponse,
    kind: Kind,
    datagrams: Datagrams,
    requests: Requests,
    outgoing: mpsc::Sender<Bytes>,
    probe: Arc<Notify>,
    end: CancellationToken,
    _end: DropGuard,
    closed: CancellationToken,
}

/// The events of one session.
pub struct SessionEvents(mpsc::Receiver<SessionEvent>);

impl SessionEvents {
    /// The next event; none after [`SessionEvent::Ended`].
    pub async fn next(&mut self) -> Option<SessionEvent> {
        self.0.recv().await
    }
}

impl Session {
    /// Authenticates on a fresh connection [S1].
    ///
    /// # Errors
    /// When the server refuses, does not answer in 5 s, or the connection ends.
    pub async fn open(
        connection: Connection,
        request: AuthRequest,
    ) -> Result<(Self, SessionEvents), SessionError> {
        let Connection {
            kind,
            mut sender,
            mut receiver,
            datagrams,
        } = connection;
        let welcome = tokio::time::timeout(
            AUTHENTICATION,
            authenticate(&mut sender, &mut receiver, request),
        )
        .await
        .map_err(|_| SessionError::TimedOut)??;
        let (outgoing, frames) = mpsc::channel(OUTGOING);
        let (events, receive_events) = mpsc::channel(EVENTS);
        let (end, closed) = (CancellationToken::new(), CancellationToken::new());
        let requests = Requests::default();
        let probe = Arc::new(Notify::new());
        let interval = Duration::from_millis(u64::from(welcome.heartbeat_interval_ms.max(100)));
        let reader = reader::Reader::new(
            receiver,
            requests.clone(),
            outgoing.downgrade(),
            events,
            Arc::clone(&probe),
            interval,
        );
        tokio::spawn(reader.run(end.clone()));
        tokio::spawn(write(
            sender,
            frames,
            end.clone(),
            closed.clone().drop_guard(),
        ));
        let inner = Inner {
            welcome,
            kind,
            datagrams,
            requests,
            outgoing,
            probe,
            _end: end.clone().drop_guard(),
            end,
            closed,
        };
        Ok((
            Self {
                inner: Arc::new(inner),
            },
            SessionEvents(receive_events),
        ))
    }

    /// What the server said at the start.
    #[must_use]
    pub fn welcome(&self) -> &AuthResponse {
        &self.inner.welcome
    }

    /// Which transport it uses.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// Sends a request now; the future gives its reply, `within` this time. The bus may lose a frame, so every request needs it.
    pub fn request(
        &self,
        body: Body,
        within: Duration,
    ) -> impl Future<Output = Result<Body, RequestError>> + Send + use<> {
        let sent = self.inner.requests.add().and_then(|(id, reply)| {
            let waiting = Waiting::new(&self.inner.requests, id);
            self.offer(id, body).map(|()| (waiting, reply))
        });
        async move {
            let (_waiting, reply) = sent?;
            requests::reply(reply, within).await
        }
    }

    /// Sends a frame that has no reply. Its id comes back in [`SessionEvent::Refused`] if the server does not take it.
    ///
    /// # Errors
    /// When the session has ended or too much waits.
    pub fn notify(&self, body: Body) -> Result<RequestId, RequestError> {
        let id = self.inner.requests.next_id();
        self.offer(id, body).map(|()| id)
    }

    /// Sends a frame that may be lost and has no reply, as `Typing` is: in a datagram where the transport has them [T5].
    ///
    /// # Errors
    /// When it has to go in line, and the session has ended or too much waits.
    pub fn send_ephemeral(&self, body: Body) -> Result<(), RequestError> {
        let id = self.inner.requests.next_id();
        let frame = wire::encode(&Frame::request(id, body));
        if self.inner.datagrams.send(&frame) {
            return Ok(());
        }
        self.queue(id, frame)
    }

    /// Asks for a sign of life: the session ends unless something arrives within 3 s.
    pub fn probe(&self) {
        self.inner.probe.notify_one();
    }

    /// Waits until every request is answered, `within` this time, writes what still waits, and closes the connection.
    pub async fn leave(self, within: Duration) {
        if tokio::time::timeout(within, self.inner.requests.idle())
            .await
            .is_err()
        {
            tracing::debug!("leaving with requests unanswered");
        }
        let closed = self.inner.closed.clone();
        self.inner.end.cancel();
        closed.cancelled().await;
    }

    fn offer(&self, id: RequestId, body: Body) -> Result<(), RequestError> {
        self.queue(id, wire::encode(&Frame::request(id, body)))
    }

    fn queue(&self, id: RequestId, frame: Bytes) -> Result<(), RequestError> {
        self.inner.outgoing.try_send(frame).map_err(|error| {
            self.inner.requests.forget(id);
            match error {
                mpsc::error::TrySendError::Full(_) => RequestError::Full,
                mpsc::error::TrySendError::Closed(_) => RequestError::Ended,
            }
        })
    }
}

async fn authenticate(
    sender: &mut Sender,
    receiver: &mut Receiver,
    request: AuthRequest,
) -> Result<AuthResponse, SessionError> {
    let frame = wire::encode(&Frame::request(RequestId(1), Body::AuthRequest(request)));
    sender.send(&[frame]).await?;
    let answer = loop {
        let frame = wire::decode_shared(&receiver.next().await?).map_err(TransportError::Wire)?;
        // A datagram may overtake the answer [T5].
        if !frame.body.kind().is_ephemeral() {
            break frame.body;
        }
    };
    match answer {
        Body::AuthResponse(response) => Ok(response),
        Body::ErrorResponse(error) => Err(SessionError::Refused {
            code: error.code,
            message: error.message,
        }),
        _ => Err(SessionError::Unexpected),
    }
}

/// Writes what waits, as much as is ready in one go, until the session is dropped or the connection ends.
async fn write(
    mut sender: Sender,
    mut frames: mpsc::Receiver<Bytes>,
    end: CancellationToken,
    _closed: DropGuard,
) {
    let mut ready = Vec::with_capacity(COALESCED);
    loop {
        ready.clear();
        tokio::select! {
            biased;
            count = frames.recv_many(&mut ready, COALESCED) => {
                if count == 0 {
                    break; // Everything that was offered is written.
                }
                if let Err(error) = sender.send(&ready).await {
                    tracing::debug!(%error, "cannot write"); // The reader sees the end and tells the client.
                    break;
                }
            }
            () = end.cancelled(), if !frames.is_closed() => frames.close(),
        }
    }
    sender.close(CloseCode::None).await;
}
