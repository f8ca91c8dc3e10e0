//! Friends and their requests.

use im_shared::ids::{FriendRequestId, UserId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError, Friend, FriendRequest, Nothing};

/// Which friend requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// By others.
    Received,
    /// By oneself.
    Sent,
}

impl Api {
    /// Asks somebody to become friends.
    ///
    /// # Errors
    /// `FriendSelf`, `FriendAlready`, `FriendRequestPending`, `Blocked`, `UserNotFound`.
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

    /// Friend requests, received or sent.
    ///
    /// # Errors
    /// When the access token is refused.
    pub async fn friend_requests(&self, sent: Direction) -> Result<Vec<FriendRequest>, ApiError> {
        #[derive(Deserialize)]
        struct Requests {
            requests: Vec<FriendRequest>,
        }
        let direction = match sent {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        Ok(self
            .get::<Requests>("/friends/requests", &[("direction", direction.to_owned())])
            .await?
            .requests)
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
        struct Friends {
            friends: Vec<Friend>,
        }
        Ok(self.get::<Friends>("/friends", &[]).await?.friends)
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
