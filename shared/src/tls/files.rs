//! A server's certificate: a chain and a key in PEM files, which a tool such as certbot renews.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

/// What handshakes show. [`CertificateFiles::watch`] keeps it up to date.
#[derive(Debug)]
pub struct CertificateFiles {
    chain: PathBuf,
    key: PathBuf,
    current: ArcSwap<CertifiedKey>,
    /// When the files were changed that `current` was read from.
    changed_at: Mutex<[Option<SystemTime>; 2]>,
}

impl CertificateFiles {
    /// Reads both files.
    ///
    /// # Errors
    ///
    /// One cannot be read, or the key is not that of the certificate.
    pub fn load(chain: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        // Asked before the files are read: what changes in between is read again.
        let changed_at = [changed_at(chain), changed_at(key)];
        let current = ArcSwap::new(read(chain, key)?);
        Ok(Arc::new(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current,
            changed_at: Mutex::new(changed_at),
        }))
    }

    /// What is shown now.
    #[must_use]
    pub fn current(&self) -> Arc<CertifiedKey> {
        self.current.load_full()
    }

    /// Reads both again when one has changed; whether it has. After an error the old ones stay, and the next call tries again: the two
    /// files are not replaced at the same moment.
    ///
    /// # Errors
    ///
    /// As of [`CertificateFiles::load`].
    pub fn reload(&self) -> Result<bool, TlsError> {
        let mut seen = self.changed_at.lock();
        let now = [changed_at(&self.chain), changed_at(&self.key)];
        if *seen == now {
            return Ok(false);
        }
        self.current.store(read(&self.chain, &self.key)?);
        *seen = now;
        Ok(true)
    }

    /// Looks every `every` whether a file has changed, and shows the new certificate to the handshakes that come. Never ends; its owner
    /// drops it.
    pub async fn watch(self: Arc<Self>, every: Duration) {
        let mut failing = false;
        loop {
            tokio::time::sleep(every).await;
            let chain = self.chain.display();
            match self.reload() {
                Ok(changed) => {
                    failing = false;
                    if changed {
                        metrics::counter!("im_tls_reloads_total", "result" => "ok").increment(1);
                        tracing::info!(%chain, "the certificate was read again");
                    }
                }
                Err(error) => {
                    if !failing {
                        metrics::counter!("im_tls_reloads_total", "result" => "failed")
                            .increment(1);
                        tracing::error!(%chain, %error, "the certificate was not read again; the old one stays");
                    }
                    failing = true;
                }
            }
        }
    }
}

impl ResolvesServerCert for CertificateFiles {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file)
        .and_then(|metadata| metadata.modified())
        .ok()
}

fn read(chain: &Path, key: &Path) -> Result<Arc<CertifiedKey>, TlsError> {
    let name = |file: &Path| file.display().to_string();
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| TlsError::File(name(chain), error))?;
    if certificates.is_empty() {
        return Err(TlsError::Empty(name(chain)));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::File(name(key), error))?;
    let certified = CertifiedKey::from_der(certificates, private, &default_provider())?;
    // Otherwise no client could ever finish a handshake.
    certified.keys_match()?;
    Ok(Arc::new(certified))
}
