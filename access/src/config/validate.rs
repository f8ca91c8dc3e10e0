//! What the types cannot check: ranges, files, addresses.

use im_shared::config::{Problems, Production, Validate};
use im_shared::ids::NodeId;

use super::{
    CertificateConfig, Config, DevicesConfig, DrainConfig, HandshakeConfig, NodeConfig,
    PresenceConfig, SessionConfig, UplinkConfig, WebSocketConfig, WebTransportConfig,
};

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
        problems.section("devices", &self.devices);
        problems.section("uplink", &self.uplink);
        problems.section("presence", &self.presence);
        problems.section("drain", &self.drain);
        if self.production {
            self.production(problems);
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
        range(
            problems,
            "hint_interval_ms",
            self.hint_interval_ms,
            100,
            3_600_000,
        );
    }
}

impl Validate for DevicesConfig {
    fn validate(&self, problems: &mut Problems) {
        // A user's list is one small value in Redis, and each of its sessions gets every push.
        range(problems, "max", self.max.get().into(), 1, 100);
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
