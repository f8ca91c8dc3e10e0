//! What edits, recalls and reactions have in common: checked without the database, then decided, appended and told.
//!
//! | file | what it holds |
//! |---|---|
//! | `commit` | one transaction: what an earlier try made, what the rules ask about, the decisions, the entries |
//! | `tell` | the push, then the answers |
//!
//! Changes of one conversation take turns ([`Turns`]), and those that wait together share a transaction and a push. After each of these the
//! conversation stands at the end of the queue again, so that a storm in one conversation leaves the others their turns.

mod commit;
mod tell;

use std::pin::Pin;

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Code, EntryType};
use uuid::{Uuid, Variant};

use super::{Replies, Services};
use crate::caller::Caller;
use crate::change::reaction;
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::turns::Turns;

/// Changes that share a transaction. Each is a few look-ups under the lock of the conversation, for which messages wait.
const AT_ONCE: usize = 32;

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

/// A change that waits for its turn.
#[derive(Debug, Clone)]
pub struct Waiting {
    change: Change,
    caller: Caller,
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

/// Lets the change wait for its turn, or refuses it at once when it is malformed or there is no place.
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
    if change.conversation == ConversationId::WORLD {
        return admit(change, caller, services, replies);
    }
    for Waiting { caller, .. } in queue(Waiting { change, caller }, services) {
        replies.refuse(caller, Refusal::FULL);
    }
}

/// In the world chat each is pushed like a message, so it counts like one ([M9]).
fn admit(change: Change, caller: Caller, services: &Services, replies: &mut Replies) {
    if let Err(refusal) = services.world.admit_here(caller.user, 1) {
        return replies.refuse(caller, refusal);
    }
    let (own, asker) = (services.clone(), caller.clone());
    let started = services.changes.start(async move {
        let refused = match own.world.admit(asker.user, 1).await {
            Ok(()) => {
                let caller = asker.clone();
                let refused = queue(Waiting { change, caller }, &own);
                refused
                    .into_iter()
                    .map(|w| (w.caller, Refusal::FULL))
                    .collect()
            }
            Err(refusal) => vec![(asker, refusal)],
        };
        for (caller, refusal) in refused {
            own.publisher.reply(caller, Reply::Refused(refusal)).await;
        }
    });
    if started.is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}

/// Gives back what there is no place for.
fn queue(waiting: Waiting, services: &Services) -> Vec<Waiting> {
    let conversation = waiting.change.conversation;
    match services.turns.offer(conversation, waiting) {
        Ok(true) => match services.changes.start(turn(conversation, services.clone())) {
            Ok(()) => Vec::new(),
            Err(_) => services.turns.close(conversation),
        },
        Ok(false) => Vec::new(),
        Err(waiting) => {
            metrics::full("turns");
            vec![waiting]
        }
    }
}

/// Boxed, because it begins itself anew.
fn turn(
    conversation: ConversationId,
    services: Services,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        loop {
            let ending = Ending(&services.turns, conversation);
            let batch = services.turns.take(conversation, AT_ONCE);
            run(conversation, batch, &services).await;
            std::mem::forget(ending);
            if !services.turns.next(conversation) {
                return;
            }
            // Behind what waits in other conversations; at once where there is no place.
            let next = turn(conversation, services.clone());
            if services.changes.start(next).is_ok() {
                return;
            }
        }
    })
}

/// A turn that ends in a panic leaves the conversation to the next change. Who waited is not answered and asks again.
struct Ending<'a>(&'a Turns<Waiting>, ConversationId);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.close(self.1);
    }
}

async fn run(conversation: ConversationId, batch: Vec<Waiting>, services: &Services) {
    let refusal = match commit::all(conversation, &batch, services).await {
        Ok(committed) => return tell::all(conversation, batch, committed, services).await,
        Err(refusal) => refusal,
    };
    // One that PostgreSQL does not take must not stop those that came with it.
    if batch.len() > 1 && refusal.code == Code::Internal {
        for waiting in batch {
            Box::pin(run(conversation, vec![waiting], services)).await;
        }
        return;
    }
    tell::refused(batch, refusal, services).await;
}
