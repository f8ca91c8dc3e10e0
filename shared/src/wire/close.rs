//! Why a session ended.

use super::CloseCode;

impl CloseCode {
    /// Whether the client connects again by itself, with backoff ([S6]): 4000 to 4499. Also after a transport that
    /// ended without any code of ours.
    #[must_use]
    pub const fn may_reconnect(self) -> bool {
        !matches!(self.0, 4500..=4999)
    }

    /// The name in the schema, or `Unknown`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.variant_name().unwrap_or("Unknown")
    }

    /// For `Kick.message` and the transport's close reason, in English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::GoingAway => "the server is going away",
            Self::HeartbeatTimeout => "nothing was heard from the client",
            Self::SlowConsumer => "the client does not read fast enough",
            Self::Overloaded => "the server is full",
            Self::InternalError => "the server failed",
            Self::HandshakeTimeout => "the client did not authenticate in time",
            Self::ProtocolError => "the client broke the protocol",
            Self::AuthenticationFailed => "the token was refused",
            Self::TokenExpired => "the token has expired",
            Self::SignedInElsewhere => "the user signed in elsewhere",
            Self::SignedOut => "the user signed out",
            Self::RemovedByAdministrator => "an administrator ended the session",
            Self::PasswordChanged => "the password was changed",
            _ => "closed",
        }
    }
}
