//! Groups: make, look at, change, give away, dissolve.

use im_shared::ids::{ConversationId, UserId};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Api, ApiError, Nothing, Role};

/// How one becomes a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// By oneself.
    Free,
    /// By oneself, once an admin agrees.
    Approval,
    /// By invitation only.
    Invite,
}

/// A group. Who is no member is told its face and how to join only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its conversation.
    pub id: ConversationId,
    /// Its shown name.
    pub name: String,
    /// Address of its picture, or empty.
    #[serde(default)]
    pub avatar: String,
    /// Members now.
    pub member_count: u32,
    /// How one becomes a member.
    pub join_policy: Policy,
    /// What the caller may do in it.
    #[serde(default)]
    pub role: Role,
    /// Members only: what it is about, or empty.
    #[serde(default)]
    pub description: Option<String>,
    /// Members only: who owns it.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    /// Members only: members at most.
    #[serde(default)]
    pub member_limit: Option<u32>,
    /// Members only: whether new members read what was before them.
    #[serde(default)]
    pub history_open: Option<bool>,
    /// Members only: whether only admins and the owner write.
    #[serde(default)]
    pub silenced: Option<bool>,
    /// Members only: when it was made.
    #[serde(default)]
    pub created_at: Option<i64>,
}

/// A group to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewGroup {
    /// 1 to 64 characters.
    pub name: String,
    /// An https address or a path of the server, or empty.
    pub avatar: String,
    /// At most 1,024 bytes.
    pub description: String,
    /// By invitation only where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_policy: Option<Policy>,
    /// Whether new members read what was before them.
    pub history_open: bool,
    /// Friends, who become members at once.
    pub member_ids: Vec<UserId>,
}

/// A change of a group: only what is given is changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupChange {
    /// 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An https address or a path of the server, or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// At most 1,024 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How one becomes a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_policy: Option<Policy>,
    /// Whether new members read what was before them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_open: Option<bool>,
    /// Whether only admins and the owner write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silenced: Option<bool>,
}

impl Api {
    /// Makes a group, which the caller owns.
    ///
    /// # Errors
    /// `GroupNameInvalid`, `InvalidArgument`, `NotFriends`, `GroupFull`, also for who owns too many.
    pub async fn create_group(&self, group: &NewGroup) -> Result<Group, ApiError> {
        self.post("/groups", &json!(group)).await
    }

    /// A group, for anybody who knows its id.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotAGroup`, `GroupDissolved`.
    pub async fn group(&self, group: ConversationId) -> Result<Group, ApiError> {
        self.get(&format!("/groups/{group}"), &[]).await
    }

    /// Changes the face or the rules of a group. For admins and the owner.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`, `GroupNameInvalid`, `InvalidArgument`, `GroupDissolved`.
    pub async fn change_group(
        &self,
        group: ConversationId,
        change: &GroupChange,
    ) -> Result<Group, ApiError> {
        let (path, body) = (format!("/groups/{group}"), json!(change));
        self.call(Method::PATCH, &path, &[], Some(&body)).await
    }

    /// Ends a group; everybody keeps what they could read. For the owner.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`, `GroupDissolved`.
    pub async fn dissolve_group(&self, group: ConversationId) -> Result<(), ApiError> {
        let path = format!("/groups/{group}");
        let Nothing {} = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Gives a group to a member. For the owner.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`, `GroupDissolved`.
    pub async fn transfer_group(
        &self,
        group: ConversationId,
        to: UserId,
    ) -> Result<Group, ApiError> {
        let (path, body) = (format!("/groups/{group}/owner"), json!({ "userId": to }));
        self.call(Method::PUT, &path, &[], Some(&body)).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// E1
    #[test]
    fn only_what_is_given_is_changed() {
        let change = GroupChange {
            join_policy: Some(Policy::Approval),
            ..GroupChange::default()
        };
        assert_eq!(json!(change), json!({ "joinPolicy": "approval" }));
    }

    /// E5: who is no member is told less.
    #[test]
    fn a_group_is_read_with_and_without_what_only_members_are_told() {
        let face = json!({ "id": "7", "name": "Tea", "avatar": "", "memberCount": 2, "joinPolicy": "free", "role": "none" });
        let group: Group = serde_json::from_value(face).unwrap();
        assert_eq!((group.role, group.description), (Role::None, None));
        let all = json!({
            "id": "7", "name": "Tea", "avatar": "", "memberCount": 2, "joinPolicy": "free", "role": "owner", "description": "at five",
            "ownerId": "9", "memberLimit": 500, "historyOpen": true, "silenced": false, "createdAt": 5, "updatedAt": 6
        });
        let group: Group = serde_json::from_value(all).unwrap();
        assert_eq!(group.owner_id, Some(UserId(9)));
        assert_eq!(group.description.as_deref(), Some("at five"));
    }
}
