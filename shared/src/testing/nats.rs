//! NATS.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::free_port;
use super::server::{Recipe, Server, find_program, new_folder};

/// A NATS of one's own. A cheap clone; ended with its last clone.
#[derive(Clone)]
pub struct NatsServer {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    port: u16,
    server: Mutex<Option<Server>>,
}

impl NatsServer {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = new_folder("nats");
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
        panic!("NATS did not start, see {}", folder.display());
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.inner.port)
    }

    /// Ends it at once; what it held is gone.
    ///
    /// # Panics
    ///
    /// When it cannot be ended.
    pub async fn kill(&self) {
        self.run(|inner| inner.kill()).await;
    }

    /// Ends it at once if it runs, and starts it again on the same port.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn restart(&self) {
        self.run(|inner| inner.restart()).await;
    }

    /// Stops it from answering, without breaking connections, until [`NatsServer::resume`].
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub async fn pause(&self) {
        self.run(|inner| inner.signal("STOP")).await;
    }

    /// Goes on after [`NatsServer::pause`].
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
        assert!(server.is_some(), "NATS starts again");
        *self.server.lock() = server;
    }

    fn signal(&self, signal: &str) {
        let server = self.server.lock();
        server.as_ref().expect("NATS runs").signal(signal);
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
    let mut command = vec![find_program("nats-server", &[]).into()];
    let port_text = port.to_string();
    command.extend(["--addr", "127.0.0.1", "--port", &port_text].map(Into::into));
    let recipe = Recipe {
        folder: folder.to_owned(),
        command,
        pid_file: None,
        signal: "KILL",
    };
    Server::start(recipe, || greets(port))
}

/// The server speaks first: `INFO {...}`.
fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let mut word = [0; 4];
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .and_then(|()| stream.read_exact(&mut word))
        .is_ok_and(|()| &word == b"INFO")
}
