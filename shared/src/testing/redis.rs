//! Redis.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::restartable::Restartable;
use super::server::{Recipe, Server, find_program};

/// A Redis of one's own, which stores nothing on disk. A cheap clone; ended with its last clone.
#[derive(Clone)]
pub struct RedisServer(Restartable);

impl RedisServer {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self(Restartable::start("redis", |_| {}, Box::new(launch)))
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.0.port())
    }

    /// Ends it at once; its data are gone.
    pub async fn kill(&self) {
        self.0.kill().await;
    }

    /// Ends it at once if it runs, and starts it again on the same port, with the data of the last [`RedisServer::dump`] or none.
    pub async fn restart(&self) {
        self.0.restart().await;
    }

    /// Writes a dump, from which the next [`RedisServer::restart`] starts.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn dump(&self) {
        let port = self.0.port();
        let asked = tokio::task::spawn_blocking(move || ask(port, "SAVE\r\n"));
        let answer = asked.await.expect("it does not panic");
        assert_eq!(answer.as_deref(), Some("+OK\r\n"));
    }

    /// Removes all data.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn flush(&self) {
        let port = self.0.port();
        let asked = tokio::task::spawn_blocking(move || ask(port, "FLUSHALL\r\n"));
        let answer = asked.await.expect("it does not panic");
        assert_eq!(answer.as_deref(), Some("+OK\r\n"));
    }

    /// Stops it from answering, without breaking connections, until [`RedisServer::resume`].
    pub async fn pause(&self) {
        self.0.signal("STOP").await;
    }

    /// Goes on after [`RedisServer::pause`].
    pub async fn resume(&self) {
        self.0.signal("CONT").await;
    }
}

fn launch(folder: &Path, port: u16) -> Option<Server> {
    let mut command: Vec<OsString> = vec![find_program("redis-server", &[]).into()];
    let port_text = port.to_string();
    let settings = ["--port", &port_text, "--bind", "127.0.0.1", "--save", ""];
    command.extend(settings.map(Into::into));
    command.extend(["--appendonly", "no", "--daemonize", "no", "--dir"].map(Into::into));
    command.push(folder.into());
    let recipe = Recipe {
        folder: folder.to_owned(),
        command,
        pid_file: None,
        signal: "KILL",
    };
    Server::start(recipe, || {
        ask(port, "PING\r\n").as_deref() == Some("+PONG\r\n")
    })
}

/// One short command and its answer.
fn ask(port: u16, command: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let timeout = Some(Duration::from_secs(20));
    stream.set_read_timeout(timeout).ok()?;
    stream.write_all(command.as_bytes()).ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}
