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
//! | `cached` | values of PostgreSQL that Redis remembers |
//! | `shelf`, `cached.lua` | how they lie in Redis |
//! | `forget` | writes forget them |
//! | `family` | their families |
//! | `flights` | reads under way in this process, and who waits for them |

mod bucket;
mod cached;
mod connect;
mod counted;
mod flights;
mod forget;
mod keys;
mod local_buckets;
mod rate;
mod shelf;

pub use bucket::Buckets;
pub use cached::{Cache, Source};
pub use connect::{Redis, RedisError, connect, ping};
pub use counted::{Counted, Level};
pub use forget::Forget;
pub use keys::Keys;
pub use local_buckets::LocalBuckets;
pub use rate::Rate;

/// The families of cached values that programs share: who writes the rows forgets what others have read of them.
pub mod family {
    use std::time::Duration;

    /// How long their values live: a write that was lost with its process is seen by then.
    pub const LIVES: Duration = Duration::from_secs(10 * 60);
    /// By user: the account, what it lets others see, and when it was last here.
    pub const USERS: &str = "users";
    /// By user: the first page of their friends.
    pub const FRIENDS: &str = "friends";
    /// By conversation: what it is, and whose; of a group its face and its members.
    pub const CONVERSATIONS: &str = "conversations";
}
