//! A session without storage, sync or tracker: the load must cost less than what it loads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use im_client::Kind;
use im_client::transport::{Address, Connection, Dialer, Receiver, Sender};
use im_shared::wire::{self, AuthRequest, Body, CloseCode, Frame, Heartbeat, RequestId};

use crate::cli::Web;
use crate::people::{DEVICE, PLATFORM, Person, Tokens};

/// An overloaded machine may take long, and that is what is measured.
const OPEN: Duration = Duration::from_secs(30);
/// Sessions that are opened at the same time.
const AT_A_TIME: usize = 16;
/// UDP sockets; sessions take turns.
const SOCKETS: usize = 4;
/// How often a session is tried.
const TRIES: usize = 3;
/// Without a sign of life for so long a connection is given up. Keep-alives of thousands of sessions are load, too.
const IDLE: Duration = Duration::from_secs(30);

pub(crate) struct Session {
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    last_request: u64,
}

impl Session {
    async fn open(dialer: &Dialer, address: &Address, token: String) -> anyhow::Result<Self> {
        let connection = Connection::open(dialer, address, Kind::WebTransport, OPEN).await?;
        let mut session = Self {
            sender: connection.sender,
            receiver: connection.receiver,
            last_request: 0,
        };
        let request = AuthRequest {
            token: token.into(),
            device_id: DEVICE.to_owned(),
            platform: PLATFORM,
            client_version: concat!("im-bench/", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let frame = session.request(request.into()).1;
        session.sender.send(&[frame]).await?;
        match session.next().await?.body {
            Body::AuthResponse(_) => Ok(session),
            Body::ErrorResponse(error) => bail!("refused: {}", error.message),
            body => bail!("{} instead of AuthResponse", body.kind().name()),
        }
    }

    /// A request as bytes, and its id.
    pub(crate) fn request(&mut self, body: Body) -> (RequestId, Bytes) {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        (id, wire::encode(&Frame::request(id, body)))
    }

    pub(crate) async fn heartbeat(&mut self) -> anyhow::Result<()> {
        let frame = self.request(Heartbeat { client_time: 0 }.into()).1;
        Ok(self.sender.send(&[frame]).await?)
    }

    /// The next frame. Cancel safe.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Frame> {
        Ok(wire::decode_shared(&self.receiver.next().await?)?)
    }

    pub(crate) async fn close(self) {
        self.sender.close(CloseCode::None).await;
    }
}

/// The nodes of a cluster, and how to open sessions there. A cheap clone.
#[derive(Clone)]
pub(crate) struct Cluster {
    nodes: Arc<Vec<Address>>,
    dialers: Arc<Vec<Dialer>>,
    tokens: Tokens,
}

impl Cluster {
    pub(crate) async fn find(web: &Web) -> anyhow::Result<Self> {
        web.guard.check(&web.server)?;
        let mut nodes = im_client::Api::new(&web.server)?
            .endpoints()
            .await
            .context("cannot learn the access nodes")?;
        nodes.retain(|node| node.web_transport.is_some());
        nodes.sort_by(|one, other| one.node_id.cmp(&other.node_id));
        for node in nodes.iter().filter_map(|node| node.web_transport.as_ref()) {
            web.guard.check(&node.url)?;
        }
        if nodes.is_empty() {
            bail!("no access node takes WebTransport sessions");
        }
        let dialers = (0..SOCKETS).map(|_| Dialer::with_idle(IDLE)).collect();
        Ok(Self {
            nodes: Arc::new(nodes),
            dialers: Arc::new(dialers),
            tokens: Tokens::load(&web.signing_key)?,
        })
    }

    pub(crate) fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Opens a session of a person. Neighbours are on different nodes. Like any client it tries again; each failure is
    /// told on standard error.
    pub(crate) async fn open(&self, person: Person) -> anyhow::Result<Session> {
        for _ in 1..TRIES {
            match self.try_open(person).await {
                Ok(session) => return Ok(session),
                Err(error) => eprintln!("tried again: {error:#}"),
            }
        }
        self.try_open(person).await
    }

    async fn try_open(&self, person: Person) -> anyhow::Result<Session> {
        let index = usize::try_from(person.0)?;
        let node = &self.nodes[index % self.nodes.len()];
        let dialer = &self.dialers[index / self.nodes.len() % SOCKETS];
        let token = self.tokens.of(person)?;
        Session::open(dialer, node, token)
            .await
            .with_context(|| format!("{} at {}", person.username(), node.node_id))
    }

    /// Opens sessions of the first `count` people.
    pub(crate) async fn open_many(&self, count: u64) -> anyhow::Result<Vec<(Person, Session)>> {
        use futures_util::{StreamExt as _, TryStreamExt as _};
        let opened = AtomicUsize::new(0);
        let open = |person| {
            let opened = &opened;
            async move {
                let session = self.open(person).await?;
                let done = opened.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(500) {
                    eprintln!("{done} sessions");
                }
                Ok::<_, anyhow::Error>((person, session))
            }
        };
        futures_util::stream::iter((0..count).map(Person))
            .map(open)
            .buffer_unordered(AT_A_TIME)
            .try_collect()
            .await
    }
}
