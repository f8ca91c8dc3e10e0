//! What a session needs of a connection, whatever carries it (decision 11).
//!
//! A connection is split, so that a session can wait for the client and write to it at once. `Session` is generic over
//! the two halves; `listener` has one pair for WebTransport and one for WebSocket.

use std::future::Future;

use bytes::Bytes;
use im_shared::wire::{CloseCode, WireError};

/// The path of version 1 of the protocol.
pub(crate) const PATH: &str = "/im/v1";

/// Why nothing more can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The client sent what is no frame.
    #[error("not a frame")]
    Frame(#[from] WireError),
    /// The connection is gone.
    #[error("the connection is gone")]
    Gone,
}

/// The connection is gone: nothing more can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection is gone")]
pub(crate) struct Gone;

/// What carries a session; a label of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// HTTP/3 over QUIC.
    WebTransport,
    /// HTTP/1.1 over TCP.
    WebSocket,
}

impl Carrier {
    /// As metrics and logs call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::WebTransport => "web_transport",
            Self::WebSocket => "web_socket",
        }
    }
}

/// What a client sent.
#[derive(Debug)]
pub(crate) enum Received {
    /// A frame on the stream.
    Frame(Bytes),
    /// A datagram, whatever is in it ([T5]).
    Datagram(Bytes),
}

/// The half that the client writes to.
pub(crate) trait Reader: Send + 'static {
    /// What comes next, or `None` after the client left. Cancel-safe.
    fn next(&mut self) -> impl Future<Output = Result<Option<Received>, ReadError>> + Send;

    /// From now on takes frames of up to `bytes`.
    fn set_limit(&mut self, bytes: usize);

    /// Resolves when the client has left or says that it sends nothing more. What it sends before that is dropped.
    fn left(self) -> impl Future<Output = ()> + Send;
}

/// The half that the client reads from.
pub(crate) trait Writer: Send + 'static {
    /// What carries it.
    const CARRIER: Carrier;

    /// Takes bytes off the front of `pending`, which holds frames with their lengths; resolves when at least one byte
    /// was taken. Cancel-safe: what was taken is gone from `pending`.
    fn write(&mut self, pending: &mut Bytes) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Whether bytes that were taken still wait for [`Self::flush`].
    fn needs_flush(&self) -> bool;

    /// Resolves when everything that was taken is with the kernel or in the send window. Cancel-safe.
    fn flush(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Sends one frame (without length) on a stream of its own. `None`: this transport has only one.
    fn send_bulk(
        &self,
        frame: Bytes,
    ) -> Option<impl Future<Output = Result<(), Gone>> + Send + use<Self> + 'static>;

    /// The largest frame that fits a datagram now; 0: there are none.
    fn datagram_size(&self) -> usize;

    /// Sends one frame (without length) as a datagram, which may be lost; whether it was taken. Older datagrams that still
    /// wait make room.
    fn send_datagram(&self, frame: &[u8]) -> bool;

    /// Says that nothing follows what was written; a transport that can tell why does.
    fn finish(&mut self, code: CloseCode) -> impl Future<Output = ()> + Send;

    /// Ends the connection at once; what the client has not read yet is lost to it.
    fn abort(self, code: CloseCode);
}
