//! What can go wrong, in words for people.

use std::process::ExitCode;

use im_client::{ApiError, ClientError};
use im_shared::wire::Code;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("not logged in at {0}")]
    NotLoggedIn(String),
    #[error("no user is called {0}")]
    NoSuchUser(String),
    #[error("none of your groups is called {0}")]
    NoSuchGroup(String),
    #[error("{0}")]
    Failed(String),
    #[error("{0}")]
    Usage(String),
    #[error("cannot keep the tokens in {path}")]
    Vault {
        path: std::path::PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("terminal")]
    Io(#[from] std::io::Error),
    #[error("terminal")]
    Editor(#[from] rustyline::error::ReadlineError),
    #[error("keys")]
    Keys(#[from] im_shared::tokens::KeyError),
    #[error("message broker")]
    Bus(#[from] im_shared::bus::BusError),
}

impl Error {
    /// The error with its causes, and what to do about it.
    pub(crate) fn explain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(source) = cause {
            let more = source.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = source.source();
        }
        match self.advice() {
            Some(advice) => format!("{text}\n    {advice}"),
            None => text,
        }
    }

    fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NotLoggedIn(_) => Some(
                "log in with: im login USERNAME, or make an account with: im register USERNAME",
            ),
            Self::NoSuchGroup(_) => {
                Some("im group list shows them; one that is not yours has only its id")
            }
            Self::Api(ApiError::Unreachable { .. }) => {
                Some("is it running? Another address can be given with --server")
            }
            Self::Api(error) => match error.code()? {
                Code::TokenInvalid
                | Code::TokenExpired
                | Code::TokenRevoked
                | Code::Unauthenticated => Some("log in again with: im login USERNAME"),
                Code::Forbidden => Some(
                    "guests use the world chat only; a guest becomes a user with: im upgrade USERNAME",
                ),
                Code::InviteOnly => Some("ask a member to invite you"),
                Code::Blocked => Some("im blocks shows whom you have blocked; im unblock USERNAME"),
                Code::NotFriends => Some("become friends first: im friends add USERNAME"),
                Code::UsernameInvalid => Some("a username is 3 to 32 of a-z, 0-9, _ . -"),
                Code::PasswordInvalid => Some("a password is 8 to 71 bytes long"),
                Code::PasswordCommon => Some("take several words, none of them your name"),
                Code::ResetTokenInvalid => {
                    Some("a token is good once and for 30 minutes: im reset-password USERNAME")
                }
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Api(ApiError::Unreachable { .. }) | Self::Bus(_) => 3,
            Self::NotLoggedIn(_) => 4,
            _ => 1,
        })
    }
}
