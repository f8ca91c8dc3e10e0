//! The program: what starts in which order, and how it stops.
//!
//! Start: telemetry, migrations, PostgreSQL, the lease of ids, NATS, Redis, keys, then the ports. Stop: not ready, no new
//! connections, running requests finish, the lease is given back, the ops port last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use im_shared::breaker::{Breaker, Policy};
use im_shared::cache::{self, Buckets, Keys};
use im_shared::location::Locations;
use im_shared::nodes::{LiveNodes, Nodes};
use im_shared::revocation::Mirror;
use im_shared::runtime;
use im_shared::snowflake::Ids;
use im_shared::telemetry::{self, Health, Ops};
use im_shared::tls::{CertificateFiles, TlsError};
use im_shared::tokens::KeyWatch;
use im_shared::{bus, database};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::cached::Cached;
use crate::commands::Commands;
use crate::config::{MigrateConfig, TlsConfig, WebConfig};
use crate::connection::Patience;
use crate::events::Events;
use crate::failures::Failures;
use crate::files::{self, Files};
use crate::guests::Sweeper;
use crate::headers::Protection;
use crate::idempotency;
use crate::limits::{Limits, Watch};
use crate::listener::Listener;
use crate::mailing::Mailing;
use crate::password::Passwords;
use crate::presence::Presence;
use crate::revocation::Revocations;
use crate::routes;
use crate::serve::{self, Server};
use crate::services::{Parts, Services};
use crate::sightings::Sightings;
use crate::store::{Replica, Store};
use crate::sweep;
use crate::writes::Writes;

/// A started web node that does not serve yet.
pub struct Web {
    server: Server,
    address: SocketAddr,
    ops: Ops,
    health: Health,
    ids: Ids,
    writes: Writes,
    stop_timeout: Duration,
    // They end with this node.
    _certificates: Option<AbortOnDropHandle<()>>,
    _probes: [AbortOnDropHandle<()>; 3],
    _sweeper: AbortOnDropHandle<()>,
    _file_sweeper: AbortOnDropHandle<()>,
    _mailing: Option<AbortOnDropHandle<()>>,
    _replica: Option<AbortOnDropHandle<()>>,
    _limits: AbortOnDropHandle<()>,
    _creations: AbortOnDropHandle<()>,
    _key_watch: AbortOnDropHandle<()>,
    _token_sweeper: AbortOnDropHandle<()>,
    _revocations: AbortOnDropHandle<()>,
}

impl Web {
    /// Connects to everything and binds the ports.
    ///
    /// # Errors
    /// The first thing that does not work, with its cause.
    pub async fn load(config: WebConfig) -> anyhow::Result<Self> {
        let telemetry = telemetry::init("web", &config.node, &config.log)?;
        let health = Health::new();
        let (postgres, redis, nats) = (
            health.dependency("postgres"),
            health.optional_dependency("redis"),
            health.dependency("nats"),
        );
        if config.migrate_on_start {
            database::migrate(&config.postgres)
                .await
                .context("migrating")?;
        }
        let pool = database::pool(&config.postgres).context("PostgreSQL")?;
        let ids = Ids::lease(&pool)
            .await
            .context("leasing ids from PostgreSQL")?;
        let bus = bus::connect(&config.nats, &config.node).await?;
        let client = cache::connect(&config.redis).await.context("Redis")?;
        let keys = Keys::new(&config.redis.prefix);
        let nodes = LiveNodes::watch(Nodes::new(client.clone(), keys.clone()))
            .await
            .context("reading access nodes")?;
        let (key_watch, signer, verifier) =
            KeyWatch::signing(&config.tokens.private_keys, &config.tokens.public_keys)
                .context("the keys of tokens")?;

        let probes = [
            postgres.probe({
                let pool = pool.clone();
                move || {
                    let pool = pool.clone();
                    async move { database::ping(&pool).await }
                }
            }),
            redis.probe({
                let client = client.clone();
                move || {
                    let client = client.clone();
                    async move { cache::ping(&client).await }
                }
            }),
            nats.probe({
                let bus = bus.clone();
                move || {
                    let bus = bus.clone();
                    async move { bus.flush(Duration::from_secs(1)).await }
                }
            }),
        ];

        let passwords = Passwords::new(config.passwords.threads, config.passwords.queue)
            .context("starting password threads")?;
        let replica = match config.replica.postgres(&config.postgres) {
            Some(replica) => {
                let replica = database::pool(&replica).context("the replica of PostgreSQL")?;
                Some(Replica::new(replica, client.clone(), keys.clone()))
            }
            None => None,
        };
        let follow = replica.clone().map(|replica| replica.follow(pool.clone()));
        let store = Store::new(pool, database::breaker(&config.postgres), ids.clone());
        let store = store.with_replica(replica);
        let answer_within = config.redis.cache_timeout();
        let cached = Cached::new(store.clone(), &client, &keys, answer_within);
        let store = store.with_forgets(cached.forgets());
        let sweeper = Sweeper::new(store.clone(), &config.guests).run();
        let kept = Files::open(&config.files)?;
        let file_sweeper = files::sweep::run(kept.clone(), store.clone());
        let token_interval = Duration::from_millis(config.tokens.sweep_interval_ms);
        let token_sweeper = sweep::Sweeper::new(store.clone(), token_interval).run();
        // The cache and the mirror of revocations stop asking by themselves.
        let redis_timeout = Duration::from_millis(config.redis.command_timeout_ms);
        let redis_breaker = Breaker::new("redis", Policy::patient_for(redis_timeout));
        let buckets = Buckets::new(client.clone(), keys.clone());
        let failures = Failures::new(buckets.clone(), redis_breaker.clone());
        let (mailing, mail_worker) = Mailing::new(&config.mail, &store, &signer, &failures)
            .context("the server for mails")?;
        let limits = Limits::new(buckets, redis_breaker.clone(), &config.limit_rules())?;
        let mut watch = Watch::new(store.clone(), limits.clone(), &config.limits);
        watch.look().await.context("reading the rules of limits")?;
        let forget = idempotency::sweep(store.clone());
        let mirror = Mirror::new(client.clone(), &keys);
        let revocations = Revocations::new(store.clone(), mirror, bus.clone());
        // Who finds this node ready finds the mirror whole, where Redis is there.
        revocations.renew(true).await;
        let revocation_keeper = revocations.clone().keep();
        let sightings = Sightings::new(store.clone());
        let events = Events::new(bus.clone(), store.clone());
        let writes = Writes::default();
        let services = Services::new(Parts {
            store,
            cached,
            passwords,
            failures,
            mailing,
            signer,
            verifier,
            events,
            revocations,
            sightings,
            files: kept,
            commands: Commands::new(bus, Duration::from_millis(config.http.command_timeout_ms)),
            presence: Presence::new(Locations::new(client, keys), nodes.clone(), redis_breaker),
            nodes,
            limits,
            protection: Protection::new(&config.http, config.tls.is_on()),
            body_timeout: Duration::from_millis(config.http.body_timeout_ms),
            trusted_proxies: config.http.trusted_proxies.clone(),
            member_limit: config.groups.max_members,
            push_key: Some(config.push.public_key).filter(|key| !key.is_empty()),
            writes: writes.clone(),
            admission: Arc::new(Semaphore::new(config.http.max_requests)),
            static_dir: Some(config.http.static_dir).filter(|dir| !dir.as_os_str().is_empty()),
        });
        let (tls, certificates) = tls(&config.tls).context("the certificate")?;
        let patience = Patience {
            idle: Duration::from_millis(config.http.idle_timeout_ms),
            headers: Some(Duration::from_millis(config.http.header_timeout_ms)),
        };
        let listen = config.http.listen;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("listening on {listen}"))?;
        Ok(Self {
            address: listener.local_addr()?,
            server: Server {
                listener: Listener::new(
                    listener,
                    config.http.max_connections,
                    config.http.max_connections_per_address,
                    config.http.trusted_proxies,
                ),
                router: routes::router(services),
                patience,
                tls,
            },
            _certificates: certificates,
            ops: Ops::bind(&config.ops, health.clone(), telemetry).await?,
            health,
            ids,
            writes,
            stop_timeout: Duration::from_millis(config.http.stop_timeout_ms),
            _probes: probes,
            _sweeper: AbortOnDropHandle::new(tokio::spawn(sweeper)),
            _file_sweeper: AbortOnDropHandle::new(tokio::spawn(file_sweeper)),
            _mailing: mail_worker.map(|worker| AbortOnDropHandle::new(tokio::spawn(worker.run()))),
            _replica: follow.map(|follow| AbortOnDropHandle::new(tokio::spawn(follow))),
            _limits: AbortOnDropHandle::new(tokio::spawn(watch.run())),
            _creations: AbortOnDropHandle::new(tokio::spawn(forget)),
            _key_watch: AbortOnDropHandle::new(tokio::spawn(key_watch.run())),
            _token_sweeper: AbortOnDropHandle::new(tokio::spawn(token_sweeper)),
            _revocations: AbortOnDropHandle::new(tokio::spawn(revocation_keeper)),
        })
    }

    /// Where the API is served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the ops port is.
    #[must_use]
    pub fn ops_address(&self) -> SocketAddr {
        self.ops.address()
    }

    /// Serves until SIGTERM or SIGINT, then stops.
    ///
    /// # Errors
    /// When a port fails.
    pub async fn run(self) -> anyhow::Result<()> {
        let stop = runtime::shutdown().context("handling signals")?;
        self.run_until(stop).await
    }

    /// Serves until `stop` is cancelled, then finishes the requests that run.
    ///
    /// # Errors
    /// When a port fails.
    pub async fn run_until(self, stop: CancellationToken) -> anyhow::Result<()> {
        let ops_stop = CancellationToken::new();
        // Ends by `ops_stop`, after everything else.
        let ops = tokio::spawn(self.ops.run(ops_stop.clone()));

        let serve = async {
            self.server.run(stop.clone()).await;
            self.writes.finish().await;
        };
        self.health.set_ready(true);
        tracing::info!(address = %self.address, "serving");

        let late = async {
            stop.cancelled().await;
            self.health.set_ready(false);
            tokio::time::sleep(self.stop_timeout).await;
        };
        tokio::select! {
            () = serve => {}
            () = late => tracing::warn!("requests were still running at the end of the stop"),
        }
        if let Err(error) = self.ids.release().await {
            tracing::warn!(%error, "the lease of ids ends by itself");
        }
        ops_stop.cancel();
        ops.await.context("the ops task")??;
        tracing::info!("stopped");
        Ok(())
    }
}

/// TLS and the task that looks after its certificate, where it is done here.
fn tls(
    config: &TlsConfig,
) -> Result<(Option<TlsAcceptor>, Option<AbortOnDropHandle<()>>), TlsError> {
    if !config.is_on() {
        return Ok((None, None));
    }
    let certificates = CertificateFiles::load(&config.chain, &config.key)?;
    let acceptor = serve::acceptor(certificates.clone())?;
    let watch = certificates.watch(Duration::from_millis(config.reload_ms));
    let watch = AbortOnDropHandle::new(tokio::spawn(watch));
    Ok((Some(acceptor), Some(watch)))
}

/// Brings the database up to date.
///
/// # Errors
/// When PostgreSQL cannot be used or a migration fails.
pub async fn migrate(config: MigrateConfig) -> anyhow::Result<()> {
    telemetry::init("web", "migrate", &config.log)?;
    let applied = database::migrate(&config.postgres)
        .await
        .context("migrating")?;
    tracing::info!(applied, "the database is up to date");
    Ok(())
}
