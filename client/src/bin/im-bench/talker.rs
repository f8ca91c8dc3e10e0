//! One session that sends and receives, with one request in flight per conversation [M1].
//!
//! Task: one per talker, owned by the `JoinSet` of [`talk`]; it ends when the phase is over and everything is answered.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use im_client::Target;
use im_shared::ids::Seq;
use im_shared::wire::{Body, Code, Entry, Frame, MessageAck, RequestId};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::histogram::Latencies;
use crate::people::Person;
use crate::session::Session;
use crate::wire::{self, Planned};

/// An unanswered request is sent again after this; the real client begins earlier, but here the machine is overloaded on purpose.
const AGAIN: Duration = Duration::from_secs(3);
const TICK: Duration = Duration::from_millis(250);
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Messages in one request, at most.
const REQUEST: usize = 64;

/// When messages are made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Load {
    /// So many more as soon as the last were acknowledged.
    Closed(usize),
    /// One after each interval, whatever happens; the first after `offset`.
    Open { every: Duration, offset: Duration },
}

/// What all talkers counted.
pub(crate) struct Meters {
    pub(crate) origin: Instant,
    /// Only what was intended between these two counts.
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    /// All that were acknowledged, whenever.
    pub(crate) settled: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) pushed: AtomicU64,
    pub(crate) out_of_order: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) ack: Latencies,
    pub(crate) delivery: Latencies,
}

impl Meters {
    pub(crate) fn new(warm_up: Duration, seconds: Duration) -> anyhow::Result<Self> {
        let origin = Instant::now();
        let from = origin + warm_up;
        Ok(Self {
            origin,
            from,
            until: from + seconds,
            settled: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            pushed: AtomicU64::new(0),
            out_of_order: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            ack: Latencies::new()?,
            delivery: Latencies::new()?,
        })
    }

    pub(crate) fn counts(&self, time: Instant) -> bool {
        (self.from..self.until).contains(&time)
    }
}

/// One conversation in which the talker sends.
struct Lane {
    to: Target,
    waiting: VecDeque<Planned>,
    in_flight: Option<InFlight>,
    last_seq: Seq,
}

struct InFlight {
    messages: Vec<Planned>,
    again: Instant,
}

struct Talker {
    session: Session,
    lanes: Vec<Lane>,
    requests: HashMap<RequestId, usize>,
    meters: Arc<Meters>,
}

/// Lets everybody talk with those that `targets` gives them until `stop`, and then until all is answered or `grace` is over.
pub(crate) fn talk(
    sessions: Vec<(Person, Session)>,
    targets: impl Fn(Person) -> Vec<Target>,
    load: impl Fn(Person) -> Load,
    meters: &Arc<Meters>,
    stop: &watch::Receiver<bool>,
    grace: Duration,
) -> JoinSet<anyhow::Result<()>> {
    let mut talkers = JoinSet::new();
    for (person, session) in sessions {
        let lane = |to| Lane {
            to,
            waiting: VecDeque::new(),
            in_flight: None,
            last_seq: Seq(0),
        };
        let lanes = targets(person).into_iter().map(lane).collect();
        let talker = Talker {
            session,
            lanes,
            requests: HashMap::new(),
            meters: Arc::clone(meters),
        };
        talkers.spawn(talker.run(load(person), stop.clone(), grace));
    }
    talkers
}

impl Talker {
    async fn run(
        mut self,
        load: Load,
        mut stop: watch::Receiver<bool>,
        grace: Duration,
    ) -> anyhow::Result<()> {
        let mut tick = tokio::time::interval(TICK);
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        let (mut talking, mut end) = (true, None);
        let mut next = match load {
            Load::Open { offset, .. } => self.meters.origin + offset,
            Load::Closed(_) => self.meters.origin,
        };
        let mut turn = 0;
        loop {
            if talking {
                match load {
                    Load::Closed(messages) => {
                        let now = Instant::now();
                        for lane in self
                            .lanes
                            .iter_mut()
                            .filter(|lane| lane.in_flight.is_none() && lane.waiting.is_empty())
                        {
                            lane.waiting
                                .extend((0..messages).map(|_| Planned::new(now)));
                        }
                    }
                    Load::Open { every, .. } if !self.lanes.is_empty() => {
                        while next <= Instant::now() {
                            let index = turn % self.lanes.len();
                            self.lanes[index].waiting.push_back(Planned::new(next));
                            turn += 1;
                            next += every;
                        }
                    }
                    Load::Open { .. } => {} // Listens only.
                }
            }
            self.send(false).await?;
            if end.is_some_and(|end| Instant::now() >= end) {
                return Ok(());
            }
            let timed = talking && matches!(load, Load::Open { .. }) && !self.lanes.is_empty();
            tokio::select! {
                frame = self.session.next() => self.take(frame?)?,
                () = tokio::time::sleep_until(next.into()), if timed => {}
                _ = tick.tick() => self.send(true).await?,
                _ = heartbeat.tick() => self.session.heartbeat().await?,
                _ = stop.changed(), if talking => {
                    talking = false;
                    end = Some(Instant::now() + grace);
                }
            }
        }
    }

    /// Sends new requests; with `again` also those that were not answered in time.
    async fn send(&mut self, again: bool) -> anyhow::Result<()> {
        let now = Instant::now();
        let mut frames = Vec::new();
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let retry = match &mut lane.in_flight {
                Some(request) if again && request.again <= now => true,
                Some(_) => continue,
                None if lane.waiting.is_empty() => continue,
                None => false,
            };
            let waiting = &mut lane.waiting;
            let request = lane.in_flight.get_or_insert_with(|| {
                let count = waiting.len().min(REQUEST);
                InFlight {
                    messages: waiting.drain(..count).collect(),
                    again: now,
                }
            });
            request.again = now + AGAIN;
            if retry {
                self.meters.retries.fetch_add(1, Ordering::Relaxed);
            }
            let body = wire::request(lane.to, self.meters.origin, &request.messages, retry);
            let (id, frame) = self.session.request(body.into());
            self.requests.insert(id, index);
            frames.push(frame);
        }
        if frames.is_empty() {
            return Ok(());
        }
        Ok(self.session.sender.send(&frames).await?)
    }

    fn take(&mut self, frame: Frame) -> anyhow::Result<()> {
        let id = frame.request_id;
        match frame.body {
            Body::MessageAck(ack) => self.acknowledged(id, &ack)?,
            Body::PushMessage(push) => push.entries.iter().for_each(|entry| self.pushed(entry)),
            Body::ErrorResponse(error) => {
                self.meters.refused.fetch_add(1, Ordering::Relaxed);
                let lane = self
                    .requests
                    .remove(&id)
                    .map(|index| &mut self.lanes[index]);
                match (error.code, lane.and_then(|lane| lane.in_flight.as_mut())) {
                    (Code::RetryLater | Code::Unavailable, Some(request)) => {
                        request.again =
                            Instant::now() + Duration::from_millis(u64::from(error.retry_after_ms));
                    }
                    (Code::RetryLater | Code::Unavailable, None) => {}
                    _ => anyhow::bail!("a request was refused: {}", error.message),
                }
            }
            Body::Kick(kick) => anyhow::bail!("kicked: {}", kick.message),
            _ => {}
        }
        Ok(())
    }

    fn acknowledged(&mut self, id: RequestId, ack: &MessageAck) -> anyhow::Result<()> {
        let Some(index) = self.requests.remove(&id) else {
            return Ok(());
        };
        let (lane, now) = (&mut self.lanes[index], Instant::now());
        let Some(request) = &mut lane.in_flight else {
            return Ok(());
        };
        for result in &ack.results {
            let Some(at) = request
                .messages
                .iter()
                .position(|message| message.id == result.client_message_id)
            else {
                continue; // Acknowledged by an earlier answer.
            };
            let message = request.messages.remove(at);
            if result.code != Code::Ok {
                anyhow::bail!("a message was refused: {}", result.code.text());
            }
            // Sent later, so it must stand later in the log.
            if result.seq <= lane.last_seq {
                self.meters.out_of_order.fetch_add(1, Ordering::Relaxed);
            }
            lane.last_seq = result.seq;
            self.meters.settled.fetch_add(1, Ordering::Relaxed);
            if self.meters.counts(now) {
                self.meters.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            if self.meters.counts(message.intended) {
                self.meters
                    .ack
                    .record(now.saturating_duration_since(message.intended));
            }
        }
        if request.messages.is_empty() {
            lane.in_flight = None;
        }
        Ok(())
    }

    fn pushed(&self, entry: &Entry) {
        let now = Instant::now();
        if self.meters.counts(now) {
            self.meters.pushed.fetch_add(1, Ordering::Relaxed);
        }
        let intended = wire::intended(self.meters.origin, &entry.content);
        if let Some(intended) = intended.filter(|intended| self.meters.counts(*intended)) {
            self.meters
                .delivery
                .record(now.saturating_duration_since(intended));
        }
    }
}
