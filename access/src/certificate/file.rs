//! An operator's certificate: a chain and a key in PEM files, which a tool such as certbot renews.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::ring::default_provider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::CertificateError;
use super::made::certified;

/// The files and what was read from them.
pub(super) struct Operator {
    chain: PathBuf,
    key: PathBuf,
    current: Arc<CertifiedKey>,
    changed_at: [Option<SystemTime>; 2],
}

impl Operator {
    /// Reads both files.
    pub(super) fn load(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let changed_at = [changed_at(chain), changed_at(key)];
        let current = read(chain, key)?;
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current,
            changed_at,
        })
    }

    /// Reads both again when one has changed; whether it has. After an error the old ones stay, until they change again.
    pub(super) fn reload(&mut self) -> Result<bool, CertificateError> {
        let changed_at = [changed_at(&self.chain), changed_at(&self.key)];
        if changed_at == self.changed_at {
            return Ok(false);
        }
        // Only noted when it worked: the two files are not replaced at the same moment.
        self.current = read(&self.chain, &self.key)?;
        self.changed_at = changed_at;
        Ok(true)
    }

    pub(super) fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current)
    }
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file)
        .and_then(|metadata| metadata.modified())
        .ok()
}

fn read(chain: &Path, key: &Path) -> Result<Arc<CertifiedKey>, CertificateError> {
    let name = |file: &Path| file.display().to_string();
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| CertificateError::File(name(chain), error))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| CertificateError::File(name(key), error))?;
    let certified = certified(certificates, private, &default_provider())?;
    // Otherwise no client could ever finish a handshake.
    certified.keys_match()?;
    Ok(certified)
}
