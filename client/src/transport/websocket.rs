//! WebSocket by tokio-tungstenite: a binary message is a frame, a text message is a protocol error [T3].

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use im_shared::wire::CloseCode;
use im_shared::wire::limits::MAX_FRAME;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{Address, Connection, Kind, TransportError};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What one write may hold before it goes out, and the most that waits for a slow peer: the default is without bound.
const WRITE_BUFFER: usize = 16 * 1024;
const MAX_WRITE_BUFFER: usize = 4 * MAX_FRAME;
/// How long a goodbye may take.
const CLOSING: Duration = Duration::from_millis(500);

pub(super) async fn open(address: &Address) -> Result<Connection, TransportError> {
    let target = address
        .web_socket
        .as_ref()
        .ok_or_else(|| TransportError::NotOffered(address.node_id.clone(), Kind::WebSocket))?;
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME));
    let nodelay = true; // Frames are coalesced here, Nagle would only delay them.
    let (socket, _) =
        tokio_tungstenite::connect_async_with_config(&target.url, Some(config), nodelay)
            .await
            .map_err(broken)?;
    let (sink, stream) = socket.split();
    Ok(Connection {
        kind: Kind::WebSocket,
        sender: super::Sender::WebSocket(Box::new(Sender { sink })),
        receiver: super::Receiver::WebSocket(Receiver { stream }),
        datagrams: super::Datagrams(None),
    })
}

/// The sending half.
pub struct Sender {
    sink: SplitSink<Socket, Message>,
}

impl Sender {
    pub(super) async fn send(&mut self, frames: &[Bytes]) -> Result<(), TransportError> {
        for frame in frames {
            self.sink
                .feed(Message::Binary(frame.clone()))
                .await
                .map_err(broken)?;
        }
        self.sink.flush().await.map_err(broken)
    }

    pub(super) async fn close(mut self, code: CloseCode) {
        // RFC 6455, 7.4: 1000 is a normal end; 4000 to 4999 are ours.
        let code = if code == CloseCode::None {
            1000
        } else {
            code.0
        };
        let goodbye = Message::Close(Some(CloseFrame {
            code: code.into(),
            reason: "".into(),
        }));
        if !matches!(
            tokio::time::timeout(CLOSING, self.sink.send(goodbye)).await,
            Ok(Ok(()))
        ) {
            tracing::debug!("the peer did not take the close frame");
        }
    }
}

/// The receiving half.
pub struct Receiver {
    stream: SplitStream<Socket>,
}

impl Receiver {
    pub(super) async fn next(&mut self) -> Result<Bytes, TransportError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Binary(frame))) => return Ok(frame),
                Some(Ok(Message::Text(_))) => return Err(broken("a text message")),
                Some(Ok(Message::Close(frame))) => {
                    return Err(TransportError::Closed(
                        frame.map_or(0, |frame| u32::from(u16::from(frame.code))),
                    ));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(Error::ConnectionClosed)) | None => return Err(TransportError::Closed(0)),
                Some(Err(error)) => return Err(broken(error)),
            }
        }
    }
}

fn broken(error: impl ToString) -> TransportError {
    TransportError::WebSocket(error.to_string())
}
