//! What people see of a log: its messages with edits, recalls and reactions folded in [E6, E7]. Pure.
//!
//! The result does not depend on the order in which entries come, nor on how often, nor on whether the server gave a message as it was sent
//! or as it was when it was read: a recall wins for ever, else the edit with the highest seq, and of a user and a reaction the last word.
//! Whoever holds a stretch of the log up to its tip therefore sees the same as everybody else: a change comes after what it is about.

use std::collections::{BTreeMap, BTreeSet};

use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Entry, EntryType};

/// The messages of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fold {
    items: BTreeMap<Seq, Item>,
}

/// One message, or what was said about one that has not come yet: it lies before what the client holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Item {
    entry: Option<Entry>,
    /// The last edit.
    edit: Option<Entry>,
    recalled: Seq,
    /// By reaction and user: the last word, and whether it adds.
    reactions: BTreeMap<(String, UserId), (Seq, bool)>,
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// With the content and the mentions of its last edit; a recalled one has neither.
    pub entry: Entry,
    /// Who reacted with what.
    pub reactions: BTreeMap<String, BTreeSet<UserId>>,
}

impl Fold {
    /// Takes an entry of the conversation. Gives the message that it is or is about.
    pub fn apply(&mut self, entry: &Entry) -> Seq {
        let about = match entry.type_ {
            EntryType::Edit | EntryType::Recall | EntryType::Reaction => entry.target_seq,
            _ => entry.seq,
        };
        let item = self.items.entry(about).or_default();
        match entry.type_ {
            EntryType::Edit => item.edit(entry),
            EntryType::Recall => item.recall(entry.seq),
            EntryType::Reaction => item.react(entry),
            _ => item.found(entry),
        }
        about
    }

    /// The message at `seq`, as it is now; none where there is none yet.
    #[must_use]
    pub fn message(&self, seq: Seq) -> Option<Shown> {
        self.items.get(&seq)?.shown()
    }

    /// All messages, oldest first: also who came and went, and whatever else is no change of a message.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = Shown> + '_ {
        self.items.values().filter_map(Item::shown)
    }
}

impl Item {
    fn found(&mut self, entry: &Entry) {
        self.recall(entry.recalled_seq);
        // Of what is the same message twice, the one that was read later knows more.
        let is_newer = |held: &Entry| held.edited_seq < entry.edited_seq;
        if self.entry.as_ref().is_none_or(is_newer) {
            self.entry = Some(entry.clone());
        }
        self.forget_recalled();
    }

    fn edit(&mut self, entry: &Entry) {
        // An edit that came without its content says why.
        self.recall(entry.recalled_seq);
        if self.edit.as_ref().is_none_or(|last| last.seq < entry.seq) {
            self.edit = Some(entry.clone());
        }
        self.forget_recalled();
    }

    fn recall(&mut self, seq: Seq) {
        self.recalled = self.recalled.max(seq);
        self.forget_recalled();
    }

    fn react(&mut self, entry: &Entry) {
        let Ok(content) = std::str::from_utf8(&entry.content) else {
            return;
        };
        let (reaction, adds) = match (content.strip_prefix('+'), content.strip_prefix('-')) {
            (Some(added), _) => (added, true),
            (_, Some(removed)) => (removed, false),
            _ => return,
        };
        let key = (reaction.to_owned(), entry.sender_id);
        let last = self.reactions.entry(key).or_insert((entry.seq, adds));
        if last.0 < entry.seq {
            *last = (entry.seq, adds);
        }
        self.forget_recalled();
    }

    /// What was taken back is not kept either.
    fn forget_recalled(&mut self) {
        if self.recalled == Seq(0) {
            return;
        }
        self.edit = None;
        self.reactions.clear();
        if let Some(entry) = &mut self.entry {
            entry.content.clear();
            entry.mentions.clear();
            entry.edited_seq = Seq(0);
            entry.recalled_seq = self.recalled;
        }
    }

    fn shown(&self) -> Option<Shown> {
        let mut entry = self.entry.clone()?;
        if let Some(edit) = &self.edit
            && edit.seq > entry.edited_seq
        {
            entry.content = edit.content.clone();
            entry.mentions.clone_from(&edit.mentions);
            entry.edited_seq = edit.seq;
        }
        let mut reactions: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
        for ((reaction, user), (_, is_there)) in &self.reactions {
            if *is_there {
                reactions.entry(reaction.clone()).or_default().insert(*user);
            }
        }
        Some(Shown { entry, reactions })
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
