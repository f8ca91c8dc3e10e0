//! What may be said about a message after it was sent: who, how long, how often (PROTOCOL.md [C1] to [C4]). Pure.
//!
//! Each kind has one function that takes what was read under the lock of the conversation, the time of the database among it, and gives a
//! decision. Only what it decides to append becomes an entry.
//!
//! | file | what it holds |
//! |---|---|
//! | `edit` | new content |
//! | `recall` | taking back |
//! | `reaction` | adding a reaction, removing it |

pub mod edit;
pub mod reaction;
pub mod recall;

use std::time::{Duration, SystemTime};

use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Code, ConversationType, EntryType, Role};

use crate::bond::Bond;
use crate::group::{Action, permits};

/// What was read for a change, all of it under the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Where.
    pub room: Room,
    /// Who.
    pub actor: Actor,
    /// About what; none where the log has no such entry.
    pub target: Option<Target>,
    /// By the database's clock.
    pub now: SystemTime,
}

/// The conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What it is.
    pub kind: ConversationType,
    /// Private: the other one; else 0.
    pub peer: UserId,
    /// Private: what the two are to each other.
    pub bond: Bond,
    /// Group: only admins and the owner write.
    pub is_silenced: bool,
    /// Group: it has no members any more.
    pub is_dissolved: bool,
    /// Group: the entry that last changed the members.
    pub members_seq: Seq,
}

/// Who wants the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The user of the session.
    pub user: UserId,
    /// `None`: not a member, or not any more.
    pub role: Role,
    /// Entries up to here were before the actor's time.
    pub from: Seq,
    /// The actor may not write until then.
    pub silenced_until: SystemTime,
}

/// The entry that the change is about, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its position.
    pub seq: Seq,
    /// Who sent it.
    pub sender: UserId,
    /// The sender's role now; `None` where they have left.
    pub sender_role: Role,
    /// What it is.
    pub type_: EntryType,
    /// With the last edit.
    pub content: String,
    /// With the last edit.
    pub mentions: Vec<UserId>,
    /// When it was stored.
    pub created_at: SystemTime,
    /// Its last edit, or 0.
    pub edited_seq: Seq,
    /// Its recall, or 0.
    pub recalled_seq: Seq,
    /// How often it was edited.
    pub edits: usize,
}

/// What becomes of a change that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It becomes an entry.
    Append,
    /// It is so already, by this entry; 0: it never was otherwise. Nothing becomes an entry.
    Already(Seq),
}

impl Target {
    /// Whether it was stored longer ago than `within`.
    fn is_older(&self, within: Duration, now: SystemTime) -> bool {
        // A clock that stepped back makes nothing old.
        now.duration_since(self.created_at)
            .is_ok_and(|age| age > within)
    }
}

/// Whether the actor is in the conversation, and it is one in which users write ([C1]).
fn check_member(facts: &Facts) -> Result<(), Code> {
    if facts.room.kind == ConversationType::System {
        return Err(Code::ReadOnly);
    }
    if facts.room.is_dissolved {
        return Err(Code::GroupDissolved);
    }
    if facts.actor.role == Role::None {
        return Err(Code::NotMember);
    }
    Ok(())
}

/// Whether the actor may send a message now: who may not may neither edit nor react ([C1]).
fn check_writer(facts: &Facts) -> Result<(), Code> {
    check_member(facts)?;
    let Facts {
        room, actor, now, ..
    } = facts;
    if room.kind == ConversationType::Private {
        room.bond.check()?;
    }
    let is_silenced = actor.silenced_until > *now
        || (room.is_silenced && !permits(actor.role, Action::WriteSilenced, None));
    if room.kind == ConversationType::Group && is_silenced {
        return Err(Code::Silenced);
    }
    Ok(())
}

/// The message that is changed: one of the actor's time ([C1]).
fn target(facts: &Facts) -> Result<&Target, Code> {
    facts
        .target
        .as_ref()
        .filter(|target| target.type_.0 < 32 && target.seq > facts.actor.from)
        .ok_or(Code::TargetNotFound)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
