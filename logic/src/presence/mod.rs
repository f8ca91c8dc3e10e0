//! Tells friends that a user came or went (F5).
//!
//! Two tasks own it, off the message path. The first finds out what is to be told and publishes it on the user's subject (A12); the second
//! takes what a worker got from there, and pushes it to the friends. They end when every clone of [`Presence`] is dropped; what waits then is pushed
//! directly, since this worker may be the last. What there is no room for is dropped and counted: presence is a hint, and the next change
//! corrects it.
//!
//! What it costs: a round of up to 100 changes is one look at locations and two statements where it is found out, one publish each, and one statement where it is
//! pushed; each change is one push, encoded once, to the friends who are online. Nobody is told of one who comes back within the grace.
//!
//! | file | what it holds |
//! |---|---|
//! | `changes` | which changes are to be told, and when: pure |
//! | `typing` | how often a user is typing: pure |

mod changes;
mod typing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use im_shared::bus::{Bus, encode_friends_event};
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

/// What friends are told of a user: a complete frame.
pub type Told = (UserId, Bytes);

/// Takes changes, and what is to be told. A cheap clone.
#[derive(Debug, Clone)]
pub struct Presence {
    changes: mpsc::Sender<Change>,
    told: mpsc::Sender<Told>,
}

impl Presence {
    /// The handle, and the task to spawn.
    pub fn new(
        store: Store,
        fanout: Fanout,
        bus: Bus,
        config: &PresenceConfig,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (changes, changed) = mpsc::channel(config.waiting);
        let (told, to_tell) = mpsc::channel(config.waiting);
        let teller = Teller {
            store,
            fanout,
            bus,
            max_friends: i64::try_from(config.max_friends).unwrap_or(i64::MAX),
        };
        let waiting = Changes::new(Duration::from_millis(config.grace_ms));
        let both = async move {
            tokio::join!(
                find_out(&teller, waiting, changed),
                push_on(&teller, to_tell)
            );
        };
        (Self { changes, told }, both)
    }

    /// Hands over a change. Never waits.
    pub fn offer(&self, change: Change) {
        if self.changes.try_send(change).is_err() {
            metrics::full("presence");
        }
    }

    /// Hands over what came on a user's subject, for their friends. Never waits.
    pub fn tell(&self, told: Told) {
        if self.told.try_send(told).is_err() {
            metrics::full("presence");
        }
    }
}

/// Pushes what came on the subjects of users.
async fn push_on(teller: &Teller, mut inbox: mpsc::Receiver<Told>) {
    let mut arrived = Vec::with_capacity(ROUND);
    while inbox.recv_many(&mut arrived, ROUND).await > 0 {
        // The last event about a user wins.
        report(teller.push(&arrived.drain(..).collect()).await);
    }
}

fn report(told: Result<(), StoreError>) {
    if let Err(error) = told {
        let code = error.refusal("telling friends").code.name();
        tracing::debug!(code, "presence is not told");
    }
}

async fn find_out(teller: &Teller, mut changes: Changes, mut inbox: mpsc::Receiver<Change>) {
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
            report(teller.tell(round, is_open).await);
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
    bus: Bus,
    max_friends: i64,
}

impl Teller {
    /// Publishes what is to be told of these; or pushes it, when this worker takes nothing more from the subjects.
    async fn tell(&self, changes: &[Due], is_open: bool) -> Result<(), StoreError> {
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
        let frames = frames(&states);
        if !is_open {
            return self.push(&frames).await;
        }
        for (user, frame) in frames {
            let subject = self.bus.subjects().user_event(user);
            let event = encode_friends_event(user, &frame);
            if let Err(error) = self.bus.publish(subject, event).await {
                metrics::not_published("presence");
                tracing::debug!(%error, "presence is not published");
            }
        }
        Ok(())
    }

    /// Pushes to the friends of each. A hint that may be lost.
    async fn push(&self, frames: &BTreeMap<UserId, Bytes>) -> Result<(), StoreError> {
        let users: Vec<UserId> = frames.keys().copied().collect();
        let friends = self.store.friends(&users, self.max_friends).await?;
        self.fanout
            .deliver(&pushes(frames, &friends), Vec::new())
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

/// A frame for each.
fn frames(states: &BTreeMap<UserId, bool>) -> BTreeMap<UserId, Bytes> {
    let last_seen = millis(SystemTime::now());
    let frame = |(user, online): (&UserId, &bool)| {
        let event = PresenceEvent {
            user_id: *user,
            online: *online,
            last_seen,
        };
        (*user, encode(&Frame::push(event)))
    };
    states.iter().map(frame).collect()
}

/// One push per user, to all their friends.
fn pushes(frames: &BTreeMap<UserId, Bytes>, friends: &[(UserId, UserId)]) -> Vec<Push> {
    let mut told: BTreeMap<UserId, Vec<UserId>> = BTreeMap::new();
    for (user, friend) in friends {
        told.entry(*user).or_default().push(*friend);
    }
    let push = |(user, users): (UserId, Vec<UserId>)| {
        let push = Push {
            frame: frames.get(&user)?.clone(),
            audience: Audience::Users(users),
            except: None,
            ephemeral: true,
        };
        Some(push)
    };
    told.into_iter().filter_map(push).collect()
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
