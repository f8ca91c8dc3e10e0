//! What the system writes into a log: who came and went, what a group is called, what the operator says.

use serde::{Deserialize, Serialize};

use super::{Content, ContentError, check_text};
use crate::ids::UserId;

/// The content of a `Member` entry; its sender did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "change")]
pub enum MemberEvent {
    /// The sender came alone.
    Joined,
    /// The sender brought them.
    Invited {
        /// Who.
        users: Vec<UserId>,
    },
    /// The sender agreed to their request to join.
    Admitted {
        /// Who.
        user: UserId,
    },
    /// The sender made them go.
    Removed {
        /// Who.
        user: UserId,
    },
    /// The sender went. The group goes on, with another owner if the sender owned it.
    Left {
        /// The owner from now on, if that changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<UserId>,
    },
    /// The sender gave the group to them.
    Transferred {
        /// The owner from now on.
        user: UserId,
    },
    /// The sender changed a role.
    Role {
        /// Whose.
        user: UserId,
        /// `member` or `admin`.
        role: String,
    },
    /// The sender took a voice, or gave it back.
    Silenced {
        /// Whose.
        user: UserId,
        /// Milliseconds since 1970; 0: speaks again.
        until: i64,
    },
    /// The sender ended the group.
    Dissolved,
}

/// The content of a `Group` entry: what the sender changed of the group's face and rules; only what changed is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupEvent {
    /// The first entry of a group: made by the sender.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub created: bool,
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The new description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `free`, `approval` or `invite`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_policy: Option<String>,
    /// Whether new members read what was before them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_open: Option<bool>,
    /// Whether only admins and the owner write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silenced: Option<bool>,
}

/// The content of a `System` entry: a word of the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Notice {
    /// One line.
    pub title: String,
    /// Plain text.
    pub content: String,
}

impl Content for MemberEvent {
    fn check(&self) -> Result<(), ContentError> {
        Ok(())
    }
}

impl Content for GroupEvent {
    fn check(&self) -> Result<(), ContentError> {
        Ok(())
    }
}

impl Content for Notice {
    fn check(&self) -> Result<(), ContentError> {
        if self.title.is_empty() {
            return Err(ContentError::OutOfBounds("title"));
        }
        check_text(&self.title, "title", 256)?;
        check_text(&self.content, "content", 4_096)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// E1: clients of every language read these.
    #[test]
    fn the_changes_of_a_group_are_pinned() {
        let invited = MemberEvent::Invited {
            users: vec![UserId(7), UserId(8)],
        };
        assert_eq!(
            invited.to_json(),
            r#"{"change":"invited","users":["7","8"]}"#
        );
        assert_eq!(MemberEvent::Joined.to_json(), r#"{"change":"joined"}"#);
        assert_eq!(
            MemberEvent::Left { owner: None }.to_json(),
            r#"{"change":"left"}"#
        );
        let renamed = GroupEvent {
            name: Some("Tea".to_owned()),
            ..GroupEvent::default()
        };
        assert_eq!(renamed.to_json(), r#"{"name":"Tea"}"#);
        assert_eq!(GroupEvent::parse(br#"{"name":"Tea"}"#).unwrap(), renamed);
    }
}
