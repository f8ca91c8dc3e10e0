//! Tells friends that a user came or went.
//!
//! One task owns it, off the message path; it ends when every clone of [`Presence`] is dropped. What it has no room for is dropped and
//! counted: presence is a hint, and the next change corrects it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use im_shared::ids::UserId;
use im_shared::wire::{Frame, PresenceEvent, encode};
use tokio::sync::mpsc;

use crate::fanout::Fanout;
use crate::metrics;
use crate::routing::{Audience, Push};
use crate::store::Store;

/// Users of one round.
const ROUND: usize = 100;

/// A user's first session came, or the last one went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Who.
    pub user: UserId,
    /// Came.
    pub online: bool,
}

/// Takes changes. A cheap clone.
#[derive(Debug, Clone)]
pub struct Presence {
    queue: mpsc::Sender<Change>,
}

impl Presence {
    /// The handle, and the task to spawn. At most `max_friends` of a user are told.
    pub fn new(
        store: Store,
        fanout: Fanout,
        queue: usize,
        max_friends: usize,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, inbox) = mpsc::channel(queue);
        (
            Self { queue: sender },
            run(store, fanout, inbox, max_friends),
        )
    }

    /// Hands over a change. Never waits.
    pub fn offer(&self, change: Change) {
        if self.queue.try_send(change).is_err() {
            metrics::full("presence");
        }
    }
}

async fn run(store: Store, fanout: Fanout, mut inbox: mpsc::Receiver<Change>, max_friends: usize) {
    let limit = i64::try_from(max_friends).unwrap_or(i64::MAX);
    let mut changes = Vec::with_capacity(ROUND);
    while inbox.recv_many(&mut changes, ROUND).await > 0 {
        // The last one wins.
        let mut states: BTreeMap<UserId, bool> =
            changes.drain(..).map(|c| (c.user, c.online)).collect();
        let users: Vec<UserId> = states.keys().copied().collect();
        // Two workers may get a user's changes in the other order; the locations know better, when they can be asked.
        if let Some(online) = fanout.online(&users).await {
            states = online;
        }
        match store.friends(&users, limit).await {
            Ok(friends) => fanout.deliver(&pushes(&states, &friends), Vec::new()).await,
            Err(error) => {
                let refusal = error.refusal("telling friends");
                tracing::debug!(
                    code = refusal.code.name(),
                    users = users.len(),
                    "presence is not told"
                );
            }
        }
    }
}

/// One push per user, to all their friends.
fn pushes(states: &BTreeMap<UserId, bool>, friends: &[(UserId, UserId)]) -> Vec<Push> {
    let now = crate::store::append::millis(SystemTime::now());
    let mut told: BTreeMap<UserId, Vec<UserId>> = BTreeMap::new();
    for (user, friend) in friends {
        told.entry(*user).or_default().push(*friend);
    }
    let push = |(user, users): (UserId, Vec<UserId>)| {
        let online = states.get(&user).copied().unwrap_or_default();
        let event = PresenceEvent {
            user_id: user,
            online,
            last_seen: now,
        };
        Push {
            frame: encode(&Frame::push(event)),
            audience: Audience::Users(users),
            except: None,
        }
    };
    told.into_iter().map(push).collect()
}
