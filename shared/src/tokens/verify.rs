//! The public keys.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::de::DeserializeOwned;

use super::claims::{self, AUDIENCE, ISSUER, Payload};
use super::manifest::{Manifest, millis};
use super::{ACCESS_TOKEN_LIFE, Claims, KeyError, TokenError, files};

/// A token may be this much ahead of the clock here, in seconds.
pub(super) const CLOCK_SKEW_SECONDS: u64 = 60;

/// No token of ours is longer; longer ones are refused unread. Bytes.
const MAX_TOKEN: usize = 2_048;

/// Verifies tokens. A cheap clone; all clones follow the same keys.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<ArcSwap<PublicKeys>>,
    validation: Arc<Validation>,
}

/// By their ids.
pub(super) type PublicKeys = BTreeMap<String, Key>;

/// One key that tokens are checked with.
pub(super) struct Key {
    decoding: DecodingKey,
    bytes: [u8; 32],
    /// Milliseconds since 1970.
    retires_at: Option<u64>,
}

/// A key for whoever else checks tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// `kid` in the header of its tokens.
    pub id: String,
    /// The Ed25519 point (RFC 8032).
    pub bytes: [u8; 32],
}

impl Verifier {
    /// Reads the keys of a folder: those that `keys.json` names, or every `*.pem` where there is none; a file's stem is its key id.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, holds none, or one of them is no Ed25519 public key.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        Ok(Self::new(read(folder)?))
    }

    /// From public keys in PEM, each with its key id.
    ///
    /// # Errors
    ///
    /// One of them is no Ed25519 public key.
    pub fn from_pems(pems: &[(&str, &str)]) -> Result<Self, TokenError> {
        let mut keys = PublicKeys::new();
        for (key_id, pem) in pems {
            keys.insert((*key_id).to_owned(), Key::from_pem(pem, None)?);
        }
        Ok(Self::new(keys))
    }

    fn new(keys: PublicKeys) -> Self {
        Self {
            keys: Arc::new(ArcSwap::from_pointee(keys)),
            validation: Arc::new(validation(AUDIENCE)),
        }
    }

    /// From now on these keys count, for every clone.
    pub(super) fn replace(&self, keys: PublicKeys) {
        self.keys.store(Arc::new(keys));
    }

    /// How many keys there are, for a metric.
    pub(super) fn count(&self) -> f64 {
        f64::from(u32::try_from(self.keys.load().len()).unwrap_or(u32::MAX))
    }

    /// The keys that count at `now`, by their ids.
    #[must_use]
    pub fn public_keys(&self, now: SystemTime) -> Vec<PublicKey> {
        let (keys, now) = (self.keys.load(), millis(now));
        let live = keys.iter().filter(|(_, key)| !key.is_retired(now));
        live.map(|(id, key)| PublicKey {
            id: id.clone(),
            bytes: key.bytes,
        })
        .collect()
    }

    /// What `token` says, if it is good now. About 40 us.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; why exactly a token is invalid is not told.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.verify_at(token, SystemTime::now())
    }

    /// As [`Verifier::verify`], at a given time.
    ///
    /// # Errors
    ///
    /// As [`Verifier::verify`].
    pub fn verify_at(&self, token: &str, now: SystemTime) -> Result<Claims, TokenError> {
        let payload: Payload = self.decode(token, &self.validation, now)?;
        let now = claims::seconds(now);
        let latest = now.saturating_add(CLOCK_SKEW_SECONDS);
        let life = payload.exp.checked_sub(payload.iat);
        let sound = payload.nbf <= latest
            && payload.iat <= latest
            && life.is_some_and(|life| life <= ACCESS_TOKEN_LIFE.as_secs());
        if !sound {
            return Err(TokenError::Invalid);
        }
        if payload.exp <= now {
            return Err(TokenError::Expired);
        }
        payload.into_claims()
    }

    /// The payload of a token that one of the keys signed; its times are not looked at.
    pub(super) fn decode<T: DeserializeOwned>(
        &self,
        token: &str,
        validation: &Validation,
        now: SystemTime,
    ) -> Result<T, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let keys = self.keys.load();
        let key = header.kid.as_ref().and_then(|id| keys.get(id));
        let key = key.filter(|key| !key.is_retired(millis(now)));
        let key = key.ok_or(TokenError::Invalid)?;
        // Nothing else stands in a header of ours: no key of the sender's, no address of one, nothing that must be understood first.
        let mut ours = Header::new(Algorithm::EdDSA);
        ours.kid.clone_from(&header.kid);
        if header != ours {
            return Err(TokenError::Invalid);
        }
        let decoded = jsonwebtoken::decode::<T>(token, &key.decoding, validation);
        Ok(decoded.map_err(|_| TokenError::Invalid)?.claims)
    }
}

/// What a token for `audience` must be.
pub(super) fn validation(audience: &str) -> Validation {
    // The one algorithm that is accepted, whatever the header says.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    // Times are checked by the callers against a clock that tests control.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

/// The keys of a folder.
pub(super) fn read(folder: &Path) -> Result<PublicKeys, KeyError> {
    let mut files = Vec::new();
    match Manifest::read(folder)? {
        Some(manifest) => {
            let file = |id: &str| files::pem(folder, id);
            files.extend(
                manifest
                    .keys
                    .iter()
                    .map(|key| (file(&key.id), key.retires_at)),
            );
        }
        None => files.extend(
            files::pem_files(folder)?
                .into_iter()
                .map(|file| (file, None)),
        ),
    }
    if files.is_empty() {
        return Err(KeyError::Empty(folder.to_owned()));
    }
    let mut keys = PublicKeys::new();
    for (file, retires_at) in files {
        let (id, pem) = (files::key_id(&file)?, files::read(&file)?);
        let key = Key::from_pem(&pem, retires_at).map_err(|_| KeyError::Unusable(file))?;
        keys.insert(id, key);
    }
    Ok(keys)
}

impl Key {
    fn from_pem(pem: &str, retires_at: Option<u64>) -> Result<Self, TokenError> {
        let decoding = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| TokenError::Invalid)?;
        // The library takes the first 32 bytes of whatever the PEM holds: a private key would pass and panic for shorter ones.
        let bytes = decoding.try_get_as_bytes().ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        match bytes {
            Some(bytes) if pem.contains("PUBLIC KEY") => Ok(Self {
                decoding,
                bytes,
                retires_at,
            }),
            _ => Err(TokenError::Invalid),
        }
    }

    fn is_retired(&self, now: u64) -> bool {
        self.retires_at.is_some_and(|end| end <= now)
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.keys.load().keys()).finish()
    }
}
