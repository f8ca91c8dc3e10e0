//! What people see of a conversation, in a form that is the same whoever looks: a device by its log, REST, or a fresh fetch.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use im_client::Fold;
use im_client::api::Api;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Entry, EntryType};

/// Messages of a page of REST.
const PAGE: u32 = 100;

/// One message as it is now, or another entry of the log that is no change of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place.
    pub seq: Seq,
    /// Who made it.
    pub sender: UserId,
    /// What it is.
    pub kind: EntryType,
    /// The content as it is now; empty of what was taken back.
    pub text: String,
    /// The message that it answers.
    pub answers: Seq,
    /// Who is called by name.
    pub mentions: Vec<UserId>,
    /// Its last edit.
    pub edited: Seq,
    /// By which it was taken back.
    pub recalled: Seq,
    /// Who reacted with what.
    pub reactions: BTreeMap<String, BTreeSet<UserId>>,
}

/// What these entries of one conversation come to.
#[must_use]
pub fn folded(entries: &[Entry]) -> Vec<Line> {
    let mut fold = Fold::default();
    for entry in entries {
        fold.apply(entry);
    }
    let line = |shown: im_client::Shown| Line {
        seq: shown.entry.seq,
        sender: shown.entry.sender_id,
        kind: shown.entry.type_,
        text: String::from_utf8_lossy(&shown.entry.content).into_owned(),
        answers: shown.entry.target_seq,
        mentions: shown.entry.mentions,
        edited: shown.entry.edited_seq,
        recalled: shown.entry.recalled_seq,
        reactions: shown.reactions,
    };
    fold.messages().map(line).collect()
}

/// What REST says of a whole conversation. The reactions that it counts are those of the log.
///
/// # Errors
/// When it refuses, or contradicts itself.
pub async fn by_rest(api: &Api, conversation: ConversationId) -> Result<Vec<Line>> {
    let mut messages = Vec::new();
    let mut before = Seq(0);
    loop {
        let mut page = api.messages(conversation, before, PAGE).await?;
        let more = page.more;
        before = page.messages.first().map_or(before, |first| Seq(first.seq));
        page.messages.append(&mut messages);
        messages = page.messages;
        if !more {
            break;
        }
    }
    let entries: Vec<Entry> = messages
        .iter()
        .map(im_client::api::Message::entry)
        .collect();
    let lines = folded(&entries);
    for line in &lines {
        let counted = messages.iter().find(|message| message.seq == line.seq.0);
        let counted: BTreeMap<&str, usize> = counted
            .iter()
            .flat_map(|message| &message.reactions)
            .map(|one| {
                (
                    one.reaction.as_str(),
                    usize::try_from(one.count).unwrap_or_default(),
                )
            })
            .collect();
        let held: BTreeMap<&str, usize> = line
            .reactions
            .iter()
            .map(|(reaction, users)| (reaction.as_str(), users.len()))
            .collect();
        ensure!(counted == held, "REST counts {counted:?} at {line:?}");
    }
    Ok(lines)
}
