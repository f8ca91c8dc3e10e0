//! Whom a client believes: an operator's own authorities, or those of the system. Names are always checked.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::TlsError;

/// A client that believes the authorities in `ca_file` (PEM) and no others; where that is empty, those of the system.
///
/// # Errors
///
/// The file cannot be read or holds no certificate; the system has none.
pub fn client_config(ca_file: &Path) -> Result<ClientConfig, TlsError> {
    let roots = if ca_file.as_os_str().is_empty() {
        system()?
    } else {
        of_file(ca_file)?
    };
    Ok(config(roots)?)
}

/// A client that believes nobody: for where a connector is needed and never used.
///
/// # Errors
///
/// The cryptography of this program is not usable.
pub(crate) fn nobody() -> Result<ClientConfig, TlsError> {
    Ok(config(RootCertStore::empty())?)
}

fn config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn of_file(file: &Path) -> Result<RootCertStore, TlsError> {
    let name = || file.display().to_string();
    let authorities = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| TlsError::File(name(), error))?;
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority)?;
    }
    if roots.is_empty() {
        return Err(TlsError::Empty(name()));
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some authorities of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    // Systems carry odd old ones; what cannot be parsed is not believed.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(TlsError::Empty("the system".to_owned()));
    }
    Ok(roots)
}
