//! A node as a process of its own, for what only a process shows.

use std::net::{Ipv6Addr, TcpListener, UdpSocket};
use std::process::{Child, Command, ExitStatus};

use im_access::Addresses;
use im_shared::testing::{free_port, wait_until};

use super::{Client, PATIENCE, Stage, Transport};

/// `im-access`, one more node of a stage's system.
pub(crate) struct Program {
    id: String,
    addresses: Addresses,
    command: Command,
    child: Child,
}

impl Program {
    /// Starts it and waits until it is announced.
    pub(crate) async fn start(stage: &Stage, id: &str) -> Self {
        let port = port_of_both();
        let listen = format!("[::]:{port}");
        let config = stage.config();
        let addresses = Addresses {
            web_transport: listen.parse().unwrap(),
            web_socket: listen.parse().unwrap(),
            ops: ([127, 0, 0, 1], free_port()).into(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_im-access"));
        command
            .args(["--config", "../env/access.toml"])
            .env("IM_ACCESS_NODE__ID", id)
            .env("IM_ACCESS_LOG__LEVEL", "off")
            .env("IM_ACCESS_NATS__URL", config.nats.url.expose())
            .env("IM_ACCESS_NATS__PREFIX", &config.nats.prefix)
            .env("IM_ACCESS_REDIS__URL", config.redis.url.expose())
            .env("IM_ACCESS_REDIS__PREFIX", &config.redis.prefix)
            .env("IM_ACCESS_TOKENS__PUBLIC_KEYS", &config.tokens.public_keys)
            .env(
                "IM_ACCESS_WEB_TRANSPORT__RESET_KEY",
                &config.web_transport.reset_key,
            )
            .env("IM_ACCESS_WEB_TRANSPORT__LISTEN", &listen)
            .env("IM_ACCESS_WEB_SOCKET__LISTEN", &listen)
            .env("IM_ACCESS_OPS__LISTEN", addresses.ops.to_string())
            .env("IM_ACCESS_DRAIN__WINDOW_MS", "500")
            .env("IM_ACCESS_HANDSHAKE__DEADLINE_MS", "20000")
            .env("IM_ACCESS_PRESENCE__DEADLINE_MS", "20000")
            .env("IM_ACCESS_REDIS__COMMAND_TIMEOUT_MS", "10000");
        let child = command.spawn().unwrap();
        let program = Self {
            id: id.to_owned(),
            addresses,
            command,
            child,
        };
        wait_until(async || program.hashes(stage).await.is_some(), PATIENCE).await;
        program
    }

    /// Ends it as a crash does, and starts it again on the same ports.
    pub(crate) async fn crash_and_restart(&mut self, stage: &Stage) {
        let before = self.hashes(stage).await;
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = self.command.spawn().unwrap();
        // The record of the earlier start may end before there is a new one.
        let is_back = async || {
            let now = self.hashes(stage).await;
            now.is_some() && now != before
        };
        wait_until(is_back, PATIENCE).await;
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        let kill = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(kill.unwrap().success());
        let mut status = None;
        let ended = async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        };
        wait_until(ended, PATIENCE).await;
        status.unwrap()
    }

    /// A connection to it.
    pub(crate) async fn connect(&self, stage: &Stage, transport: Transport) -> Client {
        let hashes = self.hashes(stage).await.expect("it is announced");
        Client::connect(transport, self.addresses, &hashes)
            .await
            .expect("a connection")
    }

    async fn hashes(&self, stage: &Stage) -> Option<Vec<String>> {
        let records = stage.nodes.list().await.unwrap();
        let record = records
            .into_iter()
            .find(|record| record.node_id.as_str() == self.id)?;
        Some(record.web_transport?.certificate_hashes)
    }
}

/// A port that was free a moment ago for TCP and UDP, on every address.
fn port_of_both() -> u16 {
    let any = Ipv6Addr::UNSPECIFIED;
    loop {
        let tcp = TcpListener::bind((any, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind((any, port)).is_ok() {
            return port;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
