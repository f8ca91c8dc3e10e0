//! Refresh tokens as clients hold them: 32 random bytes, of which the tables have the hash only.
//!
//! A token that took another one's place is kept besides, sealed with the one before it, so that a reply that was lost can be given again: who
//! reads the tables learns nothing from it, and who has the token before it would have been given it anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::wire::Code;
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::store::TokenHash;

const BYTES: usize = 32;

/// Makes the pad another one than the hash under which a token is kept.
const PAD: &[u8] = b"im refresh successor 1";

/// A refresh token. Not `Debug`: whoever has it has the account.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshSecret([u8; BYTES]);

impl RefreshSecret {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// What a client sent.
    ///
    /// # Errors
    /// `TokenInvalid` for what cannot be one.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(ApiError::Refused(Code::TokenInvalid))
    }

    /// What the client gets.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Under which it is kept.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0).into()
    }

    /// `successor`, for who has this one. A token has one successor, so each pad seals one secret.
    #[must_use]
    pub fn seal(&self, successor: &Self) -> [u8; BYTES] {
        self.xor(successor.0)
    }

    /// What [`RefreshSecret::seal`] sealed, if it is the token of this hash.
    #[must_use]
    pub fn unseal(&self, sealed: &[u8], hash: &[u8]) -> Option<Self> {
        let successor = Self(self.xor(sealed.try_into().ok()?));
        (successor.hash() == hash).then_some(successor)
    }

    fn xor(&self, mut bytes: [u8; BYTES]) -> [u8; BYTES] {
        let pad = Sha256::new().chain_update(PAD).chain_update(self.0);
        for (byte, pad) in bytes.iter_mut().zip(pad.finalize()) {
            *byte ^= pad;
        }
        bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// B3.
    #[test]
    fn a_refresh_token_is_random_and_found_by_its_hash() {
        let token = RefreshSecret::generate();
        assert_eq!(token.text().len(), 43);
        let parsed = RefreshSecret::parse(&token.text()).unwrap();
        assert_eq!(parsed.hash(), token.hash());
        assert!(RefreshSecret::generate() != token);
    }

    /// B3.
    #[test]
    fn what_cannot_be_a_refresh_token_is_invalid() {
        for bad in ["", "a", "!!!", &"A".repeat(42), &"A".repeat(44)] {
            let refused = RefreshSecret::parse(bad).err().unwrap();
            assert_eq!(refused.code(), Code::TokenInvalid, "{bad}");
        }
    }

    /// B3: nobody but who holds the token before it opens the seal.
    #[test]
    fn a_sealed_successor_is_opened_by_its_predecessor_only() {
        let (old, new) = (RefreshSecret::generate(), RefreshSecret::generate());
        let sealed = old.seal(&new);
        assert_ne!(sealed, new.0);
        assert!(old.unseal(&sealed, &new.hash()).unwrap() == new);
        let other = RefreshSecret::generate();
        assert!(other.unseal(&sealed, &new.hash()).is_none());
        assert!(old.unseal(&sealed, &other.hash()).is_none());
        assert!(old.unseal(b"", &new.hash()).is_none());
    }
}
