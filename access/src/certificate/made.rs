//! One certificate as browsers want it for `serverCertificateHashes`: ECDSA P-256, valid for less than 14 days.

use std::fmt::Write;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::ring::default_provider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::CertificateError;

/// From `not_before` to `not_after`. Browsers take 14 days at most; 13 work (findings).
pub(super) const VALIDITY: Duration = Duration::days(13);
/// A client's clock may be behind by this much.
pub(super) const SLACK: Duration = Duration::hours(1);

/// A certificate that this node made for itself.
#[derive(Debug, Clone)]
pub struct Made {
    key: Arc<CertifiedKey>,
    hash: String,
    made_at: OffsetDateTime,
}

impl Made {
    /// A fresh key and certificate for `names` (host names and addresses).
    ///
    /// # Errors
    ///
    /// A name is none.
    pub fn new(names: &[String], now: OffsetDateTime) -> Result<Self, CertificateError> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(names)?;
        params.not_before = now - SLACK;
        params.not_after = params.not_before + VALIDITY;
        params
            .distinguished_name
            .push(DnType::CommonName, "im-access");
        let certificate = params.self_signed(&pair)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
        let hash = hex(&Sha256::digest(certificate.der()));
        let chain = vec![certificate.der().clone()];
        let key = Arc::new(CertifiedKey::from_der(chain, key, &default_provider())?);
        Ok(Self {
            key,
            hash,
            made_at: now,
        })
    }

    /// SHA-256 of the certificate, in lower-case hex.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.key
            .cert
            .first()
            .map_or(&[], |certificate| certificate.as_ref())
    }

    /// When it was made.
    #[must_use]
    pub const fn made_at(&self) -> OffsetDateTime {
        self.made_at
    }

    /// With its key.
    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
