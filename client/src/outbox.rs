//! What waits to be sent. At most one request per conversation is in flight [M1]; unanswered it is sent again with the
//! same client message ids [M3]. Pure: time and randomness are arguments, requests come out.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::limits::MAX_MESSAGES;
use im_shared::wire::{
    AckResult, Body, Code, EntryType, MessageEdit, MessageReaction, MessageRecall, OutgoingMessage,
    UserMessage,
};
use rand::{Rng, RngExt as _};
use uuid::Uuid;

/// The first wait for an answer; it doubles up to the second value [M3].
const FIRST_WAIT: Duration = Duration::from_millis(400);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Content bytes of one request, so that its frame stays under 64 KiB with the tables around them.
const REQUEST_BYTES: usize = 48 * 1024;

/// The id that the client gives to a message, a UUIDv7, the same at every retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientMessageId(pub Uuid);

impl ClientMessageId {
    /// A new id, later than those made before.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

/// Where a message goes. A private conversation is always addressed by its peer, so that it has one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The private conversation with this user, made if need be.
    Peer(UserId),
    /// A conversation that is not private.
    Conversation(ConversationId),
}

/// An entry of one's own that is not acknowledged yet: a message, or a change of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The same at every retry.
    pub id: ClientMessageId,
    /// What it is.
    pub kind: EntryType,
    /// UTF-8: a text, the JSON of another type, the new text of an edit, `+` or `-` and a reaction, nothing of a recall.
    pub content: Bytes,
    /// The message that is answered, edited, taken back or reacted to; or 0.
    pub target: Seq,
    /// Who is called by name.
    pub mentions: Vec<UserId>,
}

impl Pending {
    /// A message that can share its request with others.
    fn is_message(&self) -> bool {
        self.kind.0 < 32
    }
}

/// One request to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its conversation.
    pub target: Target,
    /// 1 to 64 messages in the order of sending, or one change.
    pub messages: Vec<Pending>,
    /// Sent before: the server may have stored it.
    pub retry: bool,
    /// 1 for the first time on a session.
    pub attempt: u32,
}

impl Request {
    /// As it goes over the wire. `conversation` is where the target's changes go: a private conversation by its own id.
    #[must_use]
    pub fn body(&self, conversation: ConversationId) -> Body {
        if let [change] = self.messages.as_slice()
            && !change.is_message()
        {
            return change_body(change, conversation);
        }
        let (conversation_id, peer_id) = match self.target {
            Target::Peer(user) => (ConversationId(0), user),
            Target::Conversation(conversation) => (conversation, UserId(0)),
        };
        let messages = self.messages.iter().map(|message| OutgoingMessage {
            client_message_id: message.id.0,
            type_: message.kind,
            content: message.content.clone(),
            reply_to_seq: message.target,
            mentions: message.mentions.clone(),
        });
        let request = UserMessage {
            conversation_id,
            peer_id,
            messages: messages.collect(),
            retry: self.retry,
        };
        request.into()
    }
}

fn change_body(change: &Pending, conversation_id: ConversationId) -> Body {
    let (target_seq, client_message_id) = (change.target, change.id.0);
    match change.kind {
        EntryType::Edit => MessageEdit {
            conversation_id,
            target_seq,
            client_message_id,
            content: change.content.clone(),
            mentions: change.mentions.clone(),
        }
        .into(),
        EntryType::Recall => MessageRecall {
            conversation_id,
            target_seq,
            client_message_id,
        }
        .into(),
        _ => {
            let content = String::from_utf8_lossy(&change.content);
            let reaction = content.trim_start_matches(['+', '-']);
            MessageReaction {
                conversation_id,
                target_seq,
                client_message_id,
                reaction: reaction.to_owned(),
                remove: content.starts_with('-'),
            }
            .into()
        }
    }
}

/// Everything that is not acknowledged, by conversation.
#[derive(Debug, Default)]
pub struct Outbox {
    queues: HashMap<Target, Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Pending>,
    in_flight: Option<InFlight>,
}

/// The request of a conversation. It keeps its messages until each is acknowledged or refused.
#[derive(Debug)]
struct InFlight {
    messages: Vec<Pending>,
    /// On this session.
    attempts: u32,
    /// At least once, on any session.
    sent: bool,
    due: Instant,
}

impl Outbox {
    /// Adds a message at the end of its conversation's queue.
    pub fn push(&mut self, target: Target, message: Pending) {
        self.queues
            .entry(target)
            .or_default()
            .waiting
            .push_back(message);
    }

    /// How many messages are not acknowledged.
    #[must_use]
    pub fn len(&self) -> usize {
        let in_flight = |queue: &Queue| {
            queue
                .in_flight
                .as_ref()
                .map_or(0, |request| request.messages.len())
        };
        self.queues
            .values()
            .map(|queue| queue.waiting.len() + in_flight(queue))
            .sum()
    }

    /// Whether everything is acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// The requests to send now: new ones of idle conversations, and those that were not answered in time.
    pub fn due(&mut self, now: Instant, rng: &mut impl Rng) -> Vec<Request> {
        let mut requests = Vec::new();
        for (target, queue) in &mut self.queues {
            let request = match &mut queue.in_flight {
                Some(request) if request.due > now => continue,
                Some(request) => request,
                idle => {
                    let messages = take(&mut queue.waiting);
                    if messages.is_empty() {
                        continue;
                    }
                    idle.insert(InFlight {
                        messages,
                        attempts: 0,
                        sent: false,
                        due: now,
                    })
                }
            };
            request.attempts += 1;
            request.due = now + wait(request.attempts, rng);
            requests.push(Request {
                target: *target,
                messages: request.messages.clone(),
                retry: std::mem::replace(&mut request.sent, true),
                attempt: request.attempts,
            });
        }
        requests
    }

    /// When [`Self::due`] has something next, if nothing is answered until then.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.queues
            .values()
            .filter_map(|queue| queue.in_flight.as_ref())
            .map(|request| request.due)
            .min()
    }

    /// Takes a `MessageAck` of any attempt: gives each message that it settles, stored or refused, with its result.
    pub fn acknowledged(
        &mut self,
        target: Target,
        results: Vec<AckResult>,
    ) -> Vec<(Pending, AckResult)> {
        let Some(queue) = self.queues.get_mut(&target) else {
            return Vec::new();
        };
        let Some(request) = &mut queue.in_flight else {
            return Vec::new();
        };
        let mut settled = Vec::with_capacity(results.len());
        for result in results {
            let found = request
                .messages
                .iter()
                .position(|message| message.id.0 == result.client_message_id);
            if let Some(index) = found {
                settled.push((request.messages.remove(index), result));
            }
        }
        if request.messages.is_empty() {
            queue.in_flight = None;
        }
        self.forget_if_done(target);
        settled
    }

    /// Takes an `ErrorResponse` of the whole request [M8]. `RetryLater` and `Unavailable` put it off; any other code is
    /// final and gives the messages back [M3].
    pub fn refused(
        &mut self,
        target: Target,
        code: Code,
        retry_after: Duration,
        now: Instant,
    ) -> Vec<Pending> {
        let Some(queue) = self.queues.get_mut(&target) else {
            return Vec::new();
        };
        let Some(request) = &mut queue.in_flight else {
            return Vec::new();
        };
        if matches!(code, Code::RetryLater | Code::Unavailable) {
            request.due = request.due.max(now + retry_after);
            return Vec::new();
        }
        let failed = std::mem::take(&mut request.messages);
        queue.in_flight = None;
        self.forget_if_done(target);
        failed
    }

    /// A new session is there: what the old one did not acknowledge is sent again on it at once [S7].
    pub fn reconnected(&mut self, now: Instant) {
        for request in self
            .queues
            .values_mut()
            .filter_map(|queue| queue.in_flight.as_mut())
        {
            request.due = now;
            request.attempts = 0;
        }
    }

    fn forget_if_done(&mut self, target: Target) {
        if self
            .queues
            .get(&target)
            .is_some_and(|queue| queue.waiting.is_empty() && queue.in_flight.is_none())
        {
            self.queues.remove(&target);
        }
    }
}

/// As many messages from the front as fit in one request, or one change.
fn take(waiting: &mut VecDeque<Pending>) -> Vec<Pending> {
    let mut bytes = 0;
    let mut count = 0;
    for message in waiting.iter().take(MAX_MESSAGES) {
        if !message.is_message() {
            count = count.max(1);
            break;
        }
        bytes += message.content.len();
        if count > 0 && bytes > REQUEST_BYTES {
            break;
        }
        count += 1;
    }
    waiting.drain(..count).collect()
}

/// How long the n-th attempt waits for its answer: 0.4 s doubling to 10 s, a quarter more or less.
fn wait(attempt: u32, rng: &mut impl Rng) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    doubled
        .min(LONGEST_WAIT)
        .mul_f64(rng.random_range(0.75..1.25))
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
