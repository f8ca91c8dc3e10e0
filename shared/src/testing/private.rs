//! Servers that one test kills and restarts.

use super::{Durability, NatsServer, PostgresServer, RedisServer};

/// One of each, for one test. Ended when the last clone is dropped, and when the test process ends.
#[derive(Clone)]
pub struct PrivateServers {
    /// Durable: what is committed survives [`PostgresServer::kill`].
    pub postgres: PostgresServer,
    /// Empty after each start.
    pub redis: RedisServer,
    /// Core NATS.
    pub nats: NatsServer,
}

impl PrivateServers {
    /// Starts all three; about 3 s.
    ///
    /// # Panics
    ///
    /// When one does not start.
    #[must_use]
    pub fn start() -> Self {
        std::thread::scope(|scope| {
            let postgres = scope.spawn(|| PostgresServer::start(Durability::Full));
            let redis = RedisServer::start();
            let nats = NatsServer::start();
            let postgres = postgres.join().expect("PostgreSQL starts");
            Self {
                postgres,
                redis,
                nats,
            }
        })
    }
}
