//! The certificate of the QUIC endpoint.
//!
//! Without one of the operator's, the node makes its own, which browsers accept by its hash. It renews it while it runs:
//! the next one is announced in the node's record well before it is used, so a client that fetched the hashes a moment
//! ago knows both.
//!
//! | file | what it holds |
//! |---|---|
//! | `made` | one certificate: how it is made |
//! | `rotation` | when the next one is made and used: pure |
//!
//! An operator's certificate is read by [`im_shared::tls`], and again when it changes.

mod made;
mod rotation;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::config::CertificateConfig;
use im_shared::tls::{CertificateFiles, TlsError};
pub use made::Made;
pub use rotation::Rotation;

/// How often it is looked whether something has to change.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// One could not be made.
    #[error("a certificate could not be made")]
    Make(#[from] rcgen::Error),
    /// A key or chain is not usable.
    #[error("the certificate or its key is not usable")]
    Key(#[from] rustls::Error),
    /// The operator's files are not usable.
    #[error("the operator's certificate is not usable")]
    Files(#[from] TlsError),
}

/// What the endpoint shows to clients.
#[derive(Debug)]
pub(crate) struct Certificates {
    current: ArcSwap<CertifiedKey>,
    hashes: ArcSwap<Vec<String>>,
}

impl Certificates {
    /// SHA-256 of the certificate in use, and of the next one once it is announced, in hex. Empty for an operator's.
    pub(crate) fn hashes(&self) -> Vec<String> {
        self.hashes.load().to_vec()
    }

    fn show(&self, current: Arc<CertifiedKey>, hashes: Vec<String>) {
        self.current.store(current);
        self.hashes.store(Arc::new(hashes));
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

/// Where the certificates come from.
enum Source {
    Own(Rotation),
    Operator(Arc<CertificateFiles>),
}

/// Keeps [`Certificates`] up to date: one task, owned by `App`, that ends with the token.
pub(crate) struct Renewal {
    certificates: Arc<Certificates>,
    source: Source,
}

impl Renewal {
    /// Makes or reads the first certificate.
    pub(crate) fn load(config: &CertificateConfig) -> Result<Self, CertificateError> {
        let (source, current, hashes) = if config.chain.as_os_str().is_empty() {
            let rotation = Rotation::new(config.names.clone(), OffsetDateTime::now_utc())?;
            let (current, hashes) = (rotation.current(), rotation.hashes());
            (Source::Own(rotation), current, hashes)
        } else {
            let operator = CertificateFiles::load(&config.chain, &config.key)?;
            let current = operator.current();
            (Source::Operator(operator), current, Vec::new())
        };
        let certificates = Certificates {
            current: ArcSwap::new(current),
            hashes: ArcSwap::from_pointee(hashes),
        };
        Ok(Self {
            certificates: Arc::new(certificates),
            source,
        })
    }

    /// What the endpoint shows.
    pub(crate) fn certificates(&self) -> Arc<Certificates> {
        Arc::clone(&self.certificates)
    }

    /// Looks after the certificate until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let looks = async {
            loop {
                sleep(LOOK_EVERY).await;
                if let Err(error) = self.look(OffsetDateTime::now_utc()) {
                    tracing::error!(%error, "the certificate was not renewed");
                }
            }
        };
        stop.run_until_cancelled(looks).await;
    }

    fn look(&mut self, now: OffsetDateTime) -> Result<(), CertificateError> {
        match &mut self.source {
            Source::Own(rotation) => {
                if rotation.step(now)? {
                    self.certificates
                        .show(rotation.current(), rotation.hashes());
                    tracing::info!(hashes = ?rotation.hashes(), "the certificate was renewed or announced");
                }
            }
            Source::Operator(operator) => {
                if operator.reload()? {
                    self.certificates.show(operator.current(), Vec::new());
                    tracing::info!("the operator's certificate was read again");
                }
            }
        }
        Ok(())
    }
}
