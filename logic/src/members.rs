//! Who is in a group, as the commit saw it.
//!
//! A membership that is kept carries the number of the entry that last changed it (`members_seq`); when a commit saw a later one, only the
//! members that changed since are read. Each member has the stretch of entries that they are given, so a membership that is newer than
//! a commit gives the same answer for it: who came later does not get the entry, and who has just left does.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use im_shared::ids::{ConversationId, Seq, UserId};
use parking_lot::Mutex;

use crate::metrics;
use crate::pending::Refusal;
use crate::store::{Changed, Store};

/// A look-up that takes longer is given up, and what waits for it is not acknowledged: its client sends it again ([M3]).
const LOAD_WITHIN: Duration = Duration::from_secs(2);

/// What is no entry may go by a membership of this age.
const LATELY: Duration = Duration::from_secs(5);

/// A database that says less than a commit saw was restored from a backup; its word counts after so many looks.
const MAX_LOOKS: usize = 3;

/// A member, and the entries that are given to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Entries up to here were before their time.
    pub from: Seq,
    /// The entry by which they left; none while they are a member.
    pub until: Option<Seq>,
    /// The entry that changed their membership last.
    pub changed: Seq,
}

impl Member {
    /// Whether every entry of this stretch is given to them. No membership changes inside it.
    #[must_use]
    pub fn is_given(&self, first: Seq, last: Seq) -> bool {
        self.from < first && self.until.is_none_or(|until| last <= until)
    }
}

/// The members of one group at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    seq: Seq,
    /// By user.
    members: Vec<Member>,
    present: usize,
    loaded_at: Instant,
}

impl Membership {
    fn new(seq: Seq, members: Vec<Member>, now: Instant) -> Self {
        let is_present = |member: &&Member| member.until.is_none();
        let present = members.iter().filter(is_present).count();
        Self {
            seq,
            members,
            present,
            loaded_at: now,
        }
    }

    /// With `changes` up to `seq`. Who left before the earlier state is forgotten: all pushes of that time have gone out.
    fn with(&self, changes: Vec<Member>, seq: Seq, now: Instant) -> Self {
        let mut changes: HashMap<UserId, Member> = changes
            .into_iter()
            .map(|member| (member.user, member))
            .collect();
        let kept = self.members.iter().filter_map(|member| {
            let member = changes.remove(&member.user).unwrap_or(*member);
            let is_past = member.until.is_some_and(|until| until <= self.seq);
            (!is_past).then_some(member)
        });
        let mut members: Vec<Member> = kept.collect();
        members.extend(changes.into_values());
        members.sort_unstable_by_key(|member| member.user);
        Self::new(seq, members, now)
    }

    /// Who is given every entry of this stretch, by user. No membership changes inside it, so nobody is given only a part.
    pub fn given(&self, first: Seq, last: Seq) -> impl Iterator<Item = UserId> {
        let is_given = move |member: &&Member| member.is_given(first, last);
        self.members
            .iter()
            .filter(is_given)
            .map(|member| member.user)
    }

    /// Those of `users` who are members, or have just left, by user.
    #[must_use]
    pub fn among(&self, users: &BTreeSet<UserId>) -> Vec<Member> {
        let place = |user: &UserId| {
            self.members
                .binary_search_by_key(user, |member| member.user)
                .ok()
        };
        users
            .iter()
            .filter_map(place)
            .map(|place| self.members[place])
            .collect()
    }

    /// Everybody, and who has just left, by user.
    #[must_use]
    pub fn all(&self) -> Vec<Member> {
        self.members.clone()
    }

    /// Who became a member, or changed as one, after the entry `seq`.
    pub fn came_after(&self, seq: Seq) -> impl Iterator<Item = UserId> {
        self.members
            .iter()
            .filter(move |member| member.until.is_none() && member.changed > seq)
            .map(|member| member.user)
    }

    /// Who is a member, by user.
    pub fn present(&self) -> impl Iterator<Item = UserId> {
        let is_present = |member: &&Member| member.until.is_none();
        self.members
            .iter()
            .filter(is_present)
            .map(|member| member.user)
    }

    /// How many are members.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.present
    }

    /// The entry that changed it last.
    #[must_use]
    pub const fn seq(&self) -> Seq {
        self.seq
    }
}

#[cfg(test)]
impl Membership {
    /// One since ever, two since the fifth entry.
    pub(crate) fn of_three() -> Self {
        let member = |user, from| Member {
            user: UserId(user),
            from: Seq(from),
            until: None,
            changed: Seq(from),
        };
        let members = vec![member(1, 0), member(2, 4), member(3, 4)];
        Self::new(Seq(5), members, Instant::now())
    }
}

type Load = Shared<BoxFuture<'static, Result<Arc<Membership>, Refusal>>>;

/// The memberships of the groups that were written in lately. A cheap clone.
#[derive(Debug, Clone)]
pub struct Members {
    store: Store,
    inner: Arc<Mutex<Inner>>,
}

/// Two generations, weighed by members: what is asked for moves into the young one; when that is full it becomes the old one.
#[derive(Debug)]
struct Inner {
    young: HashMap<ConversationId, Arc<Membership>>,
    old: HashMap<ConversationId, Arc<Membership>>,
    weight: usize,
    half: usize,
    loads: HashMap<ConversationId, Load>,
}

impl Members {
    /// Remembers up to `capacity` members of all groups together, at 40 bytes each.
    #[must_use]
    pub fn new(store: Store, capacity: usize) -> Self {
        let inner = Inner {
            young: HashMap::new(),
            old: HashMap::new(),
            weight: 0,
            half: (capacity / 2).max(1),
            loads: HashMap::new(),
        };
        Self {
            store,
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    /// The membership if it is known as of `seq` or later.
    #[must_use]
    pub fn known(&self, conversation: ConversationId, seq: Seq) -> Option<Arc<Membership>> {
        let known = self.inner.lock().get(conversation)?;
        (known.seq >= seq).then_some(known)
    }

    /// The membership as of `seq` or later. However many ask at once, it is read once.
    ///
    /// # Errors
    ///
    /// `Unavailable`.
    pub async fn at(
        &self,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Arc<Membership>, Refusal> {
        let mut looks = 0;
        loop {
            if let Some(known) = self.known(conversation, seq) {
                return Ok(known);
            }
            looks += 1;
            let found = self.look(conversation).await?;
            // A look that had begun before the commit may have seen less.
            if found.seq >= seq || looks == MAX_LOOKS {
                return Ok(found);
            }
        }
    }

    /// The membership as it is now, or was a few seconds ago.
    ///
    /// # Errors
    ///
    /// `Unavailable`.
    pub async fn lately(&self, conversation: ConversationId) -> Result<Arc<Membership>, Refusal> {
        match self.known(conversation, Seq(0)) {
            Some(known) if known.loaded_at.elapsed() < LATELY => Ok(known),
            _ => self.look(conversation).await,
        }
    }

    async fn look(&self, conversation: ConversationId) -> Result<Arc<Membership>, Refusal> {
        let load = {
            let mut inner = self.inner.lock();
            let known = inner.get(conversation);
            let start = || {
                load(self.store.clone(), conversation, known)
                    .boxed()
                    .shared()
            };
            inner
                .loads
                .entry(conversation)
                .or_insert_with(start)
                .clone()
        };
        let found = load.clone().await;
        let mut inner = self.inner.lock();
        // Whoever comes first takes it away; a later load of the same group stays.
        if inner
            .loads
            .get(&conversation)
            .is_some_and(|under_way| under_way.ptr_eq(&load))
        {
            inner.loads.remove(&conversation);
            if let Ok(membership) = &found {
                inner.insert(conversation, Arc::clone(membership));
            }
        }
        found
    }
}

impl Inner {
    fn get(&mut self, conversation: ConversationId) -> Option<Arc<Membership>> {
        if let Some(known) = self.young.get(&conversation) {
            return Some(Arc::clone(known));
        }
        let known = self.old.remove(&conversation)?;
        self.insert(conversation, Arc::clone(&known));
        Some(known)
    }

    fn insert(&mut self, conversation: ConversationId, membership: Arc<Membership>) {
        self.old.remove(&conversation);
        self.weight += membership.members.len() + 1;
        if let Some(before) = self.young.insert(conversation, membership) {
            self.weight -= before.members.len() + 1;
        }
        if self.weight > self.half {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
    }
}

/// What changed since `known`, or all of it.
async fn load(
    store: Store,
    conversation: ConversationId,
    known: Option<Arc<Membership>>,
) -> Result<Arc<Membership>, Refusal> {
    let since = known.as_ref().map(|known| known.seq);
    metrics::members_loaded(if since.is_some() { "changed" } else { "whole" });
    let began = Instant::now();
    let loading = store.changed_members(conversation, since);
    let found = match tokio::time::timeout(LOAD_WITHIN, loading).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(error.refusal("the members of a group")),
        Err(_) => {
            tracing::warn!(%conversation, within = ?LOAD_WITHIN, "the members of a group took too long");
            return Err(Refusal::UNAVAILABLE);
        }
    };
    let Changed { seq, members } = found;
    Ok(Arc::new(match known {
        Some(known) => known.with(members, seq, began),
        None => Membership::new(seq, members, began),
    }))
}

#[cfg(test)]
#[path = "members_tests.rs"]
mod tests;
