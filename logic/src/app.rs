//! The order of start and stop.
//!
//! Stop: not ready, drain the subscriptions, finish the side tasks, then close each stage from the first to the last, so that everything
//! in hand is committed, pushed and acknowledged before the process ends. Whatever is cut off by the deadline was never acknowledged, and
//! its client sends it again.

use std::future::ready;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use deadpool_postgres::Pool;
use im_shared::breaker::{Breaker, Policy};
use im_shared::bus::{self, Bus};
use im_shared::cache::{self, Buckets, Keys, Redis};
use im_shared::location::Locations;
use im_shared::nodes::{LiveNodes, Nodes};
use im_shared::snowflake::Ids;
use im_shared::telemetry::{self, Health, Ops};
use im_shared::{config, database, runtime};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::command::Services;
use crate::config::LogicConfig;
use crate::directory::Directory;
use crate::fanout::{Fanout, Listeners};
use crate::finder::Finder;
use crate::intake::Intake;
use crate::lane::Lanes;
use crate::members::Members;
use crate::metrics;
use crate::positions::Positions;
use crate::presence::{Presence, Typists};
use crate::publisher::Publisher;
use crate::push::Push;
use crate::roster::Rosters;
use crate::search::Indexer;
use crate::side::Side;
use crate::store::append::Appender;
use crate::store::{Cached, Store};
use crate::tasks::{Tasks, Worker};
use crate::turns::Turns;
use crate::world::WorldChat;

/// Committed batches that wait for their fan-out, per lane.
const BATCHES_IN_FANOUT: usize = 2;

/// An acknowledgement waits with what Redis is asked for: one answer that takes longer than `patience` is enough to do without for a while.
const fn impatient(patience: Duration) -> Policy {
    Policy {
        failures: 1,
        calls: u32::MAX,
        window: Duration::from_secs(10),
        rest: Duration::from_secs(1),
        longest_rest: Duration::from_secs(2),
        patience,
    }
}

/// The longest stop.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// A logic worker whose dependencies answer.
#[derive(Debug)]
pub struct Logic {
    health: Health,
    ops: Ops,
    pool: Pool,
    ids: Ids,
    services: Services,
    intake: Intake,
    tasks: JoinSet<()>,
    behind: Behind,
    publishing: JoinSet<()>,
    _probes: Vec<AbortOnDropHandle<()>>,
}

impl Logic {
    /// Reads the configuration from `file` and the environment, and starts.
    ///
    /// # Errors
    ///
    /// The configuration is not legal, or a dependency does not answer.
    pub async fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        Self::start(config::load::<LogicConfig>("logic", file)?).await
    }

    /// Connects everything and subscribes. It takes work when it is [`run`](Logic::run).
    ///
    /// # Errors
    ///
    /// A dependency does not answer, or the database is not migrated.
    pub async fn start(config: LogicConfig) -> anyhow::Result<Self> {
        let telemetry = telemetry::init("logic", &config.node_id, &config.log)?;
        metrics::describe();
        let health = Health::new();
        let ops = Ops::bind(&config.ops, health.clone(), telemetry).await?;

        let pool = database::pool(&config.postgres)?;
        let commit_timeout = Duration::from_millis(config.lanes.commit_timeout_ms);
        Appender::connect(&config.postgres, commit_timeout)
            .await
            .context("postgres is not there, or not migrated (im-web migrate)")?;
        let ids = Ids::lease(&pool)
            .await
            .context("no worker number for ids")?;
        let redis = cache::connect(&config.redis).await.context("redis")?;
        let keys = Keys::new(&config.redis.prefix);
        let live = LiveNodes::watch(Nodes::new(redis.clone(), keys.clone()))
            .await
            .context("the live nodes")?;
        let bus = bus::connect(&config.nats, &config.node_id).await?;

        let mut publishing = JoinSet::new();
        let (publisher, publish) = Publisher::new(bus.clone());
        publishing.spawn(publish);
        let redis_breaker = Breaker::new("redis", impatient(config.redis.cache_timeout()));
        let store = Store::new(pool.clone(), database::breaker(&config.postgres))
            .with_cached(Cached::new(&redis, &keys, config.redis.cache_timeout()));
        let (push, pusher) = Push::new(&config.push)?;
        let (indexer, index) = Indexer::new(store.clone(), &config.search);
        let rosters = Rosters::new(redis.clone(), keys.clone());
        let members = Members::new(store.clone(), config.fanout.known_members);
        let carriers = Tasks::new(bus.clone(), &config.fanout);
        let fanout = Fanout::new(
            Finder::new(
                Locations::new(redis.clone(), keys.clone()),
                live,
                redis_breaker.clone(),
            ),
            publisher.clone(),
            members.clone(),
            carriers.clone(),
            config.fanout.large_group,
            Listeners {
                away: push.clone(),
                indexer,
            },
        );
        let worker = Worker::subscribe(
            &bus,
            fanout.clone(),
            members,
            rosters.clone(),
            &config.fanout,
        )
        .await?;
        let mut behind = Behind::new(carriers);
        behind.spawn(|stop| worker.run(stop));
        behind.spawn(|stop| pusher.run(store.clone(), ids.clone(), fanout.clone(), stop));
        // Ends when everything that fans out has ended.
        behind.spawn(|_| index);
        let mut tasks = JoinSet::new();
        let world = WorldChat::new(
            &config.world,
            Buckets::new(redis.clone(), keys),
            redis_breaker,
        );
        let outward = Outward {
            rosters,
            fanout,
            push,
            publisher,
            world,
            bus: bus.clone(),
        };
        let services = services(&config, store, &ids, outward, &mut tasks);
        let intake = Intake::subscribe(&bus, services.clone()).await?;
        let probes = probes(&health, &pool, &redis, &bus);
        Ok(Self {
            health,
            ops,
            pool,
            ids,
            services,
            intake,
            tasks,
            behind,
            publishing,
            _probes: probes,
        })
    }

    /// The bound ops port.
    #[must_use]
    pub const fn ops_address(&self) -> SocketAddr {
        self.ops.address()
    }

    /// Works until SIGTERM or SIGINT, then stops in order.
    ///
    /// # Errors
    ///
    /// The signals cannot be registered, or the ops port or a part of the worker fails.
    pub async fn run(self) -> anyhow::Result<()> {
        self.run_until(runtime::shutdown()?).await
    }

    /// Works until `stop`, then stops in order.
    ///
    /// # Errors
    ///
    /// The ops port or a part of the worker fails.
    pub async fn run_until(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Self {
            health,
            ops,
            pool,
            ids,
            services,
            intake,
            mut tasks,
            mut behind,
            mut publishing,
            _probes,
        } = self;
        let ops_stop = CancellationToken::new();
        let serving = tokio::spawn(ops.run(ops_stop.clone()));
        let mut working = AbortOnDropHandle::new(tokio::spawn(intake.run(stop.clone())));
        health.set_ready(true);
        tracing::info!("ready");
        // A part that ends by itself ends the process in order, so that whoever started it starts it again: half a worker would take
        // requests and answer none.
        let ended = tokio::select! {
            () = stop.cancelled() => None,
            ended = &mut working => Some(ended),
            ended = tasks.join_next() => ended,
            ended = behind.tasks.join_next() => ended,
            ended = publishing.join_next() => ended,
        };
        let is_fault = ended.is_some() && !stop.is_cancelled();
        if let Some(Err(error)) = &ended {
            tracing::error!(%error, "a part of the worker failed");
        }
        health.set_ready(false);
        stop.cancel();
        if !working.is_finished()
            && let Err(error) = working.await
        {
            tracing::error!(%error, "the intake failed");
        }

        let finished =
            tokio::time::timeout(STOP_WITHIN, finish(services, tasks, behind, publishing)).await;
        if finished.is_err() {
            tracing::warn!(within = ?STOP_WITHIN, "what was in hand could not be finished in time; clients will ask again");
        }
        if let Err(error) = ids.release().await {
            tracing::warn!(%error, "the worker number is free when its lease ends");
        }
        pool.close();
        ops_stop.cancel();
        serving.await.context("the ops port")??;
        tracing::info!("stopped");
        anyhow::ensure!(!is_fault, "a part of the worker ended by itself");
        Ok(())
    }
}

/// What comes behind the commits: pushes to large groups, to who is away, the full text. It ends by its own token, after everything that
/// it follows is committed.
#[derive(Debug)]
struct Behind {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    carriers: Tasks,
}

impl Behind {
    fn new(carriers: Tasks) -> Self {
        Self {
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
            carriers,
        }
    }

    fn spawn<F>(&mut self, work: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(work(self.stop.clone()));
    }

    async fn finish(mut self) {
        // This worker may be the last that takes them, so it goes on taking until all are answered.
        self.carriers.finish().await;
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part behind the commits failed");
            }
        }
    }
}

/// Each stage ends when the one before it has ended and let go of it.
async fn finish(
    services: Services,
    mut tasks: JoinSet<()>,
    behind: Behind,
    mut publishing: JoinSet<()>,
) {
    services.resolves.finish().await;
    services.reads.finish().await;
    services.changes.finish().await;
    services.events.finish().await;
    drop(services);
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a task failed");
        }
    }
    behind.finish().await;
    while let Some(ended) = publishing.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "the publisher failed");
        }
    }
}

/// What reaches beyond this worker and its database.
struct Outward {
    rosters: Rosters,
    fanout: Fanout,
    push: Push,
    publisher: Publisher,
    world: WorldChat,
    bus: Bus,
}

fn services(
    config: &LogicConfig,
    store: Store,
    ids: &Ids,
    outward: Outward,
    tasks: &mut JoinSet<()>,
) -> Services {
    let Outward {
        rosters,
        fanout,
        push,
        publisher,
        world,
        bus,
    } = outward;
    let side = &config.side;
    let mut outlets = Vec::with_capacity(config.lanes.count);
    for _ in 0..config.lanes.count {
        let (outlet, batches) = mpsc::channel(BATCHES_IN_FANOUT);
        tasks.spawn(fanout.clone().run(batches));
        outlets.push(outlet);
    }
    let lanes = Lanes::start(&config.lanes, &config.postgres, ids, outlets, tasks);
    let (positions, moving) = Positions::new(
        store.clone(),
        fanout.clone(),
        ids.clone(),
        side,
        config.fanout.large_group,
    );
    tasks.spawn(moving);
    let (presence, telling) = Presence::new(store.clone(), fanout.clone(), bus, &config.presence);
    tasks.spawn(telling);
    Services {
        lanes,
        directory: Directory::new(store.clone(), ids.clone(), side.known_conversations),
        positions,
        presence,
        typists: Typists::new(Duration::from_millis(config.presence.typing_interval_ms)),
        push,
        rosters,
        large_group: config.fanout.large_group,
        world,
        turns: Turns::new(side.changes_waiting),
        limits: config.changes,
        groups: config.groups,
        ids: ids.clone(),
        store,
        fanout,
        publisher,
        reads: Side::new("reads", side.reads, side.reads_waiting),
        resolves: Side::new("resolves", side.resolves, side.resolves_waiting),
        changes: Side::new("changes", side.changes, side.changes_waiting),
        events: Side::new("events", side.events, side.events_waiting),
    }
}

/// Asks the dependencies whether they answer, as long as the worker lives (K1).
fn probes(health: &Health, pool: &Pool, redis: &Redis, bus: &Bus) -> Vec<AbortOnDropHandle<()>> {
    let (pool, redis, bus) = (pool.clone(), redis.clone(), bus.clone());
    let postgres = health.dependency("postgres").probe(move || {
        let pool = pool.clone();
        async move { database::ping(&pool).await }
    });
    let redis = health.dependency("redis").probe(move || {
        let redis = redis.clone();
        async move { cache::ping(&redis).await }
    });
    let nats = health.dependency("nats").probe(move || {
        ready(if bus.is_connected() {
            Ok(())
        } else {
            Err(NotConnected)
        })
    });
    vec![postgres, redis, nats]
}

/// The bus is not connected.
#[derive(Debug, thiserror::Error)]
#[error("not connected")]
struct NotConnected;
