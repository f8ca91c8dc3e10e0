//! Lanes: conversations are spread over a few tasks, each with its own connection, so that commits of different conversations overlap
//! and those of one conversation do not meet inside a worker.
//!
//! [`Lanes::start`] spawns one task per lane. A lane ends when every clone of [`Lanes`] is dropped and what it holds is committed; its
//! fan-out ends after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use im_shared::config::PostgresConfig;
use im_shared::runtime::Backoff;
use im_shared::snowflake::Ids;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::batcher::{Batcher, Policy};
use crate::config::LanesConfig;
use crate::error::Chain;
use crate::metrics;
use crate::pending::{Done, Pending, Refusal};
use crate::store::append::Appender;
use crate::writer::{Writer, lane_of};

/// Where checked requests are offered. A cheap clone.
#[derive(Debug, Clone)]
pub struct Lanes {
    inlets: Arc<[Inlet]>,
    max_bytes: usize,
}

#[derive(Debug)]
struct Inlet {
    requests: mpsc::Sender<Pending>,
    held: Arc<AtomicUsize>,
}

impl Lanes {
    /// Starts the lanes. What is committed goes to the outlet of its lane, batch by batch.
    pub fn start(
        config: &LanesConfig,
        postgres: &PostgresConfig,
        ids: &Ids,
        outlets: Vec<mpsc::Sender<Vec<Done>>>,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let start = |outlet| {
            let (requests, inbox) = mpsc::channel(config.queue_requests);
            let held = Arc::new(AtomicUsize::new(0));
            let lane = Lane {
                inbox,
                held: Arc::clone(&held),
                batcher: Batcher::new(Policy {
                    rows: config.batch_rows,
                    bytes: config.batch_bytes,
                }),
                linger: Duration::from_micros(config.linger_us),
                next_at: Instant::now(),
                writer: Writer::new(ids.clone()),
                connection: Connection::new(
                    postgres.clone(),
                    Duration::from_millis(config.commit_timeout_ms),
                ),
                outlet,
            };
            tasks.spawn(lane.run());
            Inlet { requests, held }
        };
        Self {
            inlets: outlets.into_iter().map(start).collect(),
            max_bytes: config.queue_bytes,
        }
    }

    /// Hands a request to the lane of its conversation. Never waits.
    ///
    /// # Errors
    ///
    /// The lane is full, in requests or in bytes; the request comes back.
    pub fn offer(&self, request: Pending) -> Result<(), Box<Pending>> {
        let Some(inlet) = self
            .inlets
            .get(lane_of(request.conversation, self.inlets.len()))
        else {
            return Err(Box::new(request));
        };
        let bytes = request.bytes();
        if inlet.held.fetch_add(bytes, Ordering::Relaxed) + bytes > self.max_bytes {
            inlet.held.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Box::new(request));
        }
        inlet.requests.try_send(request).map_err(|refused| {
            inlet.held.fetch_sub(bytes, Ordering::Relaxed);
            Box::new(refused.into_inner())
        })
    }
}

struct Lane {
    inbox: mpsc::Receiver<Pending>,
    held: Arc<AtomicUsize>,
    batcher: Batcher,
    linger: Duration,
    next_at: Instant,
    writer: Writer,
    connection: Connection,
    outlet: mpsc::Sender<Vec<Done>>,
}

impl Lane {
    async fn run(mut self) {
        while self.collect().await {
            let batch = self.batcher.close();
            let done = self.commit(batch).await;
            // The fan-out ends after its lane, so it is there.
            if self.outlet.send(done).await.is_err() {
                tracing::error!("the fan-out of a lane is gone");
                return;
            }
        }
    }

    /// Fills the open batch with what has arrived. Waits while there is nothing, and while the previous commit began less than `linger`
    /// ago: a transaction for every other message costs more than all its rows. False at the end.
    async fn collect(&mut self) -> bool {
        if self.batcher.is_empty() {
            let Some(first) = self.inbox.recv().await else {
                return false;
            };
            self.take(first);
        }
        while !self.batcher.is_full() {
            match tokio::time::timeout_at(self.next_at, self.inbox.recv()).await {
                Ok(Some(request)) => self.take(request),
                Ok(None) => break,
                Err(_) => match self.inbox.try_recv() {
                    Ok(request) => self.take(request),
                    Err(_) => break,
                },
            }
        }
        self.next_at = Instant::now() + self.linger;
        true
    }

    fn take(&mut self, request: Pending) {
        self.held.fetch_sub(request.bytes(), Ordering::Relaxed);
        self.batcher.offer(request);
    }

    async fn commit(&mut self, batch: Vec<Pending>) -> Vec<Done> {
        let mut done = Vec::with_capacity(batch.len());
        let Some(appender) = self.connection.open().await else {
            let refused = |request| Done::refused(request, Refusal::UNAVAILABLE);
            done.extend(batch.into_iter().map(refused));
            return done;
        };
        let (rows, began) = (
            batch.iter().map(|request| request.rows().count()).sum(),
            Instant::now(),
        );
        match self.writer.commit(appender, batch, &mut done).await {
            Ok(()) => metrics::committed(rows, began.elapsed()),
            Err(_) => self.connection.give_up(),
        }
        done
    }
}

/// The connection of a lane, opened when it is needed and not sooner after a failure than the backoff says.
struct Connection {
    postgres: PostgresConfig,
    deadline: Duration,
    appender: Option<Appender>,
    backoff: Backoff,
    not_before: Option<Instant>,
}

impl Connection {
    fn new(postgres: PostgresConfig, deadline: Duration) -> Self {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
        Self {
            postgres,
            deadline,
            appender: None,
            backoff,
            not_before: None,
        }
    }

    async fn open(&mut self) -> Option<&Appender> {
        if self.appender.as_ref().is_some_and(Appender::is_closed) {
            // PostgreSQL was restarted while the lane was idle: nothing is in doubt, so the batch need not fail.
            self.appender = None;
        }
        if self.appender.is_none() {
            if self.not_before.is_some_and(|time| Instant::now() < time) {
                return None;
            }
            match Appender::connect(&self.postgres, self.deadline).await {
                Ok(appender) => {
                    self.backoff.reset();
                    self.not_before = None;
                    self.appender = Some(appender);
                }
                Err(error) => {
                    let wait = self.backoff.next(&mut rand::rng());
                    tracing::warn!(error = %Chain(&error), ?wait, "a lane has no connection to postgres");
                    self.not_before = Some(Instant::now() + wait);
                }
            }
        }
        self.appender.as_ref()
    }

    fn give_up(&mut self) {
        self.appender = None;
        metrics::connection_given_up();
    }
}
