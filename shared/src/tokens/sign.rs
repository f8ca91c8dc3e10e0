//! The private key. Only web has one.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use uuid::Uuid;

use super::claims::Payload;
use super::{ACCESS_TOKEN_LIFE, AccountKind, Claims, KeyError, TokenError, keys};
use crate::ids::{SignInId, UserId};
use crate::wire::Platform;

/// Whom a token is for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The account.
    pub user: UserId,
    /// What may be done with it.
    pub kind: AccountKind,
    /// The login that it comes from.
    pub sign_in: SignInId,
    /// The device.
    pub device: &'a str,
    /// The platform.
    pub platform: Platform,
}

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
        let nobody = Subject {
            user: UserId(1),
            kind: AccountKind::User,
            sign_in: SignInId(1),
            device: "",
            platform: Platform::Web,
        };
        signer.sign(&nobody, SystemTime::UNIX_EPOCH)?;
        Ok(signer)
    }

    /// Signs a token that is good from `now` for [`ACCESS_TOKEN_LIFE`].
    ///
    /// # Errors
    ///
    /// The platform has no name.
    pub fn sign(&self, subject: &Subject<'_>, now: SystemTime) -> Result<Signed, TokenError> {
        let claims = Claims {
            user: subject.user,
            kind: subject.kind,
            sign_in: subject.sign_in,
            device: subject.device.to_owned(),
            platform: subject.platform,
            issued_at: now,
            expires_at: now + ACCESS_TOKEN_LIFE,
            id: Uuid::new_v4(),
        };
        let payload = Payload::new(&claims)?;
        let token = self.encode(&payload)?;
        let claims = payload.into_claims()?;
        Ok(Signed { token, claims })
    }

    /// The token of any payload.
    pub(super) fn encode(&self, payload: &impl Serialize) -> Result<String, TokenError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.to_string());
        jsonwebtoken::encode(&header, payload, &self.key).map_err(|_| TokenError::Invalid)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.key_id)
    }
}
