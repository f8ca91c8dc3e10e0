//! Keeps the tokens of each account in a file that only its owner can read:
//! `$XDG_DATA_HOME/im/SERVER/USERNAME.json`, or under `~/.local/share`. Beside the folders stands who was logged in last, and where.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use im_client::Login;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The file that names who logged in last.
const LAST: &str = "last";
/// The file, beside the folders of the servers, that names the server of the last login.
const LAST_SERVER: &str = "last-server";

/// One account on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) username: String,
    /// Stays the same at every login, so that this machine is one device.
    pub(crate) device_id: String,
    /// None after a logout.
    pub(crate) login: Option<Login>,
}

/// The accounts on one server.
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    /// Of all servers.
    root: PathBuf,
    server: String,
}

/// The server of the last login, if there was one.
pub(crate) fn last_server() -> Result<Option<String>, Error> {
    read(&root()?.join(LAST_SERVER))
}

fn root() -> Result<PathBuf, Error> {
    let data = std::env::var_os("XDG_DATA_HOME")
        .filter(|path| Path::new(path).is_absolute())
        .map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share"));
    let data = data
        .or_else(home)
        .ok_or_else(|| Error::Usage("neither XDG_DATA_HOME nor HOME is set".to_owned()))?;
    Ok(data.join("im"))
}

impl Vault {
    pub(crate) fn of_server(server: &str) -> Result<Self, Error> {
        Ok(Self {
            root: root()?,
            server: server.to_owned(),
        })
    }

    /// The account, new if it is not known.
    pub(crate) fn account(&self, username: &str) -> Result<Account, Error> {
        let new = || Account {
            username: username.to_owned(),
            device_id: format!("terminal-{}", uuid::Uuid::new_v4().simple()),
            login: None,
        };
        // A file that is no account is as good as none: logging in replaces it.
        Ok(read(&self.folder().join(account_file(username)))?
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_else(new))
    }

    /// Who logged in last.
    pub(crate) fn last(&self) -> Result<Option<String>, Error> {
        read(&self.folder().join(LAST))
    }

    pub(crate) fn keep(&self, account: &Account) -> Result<(), Error> {
        let folder = self.folder();
        let text = serde_json::to_string_pretty(account)
            .map_err(|source| failed(&folder, source.into()))?;
        write(&folder, &account_file(&account.username), &text)
    }

    /// Makes the account, and this server, what commands take when nothing else is said.
    pub(crate) fn keep_last(&self, username: &str) -> Result<(), Error> {
        write(&self.folder(), LAST, username)?;
        write(&self.root, LAST_SERVER, &self.server)
    }

    fn folder(&self) -> PathBuf {
        self.root.join(file_name(&self.server))
    }
}

/// The text of a file; none when it is missing or empty.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}

/// Whole or not at all, and never readable by others.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let write = || {
        fs::create_dir_all(folder)?;
        let draft = folder.join(format!("{name}.{}", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, folder.join(name))
    };
    write().map_err(|error| failed(folder, error))
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Vault {
        path: path.to_owned(),
        source,
    }
}

fn account_file(username: &str) -> String {
    format!("{}.json", file_name(&username.to_lowercase()))
}

/// A name without separators: what is not plain becomes `_`.
fn file_name(text: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-.".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    let name: String = text.trim_end_matches('/').chars().map(plain).collect();
    name.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn vault(name: &str) -> Vault {
        Vault {
            root: std::env::temp_dir().join(format!("im-vault-{name}-{}", uuid::Uuid::new_v4())),
            server: "http://127.0.0.1:8080".into(),
        }
    }

    #[test]
    fn an_account_comes_back_as_it_was_kept() {
        let vault = vault("keep");
        let mut account = vault.account("alice").unwrap();
        let user_id = im_shared::ids::UserId(7);
        let tokens = Login {
            user_id,
            access_token: "a".into(),
            refresh_token: "r".into(),
            expires_at: 5,
        };
        account.login = Some(tokens);
        vault.keep(&account).unwrap();
        vault.keep_last("alice").unwrap();
        assert_eq!(vault.account("Alice").unwrap(), account);
        assert_eq!(vault.last().unwrap().as_deref(), Some("alice"));
        let server = read(&vault.root.join(LAST_SERVER)).unwrap();
        assert_eq!(server.as_ref(), Some(&vault.server));
        fs::remove_dir_all(&vault.root).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_tokens() {
        use std::os::unix::fs::PermissionsExt as _;
        let vault = vault("mode");
        vault.keep(&vault.account("alice").unwrap()).unwrap();
        let mode = fs::metadata(vault.folder().join("alice.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(&vault.root).unwrap();
    }

    #[test]
    fn a_file_name_cannot_leave_its_folder() {
        assert_eq!(file_name("http://127.0.0.1:8080/"), "http___127.0.0.1_8080");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name(".."), "");
    }
}
