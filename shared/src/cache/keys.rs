//! Every Redis key is built here (mission I3).
//!
//! No command names two keys that could lie in different slots of a cluster, except reads of many users, which the caller splits.

use std::sync::Arc;

use crate::ids::{ConversationId, NodeId, UserId};

/// Builds keys under one prefix. A cheap clone.
#[derive(Debug, Clone)]
pub struct Keys {
    prefix: Arc<str>,
}

impl Keys {
    /// All keys begin with `prefix`, which is not empty.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self {
            prefix: Arc::from(prefix),
        }
    }

    /// String: the sessions of one user. Written by access.
    #[must_use]
    pub fn location(&self, user: UserId) -> String {
        format!("{}:location:{user}", self.prefix)
    }

    /// String with a time to live: one access node that is alive. Written by that node.
    #[must_use]
    pub fn node(&self, node: &NodeId) -> String {
        format!("{}:node:{node}", self.prefix)
    }

    /// Sorted set: the members of a large group who were online lately, by the time of it. Written by logic.
    #[must_use]
    pub fn roster(&self, conversation: ConversationId) -> String {
        format!("{}:roster:{conversation}", self.prefix)
    }

    /// Sorted set of node ids by their last announcement: where to look for [`Keys::node`].
    #[must_use]
    pub fn nodes(&self) -> String {
        format!("{}:nodes", self.prefix)
    }

    /// Sorted set: the sign-ins that were revoked, and whether all of them are in it. Written by web.
    #[must_use]
    pub fn revoked(&self) -> String {
        format!("{}:revoked", self.prefix)
    }

    /// String with a time to live: what PostgreSQL has as `id` of `family`, or a lease to read it. Written by whoever reads it, deleted by
    /// whoever changes it.
    #[must_use]
    pub fn cached(&self, family: &str, id: u64) -> String {
        format!("{}:cache:{family}:{id}", self.prefix)
    }

    /// String with a time to live: up to where a replica has to be for this user to see what they wrote. Written by web.
    #[must_use]
    pub fn wrote(&self, user: UserId) -> String {
        format!("{}:wrote:{user}", self.prefix)
    }

    /// String with a time to live: the token bucket that `rule` has for `subject`. Written by whoever asks, by one script.
    #[must_use]
    pub fn bucket(&self, rule: &str, subject: &str) -> String {
        format!("{}:bucket:{rule}:{subject}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I3: running systems share these names; a change strands what is stored.
    #[test]
    fn keys_are_pinned() {
        let keys = Keys::new("im");
        assert_eq!(keys.location(UserId(7)), "im:location:7");
        assert_eq!(keys.roster(ConversationId(9)), "im:roster:9");
        assert_eq!(keys.nodes(), "im:nodes");
        assert_eq!(keys.revoked(), "im:revoked");
        assert_eq!(keys.cached("users", 7), "im:cache:users:7");
        assert_eq!(keys.wrote(UserId(7)), "im:wrote:7");
        let node = "access-1".parse().unwrap();
        assert_eq!(keys.node(&node), "im:node:access-1");
        let bucket = keys.bucket("guests", "2001:db8::/64");
        assert_eq!(bucket, "im:bucket:guests:2001:db8::/64");
    }
}
