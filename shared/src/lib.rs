//! What two programs of im-rs must agree on, and nothing else.
//!
//! | module | what it holds |
//! |---|---|
//! | [`ids`] | a newtype for every id |
//! | [`wire`] | frames between a client and the system |
//! | [`breaker`] | not asking who is away |
//! | [`bus`] | subjects and carriers between programs |
//! | [`cache`] | the Redis connection and every key |
//! | [`location`] | where a user's sessions are |
//! | [`nodes`] | which access nodes are alive |
//! | [`revocation`] | which sign-ins were revoked, as Redis has it |
//! | [`tokens`] | signing and verifying access tokens |
//! | [`snowflake`] | ids that are unique over all processes |
//! | [`database`] | the PostgreSQL pool and the migrations |
//! | [`config`] | file and environment, validated as a whole |
//! | [`telemetry`] | logs, metrics and the ops port |
//! | [`tls`] | certificates of servers, and authorities that are believed |
//! | [`runtime`] | shutdown and backoff |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod breaker;
pub mod bus;
pub mod cache;
pub mod config;
pub mod content;
pub mod database;
pub mod ids;
pub mod location;
pub mod nodes;
pub mod revocation;
pub mod runtime;
pub mod snowflake;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tls;
pub mod tokens;
pub mod wire;
