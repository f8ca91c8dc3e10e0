//! Servers that are reached over TLS with passwords, and in no other way.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::Durability;
use super::nats::greets;
use super::postgres::{self, is_root, make_cluster, postgres_id};
use super::restartable::Restartable;
use super::server::{Recipe, Server, find_program};

/// The password of the user `im` on Redis and NATS.
const PASSWORD: &str = "a-secret-of-this-test";

/// One of each, with the certificate of `chain` and `key` for 127.0.0.1. Ended when it is dropped.
pub struct TlsServers {
    postgres: Restartable,
    redis: Restartable,
    nats: Restartable,
}

impl TlsServers {
    /// Starts all three; about 3 s.
    ///
    /// # Panics
    ///
    /// When one does not start.
    #[must_use]
    pub fn start(chain: &Path, key: &Path) -> Self {
        let files = (chain.to_owned(), key.to_owned());
        let (for_redis, for_nats) = (files.clone(), files.clone());
        Self {
            postgres: Restartable::start(
                "postgres-tls",
                |folder| make_tls_cluster(folder, &files.0, &files.1),
                Box::new(|folder, port| postgres::launch(folder, port, Durability::None)),
            ),
            redis: Restartable::start(
                "redis-tls",
                |_| {},
                Box::new(move |folder, port| launch_redis(folder, port, &for_redis)),
            ),
            nats: Restartable::start(
                "nats-tls",
                |_| {},
                Box::new(move |folder, port| launch_nats(folder, port, &for_nats)),
            ),
        }
    }

    /// Address of the maintenance database for the superuser, who needs no password, and TLS all the same. Names no `sslmode`.
    #[must_use]
    pub fn postgres_admin(&self) -> String {
        let port = self.postgres.port();
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// Address for the user `im`, who is made by the test, with this password. Names no `sslmode`.
    #[must_use]
    pub fn postgres(&self, password: &str) -> String {
        let port = self.postgres.port();
        format!("postgres://im:{password}@127.0.0.1:{port}/postgres")
    }

    /// Address with the password.
    #[must_use]
    pub fn redis(&self) -> String {
        format!("rediss://:{PASSWORD}@127.0.0.1:{}", self.redis.port())
    }

    /// Address with the password.
    #[must_use]
    pub fn nats(&self) -> String {
        format!("tls://im:{PASSWORD}@127.0.0.1:{}", self.nats.port())
    }
}

/// A cluster that takes no connection without TLS.
fn make_tls_cluster(folder: &Path, chain: &Path, key: &Path) {
    make_cluster(folder);
    let data = folder.join("data");
    for (from, name) in [(chain, "server.crt"), (key, "server.key")] {
        let to = data.join(name);
        fs::copy(from, &to).expect("the certificate is copied");
        // The server refuses a key that others can read.
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).expect("its owner may");
        if is_root() {
            let (user, group) = (postgres_id("-u"), postgres_id("-g"));
            chown(&to, Some(user), Some(group)).expect("root may chown");
        }
    }
    let settings = data.join("postgresql.conf");
    let mut text = fs::read_to_string(&settings).expect("initdb wrote it");
    text.push_str("\nssl = on\n");
    fs::write(&settings, text).expect("it can be written");
    let access =
        "hostssl all postgres 127.0.0.1/32 trust\nhostssl all im 127.0.0.1/32 scram-sha-256\n";
    fs::write(data.join("pg_hba.conf"), access).expect("it can be written");
}

fn launch_redis(folder: &Path, port: u16, (chain, key): &(PathBuf, PathBuf)) -> Option<Server> {
    let mut command: Vec<OsString> = vec![find_program("redis-server", &[]).into()];
    let port_text = port.to_string();
    let settings = ["--port", "0", "--tls-port", &port_text, "--bind"];
    command.extend(settings.map(Into::into));
    let settings = ["127.0.0.1", "--save", "", "--requirepass", PASSWORD];
    command.extend(settings.map(Into::into));
    let settings = ["--tls-auth-clients", "no", "--daemonize", "no"];
    command.extend(settings.map(Into::into));
    for (name, file) in [
        ("--tls-cert-file", chain.as_path()),
        ("--tls-key-file", key),
        ("--tls-ca-cert-file", chain),
        ("--dir", folder),
    ] {
        command.push(name.into());
        command.push(file.into());
    }
    let recipe = Recipe {
        folder: folder.to_owned(),
        command,
        pid_file: None,
        signal: "KILL",
    };
    Server::start(recipe, || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    })
}

fn launch_nats(folder: &Path, port: u16, (chain, key): &(PathBuf, PathBuf)) -> Option<Server> {
    let mut command: Vec<OsString> = vec![find_program("nats-server", &[]).into()];
    let port_text = port.to_string();
    command.extend(["--addr", "127.0.0.1", "--port", &port_text].map(Into::into));
    command.extend(["--user", "im", "--pass", PASSWORD, "--tls"].map(Into::into));
    for (name, file) in [("--tlscert", chain), ("--tlskey", key)] {
        command.push(name.into());
        command.push(file.into());
    }
    let recipe = Recipe {
        folder: folder.to_owned(),
        command,
        pid_file: None,
        signal: "KILL",
    };
    Server::start(recipe, || greets(port))
}
