//! Access tokens: JSON web tokens signed with Ed25519 (`EdDSA`).
//!
//! Web signs; access and logic hold public keys only, so that a node that is broken into cannot mint tokens. The header's `kid` names
//! the key, so that keys rotate: put the new public key everywhere, sign with the new key, and remove the old public key a token's
//! life later.
//!
//! | file | what it holds |
//! |---|---|
//! | `claims` | what a token says |
//! | `account` | the kinds of accounts |
//! | `sign` | the private key |
//! | `verify` | the public keys |
//! | `keys` | key files, and making a new pair |
//! | `platform` | the names of platforms |

mod account;
mod claims;
//! | `reset` | the token of a mail that resets a password |
mod keys;
mod platform;
mod sign;
mod verify;

mod reset;
use std::path::PathBuf;
use std::time::Duration;

pub use account::AccountKind;
pub use claims::Claims;
pub use keys::{KeyPair, generate_key};
pub use platform::{platform_from_name, platform_name};
pub use sign::{Signed, Signer, Subject};
pub use verify::Verifier;

pub use reset::{RESET_TOKEN_LIFE, Reset};
/// How long an access token is good.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token of this system for this use.
    #[error("the token is not valid")]
    Invalid,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
}

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or folder cannot be read or written.
    #[error("key file {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no Ed25519 key in PEM, or its name is no key id.
    #[error("{path} is no usable key", path = .0.display())]
    Unusable(PathBuf),
    /// The folder holds no `*.pem`.
    #[error("no public key in {path}", path = .0.display())]
    Empty(PathBuf),
}

#[cfg(test)]
mod tests;
