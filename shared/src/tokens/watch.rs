//! Running programs follow the folder of keys. One task per program, which ends when it is dropped.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{KeyError, Signer, Verifier, files, manifest, sign, verify};

/// How often a program looks at the folder. It reads only what has changed.
const INTERVAL: Duration = Duration::from_secs(1);

/// Follows the folders that a program's keys come from.
#[derive(Debug)]
pub struct KeyWatch {
    public: PathBuf,
    verifier: Verifier,
    private: Option<(PathBuf, Signer)>,
    seen: Vec<Seen>,
    failed: Vec<Seen>,
}

/// What tells one state of a file from another: a file that was replaced within the clock's grain has another inode.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    file: PathBuf,
    changed: Option<(SystemTime, u64, u64)>,
}

impl KeyWatch {
    /// For a program that checks tokens.
    ///
    /// # Errors
    ///
    /// As [`Verifier::load`].
    pub fn verifying(public: &Path) -> Result<(Self, Verifier), KeyError> {
        let seen = seen(public, None)?;
        let verifier = Verifier::load(public)?;
        metrics::gauge!("im_token_keys").set(verifier.count());
        let watch = Self {
            public: public.to_owned(),
            verifier: verifier.clone(),
            private: None,
            seen,
            failed: Vec::new(),
        };
        Ok((watch, verifier))
    }

    /// For the program that also signs them.
    ///
    /// # Errors
    ///
    /// As [`Verifier::load`]; or there is no private key, or several and no `keys.json`.
    pub fn signing(private: &Path, public: &Path) -> Result<(Self, Signer, Verifier), KeyError> {
        let seen = seen(public, Some(private))?;
        let signer = Signer::new(sign::read(private, public)?);
        let (mut watch, verifier) = Self::verifying(public)?;
        watch.seen = seen;
        watch.private = Some((private.to_owned(), signer.clone()));
        Ok((watch, signer, verifier))
    }

    /// Reads the keys again when a file has changed; whether it has. After an error the old ones stay, and the next look tries again.
    ///
    /// # Errors
    ///
    /// As at the start.
    pub fn look(&mut self) -> Result<bool, KeyError> {
        let private = self.private.as_ref().map(|(folder, _)| folder.as_path());
        // Before reading: what changes in between is seen by the next look.
        let seen = seen(&self.public, private)?;
        if seen == self.seen {
            return Ok(false);
        }
        let public = verify::read(&self.public)?;
        if let Some((folder, signer)) = &self.private {
            let private = sign::read(folder, &self.public)?;
            // What is signed with a new key can be checked already.
            self.verifier.replace(public);
            signer.replace(private);
        } else {
            self.verifier.replace(public);
        }
        self.seen = seen;
        Ok(true)
    }

    /// Looks once a second, for ever. It may be dropped at any time.
    pub async fn run(mut self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.follow();
        }
    }

    /// A few file names and dates: too little to leave the runtime's thread for.
    fn follow(&mut self) {
        let private = self.private.as_ref().map(|(folder, _)| folder.as_path());
        let now = seen(&self.public, private).unwrap_or_default();
        match self.look() {
            Ok(false) => {}
            Ok(true) => {
                self.failed.clear();
                metrics::gauge!("im_token_keys").set(self.verifier.count());
                metrics::counter!("im_token_keys_reloads_total", "result" => "ok").increment(1);
                tracing::info!(keys = ?self.verifier, "the keys of tokens have changed");
            }
            // The same failure is told once.
            Err(_) if now == self.failed && !now.is_empty() => {}
            Err(error) => {
                self.failed = now;
                metrics::counter!("im_token_keys_reloads_total", "result" => "failed").increment(1);
                tracing::error!(%error, "the keys of tokens cannot be read, the old ones stay");
            }
        }
    }
}

/// The state of everything that the keys are read from.
fn seen(public: &Path, private: Option<&Path>) -> Result<Vec<Seen>, KeyError> {
    let mut found = files::pem_files(public)?;
    found.push(public.join(manifest::FILE));
    if let Some(private) = private {
        found.extend(files::pem_files(private)?);
    }
    let state = |file: PathBuf| {
        let metadata = std::fs::metadata(&file).ok();
        let changed = metadata.and_then(|it| Some((it.modified().ok()?, it.len(), it.ino())));
        Seen { file, changed }
    };
    Ok(found.into_iter().map(state).collect())
}
