//! What is shown of what happens during a talk.

use std::time::{Duration, Instant};

use im_client::api::ConversationKind;
use im_client::{ClientMessageId, Event, Stored};
use im_shared::content::{Content, MemberEvent};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Code, ConversationState, ConversationType, Entry, EntryType, JoinChange, JoinEvent, Role,
    TypingEvent,
};

use super::{Chat, Mode, Sent};
use crate::error::Error;
use crate::show::{now, plain};
use crate::words::{self, Tally};

/// That somebody is typing is shown again after this.
const TYPING_SHOWN: Duration = Duration::from_secs(10);
/// Entries that wait for the server to tell of their conversation.
const UNPLACED: usize = 1_000;
/// Letters of what is said elsewhere.
const ELSEWHERE: usize = 80;

impl Chat<'_> {
    pub(super) async fn happened(&mut self, event: Event) -> Result<(), Error> {
        let Some(event) = self.context.common(&self.me, event)? else {
            return Ok(());
        };
        let interactive = self.mode == Mode::Interactive;
        match event {
            Event::Conversation(state) => self.learnt(state).await,
            Event::CaughtUp => self.caught_up().await,
            Event::EntryStored(entry) => self.stored(entry).await,
            Event::MessageAcknowledged(stored) => self.acknowledged(stored).await,
            Event::MessageFailed {
                client_message_id,
                code,
            } => {
                self.unsettled.remove(&client_message_id);
                self.refused(code)
            }
            Event::Delivered(receipt)
                if self.is_peer(receipt.conversation_id, receipt.user_id)
                    && receipt.seq > self.delivered =>
            {
                self.delivered = receipt.seq;
                if self.read < self.stored {
                    self.mark("✓✓ delivered")
                } else {
                    Ok(())
                }
            }
            Event::Read(receipt)
                if self.is_peer(receipt.conversation_id, receipt.user_id)
                    && receipt.seq > self.read =>
            {
                self.read = receipt.seq;
                self.mark("✓✓ read")
            }
            Event::Presence(event) if interactive && self.is_with(event.user_id) => {
                let state = if event.online {
                    "is online"
                } else {
                    "is offline"
                };
                self.note(&format!("· {} {state}", self.place.title))
            }
            Event::Typing(event) if interactive => self.somebody_types(event).await,
            Event::Join(event) if interactive => self.wants_to_join(event).await,
            Event::Notification(word) => self.editor.print(&format!(
                "! {}: {}",
                plain(&word.title),
                plain(&word.content)
            )),
            Event::Disconnected { reason, retry_in } => self.note(&format!(
                "· disconnected ({reason}); again in {:.1} s",
                retry_in.as_secs_f32()
            )),
            Event::Connected { node_id, transport } if interactive => {
                self.note(&format!("· connected to {node_id} over {transport}"))
            }
            Event::Missed(count) => self.note(&format!("· {count} events were not shown")),
            _ => Ok(()),
        }
    }

    /// The server told of a conversation: of this one, or of one that entries wait for.
    async fn learnt(&mut self, state: ConversationState) -> Result<(), Error> {
        let id = state.conversation_id;
        let is_private = state.type_ == ConversationType::Private;
        if is_private && self.is_with(state.peer_id) {
            self.place.id = Some(id);
            self.delivered = self.delivered.max(state.peer_delivered_seq);
            self.read = self.read.max(state.peer_read_seq);
        }
        if self.place.id == Some(id) && self.place.kind == ConversationKind::Group {
            self.callable.allow_all(state.role >= Role::Admin);
        }
        self.states.insert(id, state);
        let waiting = std::mem::take(&mut self.unplaced);
        for entry in waiting {
            self.stored(entry).await?;
        }
        Ok(())
    }

    /// Everything from before is there: it is shown as it is now, and not how it came to be so.
    async fn caught_up(&mut self) -> Result<(), Error> {
        self.caught_up = true;
        let backlog = std::mem::take(&mut self.backlog);
        let mut last = Seq(0);
        for shown in backlog.messages() {
            let reactions: Vec<Tally> = shown
                .reactions
                .iter()
                .map(|(reaction, users)| (reaction.clone(), users.len() as u64))
                .collect();
            last = shown.entry.seq;
            self.show(&shown.entry, &reactions).await?;
        }
        match self.place.id {
            Some(id) if last > Seq(0) => Ok(self.client.read(id, last).await?),
            _ => Ok(()),
        }
    }

    async fn acknowledged(&mut self, stored: Stored) -> Result<(), Error> {
        self.unsettled.remove(&stored.client_message_id);
        self.place.id = Some(stored.conversation_id);
        let sent = self.typed.get(&stored.client_message_id);
        let mark = match sent {
            Some(Sent::Change) => "✓".to_owned(),
            Some(Sent::Message) | None => {
                self.stored = self.stored.max(stored.seq);
                format!("✓ {}", stored.seq)
            }
        };
        if self.mode == Mode::Commands {
            return self.editor.print(&mark);
        }
        self.mark(&mark)
    }

    /// An entry of a log: of this conversation, or of another one.
    async fn stored(&mut self, entry: Entry) -> Result<(), Error> {
        let id = entry.conversation_id;
        let typed_here = self
            .typed
            .remove(&ClientMessageId(entry.client_message_id))
            .is_some();
        if self.place.id == Some(id) {
            if typed_here {
                return Ok(());
            }
            return self.said_here(entry).await;
        }
        if !self.states.contains_key(&id) {
            if self.unplaced.len() < UNPLACED {
                self.unplaced.push(entry);
            }
            return Ok(());
        }
        self.said_elsewhere(&entry).await
    }

    async fn said_here(&mut self, entry: Entry) -> Result<(), Error> {
        let mine = entry.sender_id == self.user;
        self.typing.remove(&entry.sender_id);
        if !words::is_seen(&entry) {
            return Ok(());
        }
        if entry.type_ == EntryType::Member {
            self.members_changed(&entry).await;
        }
        match self.mode {
            Mode::Interactive if !self.caught_up => {
                self.backlog.apply(&entry);
                return Ok(());
            }
            Mode::Interactive => {
                self.show(&entry, &[]).await?;
                if !mine {
                    self.client.read(entry.conversation_id, entry.seq).await?;
                }
                return Ok(());
            }
            Mode::Commands => return self.show(&entry, &[]).await,
            Mode::Piped if mine => return Ok(()),
            Mode::Piped => {}
        }
        self.names.learn(&words::people(&entry)).await;
        let calls = |user| self.names.known(user);
        let line = match words::happened(&self.context.show, &entry, &calls) {
            Some(event) => format!("· {event}"),
            None => format!("{}: {}", calls(entry.sender_id), words::content(&entry)),
        };
        self.editor.print(&line)
    }

    /// A line about what others say in other conversations, unless they are muted.
    async fn said_elsewhere(&mut self, entry: &Entry) -> Result<(), Error> {
        let Some(state) = self.states.get(&entry.conversation_id) else {
            return Ok(());
        };
        let is_message = entry.type_.0 < EntryType::Edit.0 && entry.type_ != EntryType::System;
        let is_quiet = state.archived || state.muted_until > now();
        let is_mine = entry.sender_id == self.user;
        if !self.caught_up
            || self.mode != Mode::Interactive
            || !is_message
            || is_mine
            || is_quiet
            || entry.conversation_id == ConversationId::WORLD
        {
            return Ok(());
        }
        let place = match state.type_ {
            ConversationType::Group => format!("#{} ", plain(&state.name)),
            _ => String::new(),
        };
        let name = self.names.of(entry.sender_id).await;
        let text = words::short(entry, ELSEWHERE);
        self.note(&format!("· {place}{name}: {text}"))
    }

    /// Prints an entry of this conversation.
    async fn show(&mut self, entry: &Entry, reactions: &[Tally]) -> Result<(), Error> {
        self.names.learn(&words::people(entry)).await;
        if entry.sender_id != self.user && self.place.kind == ConversationKind::World {
            let name = self.names.known(entry.sender_id);
            self.callable.add(&name, entry.sender_id);
        }
        let calls = |user| self.names.known(user);
        let line = words::line(&self.context.show, entry, self.user, &calls, reactions);
        self.editor.print(&line)
    }

    /// Who came can be called, who went cannot.
    async fn members_changed(&mut self, entry: &Entry) {
        let Ok(event) = MemberEvent::parse(&entry.content) else {
            return;
        };
        let came = match event {
            MemberEvent::Joined => vec![entry.sender_id],
            MemberEvent::Invited { users } => users,
            MemberEvent::Admitted { user } => vec![user],
            MemberEvent::Removed { user } => return self.callable.remove(user),
            MemberEvent::Left { .. } => return self.callable.remove(entry.sender_id),
            _ => return,
        };
        self.names.learn(&came).await;
        for user in came.into_iter().filter(|user| *user != self.user) {
            self.callable.add(&self.names.known(user), user);
        }
    }

    async fn somebody_types(&mut self, event: TypingEvent) -> Result<(), Error> {
        let shown = self.typing.get(&event.user_id);
        let is_shown = shown.is_some_and(|at| at.elapsed() < TYPING_SHOWN);
        if self.place.id != Some(event.conversation_id) || is_shown || event.user_id == self.user {
            return Ok(());
        }
        self.typing.insert(event.user_id, Instant::now());
        let name = self.names.of(event.user_id).await;
        self.note(&format!("· {name} is typing"))
    }

    async fn wants_to_join(&mut self, event: JoinEvent) -> Result<(), Error> {
        if event.change != JoinChange::Requested {
            return Ok(());
        }
        let name = self.names.of(event.user_id).await;
        let group = match self.states.get(&event.conversation_id) {
            Some(state) => format!("#{}", plain(&state.name)),
            None => event.conversation_id.to_string(),
        };
        self.note(&format!(
            "· {name} wants to join {group}: im group requests"
        ))
    }

    fn is_with(&self, user: UserId) -> bool {
        let peer = self.place.peer.as_ref();
        peer.is_some_and(|peer| peer.user_id == user)
    }

    fn is_peer(&self, conversation: ConversationId, user: UserId) -> bool {
        self.place.id == Some(conversation) && self.is_with(user)
    }

    fn refused(&mut self, code: Code) -> Result<(), Error> {
        let line = format!("✗ refused: {}", code.text());
        if self.mode == Mode::Interactive {
            return self.editor.print(&self.context.show.warn(&line));
        }
        self.failed += 1;
        eprintln!("im: {line}");
        Ok(())
    }

    fn mark(&mut self, mark: &str) -> Result<(), Error> {
        if self.mode == Mode::Interactive {
            self.note(&format!("  {mark}"))
        } else {
            Ok(())
        }
    }
}
