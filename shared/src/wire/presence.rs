//! Bodies that access sends to logic; no client sends or sees them.

use super::table::table;
use crate::ids::{Incarnation, SessionId};

table! {
    /// A session whose location was taken over by a newer one.
    ReplacedSession(ReplacedSessionArgs) {
        /// The access node that has it.
        node_id: String,
        /// Of that node.
        incarnation: Incarnation,
        /// Which one.
        session_id: SessionId,
    }

    /// A session was opened and its location registered.
    UserOnline(UserOnlineArgs) {
        /// The device of the session.
        device_id: String,
        /// Older sessions on the same platform: to be ended ([S8]).
        replaced: Vec<ReplacedSession>,
        /// The user had no other session.
        first: bool,
    }

    /// A session ended and its location is gone.
    UserOffline(UserOfflineArgs) {
        /// The device of the session.
        device_id: String,
        /// The user has no session left.
        last: bool,
    }
}
