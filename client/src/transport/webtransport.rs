//! WebTransport by wtransport: one client-opened bidirectional stream carries everything live [T1], each bulk reply has
//! a unidirectional stream of its own [T2], and typing and presence come in datagrams [T5].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use im_shared::wire::limits::MAX_FRAME;
use im_shared::wire::{self, CloseCode, FrameDecoder, write_frame};
use parking_lot::Mutex;
use wtransport::endpoint::endpoint_side::Client;
use wtransport::error::{ConnectingError, ConnectionError};
use wtransport::tls::Sha256Digest;
use wtransport::{ClientConfig, Endpoint, RecvStream, SendStream, VarInt};

use super::{Address, Connection, Kind, TransportError};

/// Bulk streams that are read at a time; [T2] asks for at least 8.
const BULK_STREAMS: u32 = 16;
/// Without anything from the node for so long the connection is dead. Keep-alives go out at a third of it.
const IDLE: Duration = Duration::from_secs(10);
/// How long a goodbye may take.
const CLOSING: Duration = Duration::from_millis(500);
/// Endpoints kept, one for each set of certificate hashes; hashes change about once a week.
const ENDPOINTS: usize = 8;

/// By the certificate hashes that they accept.
type Endpoints = BTreeMap<Vec<String>, Arc<Endpoint<Client>>>;

/// Opens WebTransport connections; sockets are shared by the connections that accept the same certificates. A cheap clone.
#[derive(Clone, Default)]
pub struct Dialer {
    endpoints: Arc<Mutex<Endpoints>>,
    idle: Option<Duration>,
}

impl Dialer {
    /// Connections are given up after `idle` without a sign of life, instead of after 10 s.
    #[must_use]
    pub fn with_idle(idle: Duration) -> Self {
        Self {
            idle: Some(idle),
            ..Self::default()
        }
    }

    /// Opens a connection and its stream.
    pub(super) async fn open(&self, address: &Address) -> Result<Connection, TransportError> {
        let target = address.web_transport.as_ref().ok_or_else(|| {
            TransportError::NotOffered(address.node_id.clone(), Kind::WebTransport)
        })?;
        let endpoint = self.endpoint(&target.certificate_hashes)?;
        let connection = endpoint.connect(&target.url).await.map_err(connecting)?;
        let (send, receive) = connection
            .open_bi()
            .await
            .map_err(ended)?
            .await
            .map_err(broken)?;
        let connection = Arc::new(connection);
        Ok(Connection {
            kind: Kind::WebTransport,
            sender: super::Sender::WebTransport(Sender {
                connection: Arc::clone(&connection),
                stream: send,
                buffer: BytesMut::new(),
            }),
            receiver: super::Receiver::WebTransport(Receiver {
                connection: Arc::clone(&connection),
                stream: receive,
                decoder: FrameDecoder::new(MAX_FRAME),
                bulk: FuturesUnordered::new(),
                datagrams: true,
                _endpoint: endpoint,
            }),
            datagrams: super::Datagrams(Some(connection)),
        })
    }

    fn endpoint(&self, hashes: &[String]) -> Result<Arc<Endpoint<Client>>, TransportError> {
        let mut key = hashes.to_vec();
        key.sort_unstable();
        let mut endpoints = self.endpoints.lock();
        if let Some(endpoint) = endpoints.get(&key) {
            return Ok(Arc::clone(endpoint));
        }
        let digests = key
            .iter()
            .map(|hash| digest(hash))
            .collect::<Result<Vec<_>, _>>()?;
        let builder = ClientConfig::builder().with_bind_default();
        let mut config = if digests.is_empty() {
            builder.with_native_certs().build() // A public authority signed the certificate.
        } else {
            builder.with_server_certificate_hashes(digests).build()
        };
        config
            .quic_config_mut()
            .transport_config(Arc::new(limits(self.idle.unwrap_or(IDLE))?));
        let endpoint = Arc::new(Endpoint::client(config)?);
        if endpoints.len() >= ENDPOINTS {
            endpoints.pop_first(); // Its connections hold it as long as they live.
        }
        endpoints.insert(key, Arc::clone(&endpoint));
        Ok(endpoint)
    }
}

/// Small windows: a client needs few streams, and what it does not read must wait at the server.
fn limits(idle: Duration) -> Result<quinn::TransportConfig, TransportError> {
    let timeout = quinn::IdleTimeout::try_from(idle)
        .map_err(|error| TransportError::WebTransport(error.to_string()))?;
    let mut config = quinn::TransportConfig::default();
    config
        .max_idle_timeout(Some(timeout))
        .keep_alive_interval(Some(idle / 3))
        .max_concurrent_bidi_streams(8_u32.into())
        .max_concurrent_uni_streams((BULK_STREAMS + 8).into())
        .stream_receive_window((256_u32 * 1024).into())
        .receive_window((1024_u32 * 1024).into())
        .send_window(1024 * 1024);
    Ok(config)
}

/// A hash from 64 hexadecimal digits.
fn digest(hash: &str) -> Result<Sha256Digest, TransportError> {
    let bad = || TransportError::CertificateHash(hash.to_owned());
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(bad());
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hash[index * 2..index * 2 + 2], 16).map_err(|_| bad())?;
    }
    Ok(Sha256Digest::new(bytes))
}

/// The sending half.
pub struct Sender {
    connection: Arc<wtransport::Connection>,
    stream: SendStream,
    buffer: BytesMut,
}

impl Sender {
    pub(super) async fn send(&mut self, frames: &[Bytes]) -> Result<(), TransportError> {
        self.buffer.clear();
        for frame in frames {
            write_frame(&mut self.buffer, frame);
        }
        self.stream.write_all(&self.buffer).await.map_err(|error| {
            match self.connection.quic_connection().close_reason() {
                Some(reason) => ended(reason.into()),
                None => broken(error),
            }
        })
    }

    pub(super) async fn close(mut self, code: CloseCode) {
        // Finishing first gives the peer what was written before it sees the close; a peer that is gone costs half a second.
        if tokio::time::timeout(CLOSING, self.stream.finish())
            .await
            .is_err()
        {
            tracing::debug!("the peer did not acknowledge the end of the stream");
        }
        self.connection.close(VarInt::from(u32::from(code.0)), b"");
    }
}

/// The receiving half.
pub struct Receiver {
    connection: Arc<wtransport::Connection>,
    stream: RecvStream,
    decoder: FrameDecoder,
    bulk: FuturesUnordered<BoxFuture<'static, Result<Bytes, TransportError>>>,
    /// More may come.
    datagrams: bool,
    _endpoint: Arc<Endpoint<Client>>,
}

impl Receiver {
    pub(super) async fn next(&mut self) -> Result<Bytes, TransportError> {
        loop {
            if let Some(frame) = self.decoder.next()? {
                return Ok(frame);
            }
            tokio::select! {
                biased;
                chunk = self.stream.quic_stream_mut().read_chunk(MAX_FRAME, true) => match chunk {
                    Ok(Some(chunk)) => self.decoder.push(&chunk.bytes),
                    Ok(None) => return Err(self.reason().await),
                    Err(quinn::ReadError::ConnectionLost(reason)) => return Err(ended(reason.into())),
                    Err(error) => return Err(broken(error)),
                },
                Some(frame) = self.bulk.next() => return frame,
                stream = self.connection.accept_uni(), if self.bulk.len() < BULK_STREAMS as usize => {
                    self.bulk.push(Box::pin(read_bulk(stream.map_err(ended)?)));
                }
                datagram = self.connection.receive_datagram(), if self.datagrams => match datagram {
                    Ok(datagram) if is_ephemeral(&datagram) => return Ok(datagram.payload()),
                    Ok(_) => tracing::debug!("a datagram that means nothing here"),
                    // The stream says how the connection ended.
                    Err(_) => self.datagrams = false,
                },
            }
        }
    }

    /// The stream has ended; the close that follows carries the code.
    async fn reason(&mut self) -> TransportError {
        match tokio::time::timeout(CLOSING, self.connection.closed()).await {
            Ok(reason) => ended(reason),
            Err(_) => TransportError::Closed(0),
        }
    }
}

/// Whether a datagram holds a frame that may come so [T5].
fn is_ephemeral(datagram: &[u8]) -> bool {
    wire::decode(datagram)
        .is_ok_and(|frame| frame.request_id.is_push() && frame.body.kind().is_ephemeral())
}

/// Reads the one frame of a unidirectional stream.
async fn read_bulk(mut stream: RecvStream) -> Result<Bytes, TransportError> {
    let mut decoder = FrameDecoder::new(MAX_FRAME);
    loop {
        if let Some(frame) = decoder.next()? {
            return Ok(frame);
        }
        match stream.quic_stream_mut().read_chunk(MAX_FRAME, true).await {
            Ok(Some(chunk)) => decoder.push(&chunk.bytes),
            Ok(None) => return Err(broken("a bulk stream ended inside its frame")),
            Err(quinn::ReadError::ConnectionLost(reason)) => return Err(ended(reason.into())),
            Err(error) => return Err(broken(error)),
        }
    }
}

fn connecting(error: ConnectingError) -> TransportError {
    match error {
        ConnectingError::ConnectionError(error) => ended(error),
        error => broken(error),
    }
}

fn ended(error: ConnectionError) -> TransportError {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            TransportError::Closed(u32::try_from(close.code().into_inner()).unwrap_or_default())
        }
        error => broken(error),
    }
}

fn broken(error: impl ToString) -> TransportError {
    TransportError::WebTransport(error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// [T5]
    #[test]
    fn a_datagram_of_another_kind_is_ignored() {
        use im_shared::wire::{Frame, PushMessage, RequestId, TypingEvent};
        let typing = TypingEvent::default();
        let good = wire::encode(&Frame::push(typing.clone()));
        assert!(is_ephemeral(&good));
        assert!(!is_ephemeral(&good[..good.len() - 4]));
        let reply = Frame::reply(RequestId(1), typing);
        assert!(!is_ephemeral(&wire::encode(&reply)));
        let push = Frame::push(PushMessage::default());
        assert!(!is_ephemeral(&wire::encode(&push)));
    }

    #[test]
    fn a_certificate_hash_is_64_hexadecimal_digits() {
        let hash = "00ff".repeat(16);
        assert_eq!(digest(&hash).unwrap().as_ref()[..2], [0x00, 0xff]);
        for bad in [
            "",
            "00",
            &"zz".repeat(32),
            &"00".repeat(33),
            &"é".repeat(32),
        ] {
            assert!(digest(bad).is_err(), "{bad}");
        }
    }
}
