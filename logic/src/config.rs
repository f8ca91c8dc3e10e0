//! `env/logic.toml`, and `IM_LOGIC_...` in the environment.

use im_shared::config::{
    LogConfig, NatsConfig, OpsConfig, PostgresConfig, Problems, RedisConfig, Validate,
};
use im_shared::ids::NodeId;
use serde::Deserialize;

/// Connections of the pool that are left for positions, presence, ids and the readiness probe.
const RESERVED_CONNECTIONS: usize = 4;

/// Everything that a logic worker is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogicConfig {
    /// Name of this process, in logs.
    pub node_id: String,
    /// Logs.
    pub log: LogConfig,
    /// The ops port.
    pub ops: OpsConfig,
    /// The bus.
    pub nats: NatsConfig,
    /// Locations.
    pub redis: RedisConfig,
    /// The database. The lanes' connections come on top of the pool.
    pub postgres: PostgresConfig,
    /// The message path.
    pub lanes: LanesConfig,
    /// Everything else.
    pub side: SideConfig,
    /// The world chat.
    pub world: WorldConfig,
}

impl Default for LogicConfig {
    fn default() -> Self {
        Self {
            node_id: "logic-1".to_owned(),
            log: LogConfig::default(),
            ops: OpsConfig::on_port(9090),
            nats: NatsConfig::default(),
            redis: RedisConfig::default(),
            postgres: PostgresConfig::default(),
            lanes: LanesConfig::default(),
            side: SideConfig::default(),
            world: WorldConfig::default(),
        }
    }
}

/// `[lanes]`: how messages are batched and written (D10).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LanesConfig {
    /// Lanes, each with a connection of its own. Two keep PostgreSQL busy while a commit waits for the disk.
    pub count: usize,
    /// Requests that wait in a lane; more get `RetryLater`.
    pub queue_requests: usize,
    /// Bytes that wait in a lane; more get `RetryLater`.
    pub queue_bytes: usize,
    /// Rows of a batch. All batches under way together take up to lanes x rows of PostgreSQL's lock slots
    /// (`max_locks_per_transaction` x connections, 6,400 by default), over all workers.
    pub batch_rows: usize,
    /// Bytes of a batch.
    pub batch_bytes: usize,
    /// How long the first request of a batch waits for others, in microseconds. 0: not at all; the commits themselves make batches.
    pub linger_us: u64,
    /// A commit that takes longer is given up with its connection, in milliseconds.
    pub commit_timeout_ms: u64,
}

impl Default for LanesConfig {
    fn default() -> Self {
        Self {
            count: 2,
            queue_requests: 8_192,
            queue_bytes: 32 * 1024 * 1024,
            batch_rows: 1_000,
            batch_bytes: 1024 * 1024,
            linger_us: 0,
            commit_timeout_ms: 10_000,
        }
    }
}

/// `[side]`: what is off the message path, each bounded by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SideConfig {
    /// Sync and history requests that run at a time.
    pub reads: usize,
    /// Sync and history requests that wait; more get `RetryLater`.
    pub reads_waiting: usize,
    /// Look-ups of conversations that run at a time.
    pub resolves: usize,
    /// Requests that wait for such a look-up; more get `RetryLater`.
    pub resolves_waiting: usize,
    /// User events that are delivered at a time.
    pub events: usize,
    /// User events that wait; more are dropped and counted.
    pub events_waiting: usize,
    /// Positions that wait; more get `RetryLater`.
    pub positions_waiting: usize,
    /// Positions of one statement.
    pub positions_batch: usize,
    /// Changes of presence that wait; more are dropped and counted.
    pub presence_waiting: usize,
    /// Friends that are told of one user's presence.
    pub presence_friends: usize,
    /// Conversations that are remembered, at about 100 bytes each.
    pub known_conversations: usize,
}

impl Default for SideConfig {
    fn default() -> Self {
        Self {
            reads: 6,
            reads_waiting: 4_096,
            resolves: 6,
            resolves_waiting: 8_192,
            events: 32,
            events_waiting: 4_096,
            positions_waiting: 8_192,
            positions_batch: 500,
            presence_waiting: 8_192,
            presence_friends: 1_000,
            known_conversations: 200_000,
        }
    }
}

/// `[world]`: how fast a user may write in the world chat ([M9]). Each worker counts for itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldConfig {
    /// Messages of a user in a second, in the long run; more get `RetryLater`.
    pub messages_per_second: f64,
    /// Messages of a user at once.
    pub burst: u32,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            messages_per_second: 1.0,
            burst: 5,
        }
    }
}

impl Validate for LogicConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            self.node_id.parse::<NodeId>().is_ok(),
            "node_id",
            "must be 1 to 32 of [a-z0-9-]",
        );
        problems.section("log", &self.log);
        problems.section("ops", &self.ops);
        problems.section("nats", &self.nats);
        problems.section("redis", &self.redis);
        problems.section("postgres", &self.postgres);
        problems.section("lanes", &self.lanes);
        problems.section("side", &self.side);
        problems.section("world", &self.world);
        let needed = self.side.reads + self.side.resolves + RESERVED_CONNECTIONS;
        // A request that waits for a connection is slower than one that waits for its turn, and is refused later.
        let fits = needed <= self.postgres.pool_size;
        problems.check(
            fits,
            "postgres.pool_size",
            "must be at least side.reads + side.resolves + 4",
        );
    }
}

impl Validate for LanesConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check((1..=64).contains(&self.count), "count", "must be 1 to 64");
        problems.check(
            (1..=1_000_000).contains(&self.queue_requests),
            "queue_requests",
            "must be 1 to 1000000",
        );
        let legal = (128 * 1024..=4 << 30).contains(&self.queue_bytes);
        problems.check(legal, "queue_bytes", "must be 128 KiB to 4 GiB");
        problems.check(
            (1..=5_000).contains(&self.batch_rows),
            "batch_rows",
            "must be 1 to 5000",
        );
        let legal = (16 * 1024..=16 << 20).contains(&self.batch_bytes);
        problems.check(legal, "batch_bytes", "must be 16 KiB to 16 MiB");
        problems.check(
            self.linger_us <= 100_000,
            "linger_us",
            "must be at most 100000",
        );
        let legal = (100..=600_000).contains(&self.commit_timeout_ms);
        problems.check(legal, "commit_timeout_ms", "must be 100 to 600000");
    }
}

impl Validate for SideConfig {
    fn validate(&self, problems: &mut Problems) {
        let counts = [
            ("reads", self.reads),
            ("resolves", self.resolves),
            ("events", self.events),
            ("positions_waiting", self.positions_waiting),
            ("positions_batch", self.positions_batch),
            ("presence_waiting", self.presence_waiting),
            ("presence_friends", self.presence_friends),
        ];
        for (key, count) in counts {
            problems.check(
                (1..=1_000_000).contains(&count),
                key,
                "must be 1 to 1000000",
            );
        }
        let queues = [
            ("reads_waiting", self.reads_waiting),
            ("resolves_waiting", self.resolves_waiting),
            ("events_waiting", self.events_waiting),
        ];
        for (key, count) in queues {
            problems.check(count <= 1_000_000, key, "must be at most 1000000");
        }
        problems.check(
            self.known_conversations <= 100_000_000,
            "known_conversations",
            "must be at most 100000000",
        );
    }
}

impl Validate for WorldConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            (0.001..=1_000.0).contains(&self.messages_per_second),
            "messages_per_second",
            "must be 0.001 to 1000",
        );
        problems.check(
            (1..=1_000).contains(&self.burst),
            "burst",
            "must be 1 to 1000",
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;

    /// K6: the file that people start from says what the defaults are.
    #[test]
    fn the_file_in_env_holds_the_defaults() {
        let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../env/logic.toml"));
        let loaded: LogicConfig = im_shared::config::load("logic", Some(file)).unwrap();
        assert_eq!(
            format!("{loaded:?}"),
            format!("{:?}", LogicConfig::default())
        );
    }

    /// K6, I9
    #[test]
    fn a_pool_that_is_too_small_for_the_side_tasks_is_a_problem() {
        let mut config = LogicConfig::default();
        config.side.reads = 40;
        config.lanes.count = 0;
        config.world.messages_per_second = f64::NAN;
        let mut problems = Problems::default();
        config.validate(&mut problems);
        let keys: Vec<String> = problems
            .into_vec()
            .into_iter()
            .map(|problem| problem.key)
            .collect();
        assert_eq!(
            keys,
            [
                "lanes.count",
                "world.messages_per_second",
                "postgres.pool_size"
            ]
        );
    }
}
