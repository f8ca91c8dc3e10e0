//! The folder of all keys, as the operator's command changes it: `private/ID.pem`, `public/ID.pem`, `public/keys.json`.
//!
//! The manifest is written after the files that it names and before the files that it no longer names are removed, so a program that reads at
//! any moment finds what it looks for.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::manifest::{KeyRecord, KeyState, Manifest, millis};
use super::{KeyError, files, generate_key};

/// A folder of keys. Changes are made one after the other, also by several processes.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    folder: PathBuf,
}

/// A key and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub record: KeyRecord,
    /// What it is good for now.
    pub state: KeyState,
}

impl KeyFolder {
    /// The folder; it is made with the first key.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Makes a key that signs after `announce`; the first key of all signs at once. Those before it retire
    /// [`super::KEY_OVERLAP`] later.
    ///
    /// # Errors
    ///
    /// There is a key of that id, the id is none, or a file cannot be written.
    pub fn rotate(
        &self,
        id: &str,
        announce: Duration,
        now: SystemTime,
    ) -> Result<KeyRecord, KeyError> {
        let _lock = self.lock()?;
        let mut manifest = self.manifest()?;
        if manifest.keys.iter().any(|key| key.id == id) {
            return Err(KeyError::Exists(id.to_owned()));
        }
        let pair = generate_key().map_err(|_| KeyError::Unusable(self.folder.clone()))?;
        pair.write(&self.folder, id)?;
        let announce = if manifest.keys.is_empty() {
            Duration::ZERO
        } else {
            announce
        };
        let record = manifest.rotate(id, announce, millis(now)).clone();
        manifest.write(&self.public())?;
        Ok(record)
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn list(&self, now: SystemTime) -> Result<Vec<ListedKey>, KeyError> {
        let manifest = self.manifest()?;
        let listed = |record: &KeyRecord| ListedKey {
            record: record.clone(),
            state: manifest.state(record, millis(now)),
        };
        Ok(manifest.keys.iter().map(listed).collect())
    }

    /// Retires a key now, for one that was stolen: all of its tokens are refused as soon as the programs have looked.
    ///
    /// # Errors
    ///
    /// There is no such key, no other one signs yet, or a file cannot be written.
    pub fn withdraw(&self, id: &str, now: SystemTime) -> Result<(), KeyError> {
        let _lock = self.lock()?;
        let mut manifest = self.manifest()?;
        if !manifest.withdraw(id, millis(now)) {
            return Err(KeyError::Needed(id.to_owned()));
        }
        manifest.write(&self.public())
    }

    /// Removes the keys that have retired, and gives their ids.
    ///
    /// # Errors
    ///
    /// A file cannot be written or removed.
    pub fn prune(&self, now: SystemTime) -> Result<Vec<String>, KeyError> {
        let _lock = self.lock()?;
        let mut manifest = self.manifest()?;
        let retired = manifest.prune(millis(now));
        if retired.is_empty() {
            return Ok(Vec::new());
        }
        manifest.write(&self.public())?;
        for key in &retired {
            files::remove(&files::pem(&self.folder.join("private"), &key.id))?;
            files::remove(&files::pem(&self.public(), &key.id))?;
        }
        Ok(retired.into_iter().map(|key| key.id).collect())
    }

    fn public(&self) -> PathBuf {
        self.folder.join("public")
    }

    /// The manifest; of a folder without one, the keys that are there, which sign and count already.
    fn manifest(&self) -> Result<Manifest, KeyError> {
        let public = self.public();
        if !public.is_dir() {
            return Ok(Manifest::default());
        }
        if let Some(manifest) = Manifest::read(&public)? {
            return Ok(manifest);
        }
        let adopt = |file: PathBuf| {
            Ok(KeyRecord {
                id: files::key_id(&file)?,
                created_at: 0,
                active_from: 0,
                retires_at: None,
            })
        };
        let keys = files::pem_files(&public)?.into_iter().map(adopt);
        Ok(Manifest {
            keys: keys.collect::<Result<_, _>>()?,
        })
    }

    /// Held until it is dropped.
    fn lock(&self) -> Result<File, KeyError> {
        let file = self.folder.join("keys.lock");
        let locked = std::fs::create_dir_all(&self.folder)
            .and_then(|()| File::create(&file))
            .and_then(|handle| handle.lock().map(|()| handle));
        locked.map_err(|source| KeyError::File { path: file, source })
    }
}
