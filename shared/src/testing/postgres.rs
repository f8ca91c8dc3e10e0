//! PostgreSQL.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::restartable::Restartable;
use super::server::{Recipe, Server, find_program};

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: what is committed survives a crash.
    Full,
    /// No waiting for the disk; for tests that never kill the server.
    None,
}

/// A PostgreSQL of one's own. A cheap clone; ended with its last clone.
#[derive(Clone)]
pub struct PostgresServer(Restartable);

impl PostgresServer {
    /// Makes a database cluster and starts it; about 2 s.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start(durability: Durability) -> Self {
        let launch = move |folder: &Path, port| launch(folder, port, durability);
        Self(Restartable::start(
            "postgres",
            make_cluster,
            Box::new(launch),
        ))
    }

    /// Starts a server that follows this one by streaming replication, and is read-only; about 2 s. It begins with a copy of what is here now.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn replica(&self) -> Self {
        let primary = self.0.port();
        let launch = move |folder: &Path, port| launch(folder, port, Durability::None);
        Self(Restartable::start(
            "postgres-replica",
            |folder| copy_cluster(folder, primary),
            Box::new(launch),
        ))
    }

    /// Address of its maintenance database, as superuser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.0.port())
    }

    /// Ends it at once (immediate shutdown): connections break, what is committed stays.
    pub async fn kill(&self) {
        self.0.kill().await;
    }

    /// Ends it at once if it runs, and starts it again on the same port with the same data.
    pub async fn restart(&self) {
        self.0.restart().await;
    }
}

/// Makes an empty folder that the server may write to.
fn data_folder(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir(&data).expect("a data folder");
    // The server refuses a folder that others can read.
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("its owner may");
    if is_root() {
        let (user, group) = (postgres_id("-u"), postgres_id("-g"));
        chown(&data, Some(user), Some(group)).expect("root may chown");
    }
    data
}

/// A copy of the running cluster on `port`, that will follow it.
fn copy_cluster(folder: &Path, port: u16) {
    let data = data_folder(folder);
    let copy = as_postgres(&program("pg_basebackup"));
    let made = Command::new(&copy[0])
        .args(&copy[1..])
        .args(["--host=127.0.0.1", "--username=postgres", "--no-password"])
        .args(["--write-recovery-conf", "--wal-method=stream"])
        .args(["--checkpoint=fast", "--no-sync"])
        .arg(format!("--port={port}"))
        .arg("--pgdata")
        .arg(&data)
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .expect("pg_basebackup starts");
    let errors = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "pg_basebackup: {errors}");
}

pub(super) fn make_cluster(folder: &Path) {
    let data = data_folder(folder);
    let initdb = as_postgres(&program("initdb"));
    let made = Command::new(&initdb[0])
        .args(&initdb[1..])
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
        .args(["--locale=C.UTF-8", "--no-sync", "--pgdata"])
        .arg(&data)
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .expect("initdb starts");
    let errors = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "initdb: {errors}");
}

pub(super) fn launch(folder: &Path, port: u16, durability: Durability) -> Option<Server> {
    let data = folder.join("data");
    let mut command = as_postgres(&program("postgres"));
    command.push("-D".into());
    command.push(data.clone().into());
    let durable = match durability {
        Durability::Full => "on",
        Durability::None => "off",
    };
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=300".to_owned(),
        // Batches lock one advisory lock per conversation (findings).
        "max_locks_per_transaction=512".to_owned(),
        "shared_buffers=128MB".to_owned(),
        format!("fsync={durable}"),
        format!("synchronous_commit={durable}"),
        format!("full_page_writes={durable}"),
    ];
    for setting in settings {
        command.push("-c".into());
        command.push(setting.into());
    }
    let recipe = Recipe {
        folder: folder.to_owned(),
        command,
        pid_file: Some(data.join("postmaster.pid")),
        // Immediate shutdown: as a crash, but shared memory is given back.
        signal: "QUIT",
    };
    let is_ready = program("pg_isready");
    Server::start(recipe, || {
        let asked = Command::new(&is_ready)
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    })
}

/// PostgreSQL refuses to run as root; then it runs as the user `postgres`.
fn as_postgres(program: &Path) -> Vec<OsString> {
    let mut command: Vec<OsString> = Vec::new();
    if is_root() {
        command.extend(["runuser", "-u", "postgres", "--"].map(OsString::from));
    }
    command.push(program.into());
    command
}

pub(super) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

pub(super) fn postgres_id(which: &str) -> u32 {
    let asked = Command::new("id")
        .args([which, "postgres"])
        .output()
        .expect("id starts");
    let text = String::from_utf8_lossy(&asked.stdout);
    text.trim().parse().expect("the user postgres exists")
}

/// Debian keeps the servers' programs out of PATH: /usr/lib/postgresql/15/bin; the newest is taken.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql");
    let mut versions: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let number = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.parse::<u32>().unwrap_or(0)
    };
    versions.sort_by_key(|path| std::cmp::Reverse(number(path)));
    let folders: Vec<PathBuf> = versions.iter().map(|path| path.join("bin")).collect();
    find_program(name, &folders)
}
