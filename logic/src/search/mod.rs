//! Full text over one's own conversations (D16).
//!
//! The index follows the commits: one task, off the message path, takes the conversations in which something happened, and indexes what their
//! logs have beyond what is indexed, at a pace that leaves the database to the messages. Entries have no holes, so one number per conversation says how far
//! that is, and nothing is ever missed: what the task has no room for, or a killed worker did not get to, is indexed by the next one, or
//! by the search that needs it.
//!
//! | file | what it holds |
//! |---|---|
//! | `words` | the words of a message and of a search: pure |
//! | `text` | which text of an entry is searched: pure |

pub mod text;
pub mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use im_shared::ids::ConversationId;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::SearchConfig;
use crate::metrics;
use crate::store::Store;

/// Conversations of one transaction.
const ROUND: usize = 200;

/// Conversations that wait in the task; what is beyond is indexed by a later message or by a search.
const MAX_WAITING: usize = 100_000;

/// Transactions of one search, each of up to 2,000 entries.
const MAX_PORTIONS: usize = 50;

/// How fast the background goes: never so fast that messages wait for it.
#[derive(Debug, Clone, Copy)]
struct Pace {
    interval: Duration,
    entries_per_second: u32,
}

impl Pace {
    fn new(config: &SearchConfig) -> Self {
        Self {
            interval: Duration::from_millis(config.interval_ms),
            entries_per_second: config.entries_per_second,
        }
    }

    /// How long to collect after so many entries.
    fn pause(self, entries: usize) -> Duration {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        let second = f64::from(entries) / f64::from(self.entries_per_second.max(1));
        self.interval.max(Duration::from_secs_f64(second))
    }
}

/// Takes conversations in which something was committed. A cheap clone.
#[derive(Debug, Clone)]
pub struct Indexer {
    queue: mpsc::Sender<ConversationId>,
}

impl Indexer {
    /// The handle, and the task to spawn; it ends when every clone is dropped.
    pub fn new(
        store: Store,
        config: &SearchConfig,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, inbox) = mpsc::channel(config.waiting);
        (Self { queue }, run(store, Pace::new(config), inbox))
    }

    /// Something was committed there. Never waits.
    pub fn offer(&self, conversation: ConversationId) {
        if self.queue.try_send(conversation).is_err() {
            metrics::full("search");
        }
    }
}

async fn run(store: Store, pace: Pace, mut inbox: mpsc::Receiver<ConversationId>) {
    let mut arrived = Vec::with_capacity(ROUND);
    let mut waiting = BTreeSet::new();
    let mut worked = 0;
    loop {
        // What happens in the same conversations meanwhile costs nothing more.
        let end = Instant::now() + pace.pause(worked);
        let is_open = collect(&mut inbox, &mut arrived, &mut waiting, end).await;
        worked = 0;
        let round: Vec<ConversationId> = waiting.iter().take(ROUND).copied().collect();
        if !round.is_empty() {
            let began = std::time::Instant::now();
            match store.index(&round).await {
                Ok(entries) => {
                    metrics::indexed(entries, began.elapsed());
                    worked = entries;
                }
                // The next message there, or the next search, finds what is missing.
                Err(error) => drop(error.refusal("indexing")),
            }
        }
        // A conversation stays until nothing was left in it.
        if worked == 0 {
            for done in &round {
                waiting.remove(done);
            }
        }
        if !is_open {
            return;
        }
    }
}

/// Takes what arrives until `end`; without anything in hand, until something arrives. False when nothing comes any more.
async fn collect(
    inbox: &mut mpsc::Receiver<ConversationId>,
    arrived: &mut Vec<ConversationId>,
    waiting: &mut BTreeSet<ConversationId>,
    end: Instant,
) -> bool {
    loop {
        let count = if waiting.is_empty() {
            inbox.recv_many(arrived, ROUND).await
        } else {
            match tokio::time::timeout_at(end, inbox.recv_many(arrived, ROUND)).await {
                Ok(count) => count,
                Err(_) => return true,
            }
        };
        if count == 0 {
            return false;
        }
        for conversation in arrived.drain(..) {
            if waiting.len() < MAX_WAITING {
                waiting.insert(conversation);
            } else {
                metrics::full("search");
            }
        }
        if Instant::now() >= end {
            return true;
        }
    }
}

/// Indexes what `conversations` have beyond what is indexed, 100,000 entries at most: a first search over years of messages finds what is
/// there, and the next one more. Gives the number of entries.
///
/// # Errors
///
/// A statement failed; nothing that counts as indexed is missing.
pub async fn catch_up(
    store: &Store,
    conversations: &[ConversationId],
) -> Result<usize, crate::store::StoreError> {
    let mut total = 0;
    for _ in 0..MAX_PORTIONS {
        let entries = store.index(conversations).await?;
        total += entries;
        if entries == 0 {
            break;
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D16: under load the text follows at its own pace.
    #[test]
    fn the_background_never_goes_faster_than_it_may() {
        let pace = Pace {
            interval: Duration::from_secs(5),
            entries_per_second: 200,
        };
        assert_eq!(pace.pause(0), Duration::from_secs(5));
        assert_eq!(pace.pause(100), Duration::from_secs(5));
        assert_eq!(pace.pause(2_000), Duration::from_secs(10));
    }
}
