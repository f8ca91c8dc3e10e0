//! New content for an own message ([C2]).

use im_shared::ids::UserId;
use im_shared::wire::{Code, EntryType, Role};

use super::{Decision, Facts, check_writer, target};
use crate::config::ChangesConfig;

/// Stands for everybody.
const EVERYBODY: UserId = UserId(0);

/// Whether the actor may give the target this content and these mentions now.
///
/// # Errors
///
/// Why not.
pub fn decide(
    facts: &Facts,
    content: &str,
    mentions: &[UserId],
    limits: &ChangesConfig,
) -> Result<Decision, Code> {
    check_writer(facts)?;
    let target = target(facts)?;
    if target.sender != facts.actor.user {
        return Err(Code::NotSender);
    }
    if target.recalled_seq.0 > 0 {
        return Err(Code::TargetRecalled);
    }
    if target.type_ != EntryType::Text {
        return Err(Code::MessageTypeInvalid);
    }
    // Admins and the owner are in groups only.
    if mentions.contains(&EVERYBODY) && facts.actor.role.0 < Role::Admin.0 {
        return Err(Code::MentionInvalid);
    }
    if target.content == content && target.mentions == mentions {
        let present = if target.edited_seq.0 > 0 {
            target.edited_seq
        } else {
            target.seq
        };
        return Ok(Decision::Already(present));
    }
    if target.is_older(limits.edit_within(), facts.now) {
        return Err(Code::EditTooLate);
    }
    if target.edits >= limits.max_edits {
        return Err(Code::EditTooOften);
    }
    Ok(Decision::Append)
}
