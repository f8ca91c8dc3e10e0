//! The connection to NATS.
//!
//! What the library would do by itself, and what this does instead: `publish` waits for ever while disconnected and
//! its channel is full (here: a deadline); a dead link is noticed after minutes (pings every 2 s: two unanswered ones
//! end the link); all clients reconnect at the same moment (jitter); a full subscription drops payloads silently
//! (counted, and told to the listeners). The library owns the tasks; they end when the last clone of [`Bus`] and the
//! last subscription are dropped.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::Request;
use async_nats::header::{HeaderMap, HeaderValue};
use async_nats::{
    Client, ConnectOptions, Message, PublishErrorKind, RequestErrorKind, StatusCode, Subject,
    Subscriber,
};
use bytes::Bytes;
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::events::Events;
use super::{Event, InvalidPrefix, NatsConfig, Subjects, Subscription};
use crate::tls;

/// A dead link is noticed within three of these.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// The longest wait between two attempts to connect again: the system is mute until one succeeds.
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(2);
/// Payloads that wait in a subscription; what comes on top is dropped and counted.
pub(super) const SUBSCRIPTION_CAPACITY: usize = 16_384;
/// Payloads that wait for the connection; publishing then waits for its deadline.
const PUBLISH_CAPACITY: usize = 4_096;

const TRACEPARENT: &str = "traceparent";

/// Why something could not be sent or asked.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The first connection could not be made.
    #[error("cannot connect to NATS at {url}")]
    Connect {
        /// Without its password.
        url: String,
        /// Why.
        #[source]
        source: async_nats::ConnectError,
    },
    /// The address is none.
    #[error("{url} is no NATS address")]
    Address {
        /// Without its password.
        url: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The authorities that the servers' certificates are checked with cannot be read.
    #[error("no TLS to NATS")]
    Tls(#[from] tls::TlsError),
    /// The configured prefix is none.
    #[error(transparent)]
    Prefix(#[from] InvalidPrefix),
    /// Not done, or not answered, in time. Whether it was sent is unknown.
    #[error("NATS did not do it in time")]
    Deadline,
    /// Nobody listens where the request went.
    #[error("nobody answers on this subject")]
    NoResponders,
    /// Larger than the server takes.
    #[error("the payload is larger than the NATS server takes")]
    TooLarge,
    /// The connection was closed for good, or the subject is not legal.
    #[error("NATS failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A connection to NATS, with its subjects. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    subjects: Subjects,
    events: Arc<Events>,
    deadline: Duration,
}

/// Connects to NATS and keeps the connection. `name` shows in the server's list of connections.
///
/// # Errors
/// When no server answers within `connect_timeout_ms`, or the configuration is not legal.
pub async fn connect(config: &NatsConfig, name: &str) -> Result<Bus, BusError> {
    let subjects = Subjects::new(&config.prefix)?;
    let address = |source| BusError::Address {
        url: config.url.to_string(),
        source,
    };
    let servers = config.url.expose().split(',').map(|url| url.trim().parse());
    let servers: Vec<async_nats::ServerAddr> =
        servers.collect::<Result<_, _>>().map_err(address)?;

    let events = Arc::new(Events::new());
    let listener = events.clone();
    let has_ca_file = !config.ca_file.as_os_str().is_empty();
    let mut options = ConnectOptions::new();
    if has_ca_file || config.url.has_scheme(&["tls://"]) {
        options = options
            .tls_client_config(tls::client_config(&config.ca_file)?)
            .require_tls(true);
    }
    // The library reads a user of the address nowhere. All servers of a cluster know the same one.
    if let Some(address) = servers.first().filter(|address| address.has_user_pass()) {
        let text = |text: Option<&str>| {
            let bytes = percent_decode_str(text.unwrap_or_default());
            bytes.decode_utf8_lossy().into_owned()
        };
        options = options.user_and_password(text(address.username()), text(address.password()));
    }
    let client = options
        .name(name)
        .connection_timeout(config.connect_timeout())
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(reconnect_delay)
        .subscription_capacity(SUBSCRIPTION_CAPACITY)
        .client_capacity(PUBLISH_CAPACITY)
        .event_callback(move |event| {
            listener.happened(&event);
            std::future::ready(())
        })
        .connect(servers)
        .await
        .map_err(|source| BusError::Connect {
            url: config.url.to_string(),
            source,
        })?;
    events.set_connected(true);

    let deadline = config.publish_timeout();
    Ok(Bus {
        inner: Arc::new(Inner {
            client,
            subjects,
            events,
            deadline,
        }),
    })
}

/// Full jitter over a bound that doubles from 50 ms. The first attempt comes at once, so that a restarted server is
/// found soon.
fn reconnect_delay(attempt: usize) -> Duration {
    if attempt <= 1 {
        return Duration::ZERO;
    }
    let bound = Duration::from_millis(50) * (1 << attempt.min(6));
    rand::random_range(Duration::ZERO..=bound.min(MAX_RECONNECT_DELAY))
}

impl Bus {
    /// The subjects of this system.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.inner.subjects
    }

    /// Hands `payload` to the connection; nobody knows whether it arrives. While disconnected, payloads wait until
    /// the connection is back, as many as there is room for.
    ///
    /// # Errors
    /// [`BusError::Deadline`] when there is no room within the configured time; then it was not sent.
    pub async fn publish(&self, subject: Subject, payload: Bytes) -> Result<(), BusError> {
        self.within(async { Ok(self.inner.client.publish(subject, payload).await?) })
            .await
    }

    /// [`Bus::publish`] with a `traceparent` header.
    ///
    /// # Errors
    /// As [`Bus::publish`].
    pub async fn publish_traced(
        &self,
        subject: Subject,
        payload: Bytes,
        traceparent: &str,
    ) -> Result<(), BusError> {
        let headers = trace_headers(traceparent);
        self.within(async {
            Ok(self
                .inner
                .client
                .publish_with_headers(subject, headers, payload)
                .await?)
        })
        .await
    }

    /// Every payload of `subject`.
    ///
    /// # Errors
    /// [`BusError::Deadline`] when the connection has no room within the configured time.
    pub async fn subscribe(&self, subject: Subject) -> Result<Subscription, BusError> {
        let inner = self.every(subject.clone()).await?;
        Ok(Subscription::new(self.clone(), &subject, inner))
    }

    /// The payloads of `subject`, each of which goes to one member of `group`.
    ///
    /// # Errors
    /// [`BusError::Deadline`] when the connection has no room within the configured time.
    pub async fn queue_subscribe(
        &self,
        subject: Subject,
        group: &str,
    ) -> Result<Subscription, BusError> {
        let (client, group) = (&self.inner.client, group.to_owned());
        let subscribing = client.queue_subscribe(subject.clone(), group);
        let inner = self.within(async { subscribing.await.map_err(failed) });
        Ok(Subscription::new(self.clone(), &subject, inner.await?))
    }

    /// Sends `payload` and waits for one answer, `deadline` at most.
    ///
    /// # Errors
    /// [`BusError::NoResponders`] at once when nobody listens; [`BusError::Deadline`] when no answer came, though the
    /// request may have had its effect.
    pub async fn request(
        &self,
        subject: Subject,
        payload: Bytes,
        deadline: Duration,
    ) -> Result<Message, BusError> {
        let request = Request::new().payload(payload).timeout(None);
        let answer = timeout(deadline, self.inner.client.send_request(subject, request)).await;
        answer
            .map_err(|_| BusError::Deadline)?
            .map_err(|error| match error.kind() {
                RequestErrorKind::TimedOut => BusError::Deadline,
                RequestErrorKind::NoResponders => BusError::NoResponders,
                RequestErrorKind::MaxPayloadExceeded => BusError::TooLarge,
                RequestErrorKind::InvalidSubject | RequestErrorKind::Other => failed(error),
            })
    }

    /// Publishes `payload` as a request, as [`Bus::publish`] does, and gives what its answer is waited for with. What is published after
    /// this returned is behind the request.
    ///
    /// # Errors
    /// As [`Bus::publish`] and [`Bus::subscribe`].
    pub async fn ask(&self, subject: Subject, payload: Bytes) -> Result<Asked, BusError> {
        let client = &self.inner.client;
        let inbox = Subject::from(client.new_inbox());
        let mut answers = self.every(inbox.clone()).await?;
        self.within(async {
            answers.unsubscribe_after(1).await.map_err(failed)?;
            Ok(client.publish_with_reply(subject, inbox, payload).await?)
        })
        .await?;
        Ok(Asked(answers))
    }

    /// Waits until the server has taken everything that was published and every subscription that was made. The
    /// library's own flush ends when its buffer is empty; here the server answers, and it works through a connection in
    /// order.
    ///
    /// # Errors
    /// [`BusError::Deadline`] when this takes longer than `deadline`, e.g. while disconnected.
    pub async fn flush(&self, deadline: Duration) -> Result<(), BusError> {
        let nobody = self.inner.subjects.nobody();
        match self.request(nobody, Bytes::new(), deadline).await {
            Ok(_) | Err(BusError::NoResponders) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What happens to the connection from now on; the first `Connected` may still come. `Lagged` means that so much
    /// happened that events were left out: treat it as [`Event::Connected`].
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.listen()
    }

    /// Whether the connection stands, as far as is known.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.inner.events.is_connected()
    }

    /// How often the connection was lost or a payload dropped so far, as far as is known.
    pub(super) fn faults(&self) -> u64 {
        self.inner.events.faults()
    }

    /// The longest that anything here takes.
    pub(super) fn deadline(&self) -> Duration {
        self.inner.deadline
    }

    async fn every(&self, subject: Subject) -> Result<Subscriber, BusError> {
        self.within(async { self.inner.client.subscribe(subject).await.map_err(failed) })
            .await
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, BusError>>,
    ) -> Result<T, BusError> {
        timeout(self.inner.deadline, work)
            .await
            .unwrap_or(Err(BusError::Deadline))
    }
}

/// A request whose answer nobody has waited for yet.
#[derive(Debug)]
pub struct Asked(Subscriber);

impl Asked {
    /// The answer.
    ///
    /// # Errors
    /// As [`Bus::request`].
    pub async fn answer(mut self, deadline: Duration) -> Result<Message, BusError> {
        match timeout(deadline, self.0.next()).await {
            Ok(Some(message)) if message.status == Some(StatusCode::NO_RESPONDERS) => {
                Err(BusError::NoResponders)
            }
            Ok(Some(message)) => Ok(message),
            Ok(None) | Err(_) => Err(BusError::Deadline),
        }
    }
}

/// The W3C trace context that came with a payload.
#[must_use]
pub fn traceparent(message: &Message) -> Option<&str> {
    Some(message.headers.as_ref()?.get(TRACEPARENT)?.as_str())
}

/// A value that is no header value is left out: a trace is never worth a message.
fn trace_headers(traceparent: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = traceparent.parse::<HeaderValue>() {
        headers.insert(TRACEPARENT, value);
    }
    headers
}

pub(super) fn failed(error: impl std::error::Error + Send + Sync + 'static) -> BusError {
    BusError::Failed(Box::new(error))
}

impl From<async_nats::PublishError> for BusError {
    fn from(error: async_nats::PublishError) -> Self {
        match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => Self::TooLarge,
            _ => failed(error),
        }
    }
}
