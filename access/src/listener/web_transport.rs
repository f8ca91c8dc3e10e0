//! Sessions over WebTransport.
//!
//! The QUIC endpoint is quinn's own: the limits are explicit, and wtransport's endpoint panics when it accepts after a
//! close (findings). The accept loop is a task of `App` and ends with the token; each connection is a task of the node's
//! tracker.

use bytes::Bytes;
use im_shared::wire::limits::{LENGTH_PREFIX, MAX_HANDSHAKE_FRAME};
use im_shared::wire::{CloseCode, FrameDecoder};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use wtransport::endpoint::IncomingSessionFuture;
use wtransport::{Connection, RecvStream, SendStream, VarInt};

use crate::admission::Permit;
use crate::handshake;
use crate::node::Node;
use crate::transport::{Carrier, Gone, PATH, ReadError, Reader, Received, Writer};

/// Read from the stream at once, at most.
const CHUNK_BYTES: usize = 16 * 1024;
/// Bulk streams come after the live one when both have something to send; the live one has 0.
const BULK_PRIORITY: i32 = -1;

/// The number of the session in front of a datagram, at its longest (RFC 9297).
const DATAGRAM_HEADER: usize = 8;

/// Accepts connections until `stop`, from then on refuses them, so that clients need not wait to find out; ends when the
/// endpoint is closed.
pub(crate) async fn run(endpoint: quinn::Endpoint, node: Node, stop: CancellationToken) {
    while let Some(incoming) = endpoint.accept().await {
        if stop.is_cancelled() {
            incoming.refuse();
            node.metrics.refused("draining");
        } else if node.admission.is_crowded() && incoming.may_retry() {
            // Whoever only pretends an address does not get further. An error means that it was validated meanwhile.
            if incoming.retry().is_err() {
                node.metrics.refused("retry");
            }
        } else if let Some(permit) = node.admission.admit(incoming.remote_address().ip()) {
            node.tasks.spawn(open(incoming, permit, node.clone()));
        } else {
            incoming.refuse();
            node.metrics.refused("crowded");
        }
    }
}

async fn open(incoming: quinn::Incoming, permit: Permit, node: Node) {
    let deadline = Instant::now() + node.handshake_deadline();
    let opened = timeout_at(deadline, connect(incoming)).await;
    let (reader, writer) = match opened {
        Ok(Ok(halves)) => halves,
        Ok(Err(reason)) => return node.metrics.refused(reason),
        Err(_) => return node.metrics.refused("transport_timeout"),
    };
    handshake::serve(node, reader, writer, permit, deadline).await;
}

/// The WebTransport session and the one stream that the client opens on it ([T1]).
async fn connect(
    incoming: quinn::Incoming,
) -> Result<(WebTransportReader, WebTransportWriter), &'static str> {
    let request = IncomingSessionFuture::with_quic_incoming(incoming)
        .await
        .map_err(|_| "quic")?;
    if request.path().split('?').next() != Some(PATH) {
        request.not_found().await;
        return Err("path");
    }
    let connection = request.accept().await.map_err(|_| "web_transport")?;
    let (send, receive) = connection.accept_bi().await.map_err(|_| "stream")?;
    let decoder = FrameDecoder::new(MAX_HANDSHAKE_FRAME);
    Ok((
        WebTransportReader {
            receive,
            decoder,
            connection: connection.clone(),
            datagrams: true,
        },
        WebTransportWriter { send, connection },
    ))
}

/// Frames from the client's stream, and datagrams.
pub(crate) struct WebTransportReader {
    receive: RecvStream,
    decoder: FrameDecoder,
    connection: Connection,
    /// More may come.
    datagrams: bool,
}

impl Reader for WebTransportReader {
    async fn next(&mut self) -> Result<Option<Received>, ReadError> {
        loop {
            if let Some(frame) = self.decoder.next()? {
                return Ok(Some(Received::Frame(frame)));
            }
            let stream = self.receive.quic_stream_mut();
            tokio::select! {
                biased;
                // A chunk is quinn's own buffer: an idle session holds none.
                chunk = stream.read_chunk(CHUNK_BYTES, true) => match chunk {
                    Ok(Some(chunk)) => self.decoder.push(&chunk.bytes),
                    Ok(None) => return Ok(None),
                    Err(_) => return Err(ReadError::Gone),
                },
                datagram = self.connection.receive_datagram(), if self.datagrams => match datagram {
                    Ok(datagram) => return Ok(Some(Received::Datagram(datagram.payload()))),
                    // The stream says how the connection ended.
                    Err(_) => self.datagrams = false,
                },
            }
        }
    }

    fn set_limit(&mut self, bytes: usize) {
        self.decoder.set_limit(bytes);
    }

    async fn left(mut self) {
        let stream = self.receive.quic_stream_mut();
        while let Ok(Some(_)) = stream.read_chunk(CHUNK_BYTES, true).await {}
    }
}

/// The client's stream, and streams of their own for bulk frames.
pub(crate) struct WebTransportWriter {
    send: SendStream,
    connection: Connection,
}

impl Writer for WebTransportWriter {
    const CARRIER: Carrier = Carrier::WebTransport;

    async fn write(&mut self, pending: &mut Bytes) -> Result<(), Gone> {
        let stream = self.send.quic_stream_mut();
        stream
            .write_chunks(std::slice::from_mut(pending))
            .await
            .map(|_| ())
            .map_err(|_| Gone)
    }

    fn needs_flush(&self) -> bool {
        false
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    fn send_bulk(
        &self,
        frame: Bytes,
    ) -> Option<impl Future<Output = Result<(), Gone>> + Send + use<> + 'static> {
        let connection = self.connection.clone();
        Some(async move {
            let opening = connection.open_uni().await.map_err(|_| Gone)?;
            let mut stream = opening.await.map_err(|_| Gone)?;
            stream.set_priority(BULK_PRIORITY);
            let length: [u8; LENGTH_PREFIX] = (frame.len() as u32).to_be_bytes();
            let stream = stream.quic_stream_mut();
            let mut chunks = [Bytes::copy_from_slice(&length), frame];
            stream
                .write_all_chunks(&mut chunks)
                .await
                .map_err(|_| Gone)?;
            stream.finish().map_err(|_| Gone)
        })
    }

    fn datagram_size(&self) -> usize {
        // wtransport subtracts its header without a look at a peer that takes next to nothing, and panics or wraps.
        let size = self.connection.quic_connection().max_datagram_size();
        size.unwrap_or(0).saturating_sub(DATAGRAM_HEADER)
    }

    fn send_datagram(&self, frame: &[u8]) -> bool {
        self.connection.send_datagram(frame).is_ok()
    }

    async fn finish(&mut self, _: CloseCode) {
        // An error means that it is over already.
        let _ = self.send.quic_stream_mut().finish();
    }

    fn abort(self, code: CloseCode) {
        self.connection
            .close(VarInt::from_u32(code.0.into()), code.text().as_bytes());
    }
}
