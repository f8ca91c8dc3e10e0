//! Key files, and making a new pair.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};

use super::{KeyError, TokenError};

/// A new Ed25519 pair in PEM. Not `Debug`: it holds the private key.
pub struct KeyPair {
    /// PKCS #8; for the program that signs.
    pub private_pem: String,
    /// `SubjectPublicKeyInfo`; for the programs that verify.
    pub public_pem: String,
}

/// Makes a new pair from the system's randomness.
///
/// # Errors
///
/// Never in practice; the encoders can refuse keys of other kinds.
pub fn generate_key() -> Result<KeyPair, TokenError> {
    let signing = SigningKey::from_bytes(&rand::random());
    // Without the public key inside (version 1), which every reader takes.
    let bytes = KeypairBytes {
        secret_key: signing.to_bytes(),
        public_key: None,
    };
    let private_pem = bytes.to_pkcs8_pem(LineEnding::LF);
    let public_pem = signing.verifying_key().to_public_key_pem(LineEnding::LF);
    Ok(KeyPair {
        private_pem: private_pem
            .map_err(|_| TokenError::Invalid)?
            .as_str()
            .to_owned(),
        public_pem: public_pem.map_err(|_| TokenError::Invalid)?,
    })
}

impl KeyPair {
    /// Writes `{folder}/private/{key_id}.pem` (readable by its owner only) and `{folder}/public/{key_id}.pem`, and returns their
    /// paths in this order.
    ///
    /// # Errors
    ///
    /// A file is there already or cannot be written.
    pub fn write(&self, folder: &Path, key_id: &str) -> Result<(PathBuf, PathBuf), KeyError> {
        let private = pem(&folder.join("private"), key_id);
        let public = pem(&folder.join("public"), key_id);
        if !is_key_id(key_id) {
            return Err(KeyError::Unusable(PathBuf::from(key_id)));
        }
        write_new(&private, &self.private_pem, 0o600)?;
        write_new(&public, &self.public_pem, 0o644)?;
        Ok((private, public))
    }
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), KeyError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| options.open(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| file_error(path, source))
}

/// The file of a key.
pub(super) fn pem(folder: &Path, key_id: &str) -> PathBuf {
    folder.join(format!("{key_id}.pem"))
}

/// Writes a file in one step: a reader sees the old text or the new one.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), KeyError> {
    let new = path.with_extension("new");
    let written = fs::write(&new, text).and_then(|()| fs::rename(&new, path));
    written.map_err(|source| file_error(path, source))
}

/// Removes a file; one that is not there is fine.
pub(super) fn remove(path: &Path) -> Result<(), KeyError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error(path, error)),
        _ => Ok(()),
    }
}

/// The stem of the file's name.
pub(super) fn key_id(file: &Path) -> Result<String, KeyError> {
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some(stem) if is_key_id(stem) => Ok(stem.to_owned()),
        _ => Err(KeyError::Unusable(file.to_owned())),
    }
}

/// 1 to 64 of `[A-Za-z0-9_-]`.
pub(super) fn is_key_id(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(legal)
}

pub(super) fn read(file: &Path) -> Result<String, KeyError> {
    fs::read_to_string(file).map_err(|source| file_error(file, source))
}

/// `None` for a file that is not there.
pub(super) fn read_if_there(file: &Path) -> Result<Option<String>, KeyError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(file, error)),
    }
}

/// The ids of keys in this folder that were made for development (`dev-...`); none where it cannot be read.
#[must_use]
pub fn development_keys(folder: &Path) -> Vec<String> {
    let ids = pem_files(folder).unwrap_or_default();
    let ids = ids.iter().filter_map(|file| key_id(file).ok());
    ids.filter(|id| id.starts_with("dev-")).collect()
}

/// Every `*.pem` of the folder, by name.
pub(super) fn pem_files(folder: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| file_error(folder, source))?;
    let mut files: Vec<PathBuf> = entries
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "pem"))
        .collect();
    files.sort();
    Ok(files)
}

fn file_error(path: &Path, source: std::io::Error) -> KeyError {
    KeyError::File {
        path: path.to_owned(),
        source,
    }
}
