//! What lies on this machine: the secret that URLs are signed with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::OpenError;
use crate::config::FileConfig;

/// The shortest secret, in bytes.
const SECRET_BYTES: usize = 32;

/// The secret of the configuration, or the one in its file, which is made where it is missing.
pub(super) fn secret(config: &FileConfig) -> Result<Vec<u8>, OpenError> {
    let given = config.secret.expose();
    if !given.is_empty() {
        return Ok(given.as_bytes().to_vec());
    }
    let path = &config.secret_file;
    let secret = match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(path).and_then(|()| std::fs::read(path))
        }
        read => read,
    };
    let secret =
        secret.map_err(|error| OpenError::Io(format!("the secret {}", path.display()), error))?;
    if secret.len() < SECRET_BYTES {
        return Err(OpenError::Short(path.display().to_string()));
    }
    Ok(secret)
}

/// Makes the file with a new secret, whole or not at all: nodes that start together end up with the same one.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let own = path.with_extension(format!("{:016x}", rand::random::<u64>()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&own)?;
    let secret: [u8; 32] = rand::random();
    file.write_all(&secret)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&own, path);
    std::fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// D15: web nodes of one folder sign alike, also when they start together.
    #[test]
    fn nodes_that_start_together_have_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let config = FileConfig {
            secret_file: folder.path().join("new/files.key"),
            ..FileConfig::default()
        };
        let secrets: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let nodes: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| secret(&config).unwrap()))
                .collect();
            nodes.into_iter().map(|node| node.join().unwrap()).collect()
        });
        assert!(
            secrets
                .iter()
                .all(|one| *one == secrets[0] && one.len() == 32)
        );
        let left = std::fs::read_dir(folder.path().join("new"))
            .unwrap()
            .count();
        assert_eq!(left, 1, "nothing else is left");
        std::fs::write(&config.secret_file, "short").unwrap();
        assert!(matches!(secret(&config), Err(OpenError::Short(_))));
    }
}
