//! `MessageReaction`: adds a reaction to a message, or removes it ([C4]).

use im_shared::wire::{Code, MessageReaction};

use super::changing::{self, Change, Kind};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::change::reaction;

pub(super) fn apply(
    request: MessageReaction,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    changing::start(check(request), caller, services, replies);
}

fn check(request: MessageReaction) -> Result<Change, Code> {
    changing::check(request.conversation_id, request.client_message_id)?;
    reaction::check(&request.reaction)?;
    Ok(Change {
        conversation: request.conversation_id,
        target: request.target_seq,
        client_message_id: request.client_message_id,
        kind: Kind::Reaction {
            reaction: request.reaction,
            remove: request.remove,
        },
    })
}
