//! What fits into one `SyncResponse` ([R4]). Pure.

use std::collections::HashMap;

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{ConversationState, Cursor, Entry, limits};

use crate::parcel::ENTRY_OVERHEAD;
use crate::store::{Place, Span};

/// A state beside its last entry and its strings, in bytes: fields, vtable, offsets and padding, rounded up.
const STATE_OVERHEAD: usize = 352;

/// The frame and its body are tables too.
const ROOT_TABLES: usize = 2;

/// Bytes and tables that are left.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    bytes: usize,
    tables: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: limits::SYNC_PAGE_BYTES,
            tables: limits::MAX_TABLES - ROOT_TABLES,
        }
    }
}

impl Budget {
    fn take(&mut self, bytes: usize, tables: usize) -> bool {
        if bytes > self.bytes || tables > self.tables {
            return false;
        }
        self.bytes -= bytes;
        self.tables -= tables;
        true
    }

    /// Takes an entry if it fits.
    pub fn entry(&mut self, entry: &Entry) -> bool {
        self.take(size(entry), 1)
    }

    fn state(&mut self, state: &ConversationState) -> bool {
        let last = state.last.as_ref().map_or(0, size);
        let strings = state.name.len() + state.avatar.len() + state.draft.len();
        self.take(
            STATE_OVERHEAD + strings + last,
            1 + usize::from(state.last.is_some()),
        )
    }
}

/// Bytes of an entry on the wire, at most.
fn size(entry: &Entry) -> usize {
    ENTRY_OVERHEAD + entry.content.len() + size_of::<u64>() * entry.mentions.len()
}

/// Keeps the states that fit a page of `limit`, and gives the place that the next page comes after; none after the last one. `states` holds
/// one more than the limit when there are more.
pub fn cut_states(
    states: &mut Vec<ConversationState>,
    limit: usize,
    budget: &mut Budget,
) -> Option<Place> {
    let fitting = states
        .iter()
        .take(limit)
        .take_while(|state| budget.state(state))
        .count();
    if fitting == states.len() {
        return None;
    }
    states.truncate(fitting);
    states.last().map(|last| Place {
        activity: last.activity,
        conversation: last.conversation_id,
    })
}

/// One cursor per conversation, in the order in which the conversations are named first. Of two cursors the higher one is right: it says
/// what the client holds.
#[must_use]
pub fn distinct(cursors: &[Cursor]) -> Vec<Cursor> {
    let mut places: HashMap<ConversationId, usize> = HashMap::with_capacity(cursors.len());
    let mut kept: Vec<Cursor> = Vec::with_capacity(cursors.len());
    for cursor in cursors {
        let place = *places
            .entry(cursor.conversation_id)
            .or_insert_with(|| kept.len());
        match kept.get_mut(place) {
            Some(first) => first.seq = first.seq.max(cursor.seq),
            None => kept.push(*cursor),
        }
    }
    kept
}

/// The cursors that are behind the tip of a state of this page, in the order of the states, and what the user may see of these
/// conversations. A conversation without a cursor is not on the client: it pulls what it shows.
#[must_use]
pub fn behind(states: &[ConversationState], cursors: &[Cursor]) -> Vec<(Cursor, Span)> {
    let held: HashMap<ConversationId, Cursor> = distinct(cursors)
        .into_iter()
        .map(|cursor| (cursor.conversation_id, cursor))
        .collect();
    let of = |state: &ConversationState| {
        let cursor = held.get(&state.conversation_id)?;
        let span = Span {
            from: state.from_seq,
            until: (state.until_seq > Seq(0)).then_some(state.until_seq),
        };
        (cursor.seq.max(span.from) < state.tip_seq).then_some((*cursor, span))
    };
    states.iter().filter_map(of).collect()
}

/// Keeps the entries that fit and are consecutive after their cursor, or after the place where the user's time begins.
pub fn cut_entries(entries: &mut Vec<Entry>, cursors: &[(Cursor, Span)], budget: &mut Budget) {
    let begins: HashMap<ConversationId, Seq> = cursors
        .iter()
        .map(|(cursor, span)| (cursor.conversation_id, cursor.seq.max(span.from)))
        .collect();
    let mut at = Cursor::default();
    let kept = entries
        .iter()
        .take_while(|entry| {
            if entry.conversation_id != at.conversation_id {
                at = Cursor {
                    conversation_id: entry.conversation_id,
                    seq: begins
                        .get(&entry.conversation_id)
                        .copied()
                        .unwrap_or_default(),
                };
            }
            let is_next = entry.seq == at.seq.next();
            at.seq = entry.seq;
            is_next && budget.entry(entry)
        })
        .count();
    entries.truncate(kept);
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
