//! Tells a user's sessions about changes that REST made, over `im.user.{id}.event`. Called after the commit.
//!
//! Who is told looks at the lists, and is to see there what was done: they do not read it from a replica that is behind (mission I10).
//!
//! An event is a hint: when the bus is down it is logged and lost, and the user sees the change at the next look at the lists.

use axum::body::Bytes;
use im_shared::bus::{Bus, encode_friends_event, encode_user_event};
use im_shared::ids::{FriendRequestId, UserId};
use im_shared::wire::{self, Frame, FriendChange, FriendEvent, PresenceEvent, ProfileEvent};

use crate::store::Store;

/// Publishes user-level events. A cheap clone.
#[derive(Clone)]
pub struct Events {
    bus: Bus,
    store: Store,
}

impl Events {
    /// Publishes over `bus`.
    #[must_use]
    pub fn new(bus: Bus, store: Store) -> Self {
        Self { bus, store }
    }

    /// `from` asks `to` to be friends.
    pub async fn friend_requested(
        &self,
        to: UserId,
        from: UserId,
        request: FriendRequestId,
        message: String,
    ) {
        self.friend(to, from, FriendChange::Requested, request, message)
            .await;
    }

    /// `by` accepted the request of `to`.
    pub async fn friend_accepted(&self, to: UserId, by: UserId, request: FriendRequestId) {
        self.friend(to, by, FriendChange::Accepted, request, String::new())
            .await;
    }

    /// `by` rejected the request of `to`.
    pub async fn friend_rejected(&self, to: UserId, by: UserId, request: FriendRequestId) {
        self.friend(to, by, FriendChange::Rejected, request, String::new())
            .await;
    }

    /// `by` took the request to `to` back.
    pub async fn friend_cancelled(&self, to: UserId, by: UserId, request: FriendRequestId) {
        self.friend(to, by, FriendChange::Cancelled, request, String::new())
            .await;
    }

    /// `to` sees `of` as online or not, from now on: one has blocked or unblocked the other.
    pub async fn presence_changed(&self, to: UserId, of: UserId, online: bool) {
        let event = PresenceEvent {
            user_id: of,
            online,
            // When they were really last here is not told.
            last_seen: 0,
        };
        let carrier = encode_user_event(to, &wire::encode(&Frame::push(event)));
        self.publish(to, carrier).await;
    }

    /// `by` ended the friendship with `to`.
    pub async fn friend_deleted(&self, to: UserId, by: UserId) {
        self.friend(
            to,
            by,
            FriendChange::Deleted,
            FriendRequestId::default(),
            String::new(),
        )
        .await;
    }

    /// What others see of `user` changed: their sessions and friends are told.
    pub async fn profile_changed(&self, user: UserId, nickname: String, avatar: String) {
        let event = ProfileEvent {
            user_id: user,
            nickname,
            avatar,
        };
        let carrier = encode_friends_event(user, &wire::encode(&Frame::push(event)));
        self.publish(user, carrier).await;
    }

    async fn friend(
        &self,
        to: UserId,
        other: UserId,
        change: FriendChange,
        request_id: FriendRequestId,
        message: String,
    ) {
        self.store.note_writes_of(to).await;
        let event = FriendEvent {
            change,
            request_id,
            user_id: other,
            message,
        };
        let carrier = encode_user_event(to, &wire::encode(&Frame::push(event)));
        self.publish(to, carrier).await;
    }

    async fn publish(&self, to: UserId, carrier: Bytes) {
        if let Err(error) = self
            .bus
            .publish(self.bus.subjects().user_event(to), carrier)
            .await
        {
            metrics::counter!("im_web_events_lost_total").increment(1);
            tracing::warn!(%error, to = %to, "a user event is lost");
        }
    }
}
