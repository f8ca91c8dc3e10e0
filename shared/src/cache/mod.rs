//! The Redis connection, and every key.
//!
//! Redis holds only what can be derived again: locations, live nodes, caches, rates. Losing all of it costs time, not data.
//!
//! | file | what it holds |
//! |---|---|
//! | `connect` | one pool of pipelined connections |
//! | `keys` | every key |
//! | `rate` | how fast a bucket fills and what a request finds in it: pure |
//! | `bucket`, `bucket.lua` | token buckets over all nodes |
//! | `counted`, `bucket_counted.lua` | taking tokens and learning what is left |
//! | `local_buckets` | token buckets of one process |

//! | `cached`, `cached.lua` | values of PostgreSQL that Redis remembers |
//! | `flights` | reads under way in this process, and who waits for them |
mod bucket;
mod connect;
mod cached;
mod keys;
mod counted;
mod flights;
mod local_buckets;
mod rate;

pub use bucket::Buckets;
pub use connect::{Redis, RedisError, connect, ping};
pub use connect::{Redis, RedisError, connect, ping};
pub use counted::{Counted, Level};
pub use cached::{Cache, Source};
pub use keys::Keys;
pub use local_buckets::LocalBuckets;
pub use rate::Rate;
