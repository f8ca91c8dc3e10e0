//! The members of a group who listen: whether everybody gets everything in order, and when the last one has it.
//!
//! Task: one per listener, owned by the `JoinSet` of [`listen`]; it ends when it is told to leave.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{Body, Entry, EntryType};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::histogram::Latencies;
use crate::people::Person;
use crate::session::Session;
use crate::talker::Meters;
use crate::wire;

const HEARTBEAT: Duration = Duration::from_secs(30);

/// What all listeners heard.
#[derive(Default)]
pub(crate) struct Board {
    arrivals: Mutex<HashMap<Seq, Arrival>>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Arrival {
    listeners: u64,
    last: Duration,
}

/// What was not as it should be, of all listeners.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Entries that came after a later one.
    pub(crate) out_of_order: u64,
    /// Entries that came again.
    pub(crate) again: u64,
    /// Hints that a push was dropped.
    pub(crate) hints: u64,
}

/// The messages of the window that everybody got.
pub(crate) struct Heard {
    pub(crate) messages: u64,
    pub(crate) complete: u64,
    /// From the intended time to the last listener, of the complete ones.
    pub(crate) last: Latencies,
    pub(crate) counts: Counts,
}

impl Board {
    fn arrived(&self, seq: Seq, latency: Duration) {
        let mut arrivals = self.arrivals.lock();
        let arrival = arrivals.entry(seq).or_default();
        arrival.listeners += 1;
        arrival.last = arrival.last.max(latency);
    }

    /// Of `listeners`.
    pub(crate) fn heard(&self, listeners: u64) -> anyhow::Result<Heard> {
        let arrivals = self.arrivals.lock();
        let complete = arrivals
            .values()
            .filter(|arrival| arrival.listeners == listeners);
        let last = Latencies::new()?;
        complete
            .clone()
            .for_each(|arrival| last.record(arrival.last));
        Ok(Heard {
            messages: arrivals.len() as u64,
            complete: complete.count() as u64,
            last,
            counts: *self.counts.lock(),
        })
    }
}

/// How far one listener's log is.
#[derive(Debug, Default)]
struct Log {
    highest: Option<Seq>,
    missing: BTreeSet<Seq>,
    counts: Counts,
}

impl Log {
    /// Whether the entry is new.
    fn take(&mut self, seq: Seq) -> bool {
        let highest = self.highest.unwrap_or(Seq(seq.0.saturating_sub(1)));
        if seq > highest {
            self.missing.extend((highest.0 + 1..seq.0).map(Seq));
            self.highest = Some(seq);
            return true;
        }
        let is_new = self.missing.remove(&seq);
        self.counts.out_of_order += u64::from(is_new);
        self.counts.again += u64::from(!is_new);
        is_new
    }
}

/// Lets everybody listen to `group` until `stop`.
pub(crate) fn listen(
    sessions: Vec<(Person, Session)>,
    group: ConversationId,
    board: &Arc<Board>,
    meters: &Arc<Meters>,
    stop: &watch::Receiver<bool>,
) -> JoinSet<anyhow::Result<()>> {
    let mut listeners = JoinSet::new();
    for (_, session) in sessions {
        let (board, meters, stop) = (Arc::clone(board), Arc::clone(meters), stop.clone());
        listeners.spawn(hear(session, group, board, meters, stop));
    }
    listeners
}

async fn hear(
    mut session: Session,
    group: ConversationId,
    board: Arc<Board>,
    meters: Arc<Meters>,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut log = Log::default();
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    loop {
        tokio::select! {
            frame = session.next() => match frame?.body {
                Body::PushMessage(push) => {
                    let of_group = push.entries.iter().filter(|entry| entry.conversation_id == group);
                    of_group.for_each(|entry| taken(&mut log, entry, &board, &meters));
                }
                Body::SyncHint(_) => log.counts.hints += 1,
                Body::Kick(kick) => anyhow::bail!("kicked: {}", kick.message),
                _ => {}
            },
            _ = heartbeat.tick() => session.heartbeat().await?,
            _ = stop.changed() => break,
        }
    }
    let mut counts = board.counts.lock();
    counts.out_of_order += log.counts.out_of_order;
    counts.again += log.counts.again;
    counts.hints += log.counts.hints;
    Ok(())
}

fn taken(log: &mut Log, entry: &Entry, board: &Board, meters: &Meters) {
    let now = Instant::now();
    if !log.take(entry.seq) || entry.type_ != EntryType::Text {
        return;
    }
    let intended = wire::intended(meters.origin, &entry.content);
    if let Some(intended) = intended.filter(|intended| meters.counts(*intended)) {
        let latency = now.saturating_duration_since(intended);
        meters.delivery.record(latency);
        board.arrived(entry.seq, latency);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_or_again_is_counted() {
        let mut log = Log::default();
        let news: Vec<bool> = [7, 8, 10, 9, 9, 11].map(|seq| log.take(Seq(seq))).into();
        assert_eq!(news, [true, true, true, true, false, true]);
        let expected = Counts {
            out_of_order: 1,
            again: 1,
            hints: 0,
        };
        assert_eq!(log.counts, expected);
        assert!(log.missing.is_empty());
    }

    #[test]
    fn a_message_is_complete_when_everybody_has_it() {
        let board = Board::default();
        for millis in [3, 20] {
            board.arrived(Seq(1), Duration::from_millis(millis));
        }
        board.arrived(Seq(2), Duration::from_millis(500));
        let heard = board.heard(2).unwrap();
        assert_eq!((heard.messages, heard.complete), (2, 1));
        assert!((heard.last.millis(1.0) - 20.0).abs() < 0.1);
    }
}
