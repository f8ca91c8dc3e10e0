//! `Idempotency-Key` of what web itself creates: a repeat within 24 hours has no second effect and gets the same answer.
//!
//! The key is noted in the transaction of what is created (`store/idempotency.rs`), so that one never is without the other; a repeat at the
//! same moment waits for that transaction. What logic creates knows repeats by the key itself ([`crate::extract::RepeatKey`]).

use std::time::{Duration, SystemTime};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::RepeatKey;
use crate::store::Store;

/// How long a key is remembered.
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How often expired keys are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// Keys that are removed at once.
const BATCH: u32 = 1_000;

/// The `Idempotency-Key` of a request, if it has one: a UUIDv7.
#[derive(Debug, Clone, Copy)]
pub struct OnceKey(Option<Uuid>);

impl<S: Send + Sync> FromRequestParts<S> for OnceKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if !parts.headers.contains_key("idempotency-key") {
            return Ok(Self(None));
        }
        let RepeatKey(key) = RepeatKey::from_request_parts(parts, state).await?;
        Ok(Self(Some(key)))
    }
}

/// One creation that may be repeated. Neither the key nor the request can be read from it: a request may hold a password, and the hash
/// of it is of no use without the key, which nobody has but the client.
#[derive(Debug, Clone)]
pub struct Once {
    pub(crate) scope: String,
    pub(crate) key_hash: [u8; 32],
    pub(crate) request_hash: [u8; 32],
    pub(crate) expires_at: SystemTime,
}

impl OnceKey {
    /// The creation of `scope`, which names what is created and by whom (`friend_request:7`), by a request that says `request`; none without a key.
    ///
    /// # Errors
    /// `Internal`: `request` is nothing that JSON can hold.
    pub fn once(
        self,
        scope: impl Into<String>,
        request: &impl Serialize,
    ) -> Result<Option<Once>, ApiError> {
        let Some(key) = self.0 else {
            return Ok(None);
        };
        let request = serde_json::to_vec(request)
            .map_err(|error| ApiError::internal("hashing a request", error))?;
        Ok(Some(Once {
            scope: scope.into(),
            key_hash: hash(b"im key 1", &[key.as_bytes()]),
            request_hash: hash(b"im request 1", &[key.as_bytes(), &request]),
            expires_at: SystemTime::now() + LIFETIME,
        }))
    }
}

/// Parts of a fixed length but the last one.
fn hash(purpose: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new_with_prefix(purpose);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Removes keys that have expired, for ever. Every web node has one; they pass over what another one has in hand.
pub(crate) async fn sweep(store: Store) {
    loop {
        // Nodes that start together do not sweep together.
        tokio::time::sleep(SWEEP_EVERY.mul_f64(0.5 + rand::random::<f64>())).await;
        loop {
            match store.forget_creations(SystemTime::now(), BATCH).await {
                Ok(removed) if removed < u64::from(BATCH) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "expired keys of creations stay until the next sweep");
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// J7: the same request is the same; another body, or another key, is not.
    #[test]
    fn a_request_is_known_by_its_key_and_its_body() {
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let once = |key, body| OnceKey(Some(key)).once("register", &body).unwrap().unwrap();
        let (first, again) = (once(one, "ada"), once(one, "ada"));
        assert_eq!(first.key_hash, again.key_hash);
        assert_eq!(first.request_hash, again.request_hash);
        let bob = once(one, "bob");
        assert_eq!(first.key_hash, bob.key_hash);
        assert_ne!(first.request_hash, bob.request_hash);
        // Without the key the hash of a body cannot be guessed at.
        assert_ne!(once(other, "ada").request_hash, first.request_hash);
        assert!(OnceKey(None).once("register", &"ada").unwrap().is_none());
    }
}
