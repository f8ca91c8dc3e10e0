//! Redis.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::free_port;
use super::server::{Recipe, Server, find_program, new_folder};

/// A Redis of one's own, which stores nothing on disk. A cheap clone; ended with its last clone.
#[derive(Clone)]
pub struct RedisServer {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    port: u16,
    server: Mutex<Option<Server>>,
}

impl RedisServer {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = new_folder("redis");
        for _ in 0..5 {
            let port = free_port();
            if let Some(server) = launch(&folder, port) {
                let server = Mutex::new(Some(server));
                let inner = Inner {
                    folder,
                    port,
                    server,
                };
                return Self {
                    inner: Arc::new(inner),
                };
            }
        }
        panic!("Redis did not start, see {}", folder.display());
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.inner.port)
    }

    /// Ends it at once; its data are gone.
    ///
    /// # Panics
    ///
    /// When it cannot be ended.
    pub async fn kill(&self) {
        self.run(|inner| inner.kill()).await;
    }

    /// Ends it at once if it runs, and starts it again on the same port without data.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn restart(&self) {
        self.run(|inner| inner.restart()).await;
    }

    /// Removes all data.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn flush(&self) {
        self.run(|inner| {
            let answer = ask(inner.port, "FLUSHALL\r\n");
            assert_eq!(answer.as_deref(), Some("+OK\r\n"));
        })
        .await;
    }

    /// Stops it from answering, without breaking connections, until [`RedisServer::resume`].
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub async fn pause(&self) {
        self.run(|inner| inner.signal("STOP")).await;
    }

    /// Goes on after [`RedisServer::pause`].
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub async fn resume(&self) {
        self.run(|inner| inner.signal("CONT")).await;
    }

    async fn run(&self, work: impl FnOnce(&Inner) + Send + 'static) {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.expect("it works");
    }
}

impl Inner {
    fn kill(&self) {
        if let Some(server) = self.server.lock().take() {
            server.kill();
        }
    }

    fn restart(&self) {
        self.kill();
        let server = launch(&self.folder, self.port);
        assert!(server.is_some(), "Redis starts again");
        *self.server.lock() = server;
    }

    fn signal(&self, signal: &str) {
        let server = self.server.lock();
        server.as_ref().expect("Redis runs").signal(signal);
    }
}

/// A killed server has left its folder behind.
impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.server.lock().take());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn launch(folder: &std::path::Path, port: u16) -> Option<Server> {
    let mut command = vec![find_program("redis-server", &[]).into()];
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
    let timeout = Some(Duration::from_secs(5));
    stream.set_read_timeout(timeout).ok()?;
    stream.write_all(command.as_bytes()).ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}
