//! What edits, recalls and reactions have in common: checked without the database, then decided, appended and told.
//!
//! One transaction under the lock of the conversation, so that two workers never decide about the same thing at once:
//! lock, an earlier try with the same id, what the rules ask about, the decision, the entry, commit; then the push, then the answer.

use bytes::Bytes;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    AckResult, Code, ConversationType, Entry, EntryType, Frame, MessageAck, encode,
};
use uuid::{Uuid, Variant};

use super::{Replies, Services};
use crate::caller::Caller;
use crate::change::{Decision, Facts, Room, edit, reaction, recall};
use crate::config::ChangesConfig;
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::reach::{Reach, Told};
use crate::routing::Answer;
use crate::store::{Locked, NewEntry, StoreError};

/// A change that is well-formed.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// Where.
    pub(super) conversation: ConversationId,
    /// About which message.
    pub(super) target: Seq,
    /// Of the entry that it becomes.
    pub(super) client_message_id: Uuid,
    /// What.
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Edit {
        content: String,
        mentions: Vec<UserId>,
    },
    Recall,
    Reaction {
        reaction: String,
        remove: bool,
    },
}

impl Kind {
    const fn entry_type(&self) -> EntryType {
        match self {
            Self::Edit { .. } => EntryType::Edit,
            Self::Recall => EntryType::Recall,
            Self::Reaction { .. } => EntryType::Reaction,
        }
    }

    fn content(&self) -> String {
        match self {
            Self::Edit { content, .. } => content.clone(),
            Self::Recall => String::new(),
            Self::Reaction { reaction, remove } => reaction::content(reaction, *remove),
        }
    }

    fn mentions(&self) -> &[UserId] {
        match self {
            Self::Edit { mentions, .. } => mentions,
            Self::Recall | Self::Reaction { .. } => &[],
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "edit",
            Self::Recall => "recall",
            Self::Reaction { .. } => "reaction",
        }
    }
}

/// Why a change came to nothing.
enum Failure {
    /// A rule refuses it; the transaction is sound.
    Refused(Code),
    /// A statement failed.
    Store(StoreError),
    /// There is no id for the entry.
    NoId,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::Refused(code)
    }
}

/// What a change came to.
enum Outcome {
    /// An entry, of this try or an earlier one; the members are told.
    Entry(Entry, Reach),
    /// It was so already, by this entry.
    Already(Option<Entry>),
}

/// Whether a request names what every change names.
///
/// # Errors
///
/// Why not.
pub(super) fn check(conversation: ConversationId, id: Uuid) -> Result<(), Code> {
    if !conversation.is_some() {
        return Err(Code::InvalidArgument);
    }
    if id.get_version_num() != 7 || id.get_variant() != Variant::RFC4122 {
        return Err(Code::MessageIdInvalid);
    }
    Ok(())
}

/// Makes the change aside, or refuses it at once when it is malformed or there is no place.
pub(super) fn start(
    change: Result<Change, Code>,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let change = match change {
        Ok(change) => change,
        Err(code) => return replies.refuse(caller, Refusal::because(code)),
    };
    // Each is pushed like a message, so it counts like one ([M9]).
    if change.conversation == ConversationId::WORLD
        && let Err(refusal) = services.world.admit_here(caller.user, 1)
    {
        return replies.refuse(caller, refusal);
    }
    let (own, asker) = (services.clone(), caller.clone());
    let started = services.changes.start(async move {
        let fate = match run(&change, &asker, &own).await {
            Ok(outcome) => answer(&change, outcome, asker, &own).await,
            Err(refusal) => {
                own.publisher.reply(asker, Reply::Refused(refusal)).await;
                "refused"
            }
        };
        metrics::changed(change.kind.name(), fate);
    });
    if started.is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}

async fn run(change: &Change, caller: &Caller, services: &Services) -> Result<Outcome, Refusal> {
    // Nobody holds the lock of a conversation that is not theirs.
    services
        .directory
        .view(caller.user, change.conversation)
        .await?;
    if change.conversation == ConversationId::WORLD {
        services.world.admit(caller.user, 1).await?;
    }
    let failed = |error: StoreError| error.refusal("a change of a message");
    let mut locked = services
        .store
        .lock(change.conversation)
        .await
        .map_err(failed)?;
    match decide(change, caller.user, services, &mut locked).await {
        Ok(outcome @ Outcome::Entry(..)) => {
            locked.commit().await.map_err(failed)?;
            Ok(outcome)
        }
        Ok(outcome) => {
            locked.release().await.map_err(failed)?;
            Ok(outcome)
        }
        Err(Failure::Refused(code)) => {
            locked.release().await.map_err(failed)?;
            Err(Refusal::because(code))
        }
        // The connection goes with the transaction.
        Err(Failure::Store(error)) => Err(failed(error)),
        Err(Failure::NoId) => Err(Refusal::UNAVAILABLE),
    }
}

/// Under the lock: an earlier try, or the rules, or a new entry.
async fn decide(
    change: &Change,
    user: UserId,
    services: &Services,
    locked: &mut Locked,
) -> Result<Outcome, Failure> {
    let stored = locked.stored(user, change.client_message_id).await?;
    let facts = locked.facts(user, change.target).await?;
    let facts = facts.ok_or(Code::ConversationNotFound)?;
    let reach = reach(change.conversation, &facts.room, user);
    if let Some(stored) = stored {
        if !is_same(change, &stored) {
            return Err(Code::MessageConflict.into());
        }
        // What an edit said may have been recalled since: it is told as it is now.
        let now = locked.at(stored.seq).await?.unwrap_or(stored);
        return Ok(Outcome::Entry(now, reach));
    }
    match rule(change, &facts, locked, &services.limits).await? {
        Decision::Already(Seq(0)) => Ok(Outcome::Already(None)),
        Decision::Already(seq) => Ok(Outcome::Already(locked.at(seq).await?)),
        Decision::Append => {
            let id = services.ids.next().map_err(|error| {
                tracing::warn!(%error, "no id for a change");
                Failure::NoId
            })?;
            let new = NewEntry {
                id: MessageId(id),
                sender: user,
                client_message_id: change.client_message_id,
                type_: change.kind.entry_type(),
                content: change.kind.content(),
                target: change.target,
                mentions: change.kind.mentions().to_vec(),
            };
            Ok(Outcome::Entry(locked.append(new).await?, reach))
        }
    }
}

async fn rule(
    change: &Change,
    facts: &Facts,
    locked: &Locked,
    limits: &ChangesConfig,
) -> Result<Decision, Failure> {
    let decision = match &change.kind {
        Kind::Edit { content, mentions } => edit::decide(facts, content, mentions, limits),
        Kind::Recall => recall::decide(facts, limits),
        Kind::Reaction { reaction, remove } => {
            let own = locked
                .own_reactions(facts.actor.user, change.target)
                .await?;
            reaction::decide(facts, &own, reaction, *remove, limits)
        }
    };
    Ok(decision?)
}

/// Whether the entry of an earlier try says the same ([M4]).
fn is_same(change: &Change, stored: &Entry) -> bool {
    stored.type_ == change.kind.entry_type()
        && stored.target_seq == change.target
        && stored.content == Bytes::from(change.kind.content())
        && stored.mentions == change.kind.mentions()
}

fn reach(conversation: ConversationId, room: &Room, user: UserId) -> Reach {
    match room.kind {
        _ if conversation == ConversationId::WORLD => Reach::World,
        ConversationType::Group => Reach::Group {
            members_seq: room.members_seq,
            also: Vec::new(),
        },
        _ => Reach::Users(vec![room.peer, user]),
    }
}

/// The push first, then the answer ([M2]). Gives what became of the change.
async fn answer(
    change: &Change,
    outcome: Outcome,
    caller: Caller,
    services: &Services,
) -> &'static str {
    let (entry, reach) = match outcome {
        Outcome::Entry(entry, reach) => (Some(entry), Some(reach)),
        Outcome::Already(entry) => (entry, None),
    };
    let result = AckResult {
        client_message_id: change.client_message_id,
        code: Code::Ok,
        message_id: entry
            .as_ref()
            .map_or(MessageId(0), |entry| entry.message_id),
        seq: entry.as_ref().map_or(Seq(0), |entry| entry.seq),
        message_index: entry.as_ref().map_or(0, |entry| entry.message_index),
        created_at: entry.as_ref().map_or(0, |entry| entry.created_at),
    };
    let ack = Frame::reply(
        caller.request_id,
        MessageAck {
            conversation_id: change.conversation,
            results: vec![result],
        },
    );
    let (Some(entry), Some(reach)) = (entry, reach) else {
        services.publisher.reply(caller, Reply::Live(ack)).await;
        return "already";
    };
    if change.conversation == ConversationId::WORLD {
        services.world.learn(entry.seq);
    }
    let told = Told {
        conversation: change.conversation,
        reach,
        entries: vec![entry],
        except: caller.session(),
    };
    let answer = Answer {
        caller,
        frame: encode(&ack),
        bulk: false,
    };
    services.fanout.tell(told, vec![answer]).await;
    "stored"
}
