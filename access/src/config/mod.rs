//! Everything that can be set, with its default. `env/access.toml` shows it all.
//!
//! | file | what it holds |
//! |---|---|
//! | `sections` | the sections that only this program has |
//! | `validate` | what the types cannot check |
//! | `production` | what is refused in production |

mod production;
mod sections;
mod validate;

use im_shared::config::{LogConfig, NatsConfig, RedisConfig, TokenVerifyConfig};
use serde::Deserialize;

pub use sections::{
    CertificateConfig, DeviceRule, DevicesConfig, DrainConfig, HandshakeConfig, NodeConfig,
    OpsSection, PresenceConfig, SessionConfig, UplinkConfig, WebSocketConfig, WebTransportConfig,
};

/// The configuration of one access node.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Refuse keys, servers and settings that are good enough for development only.
    pub production: bool,
    /// Who this node is, and where clients find it.
    pub node: NodeConfig,
    /// What is logged.
    pub log: LogConfig,
    /// Where `/live`, `/ready` and `/metrics` are.
    pub ops: OpsSection,
    /// The bus.
    pub nats: NatsConfig,
    /// Locations and the node's record.
    pub redis: RedisConfig,
    /// The public keys of those who sign tokens.
    pub tokens: TokenVerifyConfig,
    /// Sessions over QUIC.
    pub web_transport: WebTransportConfig,
    /// Sessions over TCP.
    pub web_socket: WebSocketConfig,
    /// The TLS certificate of the QUIC endpoint.
    pub certificate: CertificateConfig,
    /// Connections that are not authenticated yet.
    pub handshake: HandshakeConfig,
    /// What a session may do and must do.
    pub session: SessionConfig,
    /// What sessions a user may have at once.
    pub devices: DevicesConfig,
    /// The queue towards logic.
    pub uplink: UplinkConfig,
    /// Locations in Redis.
    pub presence: PresenceConfig,
    /// The graceful stop.
    pub drain: DrainConfig,
}
