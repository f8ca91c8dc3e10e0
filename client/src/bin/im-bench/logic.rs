//! Logic alone: this program plays an access node on the bus, with sessions of all users. One request is in flight per
//! conversation; the next goes out when it is acknowledged.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use futures_util::StreamExt as _;
use im_client::Target;
use im_shared::bus::{self, Bus, Carrier, NatsConfig, Origin, Subscription};
use im_shared::ids::Seq;
use im_shared::wire::{self as frames, Body, Code, Frame, RequestId};
use serde_json::{Value, json};

use crate::cli::Logic;
use crate::histogram::Latencies;
use crate::node::{Node, session};
use crate::people::{PLATFORM, Person};
use crate::process::{Cpu, round};
use crate::wire::{self, Planned};

/// An unanswered request is sent again after this.
const AGAIN: Duration = Duration::from_secs(3);
const TICK: Duration = Duration::from_millis(250);

pub(crate) async fn run(command: Logic) -> anyhow::Result<Value> {
    command.guard.check(&command.nats)?;
    command.guard.check(&command.redis)?;
    let nats = NatsConfig {
        url: command.nats.as_str().into(),
        prefix: command.prefix.clone(),
        ..NatsConfig::default()
    };
    let bus = bus::connect(&nats, "im-bench").await?;
    let node = Node::announce(&command).await?;
    let downstream = bus.subscribe(bus.subjects().downstream(&node.id)).await?;
    bus.flush(Duration::from_secs(5)).await?;
    eprintln!("{} sessions are registered", command.users);
    let renewing = tokio::spawn(node.clone().renew());
    let mut load = Loader::new(&command, bus, node.clone())?;
    let report = load.run(downstream, &command).await;
    renewing.abort();
    node.withdraw(command.users).await?;
    report
}

/// One sender with its request in flight.
struct Sender {
    peer: Person,
    request: u64,
    messages: Vec<Planned>,
    again: Instant,
    last_seq: Seq,
}

struct Loader {
    bus: Bus,
    node: Node,
    origin: Instant,
    senders: Vec<Sender>,
    messages: usize,
    carrier: usize,
    from: Instant,
    until: Instant,
    acknowledged: u64,
    pushed: u64,
    out_of_order: u64,
    retries: u64,
    refused: u64,
    latencies: Latencies,
}

impl Loader {
    fn new(command: &Logic, bus: Bus, node: Node) -> anyhow::Result<Self> {
        let origin = Instant::now();
        let from = origin + Duration::from_secs(command.window.warm_up);
        let sender = |index| {
            let peer = Person(index).neighbours(1, command.users).first().copied();
            Ok(Sender {
                peer: peer.context("two users at least are needed")?,
                request: 0,
                messages: Vec::new(),
                again: origin,
                last_seq: Seq(0),
            })
        };
        Ok(Self {
            bus,
            node,
            origin,
            senders: (0..command.users)
                .map(sender)
                .collect::<anyhow::Result<_>>()?,
            messages: usize::try_from(command.messages_per_request)?,
            carrier: usize::try_from(command.carrier)?,
            from,
            until: from + Duration::from_secs(command.window.seconds),
            acknowledged: 0,
            pushed: 0,
            out_of_order: 0,
            retries: 0,
            refused: 0,
            latencies: Latencies::new()?,
        })
    }

    async fn run(
        &mut self,
        mut downstream: Subscription,
        command: &Logic,
    ) -> anyhow::Result<Value> {
        let everybody: Vec<usize> = (0..self.senders.len()).collect();
        self.send(&everybody).await?;
        let mut tick = tokio::time::interval(TICK);
        let mut before = None;
        while Instant::now() < self.until {
            if before.is_none() && Instant::now() >= self.from {
                before = Some(Cpu::read(&command.processes.pids)?);
            }
            let ready = tokio::select! {
                message = downstream.next() => {
                    let mut ready = Vec::new();
                    self.take(message.context("the broker is gone")?.payload, &mut ready)?;
                    // What has arrived meanwhile goes into the same carriers.
                    while let Some(Some(message)) = futures_util::FutureExt::now_or_never(downstream.next()) {
                        self.take(message.payload, &mut ready)?;
                    }
                    ready
                }
                _ = tick.tick() => self.overdue(),
            };
            self.send(&ready).await?;
        }
        let after = Cpu::read(&command.processes.pids)?;
        let (cpu, cpu_by_process) = before.map_or((Value::Null, Value::Null), |before| {
            after.micros_per(&before, self.acknowledged)
        });
        #[allow(clippy::cast_precision_loss)]
        let rate = self.acknowledged as f64 / command.window.seconds as f64;
        Ok(json!({
            "messagesPerSecond": rate.round(),
            "cpuMicrosPerMessage": cpu, "cpuMicrosPerMessageByProcess": cpu_by_process,
            "acknowledged": self.acknowledged, "pushed": self.pushed, "outOfOrder": self.out_of_order,
            "retries": self.retries, "refused": self.refused,
            "ackP50Ms": self.latencies.millis(0.5), "ackP99Ms": self.latencies.millis(0.99),
            "users": command.users, "messagesPerRequest": command.messages_per_request,
            "seconds": round(Duration::from_secs(command.window.seconds).as_secs_f64()),
        }))
    }

    /// Sends one request of each, many to a carrier.
    async fn send(&mut self, ready: &[usize]) -> anyhow::Result<()> {
        let now = Instant::now();
        let (origin, messages) = (self.origin, self.messages);
        for part in ready.chunks(self.carrier) {
            let mut items = Vec::with_capacity(part.len());
            for index in part {
                let person = Person(*index as u64);
                let sender = &mut self.senders[*index];
                let retry = !sender.messages.is_empty();
                if !retry {
                    sender
                        .messages
                        .extend((0..messages).map(|_| Planned::new(now)));
                }
                sender.request += 1;
                sender.again = now + AGAIN;
                let to = Target::Peer(sender.peer.id());
                let body = wire::request(to, origin, &sender.messages, retry);
                let frame = frames::encode(&Frame::request(RequestId(sender.request), body));
                items.push((
                    Origin {
                        session: session(person),
                        user: person.id(),
                        platform: PLATFORM,
                        guest: false,
                    },
                    frame,
                ));
            }
            let carrier =
                bus::encode_upstream(self.node.id.as_str(), self.node.incarnation, &items);
            self.bus
                .publish(self.bus.subjects().upstream(), carrier)
                .await?;
        }
        Ok(())
    }

    /// Takes a carrier. Adds who may send again.
    fn take(&mut self, payload: Bytes, ready: &mut Vec<usize>) -> anyhow::Result<()> {
        let Carrier::Downstream { deliveries, .. } = bus::decode(payload)? else {
            return Ok(());
        };
        let now = Instant::now();
        let counts = (self.from..self.until).contains(&now);
        for delivery in deliveries
            .into_iter()
            .filter(|delivery| delivery.close.is_none())
        {
            match frames::decode_shared(&delivery.frame)?.body {
                Body::PushMessage(push) if counts => {
                    self.pushed += push.entries.len() as u64 * delivery.targets.len() as u64
                }
                Body::MessageAck(ack) => {
                    let person = delivery
                        .targets
                        .first()
                        .and_then(|target| Person::of(target.user));
                    let index = person.map_or(usize::MAX, |person| person.0 as usize);
                    let Some(sender) = self.senders.get_mut(index) else {
                        continue;
                    };
                    for result in &ack.results {
                        let found = sender
                            .messages
                            .iter()
                            .position(|message| message.id == result.client_message_id);
                        let Some(at) = found else { continue }; // Acknowledged before.
                        let message = sender.messages.remove(at);
                        if result.code != Code::Ok {
                            bail!("a message was refused: {}", result.code.text());
                        }
                        self.out_of_order += u64::from(result.seq <= sender.last_seq);
                        sender.last_seq = result.seq;
                        if counts {
                            self.acknowledged += 1;
                            self.latencies
                                .record(now.saturating_duration_since(message.intended));
                        }
                        if sender.messages.is_empty() {
                            ready.push(index);
                        }
                    }
                }
                Body::ErrorResponse(error)
                    if matches!(error.code, Code::RetryLater | Code::Unavailable) =>
                {
                    self.refused += 1
                }
                Body::ErrorResponse(error) => bail!("a request was refused: {}", error.message),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whose request was not answered in time.
    fn overdue(&mut self) -> Vec<usize> {
        let now = Instant::now();
        let late = |sender: &Sender| !sender.messages.is_empty() && sender.again <= now;
        let overdue: Vec<usize> = (0..self.senders.len())
            .filter(|index| late(&self.senders[*index]))
            .collect();
        self.retries += overdue.len() as u64;
        overdue
    }
}
