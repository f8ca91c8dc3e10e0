//! Everything that can be set, with its default. `env/access.toml` shows it all.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use im_shared::config::{
    LogConfig, NatsConfig, OpsConfig, Problems, RedisConfig, TokenVerifyConfig, Validate,
};
use im_shared::ids::NodeId;
use serde::Deserialize;

use crate::rate::Rate;

/// The configuration of one access node.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
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
    /// The queue towards logic.
    pub uplink: UplinkConfig,
    /// Locations in Redis.
    pub presence: PresenceConfig,
    /// The graceful stop.
    pub drain: DrainConfig,
}

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

impl Validate for NodeConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = self.id.parse::<NodeId>().is_ok();
        problems.check(legal, "id", "must be 1 to 32 of [a-z0-9-]");
        problems.check(
            !self.public_host.is_empty(),
            "public_host",
            "must not be empty",
        );
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
    /// Frames at once.
    pub frame_burst: u16,
    /// A client is told so long before its token expires; milliseconds.
    pub token_warning_ms: u64,
    /// When all sessions are told to sync, they are told over this time; milliseconds.
    pub hint_spread_ms: u64,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            heartbeat_interval_ms: 30_000,
            outbox_bytes: 256 * 1024,
            slow_after_ms: 15_000,
            frames_per_second: 20,
            frame_burst: 40,
            token_warning_ms: 300_000,
            hint_spread_ms: 1_000,
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

    /// How fast a client may send ([S9]).
    pub(crate) fn rate(&self) -> Rate {
        Rate {
            per_second: f64::from(self.frames_per_second),
            burst: f64::from(self.frame_burst),
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

impl Validate for Config {
    fn validate(&self, problems: &mut Problems) {
        problems.section("node", &self.node);
        problems.section("log", &self.log);
        problems.section("ops", &self.ops.0);
        problems.section("nats", &self.nats);
        problems.section("redis", &self.redis);
        problems.section("tokens", &self.tokens);
        problems.section("web_transport", &self.web_transport);
        problems.section("web_socket", &self.web_socket);
        problems.section("certificate", &self.certificate);
        problems.section("handshake", &self.handshake);
        problems.section("session", &self.session);
        problems.section("uplink", &self.uplink);
        problems.section("presence", &self.presence);
        problems.section("drain", &self.drain);
    }
}

impl Validate for WebTransportConfig {
    fn validate(&self, problems: &mut Problems) {
        let url = &self.public_url;
        let legal = url.is_empty() || url.starts_with("https://");
        problems.check(legal, "public_url", "must begin with https://");
        let legal = (65_536..=1 << 30).contains(&self.receive_buffer);
        problems.check(legal, "receive_buffer", "must be 65536 to 1073741824");
    }
}

impl Validate for WebSocketConfig {
    fn validate(&self, problems: &mut Problems) {
        let url = &self.public_url;
        let legal = url.is_empty() || url.starts_with("ws://") || url.starts_with("wss://");
        problems.check(legal, "public_url", "must begin with ws:// or wss://");
    }
}

impl Validate for CertificateConfig {
    fn validate(&self, problems: &mut Problems) {
        let (chain, key) = (&self.chain, &self.key);
        let none = chain.as_os_str().is_empty() && key.as_os_str().is_empty();
        problems.check(none || chain.is_file(), "chain", "must be a file");
        problems.check(none || key.is_file(), "key", "must be a file");
        problems.check(!self.names.is_empty(), "names", "must not be empty");
    }
}

impl Validate for HandshakeConfig {
    fn validate(&self, problems: &mut Problems) {
        range(problems, "deadline_ms", self.deadline_ms, 10, 60_000);
        range(
            problems,
            "max_per_address",
            self.max_per_address as u64,
            1,
            1_000_000,
        );
        range(problems, "max_total", self.max_total as u64, 1, 1_000_000);
    }
}

impl Validate for SessionConfig {
    fn validate(&self, problems: &mut Problems) {
        range(
            problems,
            "heartbeat_interval_ms",
            self.heartbeat_interval_ms,
            50,
            600_000,
        );
        range(
            problems,
            "outbox_bytes",
            self.outbox_bytes as u64,
            65_536,
            1 << 26,
        );
        range(problems, "slow_after_ms", self.slow_after_ms, 50, 600_000);
        range(
            problems,
            "frames_per_second",
            self.frames_per_second.into(),
            1,
            65_535,
        );
        range(problems, "frame_burst", self.frame_burst.into(), 1, 65_535);
        range(
            problems,
            "token_warning_ms",
            self.token_warning_ms,
            0,
            86_400_000,
        );
        range(problems, "hint_spread_ms", self.hint_spread_ms, 0, 60_000);
    }
}

impl Validate for UplinkConfig {
    fn validate(&self, problems: &mut Problems) {
        range(
            problems,
            "queue_bytes",
            self.queue_bytes as u64,
            65_536,
            1 << 30,
        );
        // A carrier with one more frame of 64 KiB stays below the 1 MiB that NATS takes by default.
        range(
            problems,
            "carrier_bytes",
            self.carrier_bytes as u64,
            1_024,
            512 * 1024,
        );
        range(problems, "linger_us", self.linger_us, 0, 100_000);
    }
}

impl Validate for PresenceConfig {
    fn validate(&self, problems: &mut Problems) {
        range(problems, "deadline_ms", self.deadline_ms, 10, 60_000);
        range(problems, "renew_ms", self.renew_ms, 10, 7_000);
        range(problems, "reconcile_ms", self.reconcile_ms, 10, 3_600_000);
    }
}

impl Validate for DrainConfig {
    fn validate(&self, problems: &mut Problems) {
        range(problems, "window_ms", self.window_ms, 0, 3_600_000);
    }
}

fn range(problems: &mut Problems, key: &str, value: u64, low: u64, high: u64) {
    let text = format!("must be {low} to {high}");
    problems.check((low..=high).contains(&value), key, &text);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// K6: the file that operators copy has no key that is unknown and no value that is out of range.
    #[test]
    fn the_file_in_env_is_accepted() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../env/access.toml");
        if let Err(error) = im_shared::config::load::<Config>("access", Some(&file)) {
            // The folder of keys is made by the start script.
            let keys: Vec<_> = error
                .problems
                .iter()
                .map(|problem| problem.key.as_str())
                .collect();
            assert_eq!(keys, ["tokens.public_keys"], "{error}");
        }
    }

    /// K6: everything that is wrong is told at once.
    #[test]
    fn values_out_of_range_are_reported_together() {
        let mut config = Config::default();
        config.node.id = "Access 1".to_owned();
        config.session.heartbeat_interval_ms = 0;
        config.uplink.carrier_bytes = 1 << 21;
        config.web_socket.public_url = "http://example.org".to_owned();
        let mut problems = Problems::default();
        config.validate(&mut problems);
        let keys: Vec<_> = problems
            .into_vec()
            .into_iter()
            .map(|problem| problem.key)
            .collect();
        for key in [
            "node.id",
            "session.heartbeat_interval_ms",
            "uplink.carrier_bytes",
            "web_socket.public_url",
        ] {
            assert!(keys.iter().any(|found| found == key), "{key} in {keys:?}");
        }
    }
}
