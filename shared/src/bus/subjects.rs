//! Every subject. Each token is a validated prefix, a validated node id or an integer, so no input can add a token
//! or a wildcard.

use std::sync::Arc;

use async_nats::Subject;

use crate::ids::{NodeId, UserId};

/// Takes the frames of clients and the user events.
pub const LOGIC_GROUP: &str = "logic-group";
/// Takes the chunks of large fan-outs.
pub const TASK_GROUP: &str = "logic-task-group";

/// The text was no prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subject prefix is 1 to 64 of [A-Za-z0-9_-]")]
pub struct InvalidPrefix;

/// Builds the subjects of one system; several systems share a server by their prefixes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Subjects {
    prefix: Arc<str>,
}

impl Subjects {
    /// All subjects begin with `prefix`, one token.
    ///
    /// # Errors
    /// When `prefix` is not 1 to 64 of `[A-Za-z0-9_-]`.
    pub fn new(prefix: &str) -> Result<Self, InvalidPrefix> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if (1..=64).contains(&prefix.len()) && prefix.bytes().all(legal) {
            Ok(Self {
                prefix: prefix.into(),
            })
        } else {
            Err(InvalidPrefix)
        }
    }

    /// Frames of clients, from access and web; queue group [`LOGIC_GROUP`].
    #[must_use]
    pub fn upstream(&self) -> Subject {
        self.subject("logic.upstream")
    }

    /// Deliveries and beacons, from logic to one access node.
    #[must_use]
    pub fn downstream(&self, node: &NodeId) -> Subject {
        self.subject(&format!("access.{node}.downstream"))
    }

    /// Deliveries from logic to every access node.
    #[must_use]
    pub fn broadcast(&self) -> Subject {
        self.subject("access.broadcast")
    }

    /// An event for every session of one user.
    #[must_use]
    pub fn user_event(&self, user: UserId) -> Subject {
        self.subject(&format!("user.{user}.event"))
    }

    /// The events of all users; queue group [`LOGIC_GROUP`], others may listen.
    #[must_use]
    pub fn user_events(&self) -> Subject {
        self.subject("user.*.event")
    }

    /// Chunks of large fan-outs, from logic to logic; queue group [`TASK_GROUP`].
    #[must_use]
    pub fn task(&self) -> Subject {
        self.subject("logic.task")
    }

    /// Nobody listens here: the server says so, and that is what is asked for.
    pub(super) fn nobody(&self) -> Subject {
        self.subject("nobody")
    }

    fn subject(&self, rest: &str) -> Subject {
        Subject::from(format!("{}.{rest}", self.prefix))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// The table of docs/bus.md.
    #[test]
    fn every_subject_is_pinned() {
        let subjects = Subjects::new("im").unwrap();
        let node = "access-1".parse().unwrap();
        assert_eq!(subjects.upstream().as_str(), "im.logic.upstream");
        assert_eq!(
            subjects.downstream(&node).as_str(),
            "im.access.access-1.downstream"
        );
        assert_eq!(subjects.broadcast().as_str(), "im.access.broadcast");
        assert_eq!(subjects.user_event(UserId(7)).as_str(), "im.user.7.event");
        assert_eq!(subjects.user_events().as_str(), "im.user.*.event");
        assert_eq!(subjects.task().as_str(), "im.logic.task");
        assert_eq!(
            (LOGIC_GROUP, TASK_GROUP),
            ("logic-group", "logic-task-group")
        );
    }

    proptest! {
        #[test]
        fn no_prefix_and_no_node_id_adds_a_token(prefix in ".{0,70}", node in ".{0,40}", user: u64) {
            if let (Ok(subjects), Ok(node)) = (Subjects::new(&prefix), node.parse()) {
                let subject = subjects.downstream(&node);
                prop_assert_eq!(subject.split('.').count(), 4);
                prop_assert!(!subject.contains(['*', '>', ' ']));
                prop_assert!(Subject::validated(subject.as_str()).is_ok());
                prop_assert_eq!(subjects.user_event(UserId(user)).split('.').count(), 4);
            }
        }
    }

    #[test]
    fn a_prefix_with_more_than_one_token_is_refused() {
        for bad in ["", "a.b", "a*", ">", "a b", "a\n", &"x".repeat(65)] {
            assert_eq!(Subjects::new(bad).err(), Some(InvalidPrefix), "{bad:?}");
        }
    }
}
