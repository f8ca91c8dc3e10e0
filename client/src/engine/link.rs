//! The session and its changes: connecting, losing it, and moving to another node at a drain [S6, S7, S8].

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use im_shared::runtime::Backoff;
use im_shared::wire::{CloseCode, Code, Reauth};
use tokio::sync::watch;

use super::{Engine, Purpose};
use crate::api::{ApiError, Login};
use crate::connector::{ConnectError, Connector};
use crate::event::Event;
use crate::session::{Ended, Session, SessionEvent, SessionEvents};

/// [S6]
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A session that lived so long was a success; the next wait begins small again.
const SETTLED: Duration = Duration::from_secs(5);
/// An old session may finish its requests for so long after the move.
const LEAVING: Duration = Duration::from_secs(2);

type Opened = Result<(Session, SessionEvents), ConnectError>;

/// What happened to the session.
pub(super) enum Change {
    Opened(Opened),
    Event(SessionEvent),
    Renewed(Result<Login, ApiError>),
    /// An old session is gone, or it is time for another attempt.
    Nothing,
}

pub(super) struct Link {
    connector: Connector,
    online: watch::Sender<bool>,
    current: Option<Current>,
    connecting: Option<BoxFuture<'static, Opened>>,
    retry_at: Option<Instant>,
    backoff: Backoff,
    /// At a drain: the node to leave.
    leaving: Option<String>,
    /// Renewing the token of the current session.
    renewing: Option<BoxFuture<'static, Result<Login, ApiError>>>,
    /// Whether new tokens were tried since the last session.
    renewed: bool,
    /// The access token that the application knows of.
    told: String,
    left: FuturesUnordered<BoxFuture<'static, ()>>,
}

struct Current {
    session: Session,
    events: SessionEvents,
    since: Instant,
}

impl Link {
    pub(super) fn new(connector: Connector, online: watch::Sender<bool>) -> Self {
        Self {
            told: connector.login().access_token,
            connector,
            online,
            current: None,
            connecting: None,
            retry_at: Some(Instant::now()),
            backoff: Backoff::new(FIRST_WAIT, LONGEST_WAIT),
            leaving: None,
            renewing: None,
            renewed: false,
            left: FuturesUnordered::new(),
        }
    }

    pub(super) fn session(&self) -> Option<&Session> {
        self.current.as_ref().map(|current| &current.session)
    }

    /// The next change. Cancel safe.
    pub(super) async fn next(&mut self) -> Change {
        if self.connecting.is_none() && self.retry_at.is_some_and(|at| at <= Instant::now()) {
            let (connector, avoid) = (self.connector.clone(), self.leaving.clone());
            self.retry_at = None;
            self.connecting = Some(Box::pin(async move { connector.connect(avoid).await }));
        }
        let retry_at = self.retry_at;
        tokio::select! {
            opened = pending(&mut self.connecting) => {
                self.connecting = None;
                Change::Opened(opened)
            }
            login = pending(&mut self.renewing) => {
                self.renewing = None;
                Change::Renewed(login)
            }
            Some(event) = next_event(&mut self.current) => Change::Event(event),
            Some(()) = self.left.next() => Change::Nothing,
            () = sleep_until(retry_at) => Change::Nothing,
        }
    }

    /// Leaves the session.
    pub(super) async fn close(&mut self, within: Duration) {
        self.online.send_replace(false);
        if let Some(current) = self.current.take() {
            current.session.leave(within).await;
        }
        while self.left.next().await.is_some() {}
    }

    fn retry(&mut self) -> Duration {
        let wait = self.backoff.next(&mut rand::rng());
        self.retry_at = Some(Instant::now() + wait);
        wait
    }
}

async fn pending<T>(future: &mut Option<BoxFuture<'static, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

async fn next_event(current: &mut Option<Current>) -> Option<SessionEvent> {
    match current {
        Some(current) => current.events.next().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

impl Engine {
    /// Takes a change of the link. False when the client has to stop.
    pub(super) fn link_changed(&mut self, change: Change) -> bool {
        let now = Instant::now();
        match change {
            Change::Opened(Ok((session, events))) => self.opened(session, events, now),
            Change::Opened(Err(error)) => return self.not_opened(&error),
            Change::Renewed(Ok(login)) => {
                let token = login.access_token.as_str().into();
                self.tell_login(login);
                self.request(Purpose::Reauth, Reauth { token }.into());
            }
            Change::Renewed(Err(error)) => {
                tracing::debug!(%error, "no new token; the session goes on while the old one lasts")
            }
            Change::Event(SessionEvent::Push(body)) => self.pushed(*body),
            Change::Event(SessionEvent::MustSync) => self.sync.must_sync(now),
            Change::Event(SessionEvent::Drain(_)) => self.drain(),
            Change::Event(SessionEvent::TokenExpiring) => {
                if self.link.connector.can_renew() && self.link.renewing.is_none() {
                    let connector = self.link.connector.clone();
                    self.link.renewing = Some(Box::pin(async move { connector.renew().await }));
                }
            }
            Change::Event(SessionEvent::Refused {
                request_id,
                retry_after,
            }) => {
                if let Some((_, conversation, seq)) =
                    self.announced.iter().find(|(id, ..)| *id == request_id)
                {
                    self.delivered.failed(*conversation, *seq, retry_after, now);
                }
            }
            Change::Event(SessionEvent::Ended(ended)) => return self.ended(ended, now),
            Change::Nothing => {}
        }
        true
    }

    /// The new session takes over; the old one, if there is any, finishes what it was asked and goes.
    fn opened(&mut self, session: Session, events: SessionEvents, now: Instant) {
        let event = Event::Connected {
            node_id: session.welcome().node_id.clone(),
            transport: session.kind(),
        };
        if let Some(old) = self.link.current.replace(Current {
            session,
            events,
            since: now,
        }) {
            self.link.left.push(Box::pin(old.session.leave(LEAVING)));
        }
        self.link.leaving = None;
        self.link.retry_at = None;
        self.link.renewed = false;
        self.announced.clear(); // Request ids begin anew.
        self.outbox.reconnected(now);
        self.sync.reconnected(now);
        // Before the sync is asked for, so that nothing lies between the two.
        for conversation in self.followed.clone() {
            self.follow(conversation, false, false);
        }
        self.link.online.send_replace(true);
        self.tell_login(self.link.connector.login());
        self.events.send(event);
    }

    fn tell_login(&mut self, login: Login) {
        if self.link.told != login.access_token {
            self.link.told.clone_from(&login.access_token);
            self.events.send(Event::LoginRenewed(login));
        }
    }

    fn not_opened(&mut self, error: &ConnectError) -> bool {
        if let Some(code) = error.refusal() {
            if code == Code::TokenExpired && self.may_renew() {
                return true;
            }
            let code = if code == Code::TokenExpired {
                CloseCode::TokenExpired
            } else {
                CloseCode::AuthenticationFailed
            };
            self.kicked(code, error_text(error));
            return false;
        }
        let retry_in = self.link.retry();
        if self.link.current.is_none() {
            self.events.send(Event::Disconnected {
                reason: error_text(error),
                retry_in,
            });
        }
        true
    }

    /// Opens a session elsewhere while this one goes on.
    fn drain(&mut self) {
        self.link.leaving = self
            .link
            .session()
            .map(|session| session.welcome().node_id.clone());
        if self.link.connecting.is_none() {
            self.link.retry_at = Some(Instant::now());
        }
    }

    fn ended(&mut self, ended: Ended, now: Instant) -> bool {
        let moving = self.link.leaving.is_some();
        if let Some(current) = self.link.current.take() {
            if now.duration_since(current.since) >= SETTLED {
                self.link.backoff.reset();
            }
            self.link.leaving = Some(current.session.welcome().node_id.clone()).filter(|_| moving);
        }
        self.link.online.send_replace(false);
        // The session that takes over ended the one that is left.
        let replaced_itself = moving && ended.code == Some(CloseCode::SignedInElsewhere);
        let expired = ended.code == Some(CloseCode::TokenExpired) && self.may_renew();
        if !ended.may_reconnect() && !replaced_itself && !expired {
            self.kicked(ended.code.unwrap_or(CloseCode::None), ended.message);
            return false;
        }
        let connecting = self.link.connecting.is_some();
        if connecting && replaced_itself {
            return true; // The news overtook the answer of the session that takes over; if that fails, it is told then.
        }
        let retry_in = if connecting {
            Duration::ZERO
        } else {
            self.link.retry()
        };
        self.events.send(Event::Disconnected {
            reason: ended.message,
            retry_in,
        });
        true
    }

    /// Tries once to go on with new tokens.
    fn may_renew(&mut self) -> bool {
        let may = self.link.connector.can_renew() && !self.link.renewed;
        if may {
            self.link.renewed = true;
            self.link.retry();
        }
        may
    }

    fn kicked(&mut self, code: CloseCode, message: String) {
        self.link.online.send_replace(false);
        self.events.send(Event::Kicked { code, message });
    }
}

/// An error with its causes.
fn error_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
