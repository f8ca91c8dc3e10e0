//! Shows everything that arrives until it is interrupted.

use std::collections::HashMap;

use im_client::{Backlog, Event};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{
    ConversationState, ConversationType, Entry, EntryType, FriendChange, FriendEvent,
};

use crate::changes;
use crate::context::Context;
use crate::error::Error;
use crate::names::Names;
use crate::show::plain;
use crate::words;

pub(crate) async fn run(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    let names = Names::load(me.api.clone(), me.login.user_id).await?;
    let (client, mut events) = context.connect(&me, Backlog::Last(0));
    let mut tail = Tail {
        context,
        me: me.login.user_id,
        names,
        states: HashMap::new(),
        caught_up: false,
    };
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                client.close().await;
                return Ok(());
            }
        };
        let Some(event) = event else { return Ok(()) };
        if let Some(event) = context.common(&me, event)? {
            tail.show(event).await;
        }
    }
}

struct Tail<'a> {
    context: &'a Context,
    me: UserId,
    names: Names,
    states: HashMap<ConversationId, ConversationState>,
    /// From then on a conversation that was not known is a new one.
    caught_up: bool,
}

impl Tail<'_> {
    /// What happens goes to standard output, everything about the connection to standard error.
    async fn show(&mut self, event: Event) {
        let show = self.context.show;
        match event {
            Event::EntryStored(entry) => self.entry(&entry).await,
            Event::Conversation(state) => self.state(state).await,
            Event::CaughtUp if !self.caught_up => {
                self.caught_up = true;
                eprintln!("{}", show.dim("waiting for what comes"));
            }
            Event::Presence(event) => {
                let state = if event.online {
                    "is online"
                } else {
                    "is offline"
                };
                let name = self.names.of(event.user_id).await;
                println!("{}", show.dim(&format!("· {name} {state}")));
            }
            Event::Typing(event) => {
                let name = self.names.of(event.user_id).await;
                let place = self.within(event.conversation_id);
                println!("{}", show.dim(&format!("· {name} is typing{place}")));
            }
            Event::Read(receipt) => {
                let name = self.names.of(receipt.user_id).await;
                let place = self.within(receipt.conversation_id);
                let text = format!("· {name} read up to {}{place}", receipt.seq);
                println!("{}", show.dim(&text));
            }
            Event::Friend(event) => {
                let name = self.names.of(event.user_id).await;
                println!("{}", show.warn(&format!("· {}", friend(&event, &name))));
            }
            Event::Join(event) => {
                let name = self.names.of(event.user_id).await;
                let group = self.place(event.conversation_id).await;
                let text = changes::of_join(&event, &name, &group);
                println!("{}", show.warn(&format!("· {text}")));
            }
            Event::Notification(word) => {
                let text = format!("! {}: {}", plain(&word.title), plain(&word.content));
                println!("{}", show.warn(&text));
            }
            Event::Connected { node_id, transport } => {
                let text = format!("connected to {node_id} over {transport}");
                eprintln!("{}", show.dim(&text));
            }
            Event::Disconnected { reason, retry_in } => {
                let seconds = retry_in.as_secs_f32();
                let text = format!("disconnected ({reason}); again in {seconds:.1} s");
                eprintln!("{}", show.dim(&text));
            }
            Event::Missed(count) => {
                eprintln!("{}", show.warn(&format!("{count} events were not shown")));
            }
            _ => {}
        }
    }

    async fn entry(&mut self, entry: &Entry) {
        // Of System entries it is told as notifications.
        if entry.type_ == EntryType::System || !words::is_seen(entry) {
            return;
        }
        self.names.learn(&words::people(entry)).await;
        let place = self.place(entry.conversation_id).await;
        let calls = |user| self.names.known(user);
        let line = words::line(&self.context.show, entry, self.me, &calls, &[]);
        println!("{} {line}", self.context.show.dim(&place));
    }

    /// Keeps what is known of a conversation, and tells what was set.
    async fn state(&mut self, state: ConversationState) {
        let (show, id) = (self.context.show, state.conversation_id);
        let changes = match self.states.get(&id) {
            Some(before) => changes::of(&show, before, &state),
            None if self.caught_up && state.type_ == ConversationType::Group => {
                changes::of(&show, &ConversationState::default(), &state)
            }
            None => Vec::new(),
        };
        self.states.insert(id, state);
        if !changes.is_empty() {
            let place = self.place(id).await;
            println!(
                "{}",
                show.dim(&format!("· {place}: {}", words::list(&changes)))
            );
        }
    }

    /// ` in #Tea`; nothing of a private conversation, where who does something says enough.
    fn within(&self, id: ConversationId) -> String {
        match self.states.get(&id) {
            Some(state) if state.type_ == ConversationType::Group => {
                format!(" in #{}", plain(&state.name))
            }
            Some(state) if state.type_ == ConversationType::World => " in world".to_owned(),
            _ => String::new(),
        }
    }

    /// What to call a conversation.
    async fn place(&mut self, id: ConversationId) -> String {
        let Some(state) = self.states.get(&id) else {
            return id.to_string();
        };
        match state.type_ {
            ConversationType::Private => {
                let peer = state.peer_id;
                self.names.of(peer).await
            }
            ConversationType::Group => format!("#{}", plain(&state.name)),
            ConversationType::World => "world".to_owned(),
            _ => "announcements".to_owned(),
        }
    }
}

fn friend(event: &FriendEvent, name: &str) -> String {
    match event.change {
        FriendChange::Requested => {
            format!("{name} asks to become friends: {}", plain(&event.message))
        }
        FriendChange::Accepted => format!("{name} and you are friends now"),
        FriendChange::Rejected => format!("{name} declined"),
        FriendChange::Cancelled => format!("{name} took the request back"),
        _ => format!("{name} is no friend any more"),
    }
}
