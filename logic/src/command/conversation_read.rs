//! `ConversationRead`: answered by `ReadReceipt` with the position that holds then ([R7]).

use im_shared::wire::{Code, ConversationRead};

use super::{Replies, Services};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::positions::{Report, Which};

pub(super) fn apply(
    request: &ConversationRead,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    if !request.conversation_id.is_some() {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let report = Report {
        caller,
        conversation: request.conversation_id,
        which: Which::Read,
        seq: request.seq,
    };
    if let Err(report) = services.positions.offer(report) {
        replies.refuse(report.caller, Refusal::FULL);
    }
}
