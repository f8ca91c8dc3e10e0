//! The task behind a [`crate::Client`]: asks the pure parts what to do, does it, and takes what comes back.
//!
//! ```text
//! mod       state, the loop, what is due
//! link      connecting, losing and moving the session [S6, S7, S8]
//! replies   what the server answers and pushes
//! ```

mod link;
mod replies;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, ConversationOpen, ConversationRead, ConversationState, Direction, Follow, HistoryRequest,
    MessageDelivered, RequestId, Typing,
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::client::{ClientError, History};
use crate::connector::Connector;
use crate::event::{Event, EventSender, Stored};
use crate::outbox::{ClientMessageId, Outbox, Pending, Target};
use crate::positions::Positions;
use crate::session::{RequestError, Session};
use crate::storage::Storage;
use crate::sync::{Backlog, Sync};
use link::Link;

/// From this attempt on an unanswered message makes the session prove that it lives.
const DOUBTFUL_ATTEMPT: u32 = 3;

/// Positions that are remembered in case they are refused.
const ANNOUNCED: usize = 64;

/// What the handle asks for.
pub(crate) enum Command {
    Send {
        target: Target,
        message: Pending,
        settled: Option<oneshot::Sender<Result<Stored, ClientError>>>,
    },
    Read {
        conversation: ConversationId,
        seq: Seq,
    },
    History {
        conversation: ConversationId,
        before: Seq,
        limit: u16,
        reply: oneshot::Sender<Result<History, ClientError>>,
    },
    Open {
        peer: UserId,
        reply: oneshot::Sender<Result<ConversationState, ClientError>>,
    },
    Ask {
        body: Box<Body>,
        reply: oneshot::Sender<Result<Body, ClientError>>,
    },
    Typing {
        conversation: ConversationId,
    },
    Follow {
        conversation: ConversationId,
        ended: bool,
    },
    Unsettled {
        reply: oneshot::Sender<usize>,
    },
    Close {
        within: Duration,
        done: oneshot::Sender<()>,
    },
}

/// What a request was for.
enum Purpose {
    Send(Target),
    Page,
    Bulk(Vec<ConversationId>),
    Pull(ConversationId),
    Read(ConversationId, Seq),
    History(oneshot::Sender<Result<History, ClientError>>),
    Open(oneshot::Sender<Result<ConversationState, ClientError>>),
    Ask(oneshot::Sender<Result<Body, ClientError>>),
    /// And whether what was said before is still to be pulled.
    Follow(ConversationId, bool),
    Reauth,
}

impl Purpose {
    /// How long to wait for the reply. A frame may be lost between access and logic, for example when a logic worker dies.
    fn deadline(&self) -> Duration {
        match self {
            // The outbox repeats much earlier; a late answer to an early attempt still counts.
            Self::Send(_) => Duration::from_secs(60),
            Self::Page | Self::Bulk(_) | Self::Pull(_) | Self::Read(..) => Duration::from_secs(3),
            Self::History(_) | Self::Open(_) | Self::Ask(_) | Self::Follow(..) | Self::Reauth => {
                Duration::from_secs(10)
            }
        }
    }
}

type Reply = (Purpose, Result<Body, RequestError>);

pub(crate) struct Engine {
    user: UserId,
    storage: Arc<dyn Storage>,
    sync: Sync,
    outbox: Outbox,
    reads: Positions,
    delivered: Positions,
    /// The last positions that went out without a reply, in case they are refused.
    announced: VecDeque<(RequestId, ConversationId, Seq)>,
    tell_delivered: bool,
    /// What is broadcast there is wanted live.
    followed: BTreeSet<ConversationId>,
    /// Of these the server could not be told yet, and when it is told again.
    unfollowed: BTreeMap<ConversationId, Instant>,
    link: Link,
    replies: FuturesUnordered<BoxFuture<'static, Reply>>,
    settled: HashMap<ClientMessageId, oneshot::Sender<Result<Stored, ClientError>>>,
    commands: mpsc::Receiver<Command>,
    events: EventSender,
}

impl Engine {
    #[allow(clippy::too_many_arguments)] // Called once, by `Client::start`, which has them as options.
    pub(crate) fn new(
        user: UserId,
        connector: Connector,
        storage: Arc<dyn Storage>,
        backlog: Backlog,
        tell_delivered: bool,
        commands: mpsc::Receiver<Command>,
        events: EventSender,
        online: watch::Sender<bool>,
    ) -> Self {
        let sync = Sync::new(
            backlog,
            storage.cursors(),
            &storage.conversations(),
            storage.synced_at(),
        );
        let mut outbox = Outbox::default();
        for (target, message) in storage.pending() {
            outbox.push(target, message);
        }
        Self {
            user,
            storage,
            sync,
            outbox,
            reads: Positions::default(),
            delivered: Positions::default(),
            announced: VecDeque::new(),
            tell_delivered,
            followed: BTreeSet::new(),
            unfollowed: BTreeMap::new(),
            link: Link::new(connector, online),
            replies: FuturesUnordered::new(),
            settled: HashMap::new(),
            commands,
            events,
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            self.act();
            let wake = self.next_wake();
            let sleep = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                change = self.link.next() => {
                    if !self.link_changed(change) {
                        return;
                    }
                }
                Some((purpose, reply)) = self.replies.next() => self.answered(purpose, reply),
                command = self.commands.recv() => match command {
                    Some(Command::Close { within, done }) => {
                        self.link.close(within).await;
                        if done.send(()).is_err() {
                            tracing::trace!("nobody waits for the end");
                        }
                        return;
                    }
                    Some(command) => self.obey(command),
                    None => return self.link.close(Duration::ZERO).await,
                },
                () = sleep => {}
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Send {
                target,
                message,
                settled,
            } => {
                let target = match target {
                    Target::Conversation(conversation) => self.sync.target(conversation),
                    peer @ Target::Peer(_) => peer,
                };
                if let Some(settled) = settled {
                    self.settled.insert(message.id, settled);
                }
                self.storage.put_pending(target, &message);
                self.outbox.push(target, message);
            }
            Command::Read { conversation, seq } => self.reads.want(conversation, seq, now),
            Command::History {
                conversation,
                before,
                limit,
                reply,
            } => {
                let body = HistoryRequest {
                    conversation_id: conversation,
                    seq: before,
                    direction: Direction::Backward,
                    limit,
                };
                self.request(Purpose::History(reply), body.into());
            }
            Command::Open { peer, reply } => self.request(
                Purpose::Open(reply),
                ConversationOpen { peer_id: peer }.into(),
            ),
            Command::Ask { body, reply } => self.request(Purpose::Ask(reply), *body),
            Command::Typing { conversation } => {
                let typing = Typing {
                    conversation_id: conversation,
                };
                // A hint: without a session, or with a full one, nobody needs it.
                if let Some(session) = self.link.session()
                    && session.send_ephemeral(typing.into()).is_err()
                {
                    tracing::trace!("a hint that somebody is typing is lost");
                }
            }
            Command::Follow {
                conversation,
                ended,
            } => {
                let is_news = if ended {
                    self.followed.remove(&conversation)
                } else {
                    self.followed.insert(conversation)
                };
                if is_news && self.link.session().is_some() {
                    self.follow(conversation, ended, !ended);
                }
            }
            Command::Unsettled { reply } => replies::hand(reply, self.outbox.len()),
            Command::Close { .. } => {} // Taken by the loop.
        }
    }

    /// Sends everything that is due.
    fn act(&mut self) {
        if self.sync.caught_up() {
            self.events.send(Event::CaughtUp);
        }
        let Some(session) = self.link.session().cloned() else {
            return;
        };
        let now = Instant::now();
        let again = |(id, due): (&ConversationId, &Instant)| (*due <= now).then_some(*id);
        for conversation in self.unfollowed.iter().filter_map(again).collect::<Vec<_>>() {
            self.follow(conversation, false, true);
        }
        for request in self.outbox.due(now, &mut rand::rng()) {
            if request.attempt >= DOUBTFUL_ATTEMPT {
                session.probe();
            }
            let conversation = self.sync.conversation(request.target);
            let body = request.body(conversation);
            self.ask(&session, Purpose::Send(request.target), body);
        }
        if let Some(request) = self.sync.request(now) {
            self.ask(&session, Purpose::Page, request.into());
        }
        if let Some(request) = self.sync.bulk(now) {
            let asked = request.cursors.iter().map(|c| c.conversation_id).collect();
            self.ask(&session, Purpose::Bulk(asked), request.into());
        }
        for pull in self.sync.pulls(now) {
            self.ask(&session, Purpose::Pull(pull.conversation_id), pull.into());
        }
        for (conversation_id, seq) in self.reads.due(now) {
            self.ask(
                &session,
                Purpose::Read(conversation_id, seq),
                ConversationRead {
                    conversation_id,
                    seq,
                }
                .into(),
            );
        }
        // What has arrived is told once everything has: with the next positions it would take half of the frames that bring it.
        let arrived = if self.sync.is_pulling_many() {
            Vec::new()
        } else {
            self.delivered.due(now)
        };
        for (conversation_id, seq) in arrived {
            match session.notify(
                MessageDelivered {
                    conversation_id,
                    seq,
                }
                .into(),
            ) {
                Ok(id) => self.announced.push_back((id, conversation_id, seq)),
                Err(_) => self
                    .delivered
                    .failed(conversation_id, seq, Duration::ZERO, now),
            }
        }
        let old = self.announced.len().saturating_sub(ANNOUNCED);
        self.announced.drain(..old);
    }

    fn next_wake(&self) -> Option<Instant> {
        self.link.session()?; // Without a session nothing can be sent; the link wakes by itself.
        let due = [
            self.outbox.next_due(),
            self.sync.next_due(),
            self.reads.next_due(),
            self.unfollowed.values().min().copied(),
            self.delivered
                .next_due()
                .filter(|_| !self.sync.is_pulling_many()),
        ];
        due.into_iter().flatten().min()
    }

    fn request(&mut self, purpose: Purpose, body: Body) {
        match self.link.session().cloned() {
            Some(session) => self.ask(&session, purpose, body),
            None => self.answered(purpose, Err(RequestError::Ended)),
        }
    }

    fn follow(&mut self, conversation_id: ConversationId, ended: bool, pull: bool) {
        let follow = Follow {
            conversation_id,
            ended,
        };
        self.unfollowed.remove(&conversation_id);
        self.request(Purpose::Follow(conversation_id, pull), follow.into());
    }

    fn ask(&mut self, session: &Session, purpose: Purpose, body: Body) {
        let reply = session.request(body, purpose.deadline());
        self.replies
            .push(Box::pin(async move { (purpose, reply.await) }));
    }
}
