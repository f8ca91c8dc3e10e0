//! The QUIC endpoint. Every limit is set: quinn's defaults let one client hold megabytes (findings).

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{EndpointConfig, ServerConfig, TransportConfig, VarInt};
use quinn_proto::RandomConnectionIdGenerator;
use rand::Rng;
use ring::hmac;
use rustls::server::ResolvesServerCert;

use super::socket;
use crate::config::WebTransportConfig;
use crate::error::StartError;

/// Streams that a client may open: one is used, HTTP/3 and what it retries need the rest.
const BIDI_STREAMS: u32 = 8;
/// HTTP/3 needs three, browsers open a few that mean nothing.
const UNI_STREAMS: u32 = 16;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 128 * 1024;
const SEND_WINDOW: u64 = 256 * 1024;
const DATAGRAM_BUFFER: usize = 32 * 1024;
/// Connections whose handshake has not begun; what each may send meanwhile, and all together.
const MAX_INCOMING: usize = 4_096;
const INCOMING_BUFFER: u64 = 16 * 1024;
const INCOMING_BUFFER_TOTAL: u64 = 16 * 1024 * 1024;
/// With quinn's 20 ms the clients of a crashed node with thousands of sessions notice only after many seconds.
const RESET_INTERVAL: Duration = Duration::from_micros(100);
const CONNECTION_ID_BYTES: usize = 8;
const RESET_KEY_BYTES: usize = 64;

/// The endpoint, bound. `idle_timeout` must be longer than the session's own, which is the one that counts.
pub(crate) fn endpoint(
    config: &WebTransportConfig,
    certificates: Arc<dyn ResolvesServerCert>,
    idle_timeout: Duration,
) -> Result<quinn::Endpoint, StartError> {
    let mut server = ServerConfig::with_crypto(Arc::new(crypto(certificates)?));
    server.transport_config(Arc::new(transport(idle_timeout)?));
    server.max_incoming(MAX_INCOMING);
    server.incoming_buffer_size(INCOMING_BUFFER);
    server.incoming_buffer_size_total(INCOMING_BUFFER_TOTAL);

    let key = reset_key(&config.reset_key).map_err(StartError::ResetKey)?;
    let mut endpoint = EndpointConfig::new(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &key)));
    endpoint.min_reset_interval(RESET_INTERVAL);
    // quinn's own ids hold a checksum with a key of this start: a restarted node would drop packets instead of
    // resetting their connections.
    endpoint.cid_generator(|| Box::new(RandomConnectionIdGenerator::new(CONNECTION_ID_BYTES)));

    let socket = socket::udp(config.listen, config.receive_buffer);
    let socket = socket.map_err(|error| StartError::Listen(config.listen, error))?;
    quinn::Endpoint::new(
        endpoint,
        Some(server),
        socket,
        Arc::new(quinn::TokioRuntime),
    )
    .map_err(|error| StartError::Listen(config.listen, error))
}

fn crypto(certificates: Arc<dyn ResolvesServerCert>) -> Result<QuicServerConfig, StartError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    tls.alpn_protocols = vec![wtransport::tls::WEBTRANSPORT_ALPN.to_vec()];
    QuicServerConfig::try_from(tls).map_err(|_| StartError::Cipher)
}

fn transport(idle_timeout: Duration) -> Result<TransportConfig, StartError> {
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(BIDI_STREAMS))
        .max_concurrent_uni_streams(VarInt::from_u32(UNI_STREAMS))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .send_window(SEND_WINDOW)
        .datagram_receive_buffer_size(Some(DATAGRAM_BUFFER))
        .datagram_send_buffer_size(DATAGRAM_BUFFER)
        .max_idle_timeout(Some(
            idle_timeout
                .try_into()
                .map_err(|_| StartError::IdleTimeout)?,
        ))
        // Clients keep their path open themselves: browsers by pings, all by heartbeats.
        .keep_alive_interval(None);
    Ok(transport)
}

/// The key in `path`, made there where it is missing; a new one when `path` is empty.
fn reset_key(path: &Path) -> io::Result<Vec<u8>> {
    let mut fresh = vec![0; RESET_KEY_BYTES];
    rand::rng().fill_bytes(&mut fresh);
    if path.as_os_str().is_empty() {
        return Ok(fresh);
    }
    if !path.exists() {
        // Renamed into place, so that a node that starts at the same time reads all of one key or the other.
        let own = path.with_extension(format!("{}.new", std::process::id()));
        std::fs::write(&own, &fresh)?;
        let linked = std::fs::hard_link(&own, path);
        std::fs::remove_file(&own)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let key = std::fs::read(path)?;
    if key.len() < RESET_KEY_BYTES / 2 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "shorter than 32 bytes",
        ));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn nodes_that_name_the_same_file_share_the_reset_key() {
        let folder = std::env::temp_dir().join(format!("im-access-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("reset.key");
        let first = reset_key(&path).unwrap();
        assert_eq!(reset_key(&path).unwrap(), first);
        assert_ne!(reset_key(Path::new("")).unwrap(), first);
        std::fs::write(&path, b"short").unwrap();
        assert!(reset_key(&path).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
