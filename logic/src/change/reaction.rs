//! Adding a reaction to a message, and removing it ([C4]).

use std::collections::BTreeMap;

use im_shared::ids::Seq;
use im_shared::wire::{Code, limits};

use super::{Decision, Facts, check_writer, target};
use crate::config::ChangesConfig;

/// How often a user may add reactions to one message, removed ones included, as a multiple of `max_reactions`: all of them are read with
/// each change.
const TURNS: usize = 10;

/// A reaction that can be one: 1 to 32 bytes without white space and control characters.
///
/// # Errors
///
/// `ReactionInvalid`.
pub fn check(reaction: &str) -> Result<(), Code> {
    let is_illegal = |character: char| character.is_whitespace() || character.is_control();
    if !(1..=limits::MAX_REACTION).contains(&reaction.len()) || reaction.contains(is_illegal) {
        return Err(Code::ReactionInvalid);
    }
    Ok(())
}

/// The content of the entry: the reaction with its sign before it.
#[must_use]
pub fn content(reaction: &str, remove: bool) -> String {
    format!("{}{reaction}", if remove { '-' } else { '+' })
}

/// Whether the actor may add `reaction` to the target now, or remove it. `own` is what the actor said so about the target, in its order:
/// seq and content of each entry.
///
/// # Errors
///
/// Why not.
pub fn decide(
    facts: &Facts,
    own: &[(Seq, String)],
    reaction: &str,
    remove: bool,
    limits: &ChangesConfig,
) -> Result<Decision, Code> {
    check_writer(facts)?;
    if target(facts)?.recalled_seq.0 > 0 {
        return Err(Code::TargetRecalled);
    }
    let mut last: BTreeMap<&str, (Seq, bool)> = BTreeMap::new();
    for (seq, content) in own {
        if let Some(added) = content.strip_prefix('+') {
            last.insert(added, (*seq, true));
        } else if let Some(removed) = content.strip_prefix('-') {
            last.insert(removed, (*seq, false));
        }
    }
    let (seq, is_there) = last.get(reaction).copied().unwrap_or((Seq(0), false));
    if is_there != remove {
        return Ok(Decision::Already(seq));
    }
    if !remove {
        let there = last.values().filter(|(_, is_there)| *is_there).count();
        let added = own
            .iter()
            .filter(|(_, content)| content.starts_with('+'))
            .count();
        if there >= limits.max_reactions || added >= TURNS * limits.max_reactions {
            return Err(Code::TooManyReactions);
        }
    }
    Ok(Decision::Append)
}
