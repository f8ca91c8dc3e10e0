//! What fits into one `SyncResponse` ([R4]). Pure.

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{ConversationState, Cursor, Entry, limits};

use crate::parcel::ENTRY_OVERHEAD;

/// A state beside its last entry, in bytes: fields, vtable, offsets and padding, rounded up.
const STATE_OVERHEAD: usize = 192;

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
        self.take(ENTRY_OVERHEAD + entry.content.len(), 1)
    }

    fn state(&mut self, state: &ConversationState) -> bool {
        let last = state
            .last
            .as_ref()
            .map_or(0, |entry| ENTRY_OVERHEAD + entry.content.len());
        self.take(STATE_OVERHEAD + last, 1 + usize::from(state.last.is_some()))
    }
}

/// Keeps the states that fit a page of `limit`, and gives where the next page begins; 0 after the last one. `states` holds one more than
/// the limit when there are more.
pub fn cut_states(
    states: &mut Vec<ConversationState>,
    limit: usize,
    budget: &mut Budget,
) -> ConversationId {
    let fitting = states
        .iter()
        .take(limit)
        .take_while(|state| budget.state(state))
        .count();
    if fitting == states.len() {
        return ConversationId(0);
    }
    states.truncate(fitting);
    states
        .last()
        .map_or(ConversationId(0), |last| last.conversation_id)
}

/// The cursors that are behind the tip of a state of this page, in the order of the states. A conversation without a cursor is not on the
/// client: it pulls what it shows.
#[must_use]
pub fn behind(states: &[ConversationState], cursors: &[Cursor]) -> Vec<Cursor> {
    let mut cursors: Vec<Cursor> = cursors.to_vec();
    // Of two cursors of a conversation the higher one is right: it says what the client holds.
    cursors.sort_unstable_by_key(|cursor| (cursor.conversation_id, std::cmp::Reverse(cursor.seq)));
    let of = |state: &ConversationState| {
        let place =
            cursors.partition_point(|cursor| cursor.conversation_id < state.conversation_id);
        let cursor = cursors
            .get(place)
            .filter(|cursor| cursor.conversation_id == state.conversation_id)?;
        (cursor.seq < state.tip_seq).then_some(*cursor)
    };
    states.iter().filter_map(of).collect()
}

/// Keeps the entries that fit and are consecutive after their cursor.
pub fn cut_entries(entries: &mut Vec<Entry>, cursors: &[Cursor], budget: &mut Budget) {
    let mut at = Cursor::default();
    let kept = entries
        .iter()
        .take_while(|entry| {
            if entry.conversation_id != at.conversation_id {
                let cursor = cursors
                    .iter()
                    .find(|cursor| cursor.conversation_id == entry.conversation_id);
                at = Cursor {
                    conversation_id: entry.conversation_id,
                    seq: cursor.map_or(Seq(0), |cursor| cursor.seq),
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
