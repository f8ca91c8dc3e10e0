//! Tells sessions that do not follow a conversation, now and then, that there is something new in it ([S13]).
//!
//! Deliveries only note what was heard. One task, owned by `App`, gives the hints; it ends with the token.
//!
//! | file | what it holds |
//! |---|---|
//! | `schedule` | which session is hinted when: pure |

mod schedule;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use im_shared::bus::Target;
use im_shared::ids::ConversationId;
use im_shared::wire::{self, Frame, SyncHint};
use parking_lot::Mutex;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
use crate::outbox::Kind;
use crate::sessions::{EVERYBODY, Sessions};
use schedule::Schedule;

/// How often it is looked who is to be hinted.
const TICK: Duration = Duration::from_millis(100);

/// Notes news. A cheap clone.
#[derive(Debug, Clone)]
pub(crate) struct News {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    schedule: Mutex<Schedule>,
    /// Conversations with news for everybody since the last tick: sessions are looked through once a tick, not once a message.
    of_everybody: Mutex<BTreeSet<ConversationId>>,
}

impl News {
    /// A session gets one hint per conversation and `interval`.
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                schedule: Mutex::new(Schedule::new(interval, rand::random())),
                of_everybody: Mutex::default(),
            }),
        }
    }

    /// Something was delivered to the followers of a conversation among `targets`; the others get a hint.
    pub(crate) fn heard(
        &self,
        sessions: &Sessions,
        conversation: ConversationId,
        targets: &[Target],
    ) {
        if targets.contains(&EVERYBODY) {
            self.inner.of_everybody.lock().insert(conversation);
        } else {
            self.note(sessions, &[conversation], targets);
        }
    }

    /// Gives the hints until `stop`.
    pub(crate) async fn run(self, sessions: Sessions, metrics: Metrics, stop: CancellationToken) {
        let ticks = async {
            let mut ticks = tokio::time::interval(TICK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                self.tick(&sessions, &metrics);
            }
        };
        stop.run_until_cancelled(ticks).await;
    }

    fn tick(&self, sessions: &Sessions, metrics: &Metrics) {
        let heard = std::mem::take(&mut *self.inner.of_everybody.lock());
        if !heard.is_empty() {
            let heard: Vec<_> = heard.into_iter().collect();
            self.note(sessions, &heard, &[EVERYBODY]);
        }
        let due = self.inner.schedule.lock().due(Instant::now());
        let mut frames: HashMap<ConversationId, Bytes> = HashMap::new();
        for (session, conversation) in due {
            // It may have left, or begun to follow, and then it has pulled what it missed ([S12]).
            let handle = sessions.get(session);
            let Some(handle) = handle.filter(|handle| !handle.follows(conversation)) else {
                continue;
            };
            let frame = frames
                .entry(conversation)
                .or_insert_with(|| hint(conversation));
            handle.outbox.offer(Kind::Control, frame);
            metrics.hint();
        }
    }

    fn note(&self, sessions: &Sessions, conversations: &[ConversationId], targets: &[Target]) {
        let now = Instant::now();
        let mut schedule = self.inner.schedule.lock();
        // Who is not here needs no hint.
        let _ = sessions.each(targets, |handle| {
            for conversation in conversations {
                if !handle.follows(*conversation) {
                    schedule.heard((handle.id, *conversation), now);
                }
            }
        });
    }
}

fn hint(conversation_id: ConversationId) -> Bytes {
    wire::encode(&Frame::push(SyncHint { conversation_id }))
}
