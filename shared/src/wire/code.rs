//! Why a request failed: the text, the HTTP status and what a client may do. `docs/errors.md` is the same for readers.

use super::Code;

impl Code {
    /// The name in the schema, or `Unknown`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.variant_name().unwrap_or("Unknown")
    }

    /// Whether the same request may succeed later, and is sent again by itself ([M3]).
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::RetryLater | Self::Unavailable)
    }

    /// The standard text, in English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.meaning().1
    }

    /// The status of a REST answer with this code.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        self.meaning().0
    }

    const fn meaning(self) -> (u16, &'static str) {
        match self {
            Self::Ok => (200, "ok"),

            Self::Internal => (500, "the server failed"),
            Self::Unavailable => (503, "a part of the system is not available"),
            Self::RetryLater => (503, "too much to do, try again later"),
            Self::InvalidArgument => (400, "an argument is not valid"),
            Self::MalformedFrame => (400, "the frame is malformed"),
            Self::FrameTooLarge => (413, "the frame is too large"),
            Self::Unsupported => (501, "the request is not supported"),
            Self::NotFound => (404, "not found"),
            Self::Forbidden => (403, "not allowed"),
            Self::RateLimited => (429, "too many requests"),
            Self::DeadlineExceeded => (504, "the answer took too long"),
            Self::IdempotencyConflict => (409, "the key was used for another request"),

            Self::Unauthenticated => (401, "sign in first"),
            Self::TokenInvalid => (401, "the token is not valid"),
            Self::TokenExpired => (401, "the token has expired"),
            Self::TokenRevoked => (401, "the token was revoked"),
            Self::WrongCredentials => (401, "wrong username or password"),
            Self::UsernameTaken => (409, "the username is taken"),
            Self::UsernameInvalid => (
                400,
                "a username is 3 to 32 of a-z, 0-9, dot, underscore and hyphen",
            ),
            Self::PasswordInvalid => (400, "a password is 8 to 71 bytes"),
            Self::UserDisabled => (403, "the account is disabled"),
            Self::UserNotFound => (404, "there is no such user"),
            Self::PasswordCommon => (400, "the password is easy to guess"),
            Self::ResetTokenInvalid => (400, "the token to reset a password is not good any more"),
            Self::DeviceNotFound => (404, "there is no such device"),

            Self::FriendSelf => (400, "nobody is their own friend"),
            Self::FriendAlready => (409, "already friends"),
            Self::FriendRequestPending => (409, "a friend request is already pending"),
            Self::FriendRequestNotFound => (404, "there is no such friend request"),
            Self::FriendRequestAnswered => (409, "the friend request was already answered"),
            Self::NotFriends => (403, "not friends"),
            Self::Blocked => (403, "blocked"),
            Self::RequestsClosed => (403, "the user takes no friend requests"),

            Self::ConversationNotFound => (404, "there is no such conversation"),
            Self::NotMember => (403, "not a member of the conversation"),
            Self::MessageConflict => (409, "the message id was used for another message"),
            Self::TextTooLong => (400, "the text is longer than 8192 bytes"),
            Self::TextInvalid => (400, "the text is not UTF-8 without NUL"),
            Self::MessageTypeInvalid => (400, "the message type cannot be sent"),
            Self::TooManyMessages => (400, "more than 64 messages in one request"),
            Self::MessageIdInvalid => (400, "the client message id is not a UUIDv7"),
            Self::MessageEmpty => (400, "the message is empty"),
            Self::ContentInvalid => (400, "the content does not fit the type of the message"),
            Self::MentionInvalid => (400, "at most 32 users are mentioned, each once"),
            Self::ReadOnly => (403, "nobody but the operator writes here"),
            Self::TargetNotFound => (404, "there is no such message in the conversation"),
            Self::TargetRecalled => (409, "the message was taken back"),
            Self::NotSender => (403, "somebody else sent the message"),
            Self::EditTooLate => (403, "the message is too old to be edited"),
            Self::EditTooOften => (409, "the message was edited too often"),
            Self::RecallTooLate => (403, "the message is too old to be taken back"),
            Self::ReactionInvalid => (400, "a reaction is 1 to 32 bytes without spaces"),
            Self::TooManyReactions => (409, "too many different reactions to the message"),
            Self::SearchInvalid => (400, "the search has no word, or more than 256 bytes"),
            Self::PushSubscriptionInvalid => (400, "the push subscription is not valid"),

            Self::NotPermitted => (403, "the role does not permit it"),
            Self::NotAGroup => (400, "the conversation is not a group"),
            Self::GroupFull => (409, "the group is full"),
            Self::GroupDissolved => (410, "the group was dissolved"),
            Self::GroupNameInvalid => (400, "a group's name is 1 to 64 characters"),
            Self::AlreadyMember => (409, "already a member"),
            Self::InviteOnly => (403, "one joins this group by invitation"),
            Self::JoinRequestPending => (409, "a request to join is already pending"),
            Self::JoinRequestNotFound => (404, "there is no such request to join"),
            Self::Silenced => (403, "not allowed to write in this group now"),

            Self::FileNotFound => (404, "there is no such file"),
            Self::FileTooLarge => (413, "the file is too large"),
            Self::FileTypeRefused => (400, "files of this type are not taken here"),
            Self::FileMismatch => (400, "the message says something else than its file"),
            Self::ImageInvalid => (400, "the image cannot be read"),

            _ => (500, "unknown code"),
        }
    }
}
