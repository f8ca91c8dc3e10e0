//! NATS.

use std::ffi::OsString;
use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::restartable::Restartable;
use super::server::{Recipe, Server, find_program};

/// A NATS of one's own. A cheap clone; ended with its last clone.
#[derive(Clone)]
pub struct NatsServer(Restartable);

impl NatsServer {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self(Restartable::start("nats", |_| {}, Box::new(launch)))
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.0.port())
    }

    /// Ends it at once; what it held is gone.
    pub async fn kill(&self) {
        self.0.kill().await;
    }

    /// Ends it at once if it runs, and starts it again on the same port.
    pub async fn restart(&self) {
        self.0.restart().await;
    }

    /// Stops it from answering, without breaking connections, until [`NatsServer::resume`].
    pub async fn pause(&self) {
        self.0.signal("STOP").await;
    }

    /// Goes on after [`NatsServer::pause`].
    pub async fn resume(&self) {
        self.0.signal("CONT").await;
    }
}

fn launch(folder: &Path, port: u16) -> Option<Server> {
    let mut command: Vec<OsString> = vec![find_program("nats-server", &[]).into()];
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
pub(super) fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let mut word = [0; 4];
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .and_then(|()| stream.read_exact(&mut word))
        .is_ok_and(|()| &word == b"INFO")
}
