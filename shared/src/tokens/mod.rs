//! Access tokens: JSON web tokens signed with Ed25519 (`EdDSA`).
//!
//! Web signs; access and logic hold public keys only, so that a node that is broken into cannot mint tokens. The header's `kid` names
//! the key, so that keys rotate while everything runs: a new key is announced in `keys.json`, signs when everybody has seen it, and the old
//! one counts until its last token has expired.
//!
//! | file | what it holds |
//! |---|---|
//! | `claims` | what a token says |
//! | `account` | the kinds of accounts |
//! | `sign` | the private keys |
//! | `verify` | the public keys |
//! | `files` | key files, and making a new pair |
//! | `manifest` | which key signs when, and until when it counts |
//! | `folder` | the operator's folder of keys: rotate, list, withdraw, prune |
//! | `watch` | running programs follow the folder |
//! | `platform` | the names of platforms |
//! | `reset` | the token of a mail that resets a password |

mod account;
mod claims;
mod files;
mod folder;
mod manifest;
mod platform;
mod reset;
mod sign;
mod verify;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

pub use account::AccountKind;
pub use claims::Claims;
pub use files::{KeyPair, development_keys, generate_key};
pub use folder::{KeyFolder, ListedKey};
pub use manifest::{KEY_OVERLAP, KeyRecord, KeyState};
pub use platform::{platform_from_name, platform_name};
pub use reset::{RESET_TOKEN_LIFE, Reset};
pub use sign::{Signed, Signer, Subject};
pub use verify::{PublicKey, Verifier};
pub use watch::KeyWatch;

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
    /// The folder holds no key that counts.
    #[error("no key in {path}", path = .0.display())]
    Empty(PathBuf),
    /// The folder holds several private keys, and no `keys.json` says which one signs.
    #[error("several keys in {path} and no keys.json beside the public ones", path = .0.display())]
    Ambiguous(PathBuf),
    /// There is a key of this id.
    #[error("there is a key {0} already")]
    Exists(String),
    /// It is not there, or no other key signs yet.
    #[error("there is no key {0}, or no other one signs yet")]
    Needed(String),
}

#[cfg(test)]
mod tests;
