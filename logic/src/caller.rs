//! Who asked, and where the answer goes.

use std::sync::Arc;

use im_shared::ids::{NodeId, SessionId, UserId};
use im_shared::wire::RequestId;

/// Where an answer goes: the way that the request came, without a look at locations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// To one session of an access node.
    Session {
        /// The node that the request came from.
        node: Arc<NodeId>,
        /// The session on that node.
        session: SessionId,
    },
    /// To a program that waits on a reply subject; the answer is a bare frame.
    Inbox(Arc<str>),
}

/// One request's sender. The user is the session's, stamped by access, and never taken from the frame (D13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// On whose behalf.
    pub user: UserId,
    /// The account is not registered, as access stamped it.
    pub guest: bool,
    /// Carried back by the reply.
    pub request_id: RequestId,
    /// Where the reply goes.
    pub address: Address,
}

impl Caller {
    /// The session that asked, which gets a reply and no push of its own request.
    #[must_use]
    pub fn session(&self) -> Option<(Arc<NodeId>, SessionId)> {
        match &self.address {
            Address::Session { node, session } => Some((Arc::clone(node), *session)),
            Address::Inbox(_) => None,
        }
    }
}
