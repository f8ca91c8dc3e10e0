//! A server on a fixed port that can be killed and started again.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::TcpSocket;

use super::free_port;
use super::server::{Server, new_folder};

/// Starts the server in its folder on its port; None when the port was taken.
type Launch = Box<dyn Fn(&Path, u16) -> Option<Server> + Send + Sync>;

/// A cheap clone; the server ends with the last clone.
#[derive(Clone)]
pub(super) struct Restartable {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    port: u16,
    launch: Launch,
    server: Mutex<Option<Server>>,
    /// Holds the port while the server is away, so that nobody else is given it. Nothing listens there: clients are refused.
    kept: Mutex<Option<TcpSocket>>,
}

impl Restartable {
    /// Starts a server in a new folder, which `prepare` fills before.
    pub(super) fn start(kind: &str, prepare: impl FnOnce(&Path), launch: Launch) -> Self {
        let folder = new_folder(kind);
        prepare(&folder);
        // Another process may take the port between the question and the start.
        for _ in 0..5 {
            let port = free_port();
            if let Some(server) = launch(&folder, port) {
                let inner = Inner {
                    folder,
                    port,
                    launch,
                    server: Mutex::new(Some(server)),
                    kept: Mutex::new(None),
                };
                return Self {
                    inner: Arc::new(inner),
                };
            }
        }
        panic!("{kind} did not start: {}", folder.display());
    }

    pub(super) fn port(&self) -> u16 {
        self.inner.port
    }

    pub(super) async fn kill(&self) {
        self.run(Inner::kill).await;
    }

    pub(super) async fn restart(&self) {
        self.run(Inner::restart).await;
    }

    /// `STOP` or `CONT`.
    pub(super) async fn signal(&self, signal: &'static str) {
        self.run(move |inner| inner.signal(signal)).await;
    }

    /// Starting a server takes a while and blocks.
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
            *self.kept.lock() = keep(self.port);
        }
    }

    fn restart(&self) {
        self.kill();
        drop(self.kept.lock().take());
        let server = (self.launch)(&self.folder, self.port);
        assert!(server.is_some(), "the server starts again");
        *self.server.lock() = server;
    }

    fn signal(&self, signal: &str) {
        let server = self.server.lock();
        server.as_ref().expect("the server runs").signal(signal);
    }
}

/// The port, bound; None when it could not be kept, which is only a risk.
fn keep(port: u16) -> Option<TcpSocket> {
    let socket = TcpSocket::new_v4().ok()?;
    // What is left of the connections of the server that was there.
    socket.set_reuseaddr(true).ok()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    socket.bind(address).ok()?;
    Some(socket)
}

/// A killed server has left its folder behind.
impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.server.lock().take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::Restartable;
    use crate::testing::Durability;
    use crate::testing::postgres::{launch, make_cluster};

    #[test]
    fn a_server_that_finds_its_port_taken_takes_another() {
        let other = TcpListener::bind("127.0.0.1:0").expect("a port");
        let taken = other.local_addr().expect("its address").port();
        let is_first = AtomicBool::new(true);
        let server = Restartable::start(
            "postgres",
            make_cluster,
            Box::new(move |folder, port| {
                let is_first = is_first.swap(false, Ordering::Relaxed);
                launch(
                    folder,
                    if is_first { taken } else { port },
                    Durability::None,
                )
            }),
        );
        assert_ne!(server.port(), taken);
    }
}
