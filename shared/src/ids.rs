//! A newtype for every id. Raw integers stop at the decoder.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The text was no id: ids are decimal numbers from 1 to 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub u64);

        impl $name {
            /// Whether this is a real id; 0 stands for "none" on the wire.
            #[must_use]
            pub const fn is_some(self) -> bool {
                self.0 != 0
            }

            /// As PostgreSQL stores it. Ids use 63 bits.
            #[must_use]
            #[allow(clippy::cast_possible_wrap)]
            pub const fn to_sql(self) -> i64 {
                self.0 as i64
            }

            /// From a `bigint` column.
            #[must_use]
            #[allow(clippy::cast_sign_loss)]
            pub const fn from_sql(value: i64) -> Self {
                Self(value as u64)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match text.parse::<i64>() {
                    Ok(value) if value > 0 => Ok(Self::from_sql(value)),
                    _ => Err(InvalidId),
                }
            }
        }

        /// A decimal string: JSON numbers lose digits in browsers.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

id!(
    /// An account.
    UserId
);
id!(
    /// A private pair, a group or the world chat.
    ConversationId
);

impl ConversationId {
    /// The world chat, made by a migration. Everybody who is signed in is in it; it has no rows of members.
    pub const WORLD: Self = Self(1);
    /// Notifications of the operator to everybody, made by a migration. Nobody else writes there; it has no rows of members.
    pub const ANNOUNCEMENTS: Self = Self(2);

    /// Whether everybody is in it, without a row of members.
    #[must_use]
    pub const fn is_of_everybody(self) -> bool {
        matches!(self, Self::WORLD | Self::ANNOUNCEMENTS)
    }
}

id!(
    /// A stored entry.
    MessageId
);
id!(
    /// One authenticated connection of one device. Unique on its node; later sessions have larger ids.
    SessionId
);
id!(
    /// One login on one device, with all tokens that come from it.
    SignInId
);
id!(
    /// A request to become friends.
    FriendRequestId
);

/// Position in a conversation's log: 1, 2, 3, no hole. 0 is the place before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As PostgreSQL stores it.
    #[must_use]
    #[allow(clippy::cast_possible_wrap)]
    pub const fn to_sql(self) -> i64 {
        self.0 as i64
    }

    /// From a `bigint` column.
    #[must_use]
    #[allow(clippy::cast_sign_loss)]
    pub const fn from_sql(value: i64) -> Self {
        Self(value as u64)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of an access node: 1 to 32 of `[a-z0-9-]`, so that it is safe inside a NATS subject and a Redis key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NodeId(String);

/// The text was no node id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a node id is 1 to 32 of [a-z0-9-]")]
pub struct InvalidNodeId;

impl NodeId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NodeId {
    type Err = InvalidNodeId;

    fn from_str(text: &str) -> Result<Self, InvalidNodeId> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNodeId)
        }
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// One start of a node, so that what belonged to an earlier start is ignored. Milliseconds since 1970 at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Incarnation(pub u64);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_id_is_a_decimal_string_in_json() {
        assert_eq!(serde_json::to_string(&UserId(7)).unwrap(), "\"7\"");
        assert_eq!(serde_json::from_str::<UserId>("\"7\"").unwrap(), UserId(7));
        for bad in [
            "\"0\"",
            "\"-1\"",
            "\"9223372036854775808\"",
            "\"a\"",
            "\"\"",
            "7",
        ] {
            assert!(serde_json::from_str::<UserId>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_node_id_is_safe_in_subjects_and_keys() {
        assert!("access-1".parse::<NodeId>().is_ok());
        for bad in ["", "a.b", "a*", "A", "a:b", "a b", &"x".repeat(33)] {
            assert_eq!(bad.parse::<NodeId>(), Err(InvalidNodeId), "{bad}");
        }
    }
}
