//! One access node on shared servers, with a prefix of its own.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use im_access::{Access, Addresses, Config};
use im_shared::bus::{self, Bus};
use im_shared::cache::{self, Keys};
use im_shared::ids::{SessionId, SignInId, UserId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::Nodes;
use im_shared::revocation::{Build, Mirror, Reason};
use im_shared::testing::{Servers, unique_prefix, wait_until};
use im_shared::tokens::{AccountKind, Signer, Subject, generate_key};
use im_shared::wire::Platform;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Client, Logic, PATIENCE, Transport};

/// An access node and everything that a test needs around it.
pub(crate) struct Stage {
    pub(crate) addresses: Addresses,
    pub(crate) hashes: Vec<String>,
    pub(crate) logic: Logic,
    pub(crate) locations: Locations,
    pub(crate) nodes: Nodes,
    mirror: Mirror,
    world: Arc<World>,
    shutdown: CancellationToken,
    node: JoinHandle<()>,
}

/// What the nodes of one system share.
struct World {
    signer: Signer,
    folder: TempDir,
    config: Config,
}

/// What a client shows at the door.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) user: UserId,
    pub(crate) device: String,
    pub(crate) platform: Platform,
    pub(crate) kind: AccountKind,
    pub(crate) issued_at: SystemTime,
}

impl Ticket {
    /// Of a web browser of this user, issued now.
    pub(crate) fn of(user: u64) -> Self {
        Self {
            user: UserId(user),
            device: format!("device-{user}"),
            platform: Platform::Web,
            kind: AccountKind::User,
            issued_at: SystemTime::now(),
        }
    }

    pub(crate) fn on(mut self, platform: Platform) -> Self {
        self.platform = platform;
        self
    }

    pub(crate) fn of_guest(mut self) -> Self {
        self.kind = AccountKind::Guest;
        self
    }

    pub(crate) fn issued(mut self, ago: Duration) -> Self {
        self.issued_at -= ago;
        self
    }
}

impl Stage {
    /// With everything as it is by default, but ports of its own, and patience.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings of its own.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let prefix = unique_prefix();
        let mut config = Config {
            nats: Servers::nats(&prefix),
            redis: Servers::redis(&prefix),
            ..Config::default()
        };
        let folder = TempDir::new().unwrap();
        let keys = generate_key().unwrap();
        let (private, public) = keys.write(folder.path(), "test").unwrap();
        config.tokens.public_keys = public.parent().unwrap().to_owned();
        config.web_transport.listen.set_port(0);
        config.web_socket.listen.set_port(0);
        config.web_transport.reset_key = folder.path().join("reset.key");
        config.ops.0.listen.set_port(0);
        config.session.hint_spread_ms = 0;
        // What a test does not look at has time enough on a machine that stands still for a while.
        config.handshake.deadline_ms = 20_000;
        config.presence.deadline_ms = 20_000;
        config.redis.connect_timeout_ms = 20_000;
        config.redis.command_timeout_ms = 10_000;
        config.nats.connect_timeout_ms = 20_000;
        config.nats.publish_timeout_ms = 20_000;
        config.log.level = "off".to_owned();
        change(&mut config);
        let signer = Signer::load(&private).unwrap();
        Self::open(
            Arc::new(World {
                signer,
                folder,
                config,
            }),
            "access-1",
        )
        .await
    }

    /// One more node of the same system.
    pub(crate) async fn another(&self, id: &str) -> Self {
        Self::open(Arc::clone(&self.world), id).await
    }

    async fn open(world: Arc<World>, id: &str) -> Self {
        let mut config = world.config.clone();
        config.node.id = id.to_owned();
        let bus: Bus = bus::connect(&config.nats, "test").await.unwrap();
        let logic = Logic::new(bus, id.parse().unwrap()).await;
        let redis = cache::connect(&config.redis).await.unwrap();
        let keys = Keys::new(&config.redis.prefix);
        let nodes = Nodes::new(redis.clone(), keys.clone());
        // Web's part.
        let mirror = Mirror::new(redis.clone(), &keys);
        if !mirror.is_whole().await.unwrap() {
            build(&mirror).await;
        }
        let access = Access::load(config).await.unwrap();
        let (addresses, hashes) = (access.addresses(), access.certificate_hashes());
        let shutdown = CancellationToken::new();
        let node = tokio::spawn(access.run_until(shutdown.clone()));
        let stage = Self {
            addresses,
            hashes,
            logic,
            locations: Locations::new(redis, keys),
            nodes,
            mirror,
            world,
            shutdown,
            node,
        };
        wait_until(async || stage.record().await.is_some(), PATIENCE).await;
        stage
    }

    /// What the node says of itself.
    pub(crate) async fn record(&self) -> Option<im_shared::nodes::NodeRecord> {
        let records = self.nodes.list().await.unwrap_or_default();
        records
            .into_iter()
            .find(|record| record.node_id == self.logic.node)
    }

    /// A token for `ticket`.
    pub(crate) fn token(&self, ticket: &Ticket) -> String {
        self.token_of(ticket, SignInId(ticket.user.0))
    }

    /// A token for `ticket` that came from another login.
    pub(crate) fn token_of(&self, ticket: &Ticket, sign_in: SignInId) -> String {
        let signer = &self.world.signer;
        let subject = Subject {
            user: ticket.user,
            kind: ticket.kind,
            sign_in,
            device: &ticket.device,
            platform: ticket.platform,
        };
        let signed = signer.sign(&subject, ticket.issued_at);
        signed.unwrap().token
    }

    /// Revokes the sign-in of the user's tickets, as web does, without the signal.
    pub(crate) async fn revoke(&self, user: u64, reason: Reason) {
        self.mirror.add(&[(SignInId(user), reason)]).await.unwrap();
    }

    /// Says that all that was revoked is in the mirror, as web does.
    pub(crate) async fn build_mirror(&self) {
        build(&self.mirror).await;
    }

    /// The settings that the nodes of this system share.
    pub(crate) fn config(&self) -> &Config {
        &self.world.config
    }

    /// The folder that the nodes of this system share.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.world.folder.path()
    }

    /// A connection that has not said anything.
    pub(crate) async fn connect(&self, transport: Transport) -> Client {
        self.try_connect(transport).await.expect("a connection")
    }

    /// A connection, if it is let in.
    pub(crate) async fn try_connect(&self, transport: Transport) -> Option<Client> {
        Client::connect(transport, self.addresses, &self.hashes).await
    }

    /// A session of `ticket`.
    pub(crate) async fn enter(&self, transport: Transport, ticket: &Ticket) -> Client {
        let mut client = self.connect(transport).await;
        client.authenticate(&self.token(ticket), ticket).await;
        client
    }

    /// A session of `user` in a web browser.
    pub(crate) async fn sign_in(&self, transport: Transport, user: u64) -> Client {
        self.enter(transport, &Ticket::of(user)).await
    }

    /// Where the sessions of `user` are.
    pub(crate) async fn located(&self, user: u64) -> Vec<Location> {
        self.locations.of(&[UserId(user)]).await.unwrap().remove(0)
    }

    /// Whether Redis has exactly these sessions of `user`.
    pub(crate) async fn has_sessions(&self, user: u64, sessions: &[SessionId]) -> bool {
        let mut found: Vec<_> = self.located(user).await.iter().map(|l| l.session).collect();
        found.sort();
        found == sessions
    }

    /// As SIGTERM does.
    pub(crate) fn terminate(&self) {
        self.shutdown.cancel();
    }

    /// Whether the node has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.node.is_finished()
    }
}

async fn build(mirror: &Mirror) {
    let build = Build::begin(mirror.clone()).await.unwrap();
    assert!(build.finish().await.unwrap());
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.node.abort();
    }
}
