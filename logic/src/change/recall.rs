//! Taking a message back ([C3]). It needs no voice and no friendship: what was said may be taken back after a quarrel.

use im_shared::wire::{Code, ConversationType, Role};

use super::{Decision, Facts, Target, check_member, target};
use crate::config::ChangesConfig;
use crate::group::{Action, permits};

/// Whether the actor may take the target back now.
///
/// # Errors
///
/// Why not.
pub fn decide(facts: &Facts, limits: &ChangesConfig) -> Result<Decision, Code> {
    check_member(facts)?;
    let target = target(facts)?;
    let is_own = target.sender == facts.actor.user;
    let by_role = by_role(facts, target);
    if !is_own {
        by_role?;
    }
    if target.recalled_seq.0 > 0 {
        return Ok(Decision::Already(target.recalled_seq));
    }
    if is_own && by_role.is_err() && target.is_older(limits.recall_within(), facts.now) {
        return Err(Code::RecallTooLate);
    }
    Ok(Decision::Append)
}

/// An admin recalls what members sent, the owner everything, and both at any time.
fn by_role(facts: &Facts, target: &Target) -> Result<(), Code> {
    if facts.room.kind != ConversationType::Group {
        return Err(Code::NotSender);
    }
    let role = facts.actor.role;
    if permits(role, Action::Recall, Some(target.sender_role)) {
        Ok(())
    } else if permits(role, Action::Recall, Some(Role::Member)) {
        Err(Code::NotPermitted)
    } else {
        Err(Code::NotSender)
    }
}
