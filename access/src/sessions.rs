//! The sessions of this node: by id, and by user. Everything that reaches a session from outside goes through its
//! [`Handle`], and never waits.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use im_shared::bus::Target;
use im_shared::ids::{ConversationId, SessionId, SignInId, UserId};
use im_shared::wire::{CloseCode, Platform};
use parking_lot::{Mutex, RwLock};

use crate::handshake::Identity;
use crate::outbox::Outbox;

/// Conversations that a session follows at once ([S12]): those on the screen of a client.
pub(crate) const MAX_FOLLOWED: usize = 16;

/// What others know of a session.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) platform: Platform,
    pub(crate) device: Box<str>,
    /// The account is not registered.
    pub(crate) guest: bool,
    /// The login that its token came from.
    pub(crate) sign_in: SignInId,
    pub(crate) outbox: Outbox,
    /// What the session follows. Changed under the registry's lock, which holds the same the other way round.
    follows: Mutex<Vec<ConversationId>>,
    /// The first attempt to register the location is over, so that the reconciler may look at it.
    settled: AtomicBool,
    /// Logic was told that the session is there.
    announced: AtomicBool,
    /// Redis did not say whether it took the location: it may take it yet.
    doubtful: AtomicBool,
}

impl Handle {
    /// Of a session that is about to open; `outbox_bytes` bounds what waits for its client.
    pub(crate) fn new(id: SessionId, identity: &Identity, outbox_bytes: usize) -> Self {
        Self {
            id,
            user: identity.user(),
            platform: identity.platform(),
            device: identity.device().into(),
            guest: identity.is_guest(),
            sign_in: identity.sign_in(),
            outbox: Outbox::new(outbox_bytes),
            follows: Mutex::default(),
            settled: AtomicBool::new(false),
            announced: AtomicBool::new(false),
            doubtful: AtomicBool::new(false),
        }
    }

    /// Whether the session follows the conversation.
    pub(crate) fn follows(&self, conversation: ConversationId) -> bool {
        self.follows.lock().contains(&conversation)
    }

    /// Marks the end of the first attempt to register.
    pub(crate) fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }

    /// Marks that logic was told; gives whether it had been told before.
    pub(crate) fn announce(&self) -> bool {
        self.announced.swap(true, Ordering::AcqRel)
    }

    /// Marks that it is not known whether the location is there.
    pub(crate) fn doubt(&self) {
        self.doubtful.store(true, Ordering::Release);
    }

    /// Whether that was marked; from now on it is not.
    pub(crate) fn take_doubt(&self) -> bool {
        self.doubtful.swap(false, Ordering::AcqRel)
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
    followers: HashMap<ConversationId, HashMap<SessionId, Arc<Handle>>>,
}

impl Inner {
    fn unfollow(&mut self, session: SessionId, conversation: ConversationId) {
        if let Some(followers) = self.followers.get_mut(&conversation) {
            followers.remove(&session);
            if followers.is_empty() {
                self.followers.remove(&conversation);
            }
        }
    }
}

/// The target that stands for every session.
pub(crate) const EVERYBODY: Target = Target {
    session: SessionId(0),
    user: UserId(0),
};

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
        for conversation in std::mem::take(&mut *handle.follows.lock()) {
            inner.unfollow(handle.id, conversation);
        }
        if let Some(sessions) = inner.by_user.get_mut(&handle.user) {
            sessions.retain(|other| other.id != handle.id);
            if sessions.is_empty() {
                inner.by_user.remove(&handle.user);
            }
        }
    }

    /// From now on the session follows the conversation ([S12]); false when it follows [`MAX_FOLLOWED`] others. The session
    /// is in the registry.
    pub(crate) fn follow(&self, handle: &Arc<Handle>, conversation: ConversationId) -> bool {
        let mut inner = self.inner.write();
        let mut follows = handle.follows.lock();
        if follows.contains(&conversation) {
            return true;
        }
        if follows.len() >= MAX_FOLLOWED {
            return false;
        }
        follows.push(conversation);
        let followers = inner.followers.entry(conversation).or_default();
        followers.insert(handle.id, Arc::clone(handle));
        true
    }

    /// From now on the session does not follow the conversation.
    pub(crate) fn unfollow(&self, handle: &Handle, conversation: ConversationId) {
        let mut inner = self.inner.write();
        let follows = &mut *handle.follows.lock();
        follows.retain(|followed| *followed != conversation);
        inner.unfollow(handle.id, conversation);
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

    /// One session, if it is here.
    pub(crate) fn get(&self, id: SessionId) -> Option<Arc<Handle>> {
        self.inner.read().by_id.get(&id).cloned()
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

    /// Ends the sessions of these sign-ins; says how many there were.
    pub(crate) fn end(&self, sign_ins: &HashMap<SignInId, CloseCode>) -> u64 {
        let inner = self.inner.read();
        let mut ended = 0;
        for handle in inner.by_id.values() {
            if let Some(code) = sign_ins.get(&handle.sign_in) {
                handle.outbox.close(*code);
                ended += 1;
            }
        }
        ended
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

    /// Does `action` for every session that a target stands for and that follows the conversation. See [`Self::each`].
    pub(crate) fn each_following(
        &self,
        conversation: ConversationId,
        targets: &[Target],
        mut action: impl FnMut(&Handle),
    ) -> Missed {
        if !targets.contains(&EVERYBODY) {
            return self.each(targets, |handle| {
                if handle.follows(conversation) {
                    action(handle);
                }
            });
        }
        // A node has many sessions, of which few look at the conversation.
        let inner = self.inner.read();
        let followers = inner.followers.get(&conversation);
        followers
            .into_iter()
            .flat_map(HashMap::values)
            .for_each(|handle| action(handle));
        Missed::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn handle(id: u64, user: u64) -> Arc<Handle> {
        Arc::new(Handle::new(
            SessionId(id),
            &Identity::of(UserId(user)),
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

    /// B7
    #[test]
    fn the_sessions_of_a_sign_in_end_and_no_others() {
        let sessions = Sessions::default();
        let handles = [handle(1, 10), handle(2, 10), handle(3, 30)];
        handles.iter().for_each(|handle| sessions.insert(handle));
        let revoked = HashMap::from([(SignInId(10), CloseCode::SignedOut)]);
        assert_eq!(sessions.end(&revoked), 2);
        let closing = handles.map(|handle| handle.outbox.closing());
        let code = Some(CloseCode::SignedOut);
        assert_eq!(closing, [code, code, None]);
    }

    /// [S12]
    #[test]
    fn followers_are_reached_until_they_leave() {
        let sessions = Sessions::default();
        let handles = [handle(1, 10), handle(2, 10), handle(3, 30)];
        handles.iter().for_each(|handle| sessions.insert(handle));
        let [first, second, third] = &handles;
        let reached = |conversation, targets: &[Target]| {
            let mut ids = Vec::new();
            sessions.each_following(ConversationId(conversation), targets, |h| ids.push(h.id.0));
            ids.sort_unstable();
            ids
        };
        for follower in [first, third] {
            assert!(sessions.follow(follower, ConversationId(1)));
        }
        assert!(sessions.follow(second, ConversationId(2)));
        assert_eq!(reached(1, &[EVERYBODY]), [1, 3]);
        assert_eq!(reached(1, &[target(0, 10), target(3, 30)]), [1, 3]);
        assert_eq!(reached(1, &[target(2, 10)]), [0u64; 0]);
        sessions.unfollow(first, ConversationId(1));
        sessions.remove(third);
        assert_eq!(reached(1, &[EVERYBODY]), [0u64; 0]);
        assert_eq!(sessions.inner.read().followers.len(), 1);
    }

    /// [S12]
    #[test]
    fn a_session_follows_so_many_conversations_and_no_more() {
        let sessions = Sessions::default();
        let one = handle(1, 10);
        sessions.insert(&one);
        let mut follow = (1..=17).map(|id| sessions.follow(&one, ConversationId(id)));
        assert!(follow.by_ref().take(16).all(|followed| followed));
        assert_eq!(follow.next(), Some(false));
        assert!(sessions.follow(&one, ConversationId(3)), "it does already");
        sessions.unfollow(&one, ConversationId(3));
        assert!(sessions.follow(&one, ConversationId(17)));
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
