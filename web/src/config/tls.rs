//! `[tls]`

use std::path::PathBuf;

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[tls]`: where this program does TLS itself. Without it a proxy does, or nobody.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate chain in PEM; empty for clear text.
    pub chain: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
    /// How often it is looked whether they have changed, in milliseconds.
    pub reload_ms: u64,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            chain: PathBuf::new(),
            key: PathBuf::new(),
            reload_ms: 1_000,
        }
    }
}

impl TlsConfig {
    /// Whether TLS is done here.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.chain.as_os_str().is_empty()
    }
}

impl Validate for TlsConfig {
    fn validate(&self, problems: &mut Problems) {
        let both = self.chain.as_os_str().is_empty() == self.key.as_os_str().is_empty();
        problems.check(both, "key", "must be given with chain, and not without");
        let legal = (10..=86_400_000).contains(&self.reload_ms);
        problems.check(legal, "reload_ms", "must be 10 to 86400000");
    }
}
