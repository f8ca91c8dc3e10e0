//! `MessageRecall`: takes a message back ([C3]).

use im_shared::wire::MessageRecall;

use super::changing::{self, Change, Kind};
use super::{Replies, Services};
use crate::caller::Caller;

pub(super) fn apply(
    request: &MessageRecall,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let change =
        changing::check(request.conversation_id, request.client_message_id).map(|()| Change {
            conversation: request.conversation_id,
            target: request.target_seq,
            client_message_id: request.client_message_id,
            kind: Kind::Recall,
        });
    changing::start(change, caller, services, replies);
}
