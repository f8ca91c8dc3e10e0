//! Who gets what happens in a conversation.

use std::sync::Arc;

use im_shared::ids::{ConversationId, NodeId, Seq, SessionId, UserId};
use im_shared::wire::Entry;

/// Whose sessions are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Those of these users.
    Users(Vec<UserId>),
    /// Those of the members of a group.
    Group {
        /// The entry that had last changed the membership at the commit, `conversations.members_seq`; each entry goes to those who were
        /// members then. 0 for what is no entry: who is a member now, give or take a few seconds.
        members_seq: Seq,
        /// Who is no member any more and is still told of this.
        also: Vec<UserId>,
    },
    /// Those that follow the world chat; the others get a hint now and then.
    World,
    /// All that there are.
    Everybody,
}

/// Entries that were committed, to be pushed.
#[derive(Debug, Clone)]
pub struct Told {
    /// Where they are.
    pub conversation: ConversationId,
    /// Whose sessions get them.
    pub reach: Reach,
    /// In the order of their seqs.
    pub entries: Vec<Entry>,
    /// The session that caused it and knows already.
    pub except: Option<(Arc<NodeId>, SessionId)>,
}
