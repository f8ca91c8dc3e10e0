//! Real PostgreSQL, Redis and NATS for tests (style, habit 18). Feature `testing`.
//!
//! Tests share servers and are kept apart by their own database ([`TestDatabase`]) and their own prefix ([`unique_prefix`]). Tests that
//! break servers start [`PrivateServers`]. Everything here panics when it fails: a test cannot go on without it.
//!
//! | file | what it holds |
//! |---|---|
//! | `shared` | the servers that all tests of a process, or of a run, share |
//! | `private` | servers that one test kills and restarts |
//! | `postgres`, `redis`, `nats` | how each is started and when it is ready |
//! | `tls` | servers that are reached over TLS only |
//! | `restartable` | a server on a fixed port that can be killed and started again |
//! | `server` | a process that dies with the test, however the test ends |
//! | `database` | an own, migrated database |
//! | `forged` | tokens that every door must refuse |
//! | `wait` | waiting for conditions |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod database;
mod forged;
mod nats;
mod postgres;
mod private;
mod redis;
mod restartable;
mod server;
mod shared;
mod tls;
mod wait;

pub use database::TestDatabase;
pub use forged::{Forged, Forger};
pub use nats::NatsServer;
pub use postgres::{Durability, PostgresServer};
pub use private::PrivateServers;
pub use redis::RedisServer;
pub use shared::{Servers, unique_prefix};
pub use tls::TlsServers;
pub use wait::{free_port, wait_until};
