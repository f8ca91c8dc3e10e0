//! `MessageDelivered`: no reply ([R7]).

use im_shared::wire::MessageDelivered;

use super::Services;
use crate::caller::Caller;
use crate::positions::{Report, Which};

pub(super) fn apply(request: &MessageDelivered, caller: Caller, services: &Services) {
    // What everybody gets is not reported by anybody ([R6]).
    if request.conversation_id.is_of_everybody() {
        return;
    }
    let report = Report {
        caller,
        conversation: request.conversation_id,
        which: Which::Delivered,
        seq: request.seq,
    };
    // A full queue counts what it refuses; the next report of the client says the same and more.
    let _ = services.positions.offer(report);
}
