//! Sessions over WebSocket: a binary message is a frame ([F2], [T3]).
//!
//! The server is a task of `App` and ends with the token; each session is a task of the node's tracker.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::{Buf, Bytes};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt, StreamExt};
use im_shared::wire::limits::{LENGTH_PREFIX, MAX_FRAME, MAX_HANDSHAKE_FRAME};
use im_shared::wire::{CloseCode, WireError};
use tokio_util::sync::CancellationToken;

use super::tcp::{Arrival, GuardedListener};
use crate::handshake;
use crate::node::Node;
use crate::transport::{Carrier, Gone, PATH, ReadError, Reader, Received, Writer};

/// Read and write buffer of a connection. The defaults cost 133 kB a session, these 6 kB (findings).
const BUFFER_BYTES: usize = 4 * 1024;
/// The library refuses longer messages; a little above the limit, so that we see what is just too long ourselves.
const MAX_MESSAGE: usize = MAX_FRAME + 1_024;

/// Serves until `stop`, then accepts no more; sessions go on.
pub(crate) async fn run(
    listener: GuardedListener,
    node: Node,
    stop: CancellationToken,
) -> io::Result<()> {
    let router = Router::new().route(PATH, get(upgrade)).with_state(node);
    let service = router.into_make_service_with_connect_info::<Arrival>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn upgrade(
    State(node): State<Node>,
    ConnectInfo(arrival): ConnectInfo<Arrival>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(permit) = arrival.permit.lock().take() else {
        return StatusCode::CONFLICT.into_response();
    };
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_write_buffer_size(BUFFER_BYTES + 2 * MAX_FRAME)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(async move |socket| {
            let (sink, stream) = socket.split();
            let reader = WebSocketReader {
                stream,
                limit: MAX_HANDSHAKE_FRAME,
            };
            let writer = WebSocketWriter {
                sink,
                needs_flush: false,
            };
            let tasks = node.tasks.clone();
            let session = handshake::serve(node, reader, writer, permit, arrival.deadline);
            tasks.track_future(session).await;
        })
}

/// Binary messages from the client.
pub(crate) struct WebSocketReader {
    stream: SplitStream<WebSocket>,
    limit: usize,
}

impl Reader for WebSocketReader {
    async fn next(&mut self) -> Result<Option<Received>, ReadError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Binary(frame))) => {
                    return self
                        .checked(frame)
                        .map(|frame| Some(Received::Frame(frame)));
                }
                // [T3]: a text message is a protocol error.
                Some(Ok(Message::Text(_))) => return Err(WireError::Identifier.into()),
                // The library answers pings.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Ok(None),
                Some(Err(error)) => return Err(self.read_error(&error)),
            }
        }
    }

    fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    async fn left(mut self) {
        while let Some(Ok(message)) = self.stream.next().await {
            if matches!(message, Message::Close(_)) {
                return;
            }
        }
    }
}

impl WebSocketReader {
    fn checked(&self, frame: Bytes) -> Result<Bytes, ReadError> {
        match frame.len() {
            0 => Err(WireError::Empty.into()),
            length if length > self.limit => Err(WireError::TooLarge {
                length,
                limit: self.limit,
            }
            .into()),
            _ => Ok(frame),
        }
    }

    /// The library's error type is not ours to name, so its text tells a message that is too long from a connection
    /// that broke; a test pins it.
    fn read_error(&self, error: &axum::Error) -> ReadError {
        if error.to_string().contains("too long") {
            return WireError::TooLarge {
                length: MAX_MESSAGE + 1,
                limit: self.limit,
            }
            .into();
        }
        ReadError::Gone
    }
}

/// Binary messages to the client.
pub(crate) struct WebSocketWriter {
    sink: SplitSink<WebSocket, Message>,
    needs_flush: bool,
}

impl WebSocketWriter {
    /// Hands whole frames over while the socket takes them.
    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        pending: &mut Bytes,
    ) -> Poll<Result<(), Gone>> {
        let mut sink = Pin::new(&mut self.sink);
        let mut wrote = false;
        while let Some(length) = pending.first_chunk::<LENGTH_PREFIX>() {
            match sink.as_mut().poll_ready(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Gone)),
                Poll::Pending if wrote => break,
                Poll::Pending => return Poll::Pending,
            }
            let length = u32::from_be_bytes(*length) as usize;
            pending.advance(LENGTH_PREFIX);
            let frame = pending.split_to(length.min(pending.len()));
            if sink.as_mut().start_send(Message::Binary(frame)).is_err() {
                return Poll::Ready(Err(Gone));
            }
            wrote = true;
            self.needs_flush = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl Writer for WebSocketWriter {
    const CARRIER: Carrier = Carrier::WebSocket;

    async fn write(&mut self, pending: &mut Bytes) -> Result<(), Gone> {
        poll_fn(|context| self.poll_write(context, pending)).await
    }

    fn needs_flush(&self) -> bool {
        self.needs_flush
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        self.sink.flush().await.map_err(|_| Gone)?;
        self.needs_flush = false;
        Ok(())
    }

    fn send_bulk(
        &self,
        _: Bytes,
    ) -> Option<impl Future<Output = Result<(), Gone>> + Send + use<> + 'static> {
        None::<std::future::Ready<Result<(), Gone>>>
    }

    fn datagram_size(&self) -> usize {
        0
    }

    fn send_datagram(&self, _: &[u8]) -> bool {
        false
    }

    async fn finish(&mut self, code: CloseCode) {
        let frame = CloseFrame {
            code: code.0,
            reason: code.text().into(),
        };
        // An error means that it is over already.
        let _ = self.sink.send(Message::Close(Some(frame))).await;
    }

    fn abort(self, _: CloseCode) {}
}
