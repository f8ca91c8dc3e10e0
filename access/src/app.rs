//! The order of start and stop.
//!
//! Start: subscriptions before listeners, listeners before the announcement, so that nobody is sent here too early. Stop
//! (decision 16): not ready, announced as draining, no new connections, sessions asked to leave over the window, uplink
//! flushed, record withdrawn, ports closed, ops port last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use im_shared::bus::{self, Bus};
use im_shared::cache::{self, Keys};
use im_shared::ids::{Incarnation, NodeId};
use im_shared::location::Locations;
use im_shared::nodes::{LiveNodes, Nodes};
use im_shared::revocation::Mirror;
use im_shared::runtime;
use im_shared::telemetry::{self, Health, Ops};
use im_shared::tokens::KeyWatch;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::admission::Admission;
use crate::announce::Announcer;
use crate::certificate::Renewal;
use crate::config::Config;
use crate::downlink::Downlink;
use crate::drain;
use crate::error::StartError;
use crate::health;
use crate::hints::Hints;
use crate::listener::tcp::GuardedListener;
use crate::listener::{quic, socket, web_socket, web_transport};
use crate::metrics::Metrics;
use crate::news::News;
use crate::node::{self, Node};
use crate::presence::Presence;
use crate::revocation::Revocations;
use crate::session_ids::SessionIds;
use crate::sessions::Sessions;
use crate::transport::PATH;
use crate::uplink::{self, Uplink};

/// QUIC's own idle timeout is longer than the session's by this much: the session's counts.
const IDLE_MARGIN: Duration = Duration::from_secs(10);
/// How long the uplink may take to publish what it holds when the node stops.
const FLUSH_WAIT: Duration = Duration::from_secs(2);
/// How long the last packets may take to leave.
const CLOSE_WAIT: Duration = Duration::from_millis(500);

/// One access node, bound and connected, not yet running.
pub struct Access {
    node: Node,
    bus: Bus,
    health: Health,
    ops: Ops,
    endpoint: quinn::Endpoint,
    tcp: TcpListener,
    downlink: Downlink,
    revocations: Revocations,
    renewal: Renewal,
    key_watch: KeyWatch,
    announcer: Arc<Announcer>,
    addresses: Addresses,
    /// Report the dependencies as long as the node lives.
    _probes: Vec<AbortOnDropHandle<()>>,
}

/// Where a node listens.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// UDP.
    pub web_transport: SocketAddr,
    /// TCP.
    pub web_socket: SocketAddr,
    /// `/live`, `/ready`, `/metrics`.
    pub ops: SocketAddr,
}

impl Access {
    /// Connects to NATS and Redis, subscribes, and binds the ports. Nothing is accepted yet.
    ///
    /// # Errors
    ///
    /// Whatever is missing; see [`StartError`].
    pub async fn load(config: Config) -> Result<Self, StartError> {
        let id: NodeId = config.node.id.parse()?;
        let incarnation = Incarnation(node::now_ms());
        let telemetry = telemetry::init("access", id.as_str(), &config.log)?;
        let health = Health::new();
        let ops = Ops::bind(&config.ops.0, health.clone(), telemetry).await?;
        let (key_watch, verifier) = KeyWatch::verifying(&config.tokens.public_keys)?;
        let renewal = Renewal::load(&config.certificate)?;

        let bus = bus::connect(&config.nats, id.as_str()).await?;
        let redis = cache::connect(&config.redis).await?;
        let keys = Keys::new(&config.redis.prefix);
        let nodes = Nodes::new(redis.clone(), keys.clone());
        let revoked = Mirror::new(redis.clone(), &keys);
        let live = LiveNodes::watch(nodes.clone()).await?;
        let locations = Locations::new(redis.clone(), keys)
            .counting_live(live)
            .with_devices(config.devices.policy());

        let idle_timeout = config.session.heartbeat_timeout() + IDLE_MARGIN;
        let certificates = renewal.certificates();
        let endpoint = quic::endpoint(&config.web_transport, certificates.clone(), idle_timeout)?;
        let tcp = listen_tcp(config.web_socket.listen)?;
        let listen = |error| StartError::Listen(config.web_transport.listen, error);
        let addresses = Addresses {
            web_transport: endpoint.local_addr().map_err(listen)?,
            web_socket: tcp.local_addr().map_err(listen)?,
            ops: ops.address(),
        };
        let url = |given: &str, scheme, port| match given {
            "" => format!("{scheme}://{}:{port}{PATH}", config.node.public_host),
            given => given.to_owned(),
        };
        let web_transport_url = url(
            &config.web_transport.public_url,
            "https",
            addresses.web_transport.port(),
        );
        let web_socket_url = url(
            &config.web_socket.public_url,
            "ws",
            addresses.web_socket.port(),
        );

        let metrics = Metrics::new();
        let uplink = Uplink::new(&config.uplink);
        let presence = Presence::new(
            locations,
            id.clone(),
            incarnation,
            &config.presence,
            uplink.clone(),
            metrics.clone(),
        );
        let node = Node::new(node::Inner {
            id: id.clone(),
            incarnation,
            verifier,
            admission: Admission::new(&config.handshake),
            sessions: Sessions::default(),
            session_ids: SessionIds::default(),
            uplink,
            presence,
            revoked,
            hints: Hints::default(),
            news: News::new(config.session.hint_interval()),
            metrics,
            tasks: TaskTracker::new(),
            draining: AtomicBool::new(false),
            config,
        });
        let downlink = Downlink::subscribe(bus.clone(), &id).await?;
        let revocations = Revocations::subscribe(&bus).await?;
        let announcer = Announcer {
            nodes,
            node: node.clone(),
            certificates,
            web_transport_url,
            web_socket_url,
            announced: AtomicBool::new(false),
        };
        let probes = health::probes(&health, &bus, &redis, &endpoint);
        Ok(Self {
            node,
            bus,
            health,
            ops,
            endpoint,
            tcp,
            downlink,
            revocations,
            renewal,
            key_watch,
            announcer: Arc::new(announcer),
            addresses,
            _probes: probes,
        })
    }

    /// Where it listens: the ports that were given where 0 was asked for.
    #[must_use]
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The certificate hashes that clients are told, in hex.
    #[must_use]
    pub fn certificate_hashes(&self) -> Vec<String> {
        self.renewal.certificates().hashes()
    }

    /// Runs until SIGTERM or SIGINT, then drains and stops.
    ///
    /// # Errors
    ///
    /// The signals cannot be listened to.
    pub async fn run(self) -> anyhow::Result<()> {
        self.run_until(runtime::shutdown()?).await;
        Ok(())
    }

    /// Runs until `shutdown`, then drains and stops.
    pub async fn run_until(self, shutdown: CancellationToken) {
        let Self {
            node,
            bus,
            health,
            ops,
            endpoint,
            tcp,
            downlink,
            revocations,
            renewal,
            key_watch,
            announcer,
            ..
        } = self;
        let (accepting, running, serving) = (
            CancellationToken::new(),
            CancellationToken::new(),
            CancellationToken::new(),
        );

        let ops = tokio::spawn(ops.run(serving.clone()));
        let uplink = tokio::spawn(node.uplink.clone().run(uplink::Link {
            bus: bus.clone(),
            subject: bus.subjects().upstream(),
            node: node.id.clone(),
            incarnation: node.incarnation,
            sessions: node.sessions.clone(),
            metrics: node.metrics.clone(),
            patience: node.config.nats.publish_timeout(),
        }));
        let mut parts = JoinSet::new();
        parts.spawn(downlink.run(node.clone(), running.clone()));
        parts.spawn(revocations.run(node.clone(), running.clone()));
        parts.spawn(
            node.presence
                .clone()
                .run(node.sessions.clone(), running.clone()),
        );
        parts.spawn(renewal.run(running.clone()));
        let keys_end = running.clone();
        parts.spawn(async move {
            keys_end.run_until_cancelled(key_watch.run()).await;
        });
        let spread = Duration::from_millis(node.config.session.hint_spread_ms);
        let (sessions, metrics) = (node.sessions.clone(), node.metrics.clone());
        parts.spawn(
            node.hints
                .clone()
                .run(sessions, metrics, spread, running.clone()),
        );
        let (sessions, metrics) = (node.sessions.clone(), node.metrics.clone());
        parts.spawn(node.news.clone().run(sessions, metrics, running.clone()));
        parts.spawn(web_transport::run(
            endpoint.clone(),
            node.clone(),
            accepting.clone(),
        ));
        parts.spawn(serve_web_socket(tcp, node.clone(), accepting.clone()));
        parts.spawn(announcer.clone().run(shutdown.clone(), running.clone()));
        health.set_ready(true);
        tracing::info!(node_id = %node.id, "ready");

        tokio::select! {
            () = shutdown.cancelled() => {}
            // None of them ends by itself: one that does has failed, and the node is of no use without it.
            ended = parts.join_next() => tracing::error!(?ended, "a part of the node failed: stopping"),
        }

        health.set_ready(false);
        node.start_draining();
        announcer.announce_draining().await;
        accepting.cancel();
        drain::run(&node).await;
        flush(&node, &bus, uplink).await;
        running.cancel();
        announcer.withdraw().await;
        endpoint.close(0_u32.into(), b"");
        // A client that does not answer is not waited for.
        let _ = timeout(CLOSE_WAIT, endpoint.wait_idle()).await;
        let stopped = async {
            while let Some(ended) = parts.join_next().await {
                report(ended);
            }
        };
        if timeout(CLOSE_WAIT, stopped).await.is_err() {
            // A half-open HTTP connection may hold the listener until its deadline.
            tracing::debug!("parts of the node were cut off");
        }
        serving.cancel();
        match ops.await {
            Ok(Ok(())) => tracing::info!("stopped"),
            Ok(Err(error)) => tracing::error!(%error, "the ops port failed"),
            Err(error) => tracing::error!(%error, "the ops port failed"),
        }
    }
}

async fn serve_web_socket(tcp: TcpListener, node: Node, stop: CancellationToken) {
    let listener = GuardedListener {
        listener: tcp,
        admission: node.admission.clone(),
        metrics: node.metrics.clone(),
        deadline: node.handshake_deadline(),
    };
    if let Err(error) = web_socket::run(listener, node, stop).await {
        tracing::error!(%error, "the WebSocket listener failed");
    }
}

/// What sessions said before they left reaches logic, or is reported as lost.
async fn flush(node: &Node, bus: &Bus, uplink: JoinHandle<()>) {
    node.uplink.close();
    match timeout(FLUSH_WAIT, uplink).await {
        Ok(ended) => report(ended),
        Err(_) => tracing::error!("frames were left in the uplink"),
    }
    if let Err(error) = bus.flush(FLUSH_WAIT).await {
        tracing::error!(%error, "the bus was not flushed");
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a part of the node failed");
    }
}

fn listen_tcp(address: SocketAddr) -> Result<TcpListener, StartError> {
    let listen = |error| StartError::Listen(address, error);
    TcpListener::from_std(socket::tcp(address).map_err(listen)?).map_err(listen)
}
