//! What a client keeps: the logs it holds, what it knows of conversations, and what it has not sent yet.

use std::collections::BTreeMap;

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{ConversationState, Cursor, Entry};
use parking_lot::Mutex;

use crate::outbox::{ClientMessageId, Pending, Target};

/// Keeps a client's data. Called by one task only; calls are short. An implementation that can fail keeps its error for its owner.
pub trait Storage: Send + Sync {
    /// For each conversation that is followed, the highest seq up to which everything is held.
    fn cursors(&self) -> Vec<Cursor>;
    /// Follows a conversation from here on: entries at or before `cursor` are not wanted. A later cursor moves on and lets go of what was
    /// held before it [R11], an earlier one changes nothing.
    fn follow(&self, cursor: Cursor);
    /// Adds entries that follow the cursor of their conversation, in order.
    fn append(&self, entries: &[Entry]);
    /// Up to `limit` entries after `after`, ascending.
    fn entries(&self, conversation: ConversationId, after: Seq, limit: usize) -> Vec<Entry>;

    /// What is known of a conversation, or changed.
    fn put_conversation(&self, state: &ConversationState);
    /// All that is known of conversations.
    fn conversations(&self) -> Vec<ConversationState>;

    /// Keeps the time of the last complete sync; what that sync brought is kept already.
    fn put_synced_at(&self, synced_at: i64);
    /// The time of the last complete sync, or 0.
    fn synced_at(&self) -> i64;

    /// Keeps a message until it is settled.
    fn put_pending(&self, target: Target, message: &Pending);
    /// The message is stored at the server, or refused for good.
    fn remove_pending(&self, id: ClientMessageId);
    /// What is not settled, in the order of sending.
    fn pending(&self) -> Vec<(Target, Pending)>;
}

/// Keeps everything in memory. Share it between two clients in sequence to have a client that restarts.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    data: Mutex<Data>,
}

#[derive(Debug, Default)]
struct Data {
    cursors: BTreeMap<ConversationId, Seq>,
    entries: BTreeMap<(ConversationId, Seq), Entry>,
    conversations: BTreeMap<ConversationId, ConversationState>,
    synced_at: i64,
    /// By id: UUIDv7 sorts by the time of making.
    pending: BTreeMap<ClientMessageId, (Target, Pending)>,
}

impl Storage for MemoryStorage {
    fn cursors(&self) -> Vec<Cursor> {
        let cursor = |(conversation_id, seq): (&ConversationId, &Seq)| Cursor {
            conversation_id: *conversation_id,
            seq: *seq,
        };
        self.data.lock().cursors.iter().map(cursor).collect()
    }

    fn follow(&self, cursor: Cursor) {
        let (id, seq) = (cursor.conversation_id, cursor.seq);
        let mut data = self.data.lock();
        if data.cursors.get(&id).is_some_and(|held| *held >= seq) {
            return;
        }
        data.cursors.insert(id, seq);
        // What was held of an earlier time is let go ([R11]).
        data.entries
            .retain(|(conversation, held), _| *conversation != id || *held > seq);
    }

    fn append(&self, entries: &[Entry]) {
        let mut data = self.data.lock();
        for entry in entries {
            data.cursors.insert(entry.conversation_id, entry.seq);
            data.entries
                .insert((entry.conversation_id, entry.seq), entry.clone());
        }
    }

    fn entries(&self, conversation: ConversationId, after: Seq, limit: usize) -> Vec<Entry> {
        let range = (conversation, after.next())..=(conversation, Seq(u64::MAX));
        self.data
            .lock()
            .entries
            .range(range)
            .take(limit)
            .map(|(_, entry)| entry.clone())
            .collect()
    }

    fn put_conversation(&self, state: &ConversationState) {
        self.data
            .lock()
            .conversations
            .insert(state.conversation_id, state.clone());
    }

    fn conversations(&self) -> Vec<ConversationState> {
        self.data.lock().conversations.values().cloned().collect()
    }

    fn put_synced_at(&self, synced_at: i64) {
        self.data.lock().synced_at = synced_at;
    }

    fn synced_at(&self) -> i64 {
        self.data.lock().synced_at
    }

    fn put_pending(&self, target: Target, message: &Pending) {
        self.data
            .lock()
            .pending
            .insert(message.id, (target, message.clone()));
    }

    fn remove_pending(&self, id: ClientMessageId) {
        self.data.lock().pending.remove(&id);
    }

    fn pending(&self) -> Vec<(Target, Pending)> {
        self.data.lock().pending.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64) -> Entry {
        Entry {
            conversation_id: ConversationId(7),
            seq: Seq(seq),
            ..Entry::default()
        }
    }

    /// [R11]: a second membership begins anew.
    #[test]
    fn what_was_held_before_a_later_cursor_is_let_go() {
        let storage = MemoryStorage::default();
        let cursor = |seq| Cursor {
            conversation_id: ConversationId(7),
            seq: Seq(seq),
        };
        storage.follow(cursor(0));
        storage.append(&[entry(1), entry(2)]);
        storage.follow(cursor(1));
        let seqs = |after| -> Vec<u64> {
            let held = storage.entries(ConversationId(7), Seq(after), 10);
            held.iter().map(|entry| entry.seq.0).collect()
        };
        assert_eq!(seqs(0), [1, 2], "an earlier cursor changes nothing");
        storage.follow(cursor(9));
        storage.append(&[entry(10)]);
        assert_eq!(seqs(0), [10]);
    }
}
