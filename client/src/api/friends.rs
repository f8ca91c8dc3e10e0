//! Friends, their requests, and whom one has blocked.

use im_shared::ids::{FriendRequestId, UserId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError, Friend, FriendRequest, Nothing, Profile};

/// Which friend requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// By others.
    Received,
    /// By oneself.
    Sent,
}

/// Somebody whom one has blocked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blocked {
    /// Who.
    pub user_id: UserId,
    /// Since when.
    pub created_at: i64,
    /// Who that is.
    pub profile: Profile,
}

impl Api {
    /// Asks somebody to become friends.
    ///
    /// # Errors
    /// `FriendSelf`, `FriendAlready`, `FriendRequestPending`, `Blocked`, `RequestsClosed`, `UserNotFound`.
    pub async fn request_friend(
        &self,
        friend: UserId,
        message: &str,
    ) -> Result<FriendRequestId, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Requested {
            request_id: FriendRequestId,
        }
        let body = json!({ "friendId": friend, "message": message });
        Ok(self
            .post::<Requested>("/friends/request", &body)
            .await?
            .request_id)
    }

    /// All friend requests, received or sent, the newest first.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn friend_requests(&self, sent: Direction) -> Result<Vec<FriendRequest>, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Requests {
            requests: Vec<FriendRequest>,
            next_after: Option<FriendRequestId>,
        }
        let direction = match sent {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        let (mut requests, mut after) = (Vec::new(), None);
        loop {
            let mut query = vec![
                ("direction", direction.to_owned()),
                ("limit", "200".to_owned()),
            ];
            query.extend(after.map(|after: FriendRequestId| ("after", after.to_string())));
            let page: Requests = self.get("/friends/requests", &query).await?;
            requests.extend(page.requests);
            after = page.next_after;
            if after.is_none() {
                return Ok(requests);
            }
        }
    }

    /// Takes an own request back.
    ///
    /// # Errors
    /// `FriendRequestNotFound`, `FriendRequestAnswered`.
    pub async fn cancel_request(&self, request: FriendRequestId) -> Result<(), ApiError> {
        let path = format!("/friends/requests/{request}");
        let Nothing {} = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Becomes friends.
    ///
    /// # Errors
    /// `FriendRequestNotFound`, `FriendRequestAnswered`.
    pub async fn accept_friend(&self, request: FriendRequestId) -> Result<Friend, ApiError> {
        #[derive(Deserialize)]
        struct Accepted {
            friend: Friend,
        }
        Ok(self
            .post::<Accepted>(&format!("/friends/requests/{request}/accept"), &json!({}))
            .await?
            .friend)
    }

    /// Declines.
    ///
    /// # Errors
    /// `FriendRequestNotFound`, `FriendRequestAnswered`.
    pub async fn reject_friend(&self, request: FriendRequestId) -> Result<(), ApiError> {
        let Nothing {} = self
            .post(&format!("/friends/requests/{request}/reject"), &json!({}))
            .await?;
        Ok(())
    }

    /// All friends.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn friends(&self) -> Result<Vec<Friend>, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Friends {
            friends: Vec<Friend>,
            next_cursor: Option<String>,
        }
        let (mut friends, mut cursor) = (Vec::new(), None);
        loop {
            let mut query = vec![("limit", "500".to_owned())];
            query.extend(cursor.map(|cursor: String| ("cursor", cursor)));
            let page: Friends = self.get("/friends", &query).await?;
            friends.extend(page.friends);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(friends);
            }
        }
    }

    /// Everybody whom one has blocked, by id.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn blocks(&self) -> Result<Vec<Blocked>, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Blocks {
            users: Vec<Blocked>,
            next_after: Option<UserId>,
        }
        let (mut users, mut after) = (Vec::new(), None);
        loop {
            let mut query = vec![("limit", "200".to_owned())];
            query.extend(after.map(|after: UserId| ("after", after.to_string())));
            let page: Blocks = self.get("/blocks", &query).await?;
            users.extend(page.users);
            after = page.next_after;
            if after.is_none() {
                return Ok(users);
            }
        }
    }

    /// Blocks somebody: neither reaches the other any more.
    ///
    /// # Errors
    /// `UserNotFound`, `InvalidArgument` for oneself.
    pub async fn block(&self, user: UserId) -> Result<(), ApiError> {
        let path = format!("/blocks/{user}");
        let Nothing {} = self.call(Method::PUT, &path, &[], None).await?;
        Ok(())
    }

    /// Unblocks somebody; who is not blocked stays so.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn unblock(&self, user: UserId) -> Result<(), ApiError> {
        let path = format!("/blocks/{user}");
        let Nothing {} = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Ends a friendship.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn remove_friend(&self, friend: UserId) -> Result<(), ApiError> {
        let Nothing {} = self
            .call(Method::DELETE, &format!("/friends/{friend}"), &[], None)
            .await?;
        Ok(())
    }

    /// Sets what one calls a friend; empty for none.
    ///
    /// # Errors
    /// `NotFriends`.
    pub async fn remark_friend(&self, friend: UserId, remark: &str) -> Result<(), ApiError> {
        let body = json!({ "remark": remark });
        let _: serde_json::Value = self
            .call(
                Method::PUT,
                &format!("/friends/{friend}/remark"),
                &[],
                Some(&body),
            )
            .await?;
        Ok(())
    }
}
