//! How frames travel. The session sees [`Sender`] and [`Receiver`] only and does not know which transport it has.
//!
//! ```text
//! webtransport   QUIC; one bidirectional stream with length-prefixed frames, bulk replies on streams of their own [T1, T2], what
//!                may be lost in datagrams [T5]
//! websocket      TCP; a binary message is a frame [T3]
//! choice         which of the two to try [T4]
//! ```

pub mod choice;
mod websocket;
mod webtransport;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use im_shared::wire::{CloseCode, WireError};

pub use choice::{Choice, Kind, Preference};
pub use webtransport::Dialer;

/// Where a node listens for WebTransport and WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// The access node, as `access-1`.
    pub node_id: String,
    /// Absent when the node offers no WebTransport.
    pub web_transport: Option<WebTransportAddress>,
    /// Absent when the node offers no WebSocket.
    pub web_socket: Option<WebSocketAddress>,
}

/// `https://HOST:PORT/im/v1` and the certificates that are accepted there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebTransportAddress {
    /// With scheme and path.
    pub url: String,
    /// SHA-256 of each acceptable certificate, in hexadecimal.
    pub certificate_hashes: Vec<String>,
}

/// `ws(s)://HOST:PORT/im/v1`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketAddress {
    /// With scheme and path.
    pub url: String,
}

/// Why a transport could not be opened, or ended.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The node has no address for this transport.
    #[error("{0} has no {1} address")]
    NotOffered(String, Kind),
    /// A certificate hash was not 64 hexadecimal digits.
    #[error("bad certificate hash {0:?}")]
    CertificateHash(String),
    /// Nothing answered in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The peer closed the session with this code; 0 when it gave none.
    #[error("closed by the server with code {0}")]
    Closed(u32),
    /// What arrived is no frame.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// WebTransport failed.
    #[error("WebTransport: {0}")]
    WebTransport(String),
    /// WebSocket failed.
    #[error("WebSocket: {0}")]
    WebSocket(String),
    /// The socket could not be made.
    #[error("socket")]
    Io(#[from] std::io::Error),
}

/// An open connection: what sends, and what receives. Each half may live in its own task.
pub struct Connection {
    /// Which transport it is.
    pub kind: Kind,
    /// Towards the node.
    pub sender: Sender,
    /// From the node.
    pub receiver: Receiver,
    /// Towards the node, for what may be lost.
    pub datagrams: Datagrams,
}

/// Sends what may be lost [T5]. A cheap clone.
#[derive(Clone)]
pub struct Datagrams(Option<Arc<wtransport::Connection>>);

impl Datagrams {
    /// Sends a frame without waiting; false where the transport has no datagrams, and when the frame does not fit one.
    #[must_use]
    pub fn send(&self, frame: &[u8]) -> bool {
        let connection = self.0.as_ref();
        connection.is_some_and(|connection| connection.send_datagram(frame).is_ok())
    }
}

impl Connection {
    /// Opens a connection of the given kind to a node.
    ///
    /// # Errors
    /// When the node does not offer the transport, or does not answer within `limit`.
    pub async fn open(
        dialer: &Dialer,
        address: &Address,
        kind: Kind,
        limit: Duration,
    ) -> Result<Self, TransportError> {
        let opening = async {
            match kind {
                Kind::WebTransport => dialer.open(address).await,
                Kind::WebSocket => websocket::open(address).await,
            }
        };
        tokio::time::timeout(limit, opening)
            .await
            .map_err(|_| TransportError::TimedOut(limit))?
    }
}

/// Sends frames.
pub enum Sender {
    /// On the session's bidirectional stream.
    WebTransport(webtransport::Sender),
    /// As binary messages. Boxed: the buffers lie inside.
    WebSocket(Box<websocket::Sender>),
}

impl Sender {
    /// Writes the frames in one go. Waits while the peer takes nothing; nothing is buffered beyond the transport's window.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn send(&mut self, frames: &[Bytes]) -> Result<(), TransportError> {
        match self {
            Self::WebTransport(sender) => sender.send(frames).await,
            Self::WebSocket(sender) => sender.send(frames).await,
        }
    }

    /// Says goodbye with a code. What was sent before is still delivered where the transport can.
    pub async fn close(self, code: CloseCode) {
        match self {
            Self::WebTransport(sender) => sender.close(code).await,
            Self::WebSocket(sender) => sender.close(code).await,
        }
    }
}

/// Receives frames.
pub enum Receiver {
    /// From the bidirectional stream, from the server's unidirectional streams, and from datagrams.
    WebTransport(webtransport::Receiver),
    /// From binary messages.
    WebSocket(websocket::Receiver),
}

impl Receiver {
    /// The next frame, without its length. A datagram is only given when it holds what may come so. Cancel safe.
    ///
    /// # Errors
    /// [`TransportError::Closed`] at the end of the connection; others when it broke.
    pub async fn next(&mut self) -> Result<Bytes, TransportError> {
        match self {
            Self::WebTransport(receiver) => receiver.next().await,
            Self::WebSocket(receiver) => receiver.next().await,
        }
    }
}
