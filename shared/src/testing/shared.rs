//! The servers that all tests of a process, or of a run, share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Durability, NatsServer, PostgresServer, RedisServer};
use crate::bus::NatsConfig;
use crate::config::RedisConfig;

/// Addresses of the shared servers: those of `IM_TEST_POSTGRES`, `IM_TEST_REDIS` and `IM_TEST_NATS` where set (`scripts/test.sh` sets
/// them), else each is started once per process, when it is needed first.
#[derive(Debug, Clone, Copy)]
pub struct Servers;

impl Servers {
    /// PostgreSQL's maintenance database, as superuser. Tests use a [`super::TestDatabase`].
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn postgres_url() -> &'static str {
        static SERVER: OnceLock<(String, Option<PostgresServer>)> = OnceLock::new();
        let start = || {
            let server = PostgresServer::start(Durability::None);
            (server.url(), Some(server))
        };
        let server = SERVER.get_or_init(|| given("IM_TEST_POSTGRES").unwrap_or_else(start));
        &server.0
    }

    /// Redis. Tests use a prefix of their own, see [`Servers::redis`].
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn redis_url() -> &'static str {
        static SERVER: OnceLock<(String, Option<RedisServer>)> = OnceLock::new();
        let start = || {
            let server = RedisServer::start();
            (server.url(), Some(server))
        };
        let server = SERVER.get_or_init(|| given("IM_TEST_REDIS").unwrap_or_else(start));
        &server.0
    }

    /// NATS. Tests use a prefix of their own, see [`Servers::nats`].
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn nats_url() -> &'static str {
        static SERVER: OnceLock<(String, Option<NatsServer>)> = OnceLock::new();
        let start = || {
            let server = NatsServer::start();
            (server.url(), Some(server))
        };
        let server = SERVER.get_or_init(|| given("IM_TEST_NATS").unwrap_or_else(start));
        &server.0
    }

    /// Redis under `prefix`.
    #[must_use]
    pub fn redis(prefix: &str) -> RedisConfig {
        RedisConfig {
            url: Self::redis_url().into(),
            prefix: prefix.to_owned(),
            ..RedisConfig::default()
        }
    }

    /// NATS under `prefix`.
    #[must_use]
    pub fn nats(prefix: &str) -> NatsConfig {
        NatsConfig {
            url: Self::nats_url().into(),
            prefix: prefix.to_owned(),
            ..NatsConfig::default()
        }
    }
}

fn given<T>(name: &str) -> Option<(String, Option<T>)> {
    let url = std::env::var(name).ok().filter(|url| !url.is_empty());
    url.map(|url| (url, None))
}

/// A prefix for keys and subjects that no other test has, in this process or another: `t` and letters and digits.
#[must_use]
pub fn unique_prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    format!("t{:08x}p{process}n{number}", rand::random::<u32>())
}
