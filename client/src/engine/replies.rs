//! What the server answers and pushes.

use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{AckResult, Body, Code, ConversationState, Entry, EntryType, MessageAck};
use tokio::sync::oneshot;

use super::{Engine, Purpose};
use crate::client::{ClientError, History};
use crate::event::{Event, Stored};
use crate::outbox::{ClientMessageId, Pending, Target};
use crate::session::RequestError;

impl Engine {
    pub(super) fn answered(&mut self, purpose: Purpose, reply: Result<Body, RequestError>) {
        let now = Instant::now();
        match (purpose, reply) {
            (Purpose::Send(target), Ok(Body::MessageAck(ack))) => {
                self.acknowledged(target, ack, now)
            }
            (
                Purpose::Send(target),
                Err(RequestError::Refused {
                    code, retry_after, ..
                }),
            ) => {
                for message in self.outbox.refused(target, code, retry_after, now) {
                    self.failed(message.id, code);
                }
            }
            (Purpose::Send(_), _) => {} // The outbox sends it again.
            (Purpose::Page, Ok(Body::SyncResponse(page))) => {
                for state in &page.conversations {
                    self.storage.put_conversation(state);
                    self.delivered
                        .held(state.conversation_id, state.delivered_seq, now);
                    self.events.send(Event::Conversation(state.clone()));
                }
                let before = self.sync.since();
                let entries = self.sync.page(page, now);
                self.apply(&entries, now);
                let since = self.sync.since();
                if since != before {
                    self.storage.put_synced_at(since);
                }
            }
            (Purpose::Page, reply) => self.sync.failed(wait(&reply), now),
            (Purpose::Bulk(asked), Ok(Body::SyncResponse(page))) => {
                let entries = self.sync.bulk_pulled(&asked, page.entries, now);
                self.apply(&entries, now);
            }
            (Purpose::Bulk(asked), reply) => self.sync.bulk_failed(&asked, wait(&reply), now),
            (Purpose::Pull(conversation), Ok(Body::SyncResponse(page))) => {
                let entries = self.sync.pulled(conversation, page.entries, now);
                self.apply(&entries, now);
            }
            (Purpose::Pull(conversation), reply) => {
                self.sync.pull_failed(conversation, wait(&reply), now)
            }
            (Purpose::Read(..), Ok(Body::ReadReceipt(receipt))) => {
                self.events.send(Event::Read(receipt))
            }
            (Purpose::Read(conversation, seq), Err(error)) => {
                self.read_failed(conversation, seq, error, now)
            }
            (Purpose::Follow(_, true), Ok(_)) => self.sync.must_sync(now),
            (Purpose::Read(..) | Purpose::Follow(..) | Purpose::Reauth, Ok(_)) => {}
            (Purpose::History(reply), result) => hand(reply, history(result)),
            (Purpose::Open(reply), result) => {
                let state = opened(result);
                if let Ok(state) = &state {
                    self.conversation(state.clone());
                }
                hand(reply, state);
            }
            (Purpose::Ask(reply), result) => {
                if let Ok(Body::ConversationEvent(event)) = &result {
                    self.conversation(event.state.clone());
                }
                hand(reply, result.map_err(ClientError::from));
            }
            (Purpose::Follow(conversation, _), Err(error)) => {
                self.follow_failed(conversation, error, now);
            }
            (Purpose::Reauth, Err(error)) => {
                tracing::debug!(%error, "the session did not take the new token")
            }
        }
    }

    pub(super) fn pushed(&mut self, body: Body) {
        let now = Instant::now();
        match body {
            Body::PushMessage(push) => {
                for entry in push.entries {
                    let entries = self.sync.offer(entry, now);
                    self.apply(&entries, now);
                }
            }
            Body::ReadReceipt(receipt) => self.events.send(Event::Read(receipt)),
            Body::DeliveryReceipt(receipt) => self.events.send(Event::Delivered(receipt)),
            Body::FriendEvent(event) => self.events.send(Event::Friend(event)),
            Body::ProfileEvent(event) => self.events.send(Event::Profile(event)),
            Body::PresenceEvent(event) => self.events.send(Event::Presence(event)),
            Body::TypingEvent(event) => self.events.send(Event::Typing(event)),
            Body::SystemNotification(mut notification) => {
                // Its entry goes into the log like any other; the notification is told besides, for who shows it at once.
                if let Some(entry) = notification.entry.take() {
                    let entries = self.sync.offer(entry, now);
                    self.apply(&entries, now);
                }
                self.events.send(Event::Notification(notification));
            }
            Body::SyncHint(hint) => self.events.send(Event::News(hint.conversation_id)),
            Body::JoinEvent(event) => self.events.send(Event::Join(event)),
            Body::ConversationEvent(event) => {
                self.conversation(event.state);
                self.sync.must_sync(now);
            }
            body => tracing::debug!(kind = body.kind().name(), "ignored a push"), // [F4]
        }
    }

    fn conversation(&mut self, state: ConversationState) {
        self.sync.note_peer(&state);
        self.storage.put_conversation(&state);
        self.events.send(Event::Conversation(state));
    }

    fn acknowledged(&mut self, target: Target, ack: MessageAck, now: Instant) {
        for (message, result) in self.outbox.acknowledged(target, ack.results) {
            if result.code != Code::Ok {
                self.failed(message.id, result.code);
                continue;
            }
            let entry = self.own_entry(ack.conversation_id, message, &result);
            let stored = Stored {
                client_message_id: ClientMessageId(entry.client_message_id),
                conversation_id: entry.conversation_id,
                message_id: entry.message_id,
                seq: entry.seq,
                created_at: entry.created_at,
            };
            self.events.send(Event::MessageAcknowledged(stored));
            if entry.type_ == EntryType::Recall {
                // An administrator may have taken the message back before: then the entry is theirs, and comes from the log.
                self.sync.heard(entry.conversation_id, entry.seq, now);
            } else {
                let entries = self.sync.offer(entry, now);
                self.apply(&entries, now);
            }
            self.storage.remove_pending(stored.client_message_id);
            // Last: who waits for this finds the entry in the storage.
            if let Some(settled) = self.settled.remove(&stored.client_message_id) {
                hand(settled, Ok(stored));
            }
        }
    }

    /// The sending session gets no push of its own message: the acknowledgement completes it [R3].
    fn own_entry(
        &self,
        conversation_id: ConversationId,
        message: Pending,
        result: &AckResult,
    ) -> Entry {
        Entry {
            conversation_id,
            seq: result.seq,
            message_index: result.message_index,
            message_id: result.message_id,
            client_message_id: message.id.0,
            sender_id: self.user,
            type_: message.kind,
            content: message.content,
            created_at: result.created_at,
            target_seq: message.target,
            mentions: message.mentions,
            edited_seq: Seq(0),
            recalled_seq: Seq(0),
        }
    }

    fn failed(&mut self, id: ClientMessageId, code: Code) {
        self.storage.remove_pending(id);
        self.events.send(Event::MessageFailed {
            client_message_id: id,
            code,
        });
        if let Some(settled) = self.settled.remove(&id) {
            hand(
                settled,
                Err(ClientError::Refused {
                    code,
                    message: code.text().to_owned(),
                }),
            );
        }
    }

    /// Stores entries that are next in their log, tells the application, and tells the senders that they arrived.
    fn apply(&mut self, entries: &[Entry], now: Instant) {
        for cursor in self.sync.followed() {
            self.storage.follow(cursor);
        }
        self.storage.append(entries);
        for entry in entries {
            self.events.send(Event::EntryStored(entry.clone()));
            // What everybody gets is reported by nobody [R6].
            let is_reported = !entry.conversation_id.is_of_everybody();
            if self.tell_delivered && is_reported && entry.sender_id != self.user {
                self.delivered.want(entry.conversation_id, entry.seq, now);
            }
        }
    }

    fn follow_failed(&mut self, conversation: ConversationId, error: RequestError, now: Instant) {
        let is_final = matches!(error, RequestError::Refused { code, .. } if !code.may_retry());
        // The next session begins with what is followed.
        if is_final
            || matches!(error, RequestError::Ended)
            || !self.followed.contains(&conversation)
        {
            tracing::debug!(%error, "a conversation is not followed until the next session");
            return;
        }
        let due = now + wait(&Err(error));
        self.unfollowed.insert(conversation, due);
    }

    fn read_failed(
        &mut self,
        conversation: ConversationId,
        seq: Seq,
        error: RequestError,
        now: Instant,
    ) {
        match error {
            RequestError::Refused { code, .. }
                if !matches!(code, Code::RetryLater | Code::Unavailable) =>
            {
                tracing::debug!(code = code.name(), "a read position was refused");
            }
            error => self.reads.failed(conversation, seq, wait(&Err(error)), now),
        }
    }
}

/// How long the server asks to wait; a second when it does not say.
fn wait(reply: &Result<Body, RequestError>) -> Duration {
    match reply {
        Err(RequestError::Refused { retry_after, .. }) if !retry_after.is_zero() => *retry_after,
        _ => Duration::from_secs(1),
    }
}

fn history(result: Result<Body, RequestError>) -> Result<History, ClientError> {
    match result? {
        Body::SyncResponse(page) => Ok(History {
            entries: page.entries,
            more: page.more,
        }),
        _ => Err(ClientError::Unexpected),
    }
}

fn opened(result: Result<Body, RequestError>) -> Result<ConversationState, ClientError> {
    match result? {
        Body::ConversationEvent(event) => Ok(event.state),
        _ => Err(ClientError::Unexpected),
    }
}

/// Gives an answer to whoever asked, if they still wait.
pub(super) fn hand<T>(reply: oneshot::Sender<T>, answer: T) {
    if reply.send(answer).is_err() {
        tracing::trace!("nobody waits for the answer any more");
    }
}
