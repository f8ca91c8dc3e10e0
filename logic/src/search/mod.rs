//! Full text over one's own conversations (D16).
//!
//! The index follows the commits: one task, off the message path, takes the conversations in which something happened, once per
//! interval, and indexes what their logs have beyond what is indexed. Entries have no holes, so one number per conversation says how far
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

/// Transactions of one turn, each of up to 2,000 entries.
const MAX_PORTIONS: usize = 50;

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
        let interval = Duration::from_millis(config.interval_ms);
        (Self { queue }, run(store, interval, inbox))
    }

    /// Something was committed there. Never waits.
    pub fn offer(&self, conversation: ConversationId) {
        if self.queue.try_send(conversation).is_err() {
            metrics::full("search");
        }
    }
}

async fn run(store: Store, interval: Duration, mut inbox: mpsc::Receiver<ConversationId>) {
    let mut arrived = Vec::with_capacity(ROUND);
    let mut waiting = BTreeSet::new();
    while inbox.recv_many(&mut arrived, ROUND).await > 0 {
        // What happens in the same conversations meanwhile costs nothing more.
        let end = Instant::now() + interval;
        while let Ok(count) =
            tokio::time::timeout_at(end, inbox.recv_many(&mut arrived, ROUND)).await
        {
            waiting.extend(arrived.drain(..));
            if count == 0 {
                break;
            }
        }
        waiting.extend(arrived.drain(..));
        let due: Vec<ConversationId> = std::mem::take(&mut waiting).into_iter().collect();
        for round in due.chunks(ROUND) {
            let began = std::time::Instant::now();
            match catch_up(&store, round).await {
                Ok(entries) => metrics::indexed(entries, began.elapsed()),
                // The next message there, or the next search, finds what is missing.
                Err(error) => drop(error.refusal("indexing")),
            }
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
