//! The public keys.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;

use super::claims::{self, AUDIENCE, ISSUER, Payload};
use super::{Claims, KeyError, TokenError, keys};

/// A token may be this much ahead of the clock here, in seconds.
pub(super) const CLOCK_SKEW_SECONDS: u64 = 60;

/// No token of ours is longer; longer ones are refused unread. Bytes.
const MAX_TOKEN: usize = 2_048;

/// Verifies tokens. A cheap clone.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<HashMap<String, DecodingKey>>,
    validation: Arc<Validation>,
}

impl Verifier {
    /// Reads every `*.pem` of a folder; a file's stem is its key id.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, holds none, or one of them is no Ed25519 public key.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let mut found = Vec::new();
        for file in keys::pem_files(folder)? {
            let pem = keys::read(&file)?;
            found.push((keys::key_id(&file)?, pem, file));
        }
        if found.is_empty() {
            return Err(KeyError::Empty(folder.to_owned()));
        }
        let mut decoded = HashMap::new();
        for (key_id, pem, file) in found {
            let key = decode_key(&pem).map_err(|_| KeyError::Unusable(file))?;
            decoded.insert(key_id, key);
        }
        Ok(Self::new(decoded))
    }

    /// From public keys in PEM, each with its key id.
    ///
    /// # Errors
    ///
    /// One of them is no Ed25519 public key.
    pub fn from_pems(pems: &[(&str, &str)]) -> Result<Self, TokenError> {
        let mut decoded = HashMap::new();
        for (key_id, pem) in pems {
            decoded.insert((*key_id).to_owned(), decode_key(pem)?);
        }
        Ok(Self::new(decoded))
    }

    fn new(keys: HashMap<String, DecodingKey>) -> Self {
        Self {
            keys: Arc::new(keys),
            validation: Arc::new(validation(AUDIENCE)),
        }
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
        let payload: Payload = self.decode(token, &self.validation)?;
        let now = claims::seconds(now);
        if payload.nbf > now.saturating_add(CLOCK_SKEW_SECONDS) {
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
    ) -> Result<T, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let key = header.kid.as_ref().and_then(|id| self.keys.get(id));
        let key = key.ok_or(TokenError::Invalid)?;
        let decoded = jsonwebtoken::decode::<T>(token, key, validation);
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

fn decode_key(pem: &str) -> Result<DecodingKey, TokenError> {
    let key = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| TokenError::Invalid)?;
    // The library takes the first 32 bytes of whatever the PEM holds: a private key would pass and panic for shorter ones.
    match key.try_get_as_bytes() {
        Ok(bytes) if bytes.len() == 32 && pem.contains("PUBLIC KEY") => Ok(key),
        _ => Err(TokenError::Invalid),
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.keys.keys()).finish()
    }
}
