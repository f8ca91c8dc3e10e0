//! What a conversation is, and which pair a private one belongs to.
//!
//! Neither ever changes, so what was seen once holds for ever: the cache needs no invalidation. Who are friends and have not blocked each
//! other, and who is a member of a group, does change; that is asked at each commit.

use std::sync::Arc;

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::snowflake::Ids;
use im_shared::wire::{Code, ConversationType, Role};
use parking_lot::Mutex;

use crate::generations::Generations;
use crate::pending::Refusal;
use crate::store::{Kind, Private, Store, View};

/// Finds conversations. A cheap clone.
#[derive(Debug, Clone)]
pub struct Directory {
    store: Store,
    ids: Ids,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug)]
struct Known {
    by_id: Generations<ConversationId, Kind>,
    by_pair: Generations<(UserId, UserId), Private>,
}

impl Directory {
    /// Remembers up to `capacity` conversations, at about 100 bytes each.
    #[must_use]
    pub fn new(store: Store, ids: Ids, capacity: usize) -> Self {
        let (by_id, by_pair) = (Generations::new(capacity), Generations::new(capacity));
        let known = Arc::new(Mutex::new(Known { by_id, by_pair }));
        Self { store, ids, known }
    }

    /// A conversation that was seen before.
    #[must_use]
    pub fn known(&self, id: ConversationId) -> Option<Kind> {
        self.known.lock().by_id.get(&id)
    }

    /// The conversation of two users, if it was seen before.
    #[must_use]
    pub fn known_of(&self, user: UserId, peer: UserId) -> Option<Private> {
        let pair = (user.min(peer), user.max(peer));
        self.known.lock().by_pair.get(&pair)
    }

    /// The conversation with this id.
    ///
    /// # Errors
    ///
    /// `ConversationNotFound`, or `Unavailable`.
    pub async fn find(&self, id: ConversationId) -> Result<Kind, Refusal> {
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        match self.store.kind(id).await {
            Ok(Some(Kind::Private(found))) => Ok(Kind::Private(self.remember(found))),
            Ok(Some(kind)) => {
                self.known.lock().by_id.insert(id, kind);
                Ok(kind)
            }
            Ok(None) => Err(Refusal::because(Code::ConversationNotFound)),
            Err(error) => Err(error.refusal("finding a conversation")),
        }
    }

    /// What `user` has to do with the conversation with this id: former members too, whose `until` is set.
    ///
    /// # Errors
    ///
    /// `ConversationNotFound`, `NotMember`, or `Unavailable`.
    pub async fn view(&self, user: UserId, id: ConversationId) -> Result<View, Refusal> {
        if id.is_of_everybody() {
            return Ok(View::of_everybody(id));
        }
        // A pair never changes, so it needs no look.
        if let Some(Kind::Private(known)) = self.known(id) {
            let peer = known.peer_of(user);
            let peer = peer.ok_or(Refusal::because(Code::NotMember))?;
            return Ok(View {
                kind: ConversationType::Private,
                role: Role::Member,
                from: Seq(0),
                until: None,
                peer,
            });
        }
        match self.store.view(user, id).await {
            Ok(Some(Some(view))) => {
                if view.kind == ConversationType::Private {
                    let (low, high) = (user.min(view.peer), user.max(view.peer));
                    self.remember(Private { id, low, high });
                }
                Ok(view)
            }
            Ok(Some(None)) => Err(Refusal::because(Code::NotMember)),
            Ok(None) => Err(Refusal::because(Code::ConversationNotFound)),
            Err(error) => Err(error.refusal("looking for a member")),
        }
    }

    /// The conversation of `user` with `peer`, made when there is none and they are friends (G4). One that is there stays open to both, whatever they
    /// are to each other now: what was said is theirs, and nothing can be said in it.
    ///
    /// # Errors
    ///
    /// `UserNotFound`, `NotFriends`, `Blocked`, `InvalidArgument` for oneself, or `Unavailable`.
    pub async fn open(&self, user: UserId, peer: UserId) -> Result<Private, Refusal> {
        if user == peer {
            return Err(Refusal::because(Code::InvalidArgument));
        }
        if let Some(known) = self.known_of(user, peer) {
            return Ok(known);
        }
        let (low, high) = (user.min(peer), user.max(peer));
        let failed = |error: crate::store::StoreError| error.refusal("opening a conversation");
        let id = match self.store.private_of(low, high).await.map_err(failed)? {
            Some(id) => id,
            None => {
                let (exists, bond) = self.store.acquaintance(user, peer).await.map_err(failed)?;
                if !exists {
                    return Err(Refusal::because(Code::UserNotFound));
                }
                bond.check().map_err(Refusal::because)?;
                let ids = [self.id()?, self.id()?, self.id()?];
                self.store
                    .make_private(low, high, ids)
                    .await
                    .map_err(failed)?
            }
        };
        if !id.is_some() {
            tracing::error!(%low, %high, "a conversation was neither made nor found");
            return Err(Refusal::because(Code::Internal));
        }
        Ok(self.remember(Private { id, low, high }))
    }

    fn remember(&self, found: Private) -> Private {
        let mut known = self.known.lock();
        known.by_id.insert(found.id, Kind::Private(found));
        known.by_pair.insert((found.low, found.high), found);
        found
    }

    fn id(&self) -> Result<u64, Refusal> {
        self.ids.next().map_err(|error| {
            tracing::warn!(%error, "no id for a conversation");
            Refusal::UNAVAILABLE
        })
    }
}
