//! `env/logic.toml`, and `IM_LOGIC_...` in the environment.

use im_shared::config::{
    LogConfig, NatsConfig, OpsConfig, PostgresConfig, Problems, RedisConfig, Validate,
};
use im_shared::ids::NodeId;
use serde::Deserialize;

mod changes;
mod fanout;
mod groups;
mod lanes;
mod presence;
mod push;
mod search;
mod side;
mod world;

pub use changes::ChangesConfig;
pub use fanout::FanoutConfig;
pub use groups::GroupsConfig;
pub use lanes::LanesConfig;
pub use presence::PresenceConfig;
pub use push::{PushConfig, Secret};
pub use search::SearchConfig;
pub use side::SideConfig;
pub use world::WorldConfig;

/// Connections of the pool that are left for positions, presence, pushes, ids and the readiness probe.
const RESERVED_CONNECTIONS: usize = 6;

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
    /// Who gets what was committed.
    pub fanout: FanoutConfig,
    /// Everything else.
    pub side: SideConfig,
    /// Who is there.
    pub presence: PresenceConfig,
    /// Full text.
    pub search: SearchConfig,
    /// What is said about messages.
    pub changes: ChangesConfig,
    /// How large groups may be.
    pub groups: GroupsConfig,
    /// Who is told while they are away.
    pub push: PushConfig,
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
            fanout: FanoutConfig::default(),
            side: SideConfig::default(),
            presence: PresenceConfig::default(),
            search: SearchConfig::default(),
            changes: ChangesConfig::default(),
            groups: GroupsConfig::default(),
            push: PushConfig::default(),
            world: WorldConfig::default(),
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
        problems.section("fanout", &self.fanout);
        problems.section("side", &self.side);
        problems.section("presence", &self.presence);
        problems.section("search", &self.search);
        problems.section("changes", &self.changes);
        problems.section("groups", &self.groups);
        problems.section("push", &self.push);
        problems.section("world", &self.world);
        let needed =
            self.side.reads + self.side.resolves + self.side.changes + RESERVED_CONNECTIONS;
        // A request that waits for a connection is slower than one that waits for its turn, and is refused later.
        let fits = needed <= self.postgres.pool_size;
        problems.check(
            fits,
            "postgres.pool_size",
            "must be at least side.reads + side.resolves + side.changes + 6",
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
