//! The private key. Only web has one.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use uuid::Uuid;

use super::claims::Payload;
use super::{ACCESS_TOKEN_LIFE, AccountKind, Claims, KeyError, TokenError, keys};
use crate::ids::UserId;
use crate::wire::Platform;

/// A token and what it says.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Goes after `Authorization: Bearer`.
    pub token: String,
    /// What it says.
    pub claims: Claims,
}

/// Signs tokens. A cheap clone; its `Debug` form names the key id only.
#[derive(Clone)]
pub struct Signer {
    key_id: Arc<str>,
    key: Arc<EncodingKey>,
}

impl Signer {
    /// Reads a private key in PEM (PKCS #8); the file's stem is the key id.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no Ed25519 key.
    pub fn load(file: &Path) -> Result<Self, KeyError> {
        let key_id = keys::key_id(file)?;
        let pem = keys::read(file)?;
        Self::from_pem(&key_id, &pem).map_err(|_| KeyError::Unusable(file.to_owned()))
    }

    /// From a private key in PEM.
    ///
    /// # Errors
    ///
    /// It is no Ed25519 key.
    pub fn from_pem(key_id: &str, pem: &str) -> Result<Self, TokenError> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| TokenError::Invalid)?;
        let signer = Self {
            key_id: Arc::from(key_id),
            key: Arc::new(key),
        };
        // The library looks at the key no earlier than at its first use.
        signer.sign(
            UserId(1),
            AccountKind::User,
            "",
            Platform::Web,
            SystemTime::UNIX_EPOCH,
        )?;
        Ok(signer)
    }

    /// Signs a token that is good from `now` for [`ACCESS_TOKEN_LIFE`].
    ///
    /// # Errors
    ///
    /// The platform has no name.
    pub fn sign(
        &self,
        user: UserId,
        kind: AccountKind,
        device: &str,
        platform: Platform,
        now: SystemTime,
    ) -> Result<Signed, TokenError> {
        let claims = Claims {
            user,
            kind,
            device: device.to_owned(),
            platform,
            issued_at: now,
            expires_at: now + ACCESS_TOKEN_LIFE,
            id: Uuid::new_v4(),
        };
        let payload = Payload::new(&claims)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.to_string());
        let token =
            jsonwebtoken::encode(&header, &payload, &self.key).map_err(|_| TokenError::Invalid)?;
        let claims = payload.into_claims()?;
        Ok(Signed { token, claims })
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.key_id)
    }
}
