//! The Redis connection, and every key.
//!
//! Redis holds only what can be derived again: locations, live nodes, caches. Losing all of it costs time, not data.

mod connect;
mod keys;

pub use connect::{Redis, RedisError, connect, ping};
pub use keys::Keys;
