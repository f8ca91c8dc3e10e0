//! A bus-level stand-in for an access node, and its sessions.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::StreamExt;
use im_logic::config::LogicConfig;
use im_shared::bus::{self, Bus, Carrier, Delivery, Origin};
use im_shared::cache::{self, Keys};
use im_shared::config::RedisConfig;
use im_shared::ids::{ConversationId, Incarnation, NodeId, SessionId, UserId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::{NodeRecord, Nodes};
use im_shared::wire::{
    AckResult, Body, Code, EntryType, Frame, MessageAck, OutgoingMessage, Platform, RequestId,
    UserMessage, decode, encode,
};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::world::{PATIENCE, PATIENCE_MS};

/// What the stand-in has seen, in the order of its arrival.
#[derive(Default)]
struct Seen {
    sessions: HashMap<SessionId, (UserId, mpsc::UnboundedSender<Arrived>)>,
    numbers: HashMap<u64, u64>,
    holes: u64,
    beacons: u64,
}

/// One delivery as a session gets it.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) delivery: Delivery,
    /// Came on the broadcast subject.
    pub(crate) broadcast: bool,
    /// Larger than that of everything that this process took before.
    pub(crate) order: u64,
}

/// An access node without clients' connections: it sends carriers and takes deliveries.
#[derive(Clone)]
pub(crate) struct TestAccess {
    pub(crate) node: NodeId,
    pub(crate) incarnation: Incarnation,
    bus: Bus,
    locations: Locations,
    seen: Arc<Mutex<Seen>>,
    _tasks: Arc<Vec<AbortOnDropHandle<()>>>,
}

impl TestAccess {
    pub(crate) async fn start(config: &LogicConfig, name: &str) -> Self {
        let bus = bus::connect(&config.nats, name).await.unwrap();
        // The product may have to do without Redis; a session here has its location, however slow this machine is.
        let redis = RedisConfig {
            command_timeout_ms: PATIENCE_MS,
            ..config.redis.clone()
        };
        let redis = cache::connect(&redis).await.unwrap();
        let keys = Keys::new(&config.redis.prefix);
        let node: NodeId = name.parse().unwrap();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis();
        let incarnation = Incarnation(u64::try_from(now).unwrap());
        let nodes = Nodes::new(redis.clone(), keys.clone());
        let record = NodeRecord {
            node_id: node.clone(),
            incarnation,
            draining: false,
            sessions: 0,
            web_transport: None,
            web_socket: None,
        };
        nodes.announce(&record).await.unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut downstream = bus
            .subscribe(bus.subjects().downstream(&node))
            .await
            .unwrap();
        let mut broadcast = bus.subscribe(bus.subjects().broadcast()).await.unwrap();
        bus.flush(PATIENCE).await.unwrap();
        let reading = Arc::clone(&seen);
        let read = tokio::spawn(async move {
            loop {
                let (message, is_broadcast) = tokio::select! {
                    message = downstream.next() => (message, false),
                    message = broadcast.next() => (message, true),
                };
                let Some(message) = message else { return };
                take(&reading, message.payload, is_broadcast);
            }
        });
        let renew = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(3)).await;
                let _ = nodes.announce(&record).await;
            }
        });
        let tasks = [read, renew].map(AbortOnDropHandle::new).into();
        Self {
            node,
            incarnation,
            bus,
            locations: Locations::new(redis, keys),
            seen,
            _tasks: Arc::new(tasks),
        }
    }

    /// A session whose location is registered.
    pub(crate) async fn session(&self, user: u64) -> TestSession {
        self.session_on(user, Platform::Web).await
    }

    pub(crate) async fn session_on(&self, user: u64, platform: Platform) -> TestSession {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let session = SessionId(NEXT.fetch_add(1, Ordering::Relaxed));
        let user = UserId(user);
        let location = Location {
            node: self.node.clone(),
            incarnation: self.incarnation,
            session,
            platform,
        };
        self.locations.add(user, location).await.unwrap();
        let (sender, inbox) = mpsc::unbounded_channel();
        self.seen.lock().sessions.insert(session, (user, sender));
        let origin = Origin {
            session,
            user,
            platform,
            guest: false,
        };
        TestSession {
            access: self.clone(),
            origin,
            inbox,
            held: VecDeque::new(),
            next_request: 1,
        }
    }

    /// Takes the location of a session away.
    pub(crate) async fn forget(&self, session: &TestSession) {
        let location = Location {
            node: self.node.clone(),
            incarnation: self.incarnation,
            session: session.origin.session,
            platform: session.origin.platform,
        };
        self.locations
            .remove(session.origin.user, &location)
            .await
            .unwrap();
    }

    /// One carrier with one frame.
    pub(crate) async fn publish(&self, origin: Origin, frame: &Frame) {
        self.publish_all(&[(origin, encode(frame))]).await;
    }

    pub(crate) async fn publish_all(&self, items: &[(Origin, Bytes)]) {
        let carrier = bus::encode_upstream(self.node.as_str(), self.incarnation, items);
        self.bus
            .publish(self.bus.subjects().upstream(), carrier)
            .await
            .unwrap();
    }

    /// Numbers that were skipped on any link to this node.
    pub(crate) fn holes(&self) -> u64 {
        self.seen.lock().holes
    }

    /// Carriers without deliveries.
    pub(crate) fn beacons(&self) -> u64 {
        self.seen.lock().beacons
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }
}

/// As access does: both session and user must match; session 0 stands for all of the user's, user 0 with it for everybody.
fn take(seen: &Mutex<Seen>, payload: Bytes, broadcast: bool) {
    let Ok(Carrier::Downstream {
        link,
        number,
        deliveries,
    }) = bus::decode(payload)
    else {
        panic!("no carrier")
    };
    let mut seen = seen.lock();
    if !broadcast {
        let last = seen.numbers.insert(link, number).unwrap_or(0);
        let expected = if deliveries.is_empty() {
            last.max(1)
        } else {
            last + 1
        };
        seen.holes += number.abs_diff(expected);
    }
    seen.beacons += u64::from(deliveries.is_empty());
    for delivery in deliveries {
        static ORDER: AtomicU64 = AtomicU64::new(0);
        let order = ORDER.fetch_add(1, Ordering::Relaxed);
        for target in &delivery.targets {
            let send = |sender: &mpsc::UnboundedSender<Arrived>| {
                let _ = sender.send(Arrived {
                    delivery: delivery.clone(),
                    broadcast,
                    order,
                });
            };
            if target.session.is_some() {
                if let Some((user, sender)) = seen.sessions.get(&target.session)
                    && *user == target.user
                {
                    send(sender);
                }
                continue;
            }
            for (user, sender) in seen.sessions.values() {
                if !target.user.is_some() || *user == target.user {
                    send(sender);
                }
            }
        }
    }
}

/// One session of a user.
pub(crate) struct TestSession {
    pub(crate) access: TestAccess,
    pub(crate) origin: Origin,
    inbox: mpsc::UnboundedReceiver<Arrived>,
    held: VecDeque<Arrived>,
    next_request: u64,
}

impl TestSession {
    pub(crate) fn user(&self) -> UserId {
        self.origin.user
    }

    /// Sends a request and gives its id.
    pub(crate) async fn request(&mut self, body: impl Into<Body>) -> RequestId {
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.access
            .publish(self.origin, &Frame::request(id, body))
            .await;
        id
    }

    /// Sends a request and waits for its reply.
    pub(crate) async fn ask(&mut self, body: impl Into<Body>) -> Body {
        let id = self.request(body).await;
        self.reply(id).await.0
    }

    /// The reply to `id`, and how it came. Everything else is held for later.
    pub(crate) async fn reply(&mut self, id: RequestId) -> (Body, Arrived) {
        let body = |arrived: &Arrived| {
            let frame = decode(&arrived.delivery.frame).ok()?;
            (frame.request_id == id).then_some(frame.body)
        };
        let held = self
            .held
            .iter()
            .enumerate()
            .find_map(|(place, arrived)| Some((place, body(arrived)?)));
        if let Some((place, body)) = held {
            return (body, self.held.remove(place).unwrap());
        }
        loop {
            let arrived = self.arrive().await;
            match body(&arrived) {
                Some(body) => return (body, arrived),
                None => self.held.push_back(arrived),
            }
        }
    }

    /// The next delivery that was not a reply somebody waited for.
    pub(crate) async fn next(&mut self) -> Arrived {
        match self.held.pop_front() {
            Some(arrived) => arrived,
            None => self.arrive().await,
        }
    }

    pub(crate) async fn next_push(&mut self) -> Body {
        let frame = decode(&self.next().await.delivery.frame).unwrap();
        assert!(frame.request_id.is_push(), "{frame:?}");
        frame.body
    }

    /// The texts of the next pushes of messages, `count` in all.
    pub(crate) async fn next_texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            if let Body::PushMessage(push) = self.next_push().await {
                texts.extend(
                    push.entries
                        .iter()
                        .map(|entry| String::from_utf8(entry.content.to_vec()).unwrap()),
                );
            }
        }
        texts
    }

    /// What has arrived already, if anything.
    pub(crate) fn try_next(&mut self) -> Option<Arrived> {
        let held = self.held.pop_front();
        held.or_else(|| self.inbox.try_recv().ok())
    }

    /// Whether nothing is there now. Asked after something that comes later in the order of the bus has arrived.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.held.is_empty() && self.inbox.try_recv().is_err()
    }

    async fn arrive(&mut self) -> Arrived {
        let arrived = tokio::time::timeout(PATIENCE, self.inbox.recv()).await;
        arrived.expect("nothing arrived").unwrap()
    }

    /// Sends one text to a user and gives the acknowledgement.
    pub(crate) async fn tell(&mut self, peer: u64, content: &str) -> MessageAck {
        self.acknowledged(to_user(peer, &[text(content)])).await
    }

    pub(crate) async fn acknowledged(&mut self, request: UserMessage) -> MessageAck {
        match self.ask(request).await {
            Body::MessageAck(ack) => ack,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn refused(&mut self, body: impl Into<Body>) -> Code {
        match self.ask(body).await {
            Body::ErrorResponse(error) => error.code,
            other => panic!("{other:?}"),
        }
    }
}

/// A message with a new id.
pub(crate) fn text(content: &str) -> OutgoingMessage {
    message(Uuid::now_v7(), content)
}

pub(crate) fn message(id: Uuid, content: &str) -> OutgoingMessage {
    OutgoingMessage {
        client_message_id: id,
        type_: EntryType::Text,
        content: Bytes::copy_from_slice(content.as_bytes()),
        ..OutgoingMessage::default()
    }
}

pub(crate) fn to_user(peer: u64, messages: &[OutgoingMessage]) -> UserMessage {
    UserMessage {
        conversation_id: ConversationId(0),
        peer_id: UserId(peer),
        messages: messages.to_vec(),
        retry: false,
    }
}

pub(crate) fn to_conversation(id: ConversationId, messages: &[OutgoingMessage]) -> UserMessage {
    UserMessage {
        conversation_id: id,
        peer_id: UserId(0),
        messages: messages.to_vec(),
        retry: false,
    }
}

pub(crate) fn codes(results: &[AckResult]) -> Vec<Code> {
    results.iter().map(|result| result.code).collect()
}
