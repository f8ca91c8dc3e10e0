//! One transaction under the lock of the conversation, so that no two workers ever decide about the same thing at once.

use im_shared::ids::{ConversationId, MessageId, UserId};
use im_shared::wire::{Code, ConversationType, Entry};

use super::{Change, Kind, Waiting};
use crate::change::{Decision, Facts, Room, edit, reaction, recall};
use crate::command::Services;
use crate::config::ChangesConfig;
use crate::pending::Refusal;
use crate::reach::Reach;
use crate::store::{Locked, NewEntry, StoreError};

/// What a change came to.
pub(super) enum Outcome {
    /// An entry, of this try or an earlier one: the members are told.
    Entry(Entry),
    /// It was so already, by this entry.
    Already(Option<Entry>),
}

/// What a batch came to.
pub(super) struct Committed {
    /// Of each change, in order.
    pub(super) outcomes: Vec<Result<Outcome, Code>>,
    /// Who is told of the entries; none where there are none.
    pub(super) reach: Option<Reach>,
}

/// Why a change came to nothing.
enum Failure {
    /// A rule refuses it; the transaction is sound.
    Rule(Code),
    /// A statement failed, and the transaction with it.
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
        Self::Rule(code)
    }
}

/// Decides about all of `batch`, in order, and makes what becomes an entry durable.
///
/// # Errors
///
/// Nothing is stored, or it is not known whether it is: the same request finds out.
pub(super) async fn all(
    conversation: ConversationId,
    batch: &[Waiting],
    services: &Services,
) -> Result<Committed, Refusal> {
    let failed = |error: StoreError| error.refusal("a change of a message");
    let mut locked = services.store.lock(conversation).await.map_err(failed)?;
    let before = locked.tip().seq;
    let mut committed = Committed {
        outcomes: Vec::with_capacity(batch.len()),
        reach: None,
    };
    for waiting in batch {
        let decided = decide(waiting, services, &mut locked).await;
        committed.outcomes.push(match decided {
            Ok((outcome, reach)) => {
                if matches!(outcome, Outcome::Entry(_)) {
                    committed.reach = Some(reach);
                }
                Ok(outcome)
            }
            Err(Failure::Rule(code)) => Err(code),
            // The connection goes with the transaction.
            Err(Failure::Store(error)) => return Err(failed(error)),
            Err(Failure::NoId) => return Err(Refusal::UNAVAILABLE),
        });
    }
    let ended = if locked.tip().seq > before {
        locked.commit().await
    } else {
        locked.release().await
    };
    ended.map_err(failed)?;
    Ok(committed)
}

/// Under the lock: an earlier try, or the rules, or a new entry.
async fn decide(
    Waiting { change, caller }: &Waiting,
    services: &Services,
    locked: &mut Locked,
) -> Result<(Outcome, Reach), Failure> {
    let user = caller.user;
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
        return Ok((Outcome::Entry(now), reach));
    }
    let outcome = match rule(change, &facts, locked, &services.limits).await? {
        Decision::Already(seq) if seq.0 == 0 => Outcome::Already(None),
        Decision::Already(seq) => Outcome::Already(locked.at(seq).await?),
        Decision::Append => {
            let id = services.id().map_err(|_| Failure::NoId)?;
            let new = NewEntry {
                id: MessageId(id),
                sender: user,
                client_message_id: change.client_message_id,
                type_: change.kind.entry_type(),
                content: change.kind.content(),
                target: change.target,
                mentions: change.kind.mentions().to_vec(),
            };
            Outcome::Entry(locked.append(new).await?)
        }
    };
    Ok((outcome, reach))
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
        && stored.content == change.kind.content().as_bytes()
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
