//! Talking with one person, in a group or with everybody: an editor at a terminal, lines in a pipe.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod` | the talk: its lines and its end |
//! | `input` | what can be typed; pure |
//! | `callable` | who can be called by name; pure |
//! | `happening` | what is shown of what happens |

mod callable;
mod happening;
mod input;

use std::collections::{HashMap, HashSet};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use im_client::api::ConversationKind;
use im_client::{
    Backlog, Client, ClientError, ClientMessageId, Events, Fold, Message, Reaction, Target,
};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationState, Entry};

use crate::cli;
use crate::context::{Context, Me};
use crate::editor::{Editor, Typed};
use crate::error::Error;
use crate::names::Names;
use crate::place::Place;
use crate::receipts::Reached;

pub(crate) use callable::Callable;
use input::{HELP, Input};

/// Typing is told this often at most; the server passes on no more either.
const TYPING: Duration = Duration::from_secs(2);

/// How the talk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// At a terminal.
    Interactive,
    /// Each line of a pipe is a message.
    Piped,
    /// The same with commands, and with the numbers of what is stored.
    Commands,
}

/// What was typed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// A message: it gets a number of its own.
    Message,
    /// A change of one.
    Change,
}

pub(crate) async fn run(context: &Context, command: cli::Chat) -> Result<(), Error> {
    let at_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mode = match (at_terminal, command.commands) {
        (true, _) => Mode::Interactive,
        (false, true) => Mode::Commands,
        (false, false) => Mode::Piped,
    };
    let me = context.me().await?;
    let place = Place::find(&me.api, &command.peer).await?;
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    let callable = Callable::default();
    learn_members(&me, &place, &mut names, &callable).await;
    let backlog = match mode {
        Mode::Interactive => command.backlog,
        Mode::Piped | Mode::Commands => 0,
    };
    let (client, events) = context.connect(&me, Backlog::Last(backlog));
    if place.kind == ConversationKind::World {
        client.follow(ConversationId::WORLD).await?;
    }
    let editor = match mode {
        Mode::Interactive => Editor::interactive(format!("{} > ", place.title), callable.clone())?,
        Mode::Piped | Mode::Commands => Editor::piped(),
    };
    let mut chat = Chat {
        context,
        user: me.login.user_id,
        me,
        place,
        names,
        callable,
        client: client.clone(),
        editor,
        mode,
        states: HashMap::new(),
        unplaced: Vec::new(),
        backlog: Fold::default(),
        caught_up: false,
        typed: HashMap::new(),
        unsettled: HashSet::new(),
        asked: FuturesUnordered::new(),
        failed: 0,
        told_typing: None,
        typing: HashMap::new(),
        stored: Seq(0),
        delivered: Seq(0),
        read: Seq(0),
    };
    let done = chat.talk(events).await;
    client.close().await;
    done
}

/// Who can be called: the peer, or members of the group. Without them one only misses the completion.
async fn learn_members(me: &Me, place: &Place, names: &mut Names, callable: &Callable) {
    if let Some(peer) = &place.peer {
        names.know(peer);
        callable.add(&peer.username, peer.user_id);
    }
    let (ConversationKind::Group, Some(group)) = (place.kind, place.id) else {
        return;
    };
    match me.api.members_page(group, None).await {
        Ok((members, _)) => {
            for member in members.iter().filter(|one| one.user_id != me.login.user_id) {
                names.know(&member.profile);
                callable.add(&member.profile.username, member.user_id);
                callable.add(&names.known(member.user_id), member.user_id);
            }
        }
        Err(error) => tracing::debug!(%error, "names are not completed"),
    }
}

struct Chat<'a> {
    context: &'a Context,
    me: Me,
    user: UserId,
    place: Place,
    names: Names,
    callable: Callable,
    client: Client,
    editor: Editor,
    mode: Mode,
    /// What the server told of each conversation.
    states: HashMap<ConversationId, ConversationState>,
    /// Entries of conversations that it has not told of yet.
    unplaced: Vec<Entry>,
    /// What was said before, until all of it is there.
    backlog: Fold,
    caught_up: bool,
    /// What was typed here; it stands on the screen already.
    typed: HashMap<ClientMessageId, Sent>,
    unsettled: HashSet<ClientMessageId>,
    /// Questions that the server has not answered yet.
    asked: FuturesUnordered<BoxFuture<'static, (Seq, Result<Reached, ClientError>)>>,
    /// Lines of a pipe that were refused: its exit code says so.
    failed: usize,
    /// When the others were last told that one is typing.
    told_typing: Option<Instant>,
    /// Who is typing, and when that was shown.
    typing: HashMap<UserId, Instant>,
    /// The last of one's own messages that is stored, and how far the peer came.
    stored: Seq,
    delivered: Seq,
    read: Seq,
}

impl Chat<'_> {
    async fn talk(&mut self, mut events: Events) -> Result<(), Error> {
        if self.mode == Mode::Interactive {
            let where_ = match self.place.kind {
                ConversationKind::Private => "with",
                _ => "in",
            };
            let title = self.place.title.clone();
            self.note(&format!(
                "Talking {where_} {title}. /help shows what can be typed."
            ))?;
        }
        let mut typing = true;
        while typing || !self.unsettled.is_empty() || !self.asked.is_empty() {
            // Commands of a pipe are about what is there: first it has to be.
            let may_type = typing && (self.caught_up || self.mode != Mode::Commands);
            tokio::select! {
                typed = self.editor.next(), if may_type => match typed {
                    Typed::Line(line) => typing = self.typed(line?).await?,
                    Typed::Key => self.tell_typing().await?,
                    Typed::End => typing = false,
                },
                Some((seq, reached)) = self.asked.next(), if !self.asked.is_empty() => self.reached(seq, reached).await?,
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
            (failed, 0) => Err(Error::Failed(format!("{failed} line(s) were refused"))),
            (_, waiting) => Err(Error::Failed(format!("{waiting} line(s) are not stored"))),
        }
    }

    /// Takes a line. False to end.
    async fn typed(&mut self, line: String) -> Result<bool, Error> {
        let input = match self.mode {
            Mode::Piped if line.trim().is_empty() => Input::Nothing,
            Mode::Piped => Input::Text(line),
            Mode::Interactive | Mode::Commands => input::parse(&line),
        };
        match input {
            Input::Nothing => {}
            Input::Quit => return Ok(false),
            Input::Help => self.note(HELP)?,
            Input::Wrong(why) => self.wrong(&why)?,
            Input::Text(text) => {
                self.say(self.with_calls(Message::text(text.clone()), &text))
                    .await?
            }
            Input::Reply(seq, text) => {
                let message = self.with_calls(Message::text(text.clone()), &text);
                self.say(message.reply_to(seq)).await?;
            }
            Input::Custom(custom) => self.say(Message::custom(&custom)).await?,
            Input::Edit(seq, text) => {
                let edit = self.with_calls(Message::edit(seq, text.clone()), &text);
                self.change(edit).await?;
            }
            Input::Recall(seq) => self.change(Message::recall(seq)).await?,
            Input::React(seq, reaction, change) => self.react(seq, &reaction, change).await?,
            Input::Who(seq) => self.ask_who(seq)?,
        }
        Ok(true)
    }

    /// The message, calling whom its text calls.
    fn with_calls(&self, message: Message, text: &str) -> Message {
        match self.mode {
            Mode::Piped => message,
            Mode::Interactive | Mode::Commands => message.mention(self.callable.called(text)),
        }
    }

    async fn react(&mut self, seq: Seq, reaction: &str, change: Reaction) -> Result<(), Error> {
        self.change(Message::reaction(seq, reaction, change)).await
    }

    async fn say(&mut self, message: Message) -> Result<(), Error> {
        let target = match (self.place.id, &self.place.peer) {
            (_, Some(peer)) => Target::Peer(peer.user_id),
            (id, None) => Target::Conversation(id.unwrap_or_default()),
        };
        self.send(target, message, Sent::Message).await
    }

    async fn change(&mut self, change: Message) -> Result<(), Error> {
        match self.place.id {
            Some(id) => {
                self.send(Target::Conversation(id), change, Sent::Change)
                    .await
            }
            None => self.wrong("nothing was said here yet"),
        }
    }

    async fn send(&mut self, to: Target, message: Message, sent: Sent) -> Result<(), Error> {
        let id = self.client.post(to, message).await?;
        self.unsettled.insert(id);
        self.typed.insert(id, sent);
        if self.mode == Mode::Interactive && !self.client.is_connected() {
            self.note("  … not connected; it is sent as soon as possible")?;
        }
        Ok(())
    }

    fn ask_who(&mut self, seq: Seq) -> Result<(), Error> {
        let Some(id) = self.place.id else {
            return self.wrong("nothing was said here yet");
        };
        let client = self.client.clone();
        self.asked.push(Box::pin(async move {
            let answer = client.receipts(id, seq, UserId(0), 200).await;
            (seq, answer.map(Reached::from))
        }));
        Ok(())
    }

    async fn reached(
        &mut self,
        seq: Seq,
        reached: Result<Reached, ClientError>,
    ) -> Result<(), Error> {
        let reached = match reached {
            Ok(reached) => reached,
            Err(error) => return self.wrong(&error.to_string()),
        };
        self.names.learn(&reached.people()).await;
        for line in reached.lines(seq, &|user| self.names.known(user)) {
            self.editor.print(&line)?;
        }
        Ok(())
    }

    /// Tells the others that one is typing, where somebody sees it.
    async fn tell_typing(&mut self) -> Result<(), Error> {
        let is_seen = matches!(
            self.place.kind,
            ConversationKind::Private | ConversationKind::Group
        );
        let is_told = self.told_typing.is_some_and(|at| at.elapsed() < TYPING);
        if let (Some(id), true, false) = (self.place.id, is_seen, is_told) {
            self.told_typing = Some(Instant::now());
            self.client.typing(id).await?;
        }
        Ok(())
    }

    /// A line that is not sent. A script learns it by the exit code, too.
    fn wrong(&mut self, why: &str) -> Result<(), Error> {
        if self.mode != Mode::Interactive {
            self.failed += 1;
        }
        self.note(why)
    }

    /// About the talk and not of it: to standard error in a pipe.
    fn note(&mut self, text: &str) -> Result<(), Error> {
        if self.mode == Mode::Interactive {
            return self.editor.print(&self.context.show.dim(text));
        }
        eprintln!("im: {text}");
        Ok(())
    }
}
