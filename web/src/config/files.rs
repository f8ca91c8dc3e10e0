//! `[files]`

use std::fmt;
use std::path::PathBuf;

use im_shared::config::{Problems, Validate};
use serde::Deserialize;

/// The largest file that a message can be about, in bytes: `shared/src/content/media.rs` has the same.
const MAX_BYTES: u64 = 2 << 30;

/// The shortest secret that URLs are signed with, in bytes: as long as the hash (RFC 2104, 3).
const SECRET_BYTES: usize = 32;

/// A word that no log shows.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The word itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "\"***\"" })
    }
}

/// `[files]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileConfig {
    /// `s3://bucket/prefix`, or empty for `folder`.
    pub store: String,
    /// Where files lie without a store elsewhere; all web nodes need the same one. It is made at the start.
    pub folder: PathBuf,
    /// Where uploads lie until they are complete; empty for the system's folder of temporary files.
    pub spool: PathBuf,
    /// Of the S3 store, such as `https://minio.example:9000`; empty for Amazon's own of the region.
    pub endpoint: String,
    /// Of the S3 store.
    pub region: String,
    /// Of the S3 store.
    pub access_key: Secret,
    /// Of the S3 store.
    pub secret_key: Secret,
    /// Signs URLs, 32 bytes or more, the same on all web nodes; empty for the one in `secret_file`.
    pub secret: Secret,
    /// Holds the secret where `secret` is empty; made at the start where it is missing.
    pub secret_file: PathBuf,
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The largest picture that is looked into, in bytes: a larger one is a file like any other, without width, height and thumbnail.
    pub max_image_bytes: u64,
    /// What one user's files may come to, in bytes.
    pub quota_bytes: u64,
    /// Uploads at once on a node; more are answered with `RetryLater`.
    pub uploads: usize,
    /// How long an upload may take, in milliseconds.
    pub upload_timeout_ms: u64,
    /// An upload that brings nothing for so long is given up, in milliseconds.
    pub stall_timeout_ms: u64,
    /// A signed URL is good for so long at least, and for twice as long at most.
    pub url_seconds: u32,
    /// What nothing uses after so many hours is removed.
    pub orphan_hours: u32,
    /// How often each web node looks for it, in milliseconds.
    pub sweep_interval_ms: u64,
}

impl Default for FileConfig {
    fn default() -> Self {
        Self {
            store: String::new(),
            folder: PathBuf::from(".run/files"),
            spool: PathBuf::new(),
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            access_key: Secret::default(),
            secret_key: Secret::default(),
            secret: Secret::default(),
            secret_file: PathBuf::from(".run/keys/files.key"),
            max_bytes: 50 << 20,
            max_image_bytes: 10 << 20,
            quota_bytes: 2 << 30,
            uploads: 16,
            upload_timeout_ms: 300_000,
            stall_timeout_ms: 10_000,
            url_seconds: 600,
            orphan_hours: 24,
            sweep_interval_ms: 600_000,
        }
    }
}

impl Validate for FileConfig {
    fn validate(&self, problems: &mut Problems) {
        let bucket = self.store.strip_prefix("s3://");
        problems.check(
            self.store.is_empty()
                || bucket.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')),
            "store",
            "must be empty or s3://bucket/prefix",
        );
        problems.check(
            bucket.is_none()
                || !self.access_key.expose().is_empty() && !self.secret_key.expose().is_empty(),
            "access_key",
            "an S3 store needs access_key and secret_key",
        );
        problems.check(
            bucket.is_some() || !self.folder.as_os_str().is_empty(),
            "folder",
            "must not be empty without a store",
        );
        problems.check(
            self.secret.expose().is_empty() && !self.secret_file.as_os_str().is_empty()
                || self.secret.expose().len() >= SECRET_BYTES,
            "secret",
            "must be 32 bytes or more, or secret_file must be set",
        );
        for (name, bytes) in [
            ("max_bytes", self.max_bytes),
            ("max_image_bytes", self.max_image_bytes),
        ] {
            problems.check(
                (1..=MAX_BYTES).contains(&bytes),
                name,
                "must be 1 to 2147483648",
            );
        }
        problems.check(
            self.quota_bytes >= self.max_bytes && self.quota_bytes <= 1 << 50,
            "quota_bytes",
            "must be at least max_bytes",
        );
        problems.check(
            (1..=1_000).contains(&self.uploads),
            "uploads",
            "must be 1 to 1000",
        );
        for (name, millis) in [
            ("upload_timeout_ms", self.upload_timeout_ms),
            ("stall_timeout_ms", self.stall_timeout_ms),
        ] {
            problems.check(
                (10..=600_000).contains(&millis),
                name,
                "must be 10 to 600000",
            );
        }
        problems.check(
            (1..=86_400).contains(&self.url_seconds),
            "url_seconds",
            "must be 1 to 86400",
        );
        problems.check(
            (1..=8_760).contains(&self.orphan_hours),
            "orphan_hours",
            "must be 1 to 8760",
        );
        problems.check(
            (100..=86_400_000).contains(&self.sweep_interval_ms),
            "sweep_interval_ms",
            "must be 100 to 86400000",
        );
    }
}
