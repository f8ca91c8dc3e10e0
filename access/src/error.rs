//! Why the node does not start.

use std::io;
use std::net::SocketAddr;

use im_shared::bus::BusError;
use im_shared::cache::RedisError;
use im_shared::ids::InvalidNodeId;
use im_shared::telemetry::{OpsError, TelemetryError};
use im_shared::tokens::KeyError;

use crate::certificate::CertificateError;

/// Why the node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `node.id` is none.
    #[error("node.id")]
    NodeId(#[from] InvalidNodeId),
    /// Logs or metrics.
    #[error("telemetry")]
    Telemetry(#[from] TelemetryError),
    /// The ops port.
    #[error("ops")]
    Ops(#[from] OpsError),
    /// The keys that verify tokens.
    #[error("tokens.public_keys")]
    Keys(#[from] KeyError),
    /// NATS.
    #[error("nats")]
    Bus(#[from] BusError),
    /// Redis.
    #[error("redis")]
    Redis(#[from] RedisError),
    /// The TLS certificate.
    #[error("certificate")]
    Certificate(#[from] CertificateError),
    /// TLS.
    #[error("tls")]
    Tls(#[from] rustls::Error),
    /// The crypto provider lacks the cipher that QUIC begins with.
    #[error("tls has no cipher for QUIC")]
    Cipher,
    /// `session.heartbeat_interval_ms` is too long for QUIC.
    #[error("the idle timeout is too long")]
    IdleTimeout,
    /// `web_transport.reset_key`.
    #[error("web_transport.reset_key")]
    ResetKey(#[source] io::Error),
    /// A port is in use or not ours.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
}
