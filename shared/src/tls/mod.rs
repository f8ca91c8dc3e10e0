//! TLS by rustls, with ring: what a server shows, and whom a client believes.
//!
//! | file | what it holds |
//! |---|---|
//! | `files` | a chain and a key in PEM files, read again when they change |
//! | `client` | the authorities that a client believes |

mod client;
mod files;

pub use client::client_config;
pub(crate) use client::nobody;
pub use files::CertificateFiles;

/// Why TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read, or holds no PEM.
    #[error("{0}")]
    File(String, #[source] rustls_pki_types::pem::Error),
    /// A key, a chain or an authority is not usable.
    #[error("the certificate or its key is not usable")]
    Unusable(#[from] rustls::Error),
    /// A file holds no certificate, or the system has no authorities.
    #[error("{0} holds no certificate")]
    Empty(String),
}
