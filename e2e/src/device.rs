//! One device of a user: the real client, and everything that it told.
//!
//! A task per device takes the client's events into [`Observed`]; it ends with the client. Tests wait for conditions on that.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use im_client::{Client, ClientMessageId, Event, Events, Kind, Stored, Target};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{CloseCode, Code, Entry};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::history::Shown;
use crate::view::{self, Line};

/// Everything that is waited for comes within this time, on a machine that has much else to do too, or the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a device has shown and been told so far.
#[derive(Debug, Default)]
pub struct Observed {
    /// Entries, in the order in which they appeared on the screen.
    pub shown: Vec<Shown>,
    /// The same entries, with everything that they say.
    pub entries: Vec<Entry>,
    /// Own messages that are durable.
    pub acknowledged: HashMap<ClientMessageId, Stored>,
    /// Own messages that were refused for good.
    pub failed: HashMap<ClientMessageId, Code>,
    /// The node and the transport of the open session.
    pub session: Option<(String, Kind)>,
    /// Sessions opened so far.
    pub sessions: usize,
    /// Why sessions ended without the device wanting it.
    pub disconnects: Vec<String>,
    /// The end, if the server said so.
    pub kicked: Option<CloseCode>,
    /// Times that everything from before was there.
    pub caught_up: usize,
    /// All other events, in order.
    pub events: Vec<Event>,
    /// How many of `shown` the test has taken.
    taken: usize,
}

/// A device. Dropping it ends its session.
pub struct Device {
    name: String,
    user: UserId,
    client: Client,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    observed: Mutex<Observed>,
    changed: Notify,
}

impl Device {
    /// Watches this client.
    #[must_use]
    pub fn new(name: String, user: UserId, client: Client, events: Events) -> Self {
        let seen = Arc::new(Seen::default());
        tokio::spawn(watch(events, Arc::clone(&seen)));
        Self {
            name,
            user,
            client,
            seen,
        }
    }

    /// For messages: `alice/terminal`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whose it is.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The client itself.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Looks at what it has seen.
    pub fn observe<T>(&self, look: impl FnOnce(&Observed) -> T) -> T {
        look(&self.seen.observed.lock())
    }

    /// Waits until `look` finds what it looks for.
    ///
    /// # Errors
    /// After `limit`; `what` says what was missing.
    pub async fn wait_within<T>(
        &self,
        limit: Duration,
        what: &str,
        mut look: impl FnMut(&mut Observed) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        loop {
            let changed = self.seen.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = look(&mut self.seen.observed.lock()) {
                return Ok(found);
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                let state = self.observe(|seen| {
                    format!(
                        "session {:?}, {} shown, ends {:?}",
                        seen.session,
                        seen.shown.len(),
                        seen.disconnects
                    )
                });
                bail!("{}: no {what} within {limit:?} ({state})", self.name);
            }
        }
    }

    /// The same with [`PATIENCE`].
    ///
    /// # Errors
    /// When the time is up.
    pub async fn wait<T>(
        &self,
        what: &str,
        look: impl FnMut(&mut Observed) -> Option<T>,
    ) -> Result<T> {
        self.wait_within(PATIENCE, what, look).await
    }

    /// The node that its session is on, once it has one and has caught up.
    ///
    /// # Errors
    /// When it gets none in time.
    pub async fn node(&self) -> Result<String> {
        self.wait("session", |seen| {
            seen.session
                .as_ref()
                .filter(|_| seen.caught_up > 0)
                .map(|(node, _)| node.clone())
        })
        .await
    }

    /// Hands a text to the client, which sends it when it can.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn post(&self, to: impl Into<Target>, text: &str) -> Result<ClientMessageId> {
        Ok(self.client.send(to, text).await?)
    }

    /// Sends a text and waits until it is durable.
    ///
    /// # Errors
    /// When it is refused, or not acknowledged in time.
    pub async fn send(&self, to: impl Into<Target>, text: &str) -> Result<Stored> {
        let id = self.post(to, text).await?;
        self.acknowledged(id).await
    }

    /// Waits until a message is durable.
    ///
    /// # Errors
    /// When it is refused, or not acknowledged in time.
    pub async fn acknowledged(&self, id: ClientMessageId) -> Result<Stored> {
        let settled = |seen: &mut Observed| match (seen.acknowledged.get(&id), seen.failed.get(&id))
        {
            (Some(stored), _) => Some(Ok(*stored)),
            (None, Some(code)) => Some(Err(*code)),
            (None, None) => None,
        };
        match self.wait("acknowledgement", settled).await? {
            Ok(stored) => Ok(stored),
            Err(code) => bail!("{}: refused with {code:?}", self.name),
        }
    }

    /// The code with which a message is refused.
    ///
    /// # Errors
    /// When it is not refused in time.
    pub async fn refused(&self, id: ClientMessageId) -> Result<Code> {
        self.wait("refusal", |seen| seen.failed.get(&id).copied())
            .await
    }

    /// The next entry on its screen that somebody else sent; each is given once.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn next_message(&self) -> Result<Shown> {
        let user = self.user;
        self.wait("message", |seen| {
            let rest = &seen.shown[seen.taken..];
            let at = rest.iter().position(|shown| shown.sender != user)?;
            let found = rest[at].clone();
            seen.taken += at + 1;
            Some(found)
        })
        .await
    }

    /// Waits until its screen has this text, whoever sent it.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn shows(&self, text: &str) -> Result<Shown> {
        let wanted = format!("{text:?} on the screen");
        self.wait(&wanted, |seen| {
            seen.shown.iter().find(|shown| shown.text == text).cloned()
        })
        .await
    }

    /// Waits for an event that is none of the above.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn event<T>(
        &self,
        what: &str,
        mut look: impl FnMut(&Event) -> Option<T>,
    ) -> Result<T> {
        self.wait(what, |seen| seen.events.iter().find_map(&mut look))
            .await
    }

    /// Waits until the server ends it for good.
    ///
    /// # Errors
    /// When that does not happen in time.
    pub async fn kicked(&self) -> Result<CloseCode> {
        self.wait("kick", |seen| seen.kicked).await
    }

    /// Has what is broadcast in this conversation come live; what came before is pulled.
    ///
    /// # Errors
    /// When the client has stopped.
    pub async fn follow(&self, conversation: ConversationId) -> Result<()> {
        Ok(self.client.follow(conversation).await?)
    }

    /// Waits until it has the entry at `seq` of this conversation, and so all before it.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn reaches(&self, conversation: ConversationId, seq: Seq) -> Result<()> {
        let last = move |entries: &[Entry]| {
            let of = entries
                .iter()
                .rfind(|entry| entry.conversation_id == conversation);
            of.is_some_and(|entry| entry.seq >= seq).then_some(())
        };
        let what = format!("entry {seq} of {conversation}");
        self.wait(&what, |seen| last(&seen.entries)).await
    }

    /// The entries of this conversation in the order in which they came.
    #[must_use]
    pub fn log(&self, conversation: ConversationId) -> Vec<Entry> {
        let of = |entry: &&Entry| entry.conversation_id == conversation;
        self.observe(|seen| seen.entries.iter().filter(of).cloned().collect())
    }

    /// What people see of this conversation: its messages with their changes folded in.
    #[must_use]
    pub fn view(&self, conversation: ConversationId) -> Vec<Line> {
        view::folded(&self.log(conversation))
    }

    /// What stood on the screen of this conversation.
    #[must_use]
    pub fn texts(&self, conversation: ConversationId) -> Vec<String> {
        let of = |shown: &&Shown| shown.conversation == conversation;
        self.observe(|seen| {
            seen.shown
                .iter()
                .filter(of)
                .map(|shown| shown.text.clone())
                .collect()
        })
    }
}

async fn watch(mut events: Events, seen: Arc<Seen>) {
    while let Some(event) = events.next().await {
        seen.observed.lock().take(event);
        seen.changed.notify_waiters();
    }
}

impl Observed {
    fn take(&mut self, event: Event) {
        match event {
            Event::EntryStored(entry) => {
                self.shown.push(Shown {
                    conversation: entry.conversation_id,
                    seq: entry.seq.0,
                    sender: entry.sender_id,
                    text: String::from_utf8_lossy(&entry.content).into_owned(),
                });
                self.entries.push(entry);
            }
            Event::MessageAcknowledged(stored) => {
                self.acknowledged.insert(stored.client_message_id, stored);
            }
            Event::MessageFailed {
                client_message_id,
                code,
            } => {
                self.failed.insert(client_message_id, code);
            }
            Event::Connected { node_id, transport } => {
                self.session = Some((node_id, transport));
                self.sessions += 1;
            }
            Event::Disconnected { reason, .. } => {
                self.session = None;
                self.disconnects.push(reason);
            }
            Event::Kicked { code, .. } => {
                self.session = None;
                self.kicked = Some(code);
            }
            Event::CaughtUp => self.caught_up += 1,
            other => self.events.push(other),
        }
    }
}
