//! The handle that applications use.
//!
//! Task: the engine, owned by [`Client`]; it ends with [`Client::close`], when the last handle is dropped, or when the server
//! ends the session for good.

use std::time::Duration;

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Body, Code, ConversationState, Entry};
use tokio::sync::{mpsc, oneshot, watch};

use crate::connector::{Connector, Settings};
use crate::engine::{Command, Engine};
use crate::event::{EventSender, Events, Stored};
use crate::message::Message;
use crate::options::Options;
use crate::outbox::{ClientMessageId, Pending, Target};
use crate::session::RequestError;

/// Commands that wait for the engine; then the callers wait.
const COMMANDS: usize = 256;

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The client has been closed, or the server ended the session for good.
    #[error("the client has stopped")]
    Stopped,
    /// There is no session now.
    #[error("not connected")]
    NotConnected,
    /// The server did not answer in time.
    #[error("no answer in time")]
    Unanswered,
    /// The server refused.
    #[error("{message}")]
    Refused {
        /// Why.
        code: Code,
        /// In words.
        message: String,
    },
    /// The server's answer does not fit the request.
    #[error("unexpected answer")]
    Unexpected,
}

impl From<RequestError> for ClientError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Ended | RequestError::Full => Self::NotConnected,
            RequestError::Unanswered => Self::Unanswered,
            RequestError::Refused { code, message, .. } => Self::Refused { code, message },
        }
    }
}

/// A page of a conversation's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Ascending.
    pub entries: Vec<Entry>,
    /// Whether older ones exist.
    pub more: bool,
}

impl From<UserId> for Target {
    fn from(peer: UserId) -> Self {
        Self::Peer(peer)
    }
}

impl From<ConversationId> for Target {
    fn from(conversation: ConversationId) -> Self {
        Self::Conversation(conversation)
    }
}

/// A running client. A cheap clone; the last one that goes ends it.
#[derive(Clone)]
pub struct Client {
    user: UserId,
    commands: mpsc::Sender<Command>,
    online: watch::Receiver<bool>,
}

impl Client {
    /// Starts a client. It connects, and stays connected, by itself. Call within a tokio runtime.
    #[must_use]
    pub fn start(options: Options) -> (Self, Events) {
        let user = options.login.user_id;
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let (online_sender, online) = watch::channel(false);
        let (sender, events) = EventSender::new(options.event_capacity);
        let settings = Settings {
            api: options.api,
            endpoints: options.endpoints,
            transport: options.transport,
            node: options.node,
            device_id: options.device_id,
            platform: options.platform,
        };
        let connector = Connector::new(settings, options.login, options.dialer);
        let engine = Engine::new(
            user,
            connector,
            options.storage,
            options.backlog,
            options.delivered,
            receiver,
            sender,
            online_sender,
        );
        tokio::spawn(engine.run());
        (
            Self {
                user,
                commands,
                online,
            },
            events,
        )
    }

    /// Whose client this is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Whether there is a session now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        *self.online.borrow()
    }

    /// Waits for a session.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn connected(&self) -> Result<(), ClientError> {
        let mut online = self.online.clone();
        online
            .wait_for(|online| *online)
            .await
            .map(|_| ())
            .map_err(|_| ClientError::Stopped)
    }

    /// Puts a message of any type into the outbox. It is sent as soon as possible, again until it is settled; events tell how that went.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn post(
        &self,
        to: impl Into<Target>,
        message: Message,
    ) -> Result<ClientMessageId, ClientError> {
        self.enqueue(to.into(), message, None).await
    }

    /// Sends a message of any type and waits until it is durable.
    ///
    /// # Errors
    /// When it was refused for good, or the client has stopped.
    pub async fn post_and_wait(
        &self,
        to: impl Into<Target>,
        message: Message,
    ) -> Result<Stored, ClientError> {
        let (settled, receiver) = oneshot::channel();
        self.enqueue(to.into(), message, Some(settled)).await?;
        receiver.await.map_err(|_| ClientError::Stopped)?
    }

    /// Puts a text into the outbox. It is sent as soon as possible, again until it is settled; events tell how that went.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn send(
        &self,
        to: impl Into<Target>,
        text: impl Into<String>,
    ) -> Result<ClientMessageId, ClientError> {
        self.enqueue(to.into(), Message::text(text), None).await
    }

    /// Sends a text and waits until it is durable.
    ///
    /// # Errors
    /// When it was refused for good, or the client has stopped.
    pub async fn send_and_wait(
        &self,
        to: impl Into<Target>,
        text: impl Into<String>,
    ) -> Result<Stored, ClientError> {
        let (settled, receiver) = oneshot::channel();
        self.enqueue(to.into(), Message::text(text), Some(settled))
            .await?;
        receiver.await.map_err(|_| ClientError::Stopped)?
    }

    /// Tells that everything up to `seq` is read. The latest position reaches the server even after a reconnect.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn read(&self, conversation: ConversationId, seq: Seq) -> Result<(), ClientError> {
        self.command(Command::Read { conversation, seq }).await
    }

    /// Up to `limit` (at most 200) entries before `before`, or the last ones when it is 0.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn history(
        &self,
        conversation: ConversationId,
        before: Seq,
        limit: u16,
    ) -> Result<History, ClientError> {
        let (reply, receiver) = oneshot::channel();
        self.command(Command::History {
            conversation,
            before,
            limit,
            reply,
        })
        .await?;
        receiver.await.map_err(|_| ClientError::Stopped)?
    }

    /// The private conversation with a user, made if need be.
    ///
    /// # Errors
    /// When there is no session, or the server refuses.
    pub async fn open(&self, peer: UserId) -> Result<ConversationState, ClientError> {
        let (reply, receiver) = oneshot::channel();
        self.command(Command::Open { peer, reply }).await?;
        receiver.await.map_err(|_| ClientError::Stopped)?
    }

    /// How many messages of one's own are not settled yet.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn unsettled(&self) -> Result<usize, ClientError> {
        let (reply, receiver) = oneshot::channel();
        self.command(Command::Unsettled { reply }).await?;
        receiver.await.map_err(|_| ClientError::Stopped)
    }

    /// Leaves: what was asked is answered within two seconds or not at all. Unsettled messages stay in the storage.
    pub async fn close(self) {
        let (done, closed) = oneshot::channel();
        if self
            .command(Command::Close {
                within: Duration::from_secs(2),
                done,
            })
            .await
            .is_ok()
            && closed.await.is_err()
        {
            tracing::debug!("the client had stopped before");
        }
    }

    async fn enqueue(
        &self,
        target: Target,
        message: Message,
        settled: Option<oneshot::Sender<Result<Stored, ClientError>>>,
    ) -> Result<ClientMessageId, ClientError> {
        let id = ClientMessageId::generate();
        self.command(Command::Send {
            target,
            message: Pending {
                id,
                kind: message.kind,
                content: message.content,
                target: message.target,
                mentions: message.mentions,
            },
            settled,
        })
        .await?;
        Ok(id)
    }

    /// Asks the server something once, and waits for the answer.
    pub(crate) async fn ask(&self, body: impl Into<Body>) -> Result<Body, ClientError> {
        let (reply, receiver) = oneshot::channel();
        let body = Box::new(body.into());
        self.command(Command::Ask { body, reply }).await?;
        receiver.await.map_err(|_| ClientError::Stopped)?
    }

    pub(crate) async fn command(&self, command: Command) -> Result<(), ClientError> {
        self.commands
            .send(command)
            .await
            .map_err(|_| ClientError::Stopped)
    }
}
