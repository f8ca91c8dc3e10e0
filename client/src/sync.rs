//! Which conversations there are and how far their logs are held [R1, R4, R5]. Pure: replies and pushes go in, requests and
//! applied entries come out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::limits::{MAX_CURSORS, MAX_HISTORY};
use im_shared::wire::{
    ConversationState, ConversationType, Cursor, Direction, Entry, HistoryRequest, SyncRequest,
    SyncResponse,
};

use crate::outbox::Target;
use crate::tracker::Tracker;

/// Pulls sent at a time; the rest follows with the replies.
const PULLS: usize = 4;

/// How much of the past a client without any memory wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backlog {
    /// The whole log of every conversation.
    #[default]
    All,
    /// So many of the last entries of each.
    Last(u64),
}

impl Backlog {
    /// Where to begin in a log that reaches `tip`.
    fn start(self, tip: Seq) -> Seq {
        match self {
            Self::All => Seq(0),
            Self::Last(count) => Seq(tip.0.saturating_sub(count)),
        }
    }
}

/// Every conversation with its tracker, and how far a running sync is.
#[derive(Debug)]
pub struct Sync {
    backlog: Backlog,
    trackers: BTreeMap<ConversationId, Tracker>,
    peers: HashMap<ConversationId, UserId>,
    /// Conversations that are followed since the last call of [`Self::followed`].
    followed: Vec<Cursor>,
    pulling: usize,
    run: Run,
    /// Conversations whose states came on the pages of this run: their entries did, too.
    paged: HashSet<ConversationId>,
    /// Whether the end of catching up is still to be told.
    announce: bool,
    /// A request for many conversations is under way.
    bulk_asked: bool,
    /// The database's time of the last complete sync [R4]; 0 when there was none.
    since: i64,
    /// That of the sync that is under way.
    synced_at: i64,
}

/// A place in the list of conversations, which is ordered by activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    activity: i64,
    conversation: ConversationId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Idle,
    /// Ask for the page after this place at this time.
    Due(Place, Instant),
    /// A page is awaited; `again` when a new sync was asked for meanwhile.
    Asked {
        again: bool,
    },
}

impl Sync {
    /// With what the storage holds.
    #[must_use]
    pub fn new(
        backlog: Backlog,
        cursors: Vec<Cursor>,
        conversations: &[ConversationState],
        since: i64,
    ) -> Self {
        let trackers = cursors
            .into_iter()
            .map(|cursor| (cursor.conversation_id, Tracker::new(cursor.seq)))
            .collect();
        let mut sync = Self {
            backlog,
            trackers,
            peers: HashMap::new(),
            followed: Vec::new(),
            pulling: 0,
            run: Run::Idle,
            paged: HashSet::new(),
            announce: false,
            bulk_asked: false,
            since,
            synced_at: 0,
        };
        conversations.iter().for_each(|state| sync.note_peer(state));
        sync
    }

    /// Something may be missing: a sync begins, or begins again after the page that is awaited [R4].
    pub fn must_sync(&mut self, now: Instant) {
        self.announce = true;
        match &mut self.run {
            Run::Asked { again } => *again = true,
            run => *run = Run::Due(Place::default(), now),
        }
    }

    /// A new session is there: what the old one was asked is not answered any more, and everything is synced.
    pub fn reconnected(&mut self, now: Instant) {
        self.run = Run::Idle;
        self.must_sync(now);
    }

    /// The request for the next page, if one is due; it counts as asked.
    pub fn request(&mut self, now: Instant) -> Option<SyncRequest> {
        let Run::Due(after, at) = self.run else {
            return None;
        };
        if at > now {
            return None;
        }
        self.run = Run::Asked { again: false };
        if after == Place::default() {
            self.paged.clear();
        }
        let paged = &self.paged;
        let cursors = self
            .trackers
            .iter()
            .filter(|(id, _)| !paged.contains(*id))
            .take(MAX_CURSORS);
        let cursors = cursors
            .map(|(id, tracker)| Cursor {
                conversation_id: *id,
                seq: tracker.tip(),
            })
            .collect();
        Some(SyncRequest {
            after_conversation_id: after.conversation,
            after_activity: after.activity,
            cursors,
            since: self.since,
            entries_only: false,
        })
    }

    /// Takes a page. Gives what can be applied, in order.
    pub fn page(&mut self, page: SyncResponse, now: Instant) -> Vec<Entry> {
        let again = self.run == Run::Asked { again: true };
        if page.synced_at != 0 {
            self.synced_at = page.synced_at;
        }
        let next = Place {
            activity: page.next_activity,
            conversation: page.next_conversation_id,
        };
        self.run = match next {
            next if next.conversation.is_some() => Run::Due(next, now),
            _ if again => Run::Due(Place::default(), now),
            _ => Run::Idle,
        };
        if self.run == Run::Idle {
            self.since = self.synced_at;
        }
        let mut applied = Vec::new();
        for state in &page.conversations {
            self.paged.insert(state.conversation_id);
            self.note_peer(state);
            let begun = self.begin(state, now);
            applied.extend(begun);
        }
        for entry in page.entries {
            applied.extend(self.take(entry, now));
        }
        for state in &page.conversations {
            self.tracker(state.conversation_id, state.tip_seq)
                .heard(state.tip_seq, now);
        }
        applied
    }

    /// The database's time of the last complete sync, to be kept with what it brought; 0 when there was none.
    #[must_use]
    pub fn since(&self) -> i64 {
        self.since
    }

    /// Where many conversations have gaps: one request for all of them, as far as a reply has room. They count as asked.
    pub fn bulk(&mut self, now: Instant) -> Option<SyncRequest> {
        let due = self
            .trackers
            .values()
            .filter(|tracker| tracker.pull_due().is_some_and(|at| at <= now));
        if self.bulk_asked || due.take(PULLS + 1).count() <= PULLS {
            return None;
        }
        let gaps = self
            .trackers
            .iter_mut()
            .filter_map(|(id, tracker)| tracker.pull(now).map(|after| (*id, after)));
        let cursors = gaps
            .take(MAX_CURSORS)
            .map(|(conversation_id, seq)| Cursor {
                conversation_id,
                seq,
            })
            .collect();
        self.bulk_asked = true;
        Some(SyncRequest {
            cursors,
            entries_only: true,
            ..SyncRequest::default()
        })
    }

    /// Whether such a request is under way: the session's allowance of frames is for the next ones.
    #[must_use]
    pub fn is_pulling_many(&self) -> bool {
        self.bulk_asked
    }

    /// Takes the reply to such a request. Gives what can be applied, in order.
    pub fn bulk_pulled(
        &mut self,
        asked: &[ConversationId],
        entries: Vec<Entry>,
        now: Instant,
    ) -> Vec<Entry> {
        self.bulk_asked = false;
        let mut applied = Vec::new();
        for entry in entries {
            applied.extend(self.take(entry, now));
        }
        for id in asked {
            if let Some(tracker) = self.trackers.get_mut(id) {
                if applied.is_empty() {
                    tracker.pulled(now);
                } else {
                    tracker.put_off(now);
                }
            }
        }
        applied
    }

    /// Such a request was refused or not answered; what it asked for is asked again after `wait`.
    pub fn bulk_failed(&mut self, asked: &[ConversationId], wait: Duration, now: Instant) {
        self.bulk_asked = false;
        for id in asked {
            if let Some(tracker) = self.trackers.get_mut(id) {
                tracker.pull_failed(wait, now);
            }
        }
    }

    /// The page did not come; it begins anew after `wait`.
    pub fn failed(&mut self, wait: Duration, now: Instant) {
        self.run = Run::Due(Place::default(), now + wait);
    }

    /// Takes an entry from a push or an acknowledgement. One of an unknown conversation asks for a sync [R5].
    pub fn offer(&mut self, entry: Entry, now: Instant) -> Vec<Entry> {
        if !self.trackers.contains_key(&entry.conversation_id) {
            self.must_sync(now);
        }
        self.take(entry, now)
    }

    /// Gaps to pull now; they count as asked.
    pub fn pulls(&mut self, now: Instant) -> Vec<HistoryRequest> {
        let free = PULLS.saturating_sub(self.pulling);
        let gaps = self
            .trackers
            .iter_mut()
            .filter_map(|(id, tracker)| tracker.pull(now).map(|after| (*id, after)));
        let pulls: Vec<_> = gaps
            .take(free)
            .map(|(conversation_id, seq)| HistoryRequest {
                conversation_id,
                seq,
                direction: Direction::Forward,
                limit: MAX_HISTORY as u16,
            })
            .collect();
        self.pulling += pulls.len();
        pulls
    }

    /// Takes the reply to a pull. Gives what can be applied, in order.
    pub fn pulled(
        &mut self,
        conversation: ConversationId,
        entries: Vec<Entry>,
        now: Instant,
    ) -> Vec<Entry> {
        self.pulling = self.pulling.saturating_sub(1);
        let mut applied = Vec::new();
        for entry in entries {
            applied.extend(self.take(entry, now));
        }
        if let Some(tracker) = self.trackers.get_mut(&conversation) {
            tracker.pulled(now);
        }
        applied
    }

    /// A pull was refused or not answered; it is asked again after `wait`.
    pub fn pull_failed(&mut self, conversation: ConversationId, wait: Duration, now: Instant) {
        self.pulling = self.pulling.saturating_sub(1);
        if let Some(tracker) = self.trackers.get_mut(&conversation) {
            tracker.pull_failed(wait, now);
        }
    }

    /// When something is due next.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let page = match self.run {
            Run::Due(_, at) => Some(at),
            Run::Idle | Run::Asked { .. } => None,
        };
        let gaps = self
            .trackers
            .values()
            .filter(|_| self.pulling < PULLS)
            .filter_map(Tracker::pull_due);
        gaps.chain(page).min()
    }

    /// True once after each time of catching up: everything that is known to exist is held.
    pub fn caught_up(&mut self) -> bool {
        let done = self.announce
            && self.run == Run::Idle
            && self.trackers.values().all(Tracker::is_complete);
        if done {
            self.announce = false;
        }
        done
    }

    /// Conversations that are followed since the last call, and from where.
    pub fn followed(&mut self) -> Vec<Cursor> {
        std::mem::take(&mut self.followed)
    }

    /// A private conversation as its peer, so that it has one queue in the outbox.
    #[must_use]
    pub fn target(&self, conversation: ConversationId) -> Target {
        self.peers
            .get(&conversation)
            .map_or(Target::Conversation(conversation), |peer| {
                Target::Peer(*peer)
            })
    }

    /// The id of the conversation that a target stands for; 0 of a peer without one yet.
    #[must_use]
    pub fn conversation(&self, target: Target) -> ConversationId {
        match target {
            Target::Conversation(conversation) => conversation,
            Target::Peer(peer) => self
                .peers
                .iter()
                .find(|(_, other)| **other == peer)
                .map_or(ConversationId(0), |(conversation, _)| *conversation),
        }
    }

    /// The log is known to reach `seq`: what is missing up to there is pulled.
    pub fn heard(&mut self, conversation: ConversationId, seq: Seq, now: Instant) {
        if let Some(tracker) = self.trackers.get_mut(&conversation) {
            tracker.heard(seq, now);
        }
    }

    /// Learns from a pushed state who the peer is.
    pub fn note_peer(&mut self, state: &ConversationState) {
        if state.type_ == ConversationType::Private {
            self.peers.insert(state.conversation_id, state.peer_id);
        }
    }

    fn take(&mut self, entry: Entry, now: Instant) -> Vec<Entry> {
        // Of an unknown conversation this entry is the newest that is known.
        self.tracker(entry.conversation_id, entry.seq)
            .offer(entry, now)
    }

    /// Follows a conversation from where the user may read it.
    fn begin(&mut self, state: &ConversationState, now: Instant) -> Vec<Entry> {
        let id = state.conversation_id;
        let tracker = self.tracker(id, state.tip_seq);
        if tracker.tip() >= state.from_seq {
            return Vec::new();
        }
        let applied = tracker.begin_after(state.from_seq, now);
        self.followed.push(Cursor {
            conversation_id: id,
            seq: state.from_seq,
        });
        applied
    }

    fn tracker(&mut self, conversation_id: ConversationId, tip: Seq) -> &mut Tracker {
        self.trackers.entry(conversation_id).or_insert_with(|| {
            let seq = self.backlog.start(tip);
            self.followed.push(Cursor {
                conversation_id,
                seq,
            });
            Tracker::new(seq)
        })
    }
}

#[cfg(test)]
#[path = "sync_tests.rs"]
mod tests;
