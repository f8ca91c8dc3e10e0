//! `[push]`

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// `[push]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushConfig {
    /// The public key that belongs to logic's `push.vapid_key`, in base64url; empty where browsers get no pushes.
    pub public_key: String,
}

impl Validate for PushConfig {
    fn validate(&self, problems: &mut Problems) {
        // An uncompressed point of P-256: 4, and two numbers of 32 bytes (RFC 8292, 3.2).
        let point = URL_SAFE_NO_PAD.decode(&self.public_key);
        let legal = point.is_ok_and(|point| point.len() == 65 && point[0] == 4);
        problems.check(
            legal || self.public_key.is_empty(),
            "public_key",
            "must be a point of P-256 in base64url, 87 characters",
        );
    }
}
