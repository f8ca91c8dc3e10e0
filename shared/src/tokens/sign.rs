//! The private keys. Only web has them.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use uuid::Uuid;

use super::claims::Payload;
use super::manifest::{self, Manifest, millis};
use super::{ACCESS_TOKEN_LIFE, AccountKind, Claims, KeyError, TokenError, files};
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

/// Signs tokens. A cheap clone; all clones follow the same keys. Its `Debug` form names the key ids only.
#[derive(Clone)]
pub struct Signer {
    keys: Arc<ArcSwap<Vec<Key>>>,
}

/// One key that can sign, and when. Times are milliseconds since 1970.
pub(super) struct Key {
    id: String,
    key: EncodingKey,
    active_from: u64,
    retires_at: Option<u64>,
}

impl Signer {
    /// Reads one private key in PEM (PKCS #8); the file's stem is the key id.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no Ed25519 key.
    pub fn load(file: &Path) -> Result<Self, KeyError> {
        Ok(Self::new(vec![Key::load(file, 0, None)?]))
    }

    /// From a private key in PEM.
    ///
    /// # Errors
    ///
    /// It is no Ed25519 key.
    pub fn from_pem(key_id: &str, pem: &str) -> Result<Self, TokenError> {
        Ok(Self::new(vec![Key::from_pem(key_id, pem, 0, None)?]))
    }

    pub(super) fn new(keys: Vec<Key>) -> Self {
        Self {
            keys: Arc::new(ArcSwap::from_pointee(keys)),
        }
    }

    /// From now on these keys sign, for every clone.
    pub(super) fn replace(&self, keys: Vec<Key>) {
        self.keys.store(Arc::new(keys));
    }

    /// Signs a token that is good from `now` for [`ACCESS_TOKEN_LIFE`].
    ///
    /// # Errors
    ///
    /// The platform has no name.
    pub fn sign(&self, subject: &Subject<'_>, now: SystemTime) -> Result<Signed, TokenError> {
        self.sign_as(subject, now, Uuid::new_v4())
    }

    /// As [`Signer::sign`], with the token's own id. The same subject, second and id give the same token, byte for byte.
    ///
    /// # Errors
    ///
    /// As [`Signer::sign`].
    pub fn sign_as(
        &self,
        subject: &Subject<'_>,
        now: SystemTime,
        id: Uuid,
    ) -> Result<Signed, TokenError> {
        let claims = Claims {
            user: subject.user,
            kind: subject.kind,
            sign_in: subject.sign_in,
            device: subject.device.to_owned(),
            platform: subject.platform,
            issued_at: now,
            expires_at: now + ACCESS_TOKEN_LIFE,
            id,
        };
        let payload = Payload::new(&claims)?;
        let token = self.encode(&payload, now)?;
        let claims = payload.into_claims()?;
        Ok(Signed { token, claims })
    }

    /// The token of any payload, signed with the key that signs at `now`.
    pub(super) fn encode(
        &self,
        payload: &impl Serialize,
        now: SystemTime,
    ) -> Result<String, TokenError> {
        let keys = self.keys.load();
        let times = keys.iter().map(|key| (key.active_from, key.retires_at));
        let at = manifest::signing(times, millis(now)).ok_or(TokenError::Invalid)?;
        keys[at].encode(payload)
    }
}

impl Key {
    fn load(file: &Path, active_from: u64, retires_at: Option<u64>) -> Result<Self, KeyError> {
        let (id, pem) = (files::key_id(file)?, files::read(file)?);
        let key = Self::from_pem(&id, &pem, active_from, retires_at);
        key.map_err(|_| KeyError::Unusable(file.to_owned()))
    }

    fn from_pem(
        id: &str,
        pem: &str,
        active_from: u64,
        retires_at: Option<u64>,
    ) -> Result<Self, TokenError> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| TokenError::Invalid)?;
        let key = Self {
            id: id.to_owned(),
            key,
            active_from,
            retires_at,
        };
        // The library looks at the key no earlier than at its first use.
        key.encode(&())?;
        Ok(key)
    }

    fn encode(&self, payload: &impl Serialize) -> Result<String, TokenError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, payload, &self.key).map_err(|_| TokenError::Invalid)
    }
}

/// The private keys of a folder that the manifest beside the public ones names; without a manifest, the one that is there.
pub(super) fn read(folder: &Path, public: &Path) -> Result<Vec<Key>, KeyError> {
    let mut keys = Vec::new();
    if let Some(manifest) = Manifest::read(public)? {
        for record in manifest.keys {
            let file = files::pem(folder, &record.id);
            // Where keys were adopted or withdrawn there are public ones without a private one.
            if file.is_file() {
                keys.push(Key::load(&file, record.active_from, record.retires_at)?);
            }
        }
    } else {
        for file in files::pem_files(folder)? {
            keys.push(Key::load(&file, 0, None)?);
        }
        if keys.len() > 1 {
            return Err(KeyError::Ambiguous(folder.to_owned()));
        }
    }
    if keys.is_empty() {
        return Err(KeyError::Empty(folder.to_owned()));
    }
    Ok(keys)
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.keys.load();
        f.debug_set()
            .entries(keys.iter().map(|key| &key.id))
            .finish()
    }
}
