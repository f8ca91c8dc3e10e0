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
use std::ops::Bound;
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

/// Entries of one transaction of a search.
const PORTION: usize = 2_000;

/// How fast the background goes: small portions, so that no message waits for one.
#[derive(Debug, Clone, Copy)]
struct Pace {
    interval: Duration,
    /// Entries of an interval.
    portion: usize,
}

impl Pace {
    fn new(config: &SearchConfig) -> Self {
        let portion = config.interval_ms * u64::from(config.entries_per_second) / 1_000;
        Self {
            interval: Duration::from_millis(config.interval_ms),
            portion: usize::try_from(portion)
                .unwrap_or(PORTION)
                .clamp(1, PORTION),
        }
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
    let mut cursor = ConversationId(0);
    loop {
        // What happens in the same conversations meanwhile costs nothing more.
        let end = Instant::now() + pace.interval;
        let is_open = collect(&mut inbox, &mut arrived, &mut waiting, end).await;
        let round = after(&waiting, cursor);
        if let Some(last) = round.last() {
            cursor = *last;
            let began = std::time::Instant::now();
            let is_done = match store.index(&round, pace.portion).await {
                Ok(entries) => {
                    metrics::indexed(entries, began.elapsed());
                    entries < pace.portion
                }
                // The next message there, or the next search, finds what is missing.
                Err(error) => {
                    let _ = error.refusal("indexing");
                    true
                }
            };
            if is_done {
                for done in &round {
                    waiting.remove(done);
                }
            }
        }
        if !is_open {
            return;
        }
    }
}

/// The next ones after `cursor`, round and round, so that none waits for one in which much is said.
fn after(waiting: &BTreeSet<ConversationId>, cursor: ConversationId) -> Vec<ConversationId> {
    let next = (Bound::Excluded(cursor), Bound::Unbounded);
    let rest = waiting.range(..=cursor);
    waiting
        .range(next)
        .chain(rest)
        .take(ROUND)
        .copied()
        .collect()
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
        let entries = store.index(conversations, PORTION).await?;
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

    fn portion(interval_ms: u64, entries_per_second: u32) -> usize {
        let config = SearchConfig {
            interval_ms,
            entries_per_second,
            ..SearchConfig::default()
        };
        Pace::new(&config).portion
    }

    /// D16: under load the text follows at its own pace.
    #[test]
    fn the_background_never_goes_faster_than_it_may() {
        assert_eq!(portion(1_000, 100), 100);
        assert_eq!(portion(5_000, 100), 500);
        assert_eq!(portion(10, 1), 1);
        assert_eq!(portion(600_000, 1_000_000), PORTION);
    }

    /// D16
    #[test]
    fn conversations_take_turns() {
        let waiting: BTreeSet<_> = (1..=3).map(ConversationId).collect();
        let ids = |cursor| {
            after(&waiting, ConversationId(cursor))
                .into_iter()
                .map(|id| id.0)
        };
        assert!(ids(0).eq([1, 2, 3]));
        assert!(ids(2).eq([3, 1, 2]));
        assert!(ids(3).eq([1, 2, 3]));
        assert!(after(&BTreeSet::new(), ConversationId(7)).is_empty());
    }
}
