//! The sections that only this program has.

use std::net::{Ipv6Addr, SocketAddr};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use im_shared::config::OpsConfig;
use im_shared::location::DevicePolicy;
use serde::Deserialize;

use crate::rate::Rate;

/// `[node]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeConfig {
    /// Unique among the access nodes; 1 to 32 of `[a-z0-9-]`.
    pub id: String,
    /// The host name in the addresses that clients get, where no `public_url` is given.
    pub public_host: String,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            id: "access-1".to_owned(),
            public_host: "localhost".to_owned(),
        }
    }
}

/// `[ops]`, with this program's default port.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct OpsSection(pub OpsConfig);

impl Default for OpsSection {
    fn default() -> Self {
        Self(OpsConfig::on_port(9433))
    }
}

/// `[web_transport]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebTransportConfig {
    /// UDP address. `[::]` takes IPv4 too.
    pub listen: SocketAddr,
    /// What clients are told; empty: `https://{node.public_host}:{port}/im/v1`.
    pub public_url: String,
    /// Shared by all nodes, made at the first start where it is missing. With it the clients of a node that was
    /// restarted notice at once. Empty: a new key at every start.
    pub reset_key: PathBuf,
    /// Receive buffer of the socket in bytes, so that bursts are not lost. The kernel may give less.
    pub receive_buffer: usize,
}

impl Default for WebTransportConfig {
    fn default() -> Self {
        Self {
            listen: any_address(),
            public_url: String::new(),
            reset_key: PathBuf::new(),
            receive_buffer: 4 * 1024 * 1024,
        }
    }
}

/// `[web_socket]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSocketConfig {
    /// TCP address. `[::]` takes IPv4 too.
    pub listen: SocketAddr,
    /// What clients are told; empty: `ws://{node.public_host}:{port}/im/v1`. Behind a TLS proxy this is its `wss://`.
    pub public_url: String,
}

impl Default for WebSocketConfig {
    fn default() -> Self {
        Self {
            listen: any_address(),
            public_url: String::new(),
        }
    }
}

fn any_address() -> SocketAddr {
    (Ipv6Addr::UNSPECIFIED, 4433).into()
}

/// `[certificate]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CertificateConfig {
    /// An operator's certificate chain in PEM; empty: the node makes one for itself, which browsers take by its hash.
    pub chain: PathBuf,
    /// The key of `chain`, in PEM.
    pub key: PathBuf,
    /// Names and addresses in a certificate that the node makes.
    pub names: Vec<String>,
}

impl Default for CertificateConfig {
    fn default() -> Self {
        let names = ["localhost", "127.0.0.1", "::1"];
        Self {
            chain: PathBuf::new(),
            key: PathBuf::new(),
            names: names.map(str::to_owned).to_vec(),
        }
    }
}

/// `[handshake]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandshakeConfig {
    /// From the first packet to the `AuthRequest`, in milliseconds ([S1]).
    pub deadline_ms: u64,
    /// Unauthenticated connections of one IPv4 address or one IPv6 /64.
    pub max_per_address: usize,
    /// Unauthenticated connections in all.
    pub max_total: usize,
}

impl Default for HandshakeConfig {
    fn default() -> Self {
        Self {
            deadline_ms: 5_000,
            max_per_address: 512,
            max_total: 4_096,
        }
    }
}

/// `[session]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// How often clients send `Heartbeat`, in milliseconds; after three intervals without any frame a session ends ([S4]).
    pub heartbeat_interval_ms: u64,
    /// Bytes of pushes that wait for a client; more are dropped.
    pub outbox_bytes: usize,
    /// A client that takes nothing for this long, while something waits, is closed; milliseconds.
    pub slow_after_ms: u64,
    /// Frames per second of a client in the long run; heartbeats are free.
    pub frames_per_second: u16,
    /// Frames at once: a device that missed 10,000 messages in 200 conversations asks about 65 times.
    pub frame_burst: u16,
    /// A client is told so long before its token expires; milliseconds.
    pub token_warning_ms: u64,
    /// When all sessions are told to sync, they are told over this time; milliseconds.
    pub hint_spread_ms: u64,
    /// A session that does not follow a conversation is told at most so often that there is news in it; milliseconds ([S13]).
    pub hint_interval_ms: u64,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            heartbeat_interval_ms: 30_000,
            outbox_bytes: 256 * 1024,
            slow_after_ms: 15_000,
            frames_per_second: 20,
            frame_burst: 80,
            token_warning_ms: 300_000,
            hint_spread_ms: 1_000,
            hint_interval_ms: 60_000,
        }
    }
}

impl SessionConfig {
    /// Without any frame for this long a session ends ([S4]).
    pub(crate) const fn heartbeat_timeout(&self) -> Duration {
        Duration::from_millis(self.heartbeat_interval_ms * 3)
    }

    /// A client that makes no progress for this long is slow.
    pub(crate) const fn slow_after(&self) -> Duration {
        Duration::from_millis(self.slow_after_ms)
    }

    /// Hints about one conversation are so far apart ([S13]).
    pub(crate) const fn hint_interval(&self) -> Duration {
        Duration::from_millis(self.hint_interval_ms)
    }

    /// How fast a client may send ([S9]).
    pub(crate) fn rate(&self) -> Rate {
        Rate {
            per_second: f64::from(self.frames_per_second),
            burst: f64::from(self.frame_burst),
        }
    }
}

/// What `devices.policy` may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceRule {
    /// A newer session ends the older one of its platform.
    OnePerPlatform,
    /// A newer session ends the oldest ones beyond `devices.max`.
    AtMost,
    /// A device has one session, and a user as many devices as they like.
    Unlimited,
}

/// `[devices]`: the same on every node.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DevicesConfig {
    /// Which sessions of a user end when a new one begins ([S8]).
    pub policy: DeviceRule,
    /// Sessions of a user under `at-most`.
    pub max: NonZeroU16,
}

impl Default for DevicesConfig {
    fn default() -> Self {
        Self {
            policy: DeviceRule::OnePerPlatform,
            max: NonZeroU16::new(5).unwrap_or(NonZeroU16::MIN),
        }
    }
}

impl DevicesConfig {
    pub(crate) const fn policy(&self) -> DevicePolicy {
        match self.policy {
            DeviceRule::OnePerPlatform => DevicePolicy::OnePerPlatform,
            DeviceRule::AtMost => DevicePolicy::AtMost(self.max),
            DeviceRule::Unlimited => DevicePolicy::Unlimited,
        }
    }
}

/// `[uplink]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UplinkConfig {
    /// Bytes of frames that wait for the bus; more are refused with `RetryLater`.
    pub queue_bytes: usize,
    /// Bytes of frames in one carrier, unless one frame is larger.
    pub carrier_bytes: usize,
    /// Carriers are at least so far apart, so that frames share them; microseconds. The first after a pause leaves at once.
    pub linger_us: u64,
}

impl Default for UplinkConfig {
    fn default() -> Self {
        Self {
            queue_bytes: 16 * 1024 * 1024,
            carrier_bytes: 128 * 1024,
            linger_us: 1_000,
        }
    }
}

/// `[presence]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// Longest wait for Redis when a session opens or ends; milliseconds. It then registers later.
    pub deadline_ms: u64,
    /// How often the node renews its record, which lives 15 s; milliseconds.
    pub renew_ms: u64,
    /// How often all locations are compared with Redis; milliseconds.
    pub reconcile_ms: u64,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            deadline_ms: 2_000,
            renew_ms: 3_000,
            reconcile_ms: 15_000,
        }
    }
}

/// `[drain]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DrainConfig {
    /// How long a stop takes at most while sessions are open; milliseconds.
    pub window_ms: u64,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self { window_ms: 10_000 }
    }
}
