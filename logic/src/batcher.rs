//! Which requests share a transaction. Pure.
//!
//! A lane offers what has arrived while its previous commit was under way, and closes the batch when that commit is done: a batch sizes
//! itself to the load, without a timer that would add latency at low load.

use std::collections::{HashSet, VecDeque};

use im_shared::ids::{ConversationId, UserId};
use uuid::Uuid;

use crate::pending::Pending;

/// Where a batch ends although more is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Rows. Each conversation of a batch takes one of PostgreSQL's lock slots.
    pub rows: usize,
    /// Bytes of rows.
    pub bytes: usize,
}

/// What is stored once ([M4]).
type Key = (Uuid, UserId, ConversationId);

/// The open batch of a lane and what did not fit into it.
#[derive(Debug)]
pub struct Batcher {
    policy: Policy,
    open: Vec<Pending>,
    rows: usize,
    bytes: usize,
    keys: HashSet<Key>,
    waiting: VecDeque<Pending>,
}

impl Batcher {
    /// Nothing is waiting.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let (open, keys, waiting) = (Vec::new(), HashSet::new(), VecDeque::new());
        Self {
            policy,
            open,
            rows: 0,
            bytes: 0,
            keys,
            waiting,
        }
    }

    /// Takes a request into the open batch, or keeps it for the next one: when the batch is full, when one of its keys is in the batch
    /// already (the function looks duplicates up among what is committed), or when an earlier request of the same sender and
    /// conversation is kept.
    pub fn offer(&mut self, request: Pending) {
        if self.fits(&request) {
            self.rows += request.rows().count();
            self.bytes += request.bytes();
            self.keys.extend(keys(&request));
            self.open.push(request);
        } else {
            self.waiting.push_back(request);
        }
    }

    /// Whether further offers would only be kept for later.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.rows >= self.policy.rows
            || self.bytes >= self.policy.bytes
            || self.waiting.len() >= self.policy.rows
    }

    /// Whether there is nothing to commit. What waits is in the open batch before a batch can be empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The batch, with the requests of a conversation together and in the order in which they were offered. What waited is offered to
    /// the next batch.
    #[must_use]
    pub fn close(&mut self) -> Vec<Pending> {
        let mut batch = std::mem::take(&mut self.open);
        (self.rows, self.bytes) = (0, 0);
        self.keys.clear();
        for request in std::mem::take(&mut self.waiting) {
            self.offer(request);
        }
        // Stable.
        batch.sort_by_key(|request| request.conversation);
        batch
    }

    fn fits(&self, request: &Pending) -> bool {
        // A request is never parted, so the first one fits whatever its size: at most 64 rows of 8 KiB.
        if self.open.is_empty() {
            return true;
        }
        self.rows + request.rows().count() <= self.policy.rows
            && self.bytes + request.bytes() <= self.policy.bytes
            && !keys(request).any(|key| self.keys.contains(&key))
            && !self.waiting.iter().any(|kept| same_sender(kept, request))
    }
}

fn keys(request: &Pending) -> impl Iterator<Item = Key> {
    request.rows().map(|(message, _)| {
        (
            message.client_message_id,
            request.caller.user,
            request.conversation,
        )
    })
}

fn same_sender(a: &Pending, b: &Pending) -> bool {
    a.conversation == b.conversation && a.caller.user == b.caller.user
}

#[cfg(test)]
#[path = "batcher_tests.rs"]
mod tests;
