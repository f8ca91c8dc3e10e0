//! The sessions of this node: by id, and by user. Everything that reaches a session from outside goes through its
//! [`Handle`], and never waits.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use im_shared::bus::Target;
use im_shared::ids::{SessionId, UserId};
use im_shared::wire::Platform;
use parking_lot::RwLock;

use crate::outbox::Outbox;

/// What others know of a session.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) platform: Platform,
    pub(crate) device: Box<str>,
    pub(crate) outbox: Outbox,
    /// The first attempt to register the location is over, so that the reconciler may look at it.
    settled: AtomicBool,
    /// Logic was told that the session is there.
    announced: AtomicBool,
}

impl Handle {
    /// Of a session that is about to open; `outbox_bytes` bounds what waits for its client.
    pub(crate) fn new(
        id: SessionId,
        user: UserId,
        platform: Platform,
        device: &str,
        outbox_bytes: usize,
    ) -> Self {
        Self {
            id,
            user,
            platform,
            device: device.into(),
            outbox: Outbox::new(outbox_bytes),
            settled: AtomicBool::new(false),
            announced: AtomicBool::new(false),
        }
    }

    /// Marks the end of the first attempt to register.
    pub(crate) fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }

    /// Marks that logic was told; gives whether it had been told before.
    pub(crate) fn announce(&self) -> bool {
        self.announced.swap(true, Ordering::AcqRel)
    }

    /// Whether logic was told.
    pub(crate) fn is_announced(&self) -> bool {
        self.announced.load(Ordering::Acquire)
    }
}

/// The registry. A cheap clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    inner: Arc<RwLock<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<SessionId, Arc<Handle>>,
    by_user: HashMap<UserId, Vec<Arc<Handle>>>,
}

/// Targets of a delivery that no session here stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The session has ended, or is elsewhere.
    pub(crate) unknown: u64,
    /// The session belongs to another user (F6).
    pub(crate) wrong_user: u64,
}

impl Sessions {
    /// Adds a session; from now on deliveries reach it.
    pub(crate) fn insert(&self, handle: &Arc<Handle>) {
        let mut inner = self.inner.write();
        inner.by_id.insert(handle.id, Arc::clone(handle));
        inner
            .by_user
            .entry(handle.user)
            .or_default()
            .push(Arc::clone(handle));
    }

    /// Removes a session.
    pub(crate) fn remove(&self, handle: &Handle) {
        let mut inner = self.inner.write();
        inner.by_id.remove(&handle.id);
        if let Some(sessions) = inner.by_user.get_mut(&handle.user) {
            sessions.retain(|other| other.id != handle.id);
            if sessions.is_empty() {
                inner.by_user.remove(&handle.user);
            }
        }
    }

    /// Whether the session is here.
    pub(crate) fn contains(&self, id: SessionId) -> bool {
        self.inner.read().by_id.contains_key(&id)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.inner.read().by_id.len()
    }

    /// All of them, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Handle>> {
        self.inner.read().by_id.values().cloned().collect()
    }

    /// Those whose first registration is over.
    pub(crate) fn settled(&self) -> Vec<Arc<Handle>> {
        let inner = self.inner.read();
        let settled = |handle: &&Arc<Handle>| handle.settled.load(Ordering::Acquire);
        inner.by_id.values().filter(settled).cloned().collect()
    }

    /// One session, if it is here and belongs to `user`.
    pub(crate) fn find(&self, id: SessionId, user: UserId) -> Option<Arc<Handle>> {
        let inner = self.inner.read();
        inner
            .by_id
            .get(&id)
            .filter(|handle| handle.user == user)
            .cloned()
    }

    /// Does `action` for every session that a target stands for. Session and user must both fit, so that a message never
    /// reaches another user's session, whatever is in Redis (F6). Session 0: all of the user; user 0 too: everybody.
    ///
    /// `action` runs under the registry's lock: it must not wait, and not call the registry.
    pub(crate) fn each(&self, targets: &[Target], mut action: impl FnMut(&Handle)) -> Missed {
        let inner = self.inner.read();
        let mut missed = Missed::default();
        for target in targets {
            match (target.session.is_some(), target.user.is_some()) {
                (true, _) => match inner.by_id.get(&target.session) {
                    Some(handle) if handle.user == target.user => action(handle),
                    Some(_) => missed.wrong_user += 1,
                    None => missed.unknown += 1,
                },
                (false, true) => {
                    let sessions = inner.by_user.get(&target.user);
                    sessions
                        .into_iter()
                        .flatten()
                        .for_each(|handle| action(handle));
                }
                (false, false) => inner.by_id.values().for_each(|handle| action(handle)),
            }
        }
        missed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn handle(id: u64, user: u64) -> Arc<Handle> {
        Arc::new(Handle::new(
            SessionId(id),
            UserId(user),
            Platform::Web,
            "device",
            1_000,
        ))
    }

    fn target(session: u64, user: u64) -> Target {
        Target {
            session: SessionId(session),
            user: UserId(user),
        }
    }

    #[test]
    fn a_target_is_a_session_a_user_or_everybody() {
        let sessions = Sessions::default();
        for handle in [handle(1, 10), handle(2, 10), handle(3, 30)] {
            sessions.insert(&handle);
        }
        let reached = |targets: &[Target]| {
            let mut ids = Vec::new();
            sessions.each(targets, |handle| ids.push(handle.id.0));
            ids.sort_unstable();
            ids
        };
        assert_eq!(reached(&[target(1, 10)]), [1]);
        assert_eq!(reached(&[target(0, 10)]), [1, 2]);
        assert_eq!(reached(&[target(0, 0)]), [1, 2, 3]);
        assert_eq!(reached(&[target(0, 99), target(3, 30)]), [3]);
    }

    #[test]
    fn a_session_that_left_is_gone_from_both_tables() {
        let sessions = Sessions::default();
        let first = handle(1, 10);
        sessions.insert(&first);
        sessions.remove(&first);
        assert_eq!(sessions.len(), 0);
        assert!(sessions.inner.read().by_user.is_empty());
        let missed = sessions.each(&[target(1, 10)], |_| {});
        assert_eq!(
            missed,
            Missed {
                unknown: 1,
                wrong_user: 0
            }
        );
    }

    proptest! {
        /// F6
        #[test]
        fn no_delivery_reaches_a_session_of_another_user(
            present in prop::collection::vec((1u64..20, 1u64..6), 0..30),
            targets in prop::collection::vec((0u64..20, 1u64..6), 0..30),
        ) {
            let sessions = Sessions::default();
            for (id, user) in present {
                if !sessions.contains(SessionId(id)) {
                    sessions.insert(&handle(id, user));
                }
            }
            for (session, user) in targets {
                sessions.each(&[target(session, user)], |handle| assert_eq!(handle.user, UserId(user)));
            }
        }
    }
}
