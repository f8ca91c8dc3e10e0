//! What a client tells its application.

use std::time::Duration;

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    CloseCode, Code, ConversationState, DeliveryReceipt, Entry, FriendEvent, JoinEvent,
    PresenceEvent, ProfileEvent, ReadReceipt, SystemNotification, TypingEvent,
};
use tokio::sync::mpsc;

use crate::api::Login;
use crate::outbox::ClientMessageId;
use crate::transport::Kind;

/// Where and when a message of one's own was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// As the client named it.
    pub client_message_id: ClientMessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The server's name for it.
    pub message_id: MessageId,
    /// Position in the conversation.
    pub seq: Seq,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A session is open.
    Connected {
        /// On this node.
        node_id: String,
        /// Over this transport.
        transport: Kind,
    },
    /// There is no session; the client connects again by itself.
    Disconnected {
        /// Why.
        reason: String,
        /// The next attempt.
        retry_in: Duration,
    },
    /// The server ended the session for good, or refused the tokens. The client has stopped.
    Kicked {
        /// Why.
        code: CloseCode,
        /// In words.
        message: String,
    },
    /// Everything that existed when the session began, or when something was missed, is stored here.
    CaughtUp,
    /// The next entry of a conversation's log, one's own included: 1, 2, 3, each once.
    EntryStored(Entry),
    /// A message of one's own is durable.
    MessageAcknowledged(Stored),
    /// A message of one's own was refused for good.
    MessageFailed {
        /// Which.
        client_message_id: ClientMessageId,
        /// Why.
        code: Code,
    },
    /// Somebody has read up to here; one's own other devices too.
    Read(ReadReceipt),
    /// Somebody's device has received up to here.
    Delivered(DeliveryReceipt),
    /// What is known of a conversation.
    Conversation(ConversationState),
    /// A friend request, or its answer, or the end of a friendship.
    Friend(FriendEvent),
    /// What others see of a friend, or of oneself, changed.
    Profile(ProfileEvent),
    /// A friend came or went.
    Presence(PresenceEvent),
    /// Somebody is typing.
    Typing(TypingEvent),
    /// Something was said in a conversation of everybody that is not followed.
    News(ConversationId),
    /// Somebody wants to join a group, or may.
    Join(JoinEvent),
    /// A word from the administrators, told once at least; its entry is in the log.
    Notification(SystemNotification),
    /// There are new tokens: keep them.
    LoginRenewed(Login),
    /// The application was slow and so many events were dropped; the storage has all entries.
    Missed(u64),
}

/// The events of a client, in order.
pub struct Events(mpsc::Receiver<Event>);

impl Events {
    /// The next event; none after the client has stopped.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await
    }

    /// An event that is there already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.0.try_recv().ok()
    }
}

/// Hands events over without ever waiting: what does not fit is counted and told.
#[derive(Debug)]
pub(crate) struct EventSender {
    events: mpsc::Sender<Event>,
    missed: u64,
}

impl EventSender {
    pub(crate) fn new(capacity: usize) -> (Self, Events) {
        let (events, receiver) = mpsc::channel(capacity.max(2));
        (Self { events, missed: 0 }, Events(receiver))
    }

    pub(crate) fn send(&mut self, event: Event) {
        if self.missed > 0
            && self.events.capacity() >= 2
            && self.events.try_send(Event::Missed(self.missed)).is_ok()
        {
            self.missed = 0;
        }
        if let Err(mpsc::error::TrySendError::Full(_)) = self.events.try_send(event) {
            self.missed += 1;
        }
    }
}

/// For tests of applications: whose event an entry is.
impl Event {
    /// The entry, if it is one.
    #[must_use]
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::EntryStored(entry) => Some(entry),
            _ => None,
        }
    }

    /// Whether this is a friend's coming or going.
    #[must_use]
    pub fn is_presence_of(&self, user: UserId) -> bool {
        matches!(self, Self::Presence(event) if event.user_id == user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_that_do_not_fit_are_counted_and_told() {
        let (mut sender, mut events) = EventSender::new(2);
        for _ in 0..5 {
            sender.send(Event::CaughtUp);
        }
        assert_eq!(events.next().await, Some(Event::CaughtUp));
        assert_eq!(events.next().await, Some(Event::CaughtUp));
        sender.send(Event::CaughtUp);
        assert_eq!(events.next().await, Some(Event::Missed(3)));
        assert_eq!(events.next().await, Some(Event::CaughtUp));
        assert_eq!(events.try_next(), None);
    }
}
