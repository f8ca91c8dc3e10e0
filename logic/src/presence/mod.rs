//! Tells friends that a user came or went (F5).
//!
//! One task owns it, off the message path; it ends when every clone of [`Presence`] is dropped, after what waits is told. What it has no
//! room for is dropped and counted: presence is a hint, and the next change corrects it.
//!
//! What it costs: a round of up to 100 changes is one look at locations and three statements; each change is one push, encoded once, to the
//! friends who are online. Nobody is told of one who comes back within the grace.
//!
//! | file | what it holds |
//! |---|---|
//! | `changes` | which changes are to be told, and when: pure |
//! | `typing` | how often a user is typing: pure |

mod changes;
mod typing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use im_shared::ids::UserId;
use im_shared::wire::{Frame, PresenceEvent, encode};
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::changes::{Changes, Due};
pub use self::typing::Typists;
use crate::config::PresenceConfig;
use crate::fanout::Fanout;
use crate::metrics;
use crate::routing::{Audience, Push};
use crate::store::append::millis;
use crate::store::{Store, StoreError};

/// Users of one round.
const ROUND: usize = 100;

/// Something about a user's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The first session came.
    Came(UserId),
    /// The last session went.
    Went(UserId),
    /// The user wants to be seen, or no longer; it is stored already.
    Shown(UserId),
}

/// Takes changes. A cheap clone.
#[derive(Debug, Clone)]
pub struct Presence {
    queue: mpsc::Sender<Change>,
}

impl Presence {
    /// The handle, and the task to spawn.
    pub fn new(
        store: Store,
        fanout: Fanout,
        config: &PresenceConfig,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, inbox) = mpsc::channel(config.waiting);
        let teller = Teller {
            store,
            fanout,
            max_friends: i64::try_from(config.max_friends).unwrap_or(i64::MAX),
        };
        let changes = Changes::new(Duration::from_millis(config.grace_ms));
        (Self { queue: sender }, run(teller, changes, inbox))
    }

    /// Hands over a change. Never waits.
    pub fn offer(&self, change: Change) {
        if self.queue.try_send(change).is_err() {
            metrics::full("presence");
        }
    }
}

async fn run(teller: Teller, mut changes: Changes, mut inbox: mpsc::Receiver<Change>) {
    let mut arrived = Vec::with_capacity(ROUND);
    loop {
        let is_open = tokio::select! {
            count = inbox.recv_many(&mut arrived, ROUND) => count > 0,
            () = until(changes.next_due()) => true,
        };
        for change in arrived.drain(..) {
            changes.take(change, Instant::now());
        }
        // When the worker stops, who went is told now, or by nobody.
        let now = is_open.then(Instant::now);
        for round in changes.due(now).chunks(ROUND) {
            if let Err(error) = teller.tell(round).await {
                let refusal = error.refusal("telling friends");
                let (code, users) = (refusal.code.name(), round.len());
                tracing::debug!(code, users, "presence is not told");
            }
        }
        if !is_open {
            return;
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

struct Teller {
    store: Store,
    fanout: Fanout,
    max_friends: i64,
}

impl Teller {
    async fn tell(&self, changes: &[Due]) -> Result<(), StoreError> {
        let users: Vec<UserId> = changes.iter().map(|due| due.user).collect();
        // Two workers may get a user's changes in the other order; the locations know better, when they can be asked.
        let located = self.fanout.online(&users).await.unwrap_or_default();
        let hidden = self.store.invisible(&users).await?;
        let states = states(changes, &located, &hidden);
        let gone: Vec<UserId> = states
            .iter()
            .filter(|(user, online)| !**online && !hidden.contains(user))
            .map(|(user, _)| *user)
            .collect();
        self.store.note_last_seen(&gone).await?;
        let told: Vec<UserId> = states.keys().copied().collect();
        let friends = self.store.friends(&told, self.max_friends).await?;
        self.fanout
            .deliver(&pushes(&states, &friends), Vec::new())
            .await;
        Ok(())
    }
}

/// What friends are told. Of one who hides, only that they are gone, once, when they begin to hide.
fn states(
    changes: &[Due],
    located: &BTreeMap<UserId, bool>,
    hidden: &BTreeSet<UserId>,
) -> BTreeMap<UserId, bool> {
    changes
        .iter()
        .filter(|due| due.is_shown_anew || !hidden.contains(&due.user))
        .map(|due| {
            let online = located.get(&due.user).copied().unwrap_or(due.online);
            (due.user, online && !hidden.contains(&due.user))
        })
        .collect()
}

/// One push per user, to all their friends. A hint that may be lost.
fn pushes(states: &BTreeMap<UserId, bool>, friends: &[(UserId, UserId)]) -> Vec<Push> {
    let now = millis(SystemTime::now());
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
            ephemeral: true,
        }
    };
    told.into_iter().map(push).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: UserId = UserId(1);

    fn due(online: bool, is_shown_anew: bool) -> Due {
        Due {
            user: ANN,
            online,
            is_shown_anew,
        }
    }

    /// F5
    #[test]
    fn who_hides_is_gone_once_and_nothing_more_is_said() {
        let (located, hidden) = (BTreeMap::from([(ANN, true)]), BTreeSet::from([ANN]));
        let told = states(&[due(false, true)], &located, &hidden);
        assert_eq!(told, BTreeMap::from([(ANN, false)]));
        assert!(states(&[due(true, false)], &located, &hidden).is_empty());
        assert!(states(&[due(false, false)], &BTreeMap::new(), &hidden).is_empty());
    }

    /// F5
    #[test]
    fn locations_know_better_than_the_order_of_events() {
        let (located, hidden) = (BTreeMap::from([(ANN, true)]), BTreeSet::new());
        let told = states(&[due(false, false)], &located, &hidden);
        assert_eq!(told, BTreeMap::from([(ANN, true)]));
        let blind = states(&[due(false, false)], &BTreeMap::new(), &hidden);
        assert_eq!(blind, BTreeMap::from([(ANN, false)]));
    }
}
