//! The program: what starts in which order, and how it stops.
//!
//! Start: telemetry, migrations, PostgreSQL, the lease of ids, NATS, Redis, keys, then the ports. Stop: not ready, no new
//! connections, running requests finish, the lease is given back, the ops port last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use im_shared::cache::{self, Buckets, Keys};
use im_shared::location::Locations;
use im_shared::nodes::{LiveNodes, Nodes};
use im_shared::runtime;
use im_shared::snowflake::Ids;
use im_shared::telemetry::{self, Health, Ops};
use im_shared::tokens::KeyWatch;
use im_shared::{bus, database};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::client_address::Peer;
use crate::commands::Commands;
use crate::config::{MigrateConfig, WebConfig};
use crate::events::Events;
use crate::guests::Sweeper;
use crate::limits::Limits;
use crate::failures::Failures;
use crate::files::{self, Files};
use crate::listener::Limited;
use crate::password::Passwords;
use crate::presence::Presence;
use crate::revocation::Revocations;
use crate::routes;
use crate::services::{Parts, Services};
use crate::resets::Resets;
use crate::store::Store;

/// A started web node that does not serve yet.
pub struct Web {
    listener: Limited,
    address: SocketAddr,
    router: Router,
    ops: Ops,
    health: Health,
    ids: Ids,
    stop_timeout: Duration,
    // They end with this node.
    _probes: [AbortOnDropHandle<()>; 3],
    _sweeper: AbortOnDropHandle<()>,
}

impl Web {
    /// Connects to everything and binds the ports.
    ///
    _file_sweeper: AbortOnDropHandle<()>,
    _resets: Option<AbortOnDropHandle<()>>,
    _limits: AbortOnDropHandle<()>,
    _creations: AbortOnDropHandle<()>,
    _key_watch: AbortOnDropHandle<()>,
    _token_sweeper: AbortOnDropHandle<()>,
    _revocations: AbortOnDropHandle<()>,
    /// # Errors
    /// The first thing that does not work, with its cause.
    pub async fn load(config: WebConfig) -> anyhow::Result<Self> {
        let telemetry = telemetry::init("web", &config.node, &config.log)?;
        let health = Health::new();
        let (postgres, redis, nats) = (
            health.dependency("postgres"),
            health.dependency("redis"),
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
        let store = Store::new(pool, database::breaker(&config.postgres), ids.clone());
        let sweeper = Sweeper::new(store.clone(), &config.guests).run();
        let buckets = Buckets::new(client.clone(), keys.clone());
        let services = Services::new(Parts {
            store,
            passwords,
            signer,
            verifier,
            events: Events::new(bus.clone()),
            revocations: Revocations::new(bus.clone()),
            commands: Commands::new(bus),
            presence: Presence::new(Locations::new(client, keys), nodes.clone()),
            nodes,
            limits: Limits::new(buckets, &config.guests),
            trusted_proxies: config.http.trusted_proxies.clone(),
        let failures = Failures::new(buckets.clone(), redis_breaker.clone());
        let (resets, reset_worker) = Resets::new(&config.mail, &store, &signer, &failures);
        let limits = Limits::new(buckets, redis_breaker.clone(), &config.limit_rules())?;
        let mut watch = Watch::new(store.clone(), limits.clone(), &config.limits);
        watch.look().await.context("reading the rules of limits")?;
        let forget = idempotency::sweep(store.clone());
        let mirror = Mirror::new(client.clone(), &keys);
        let revocations = Revocations::new(store.clone(), mirror, bus.clone());
        let revocation_keeper = revocations.clone().keep();
        let sightings = Sightings::new(store.clone());
            member_limit: config.groups.max_members,
            push_key: Some(config.push.public_key).filter(|key| !key.is_empty()),
            admission: Arc::new(Semaphore::new(config.http.max_requests)),
            failures,
            resets,
            static_dir: Some(config.http.static_dir).filter(|dir| !dir.as_os_str().is_empty()),
        });
        let idle_timeout = Duration::from_millis(config.http.idle_timeout_ms);
        let listen = config.http.listen;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("listening on {listen}"))?;
        Ok(Self {
            address: listener.local_addr()?,
            listener: Limited::new(listener, config.http.max_connections, idle_timeout),
            router: routes::router(services),
            ops: Ops::bind(&config.ops, health.clone(), telemetry).await?,
            health,
            ids,
            stop_timeout: Duration::from_millis(config.http.stop_timeout_ms),
            _probes: probes,
            _sweeper: AbortOnDropHandle::new(tokio::spawn(sweeper)),
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
            _file_sweeper: AbortOnDropHandle::new(tokio::spawn(file_sweeper)),
            _resets: reset_worker.map(|worker| AbortOnDropHandle::new(tokio::spawn(worker.run()))),
            _limits: AbortOnDropHandle::new(tokio::spawn(watch.run())),
            _creations: AbortOnDropHandle::new(tokio::spawn(forget)),
            _key_watch: AbortOnDropHandle::new(tokio::spawn(key_watch.run())),
            _token_sweeper: AbortOnDropHandle::new(tokio::spawn(token_sweeper)),
            _revocations: AbortOnDropHandle::new(tokio::spawn(revocation_keeper)),

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

        let router = self.router.into_make_service_with_connect_info::<Peer>();
        let serve = axum::serve(self.listener, router)
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        self.health.set_ready(true);
        tracing::info!(address = %self.address, "serving");

        let late = async {
            stop.cancelled().await;
            self.health.set_ready(false);
            tokio::time::sleep(self.stop_timeout).await;
        };
        tokio::select! {
            served = serve.into_future() => served.context("serving HTTP")?,
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
