//! The members of a group, and who wants to be one.

use im_shared::ids::{ConversationId, UserId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, ApiError, Group, Nothing, Profile, Role};

/// Members of a page.
const PAGE: u32 = 500;
/// Requests of a page.
const REQUESTS: u32 = 200;

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// What the member may do.
    pub role: Role,
    /// Since when.
    #[serde(default)]
    pub joined_at: i64,
    /// The member may not write until then.
    #[serde(default)]
    pub silenced_until: Option<i64>,
    /// Who invited or admitted the member; none came alone.
    #[serde(default)]
    pub invited_by: Option<UserId>,
    /// Who that is.
    pub profile: Profile,
}

/// Somebody who wants to join.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// Who.
    pub user_id: UserId,
    /// Who asked: the same, or a member who invited them.
    pub asked_by: UserId,
    /// For the admins, or empty.
    #[serde(default)]
    pub message: String,
    /// When.
    #[serde(default)]
    pub created_at: i64,
    /// Who that is.
    pub profile: Profile,
}

/// What came of joining or inviting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Admission {
    /// Done: the group as it is now.
    Member(Box<Group>),
    /// An admin has to agree.
    Asked {},
}

/// The answer to a request to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Becomes a member.
    Accept,
    /// Does not.
    Reject,
}

impl Api {
    /// All members of one of the caller's groups, by id. It asks for as many pages as there are.
    ///
    /// # Errors
    /// `NotMember`, `ConversationNotFound`, `GroupDissolved`.
    pub async fn members(&self, group: ConversationId) -> Result<Vec<Member>, ApiError> {
        let mut members = Vec::new();
        let mut after = None;
        loop {
            let (page, next) = self.members_page(group, after).await?;
            members.extend(page);
            match next {
                Some(next) => after = Some(next),
                None => return Ok(members),
            }
        }
    }

    /// Up to 500 members after `after`, by id, and where the next page begins if there is one.
    ///
    /// # Errors
    /// `NotMember`, `ConversationNotFound`, `GroupDissolved`.
    pub async fn members_page(
        &self,
        group: ConversationId,
        after: Option<UserId>,
    ) -> Result<(Vec<Member>, Option<UserId>), ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members {
            members: Vec<Member>,
            #[serde(default)]
            next_after: Option<UserId>,
        }
        let mut query = vec![("limit", PAGE.to_string())];
        query.extend(after.map(|after| ("after", after.to_string())));
        let page: Members = self
            .get(&format!("/groups/{group}/members"), &query)
            .await?;
        Ok((page.members, page.next_after))
    }

    /// Makes friends of the caller members, or asks the admins to.
    ///
    /// # Errors
    /// `NotFriends`, `NotPermitted`, `AlreadyMember`, `GroupFull`, `GroupDissolved`.
    pub async fn invite(
        &self,
        group: ConversationId,
        users: &[UserId],
    ) -> Result<Admission, ApiError> {
        let body = json!({ "userIds": users });
        self.post(&format!("/groups/{group}/members"), &body).await
    }

    /// Makes the caller a member, or asks the admins to.
    ///
    /// # Errors
    /// `AlreadyMember`, `InviteOnly`, `JoinRequestPending`, `GroupFull`, `GroupDissolved`.
    pub async fn join(&self, group: ConversationId, message: &str) -> Result<Admission, ApiError> {
        let body = json!({ "message": message });
        self.post(&format!("/groups/{group}/join"), &body).await
    }

    /// Those who want to join and have no answer yet, the oldest first. For admins and the owner.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`.
    pub async fn join_requests(&self, group: ConversationId) -> Result<Vec<JoinRequest>, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Requests {
            requests: Vec<JoinRequest>,
            #[serde(default)]
            next_after: Option<String>,
        }
        let mut requests = Vec::new();
        let mut query = vec![("limit", REQUESTS.to_string())];
        loop {
            let path = format!("/groups/{group}/requests");
            let page: Requests = self.get(&path, &query).await?;
            requests.extend(page.requests);
            let Some(next) = page.next_after else {
                return Ok(requests);
            };
            query.truncate(1);
            query.push(("after", next));
        }
    }

    /// Answers a request to join. For admins and the owner.
    ///
    /// # Errors
    /// `JoinRequestNotFound`, `NotPermitted`, `GroupFull`.
    pub async fn answer_join(
        &self,
        group: ConversationId,
        user: UserId,
        answer: Answer,
    ) -> Result<(), ApiError> {
        let path = format!("/groups/{group}/requests/{user}");
        let body = json!({ "accept": answer == Answer::Accept });
        let Nothing {} = self.call(Method::PUT, &path, &[], Some(&body)).await?;
        Ok(())
    }

    /// Ends a membership: one's own, or, for admins and the owner, somebody else's.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`, `GroupDissolved`.
    pub async fn remove_member(&self, group: ConversationId, user: UserId) -> Result<(), ApiError> {
        let path = format!("/groups/{group}/members/{user}");
        let Nothing {} = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Gives a member the role of an admin or of a member. For the owner.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`, `InvalidArgument` for another role.
    pub async fn set_role(
        &self,
        group: ConversationId,
        user: UserId,
        role: Role,
    ) -> Result<Member, ApiError> {
        self.change_member(group, user, json!({ "role": role }))
            .await
    }

    /// Takes the voice of a member until then, in milliseconds since 1970; 0 gives it back. For admins and the owner.
    ///
    /// # Errors
    /// `NotMember`, `NotPermitted`.
    pub async fn silence(
        &self,
        group: ConversationId,
        user: UserId,
        until: i64,
    ) -> Result<Member, ApiError> {
        self.change_member(group, user, json!({ "silencedUntil": until }))
            .await
    }

    async fn change_member(
        &self,
        group: ConversationId,
        user: UserId,
        change: Value,
    ) -> Result<Member, ApiError> {
        let path = format!("/groups/{group}/members/{user}");
        self.call(Method::PATCH, &path, &[], Some(&change)).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// [G4], [G5]
    #[test]
    fn joining_makes_a_member_or_asks() {
        let asked: Admission = serde_json::from_str("{}").unwrap();
        assert_eq!(asked, Admission::Asked {});
        let joined =
            r#"{"id":"7","name":"Tea","memberCount":2,"joinPolicy":"free","role":"member"}"#;
        let joined: Admission = serde_json::from_str(joined).unwrap();
        assert!(matches!(joined, Admission::Member(group) if group.role == Role::Member));
    }
}
