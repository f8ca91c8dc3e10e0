//! Talking with one person: an editor at a terminal, lines in a pipe.

use std::collections::HashSet;
use std::io::IsTerminal as _;

use im_client::api::Profile;
use im_client::{Backlog, Client, ClientError, ClientMessageId, Event, Events};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Code, Entry};

use crate::cli;
use crate::context::{Context, Me};
use crate::editor::Editor;
use crate::error::Error;
use crate::names::{self, Names};
use crate::show::plain;

const HELP: &str =
    "Type a message and press Enter. /quit leaves, //text sends a text that begins with /.
Marks: … not stored yet, ✓ stored, ✓✓ delivered, ✓✓ read.";

pub(crate) async fn run(context: &Context, command: cli::Chat) -> Result<(), Error> {
    let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let me = context.me().await?;
    let peer = names::find(&me.api, &command.peer).await?;
    let names = Names::load(me.api.clone(), me.login.user_id).await?;
    let backlog = if interactive { command.backlog } else { 0 };
    let (client, events) = context.connect(&me, Backlog::Last(backlog));
    let editor = if interactive {
        Editor::interactive(format!("{} > ", peer.username))?
    } else {
        Editor::piped()
    };
    let mut chat = Chat {
        context,
        me,
        peer,
        names,
        client: client.clone(),
        editor,
        interactive,
        conversation: None,
        caught_up: false,
        typed: HashSet::new(),
        unsettled: HashSet::new(),
        failed: 0,
        stored: Seq(0),
        delivered: Seq(0),
        read: Seq(0),
    };
    let done = chat.talk(events).await;
    client.close().await;
    done
}

struct Chat<'a> {
    context: &'a Context,
    me: Me,
    peer: Profile,
    names: Names,
    client: Client,
    editor: Editor,
    interactive: bool,
    /// Known once the server told about it.
    conversation: Option<ConversationId>,
    caught_up: bool,
    /// What was typed here; it stands on the screen already.
    typed: HashSet<ClientMessageId>,
    unsettled: HashSet<ClientMessageId>,
    failed: usize,
    /// The last of one's own messages that is stored, and how far the peer came.
    stored: Seq,
    delivered: Seq,
    read: Seq,
}

impl Chat<'_> {
    async fn talk(&mut self, mut events: Events) -> Result<(), Error> {
        if self.interactive {
            self.note(&format!(
                "Talking with {}. /help shows what can be typed.",
                plain(&self.peer.nickname)
            ))?;
        }
        let mut typing = true;
        while typing || !self.unsettled.is_empty() {
            tokio::select! {
                line = self.editor.line(), if typing => match line {
                    Some(line) => typing = self.typed(line?).await?,
                    None => typing = false,
                },
                event = events.next() => match event {
                    Some(event) => self.happened(event).await?,
                    None => return Err(ClientError::Stopped.into()),
                },
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    break;
                }
            }
        }
        match (self.failed, self.unsettled.len()) {
            (0, 0) => Ok(()),
            (failed, 0) => Err(Error::Failed(format!("{failed} message(s) were refused"))),
            (_, waiting) => Err(Error::Failed(format!(
                "{waiting} message(s) are not stored"
            ))),
        }
    }

    /// Takes a line. False to end.
    async fn typed(&mut self, line: String) -> Result<bool, Error> {
        let text = match line.trim() {
            "" => return Ok(true),
            "/quit" | "/q" if self.interactive => return Ok(false),
            "/help" if self.interactive => return self.note(HELP).map(|()| true),
            text if self.interactive && text.starts_with('/') => match text.strip_prefix("//") {
                Some(rest) => format!("/{rest}"),
                None => {
                    return self
                        .note(&format!("{text} is no command; /help shows them"))
                        .map(|()| true);
                }
            },
            _ => line,
        };
        let id = self.client.send(self.peer.user_id, text).await?;
        self.unsettled.insert(id);
        self.typed.insert(id);
        if self.interactive && !self.client.is_connected() {
            self.note("  … not connected; it is sent as soon as possible")?;
        }
        Ok(true)
    }

    async fn happened(&mut self, event: Event) -> Result<(), Error> {
        let Some(event) = self.context.common(&self.me, event)? else {
            return Ok(());
        };
        match event {
            Event::Conversation(state) if state.peer_id == self.peer.user_id => {
                self.conversation = Some(state.conversation_id);
                self.delivered = self.delivered.max(state.peer_delivered_seq);
                self.read = self.read.max(state.peer_read_seq);
                Ok(())
            }
            Event::CaughtUp => {
                self.caught_up = true;
                Ok(())
            }
            Event::EntryStored(entry) => self.stored(entry).await,
            Event::MessageAcknowledged(stored) => {
                self.unsettled.remove(&stored.client_message_id);
                self.conversation = Some(stored.conversation_id);
                self.stored = self.stored.max(stored.seq);
                self.mark("✓")
            }
            Event::MessageFailed {
                client_message_id,
                code,
            } => {
                self.unsettled.remove(&client_message_id);
                self.failed += 1;
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
            Event::Presence(event) if event.user_id == self.peer.user_id && self.interactive => {
                let state = if event.online {
                    "is online"
                } else {
                    "is offline"
                };
                self.note(&format!("· {} {state}", self.peer.username))
            }
            Event::Notification(word) => self.print(&format!(
                "! {}: {}",
                plain(&word.title),
                plain(&word.content)
            )),
            Event::Disconnected { reason, retry_in } => self.note(&format!(
                "· disconnected ({reason}); again in {:.1} s",
                retry_in.as_secs_f32()
            )),
            Event::Connected { node_id, transport } if self.interactive => {
                self.note(&format!("· connected to {node_id} over {transport}"))
            }
            _ => Ok(()),
        }
    }

    /// An entry of a log: of this conversation, or of another one.
    async fn stored(&mut self, entry: Entry) -> Result<(), Error> {
        let mine = entry.sender_id == self.me.login.user_id;
        let text = String::from_utf8_lossy(&entry.content).into_owned();
        if self.conversation != Some(entry.conversation_id) && entry.sender_id != self.peer.user_id
        {
            if self.caught_up && !mine && self.interactive {
                let name = self.names.of(entry.sender_id).await;
                return self.note(&format!("· {}: {}", plain(&name), plain(&text)));
            }
            return Ok(());
        }
        if !self.interactive {
            return if mine {
                Ok(())
            } else {
                self.print(&format!("{}: {}", self.peer.username, plain(&text)))
            };
        }
        if mine && self.typed.remove(&ClientMessageId(entry.client_message_id)) {
            return Ok(());
        }
        if !mine {
            self.client.read(entry.conversation_id, entry.seq).await?;
        }
        let name = self.names.of(entry.sender_id).await;
        self.print(
            &self
                .context
                .show
                .message(entry.created_at, &name, &text, mine),
        )
    }

    fn is_peer(&self, conversation: ConversationId, user: UserId) -> bool {
        self.conversation == Some(conversation) && user == self.peer.user_id
    }

    fn refused(&mut self, code: Code) -> Result<(), Error> {
        let line = format!("✗ not sent: {}", code.text());
        if self.interactive {
            return self.print(&self.context.show.warn(&line));
        }
        eprintln!("im: {line}");
        Ok(())
    }

    fn mark(&mut self, mark: &str) -> Result<(), Error> {
        if self.interactive {
            self.note(&format!("  {mark}"))
        } else {
            Ok(())
        }
    }

    /// About the talk and not of it: to standard error in a pipe.
    fn note(&mut self, text: &str) -> Result<(), Error> {
        if self.interactive {
            return self.print(&self.context.show.dim(text));
        }
        eprintln!("im: {text}");
        Ok(())
    }

    fn print(&mut self, line: &str) -> Result<(), Error> {
        self.editor.print(line)
    }
}
