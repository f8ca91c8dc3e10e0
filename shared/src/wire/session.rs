//! Bodies that access itself answers or sends: the life of a session.

use std::fmt;
use std::ops::Deref;

use super::table::table;
use super::{CloseCode, Platform};
use crate::ids::{ConversationId, SessionId, UserId};

/// A token. `Debug` does not show it, so that no log does.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

table! {
    /// The first frame of a session ([S1]).
    AuthRequest(AuthRequestArgs) {
        /// An access token.
        token: Secret,
        /// 1 to 64 of `[A-Za-z0-9_-]`; the device that the token was issued for.
        device_id: String,
        /// The platform that the token was issued for.
        platform: Platform,
        /// At most 64 bytes, for logs only.
        client_version: String,
    }

    /// What the session may do; more is answered by `RetryLater` ([S9]).
    Limits(LimitsArgs) {
        /// A frame, without its length.
        max_frame_bytes: u32,
        /// The content of one message.
        max_text_bytes: u32,
        /// Messages in one `UserMessage`.
        max_messages_per_request: u16,
        /// In the long run; heartbeats are free.
        frames_per_second: u16,
        /// At once, after a pause.
        frame_burst: u16,
    }

    /// The session is open and its location registered ([S2]).
    AuthResponse(AuthResponseArgs) {
        /// Larger than that of every earlier session on the node.
        session_id: SessionId,
        /// Whose token it was.
        user_id: UserId,
        /// The access node.
        node_id: String,
        /// Milliseconds since 1970.
        server_time: i64,
        /// How often the client sends `Heartbeat` ([S4]).
        heartbeat_interval_ms: u32,
        /// Milliseconds since 1970.
        token_expires_at: i64,
        /// What the session may do.
        limits: Limits,
    }

    /// The client lives ([S4]).
    Heartbeat(HeartbeatArgs) {
        /// Milliseconds by the client's clock.
        client_time: i64,
    }

    /// The answer to `Heartbeat`.
    HeartbeatAck(HeartbeatAckArgs) {
        /// As sent, so that the client can tell the round trip.
        client_time: i64,
        /// Milliseconds since 1970.
        server_time: i64,
        /// Pushes that logic addressed to this session so far, dropped ones included ([S5]).
        pushed: u64,
    }

    /// Open a session elsewhere, then leave ([S7]).
    Drain(DrainArgs) {
        /// Milliseconds.
        within_ms: u32,
    }

    /// The last frame of a session that the server ends ([S6]).
    Kick(KickArgs) {
        /// Says whether to connect again.
        code: CloseCode,
        /// For people.
        message: String,
    }

    /// The token expires soon: send `Reauth`.
    TokenExpiring(TokenExpiringArgs) {
        /// Milliseconds since 1970.
        expires_at: i64,
    }

    /// A newer token of the same user, device and platform.
    Reauth(ReauthArgs) {
        /// An access token.
        token: Secret,
    }

    /// From now on what is broadcast in the conversation comes live; before, and after that ended, there is a `SyncHint` now and then.
    /// Answered by `Done`.
    Follow(FollowArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// No longer.
        ended: bool,
    }
}
