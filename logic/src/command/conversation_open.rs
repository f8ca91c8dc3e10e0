//! `ConversationOpen`: the private conversation with a friend, made if need be (G4). Answered by `ConversationEvent`.

use im_shared::wire::{Code, ConversationEvent, ConversationOpen, Frame};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::publisher::Reply;

pub(super) fn apply(
    request: &ConversationOpen,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let (peer, own, asker) = (request.peer_id, services.clone(), caller.clone());
    if !peer.is_some() {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let work = async move {
        let conversation = own.directory.open(asker.user, peer).await?;
        let state = own.store.state(asker.user, conversation.id).await;
        let state = state.map_err(|error| error.refusal("the state of a conversation"))?;
        let state = state.ok_or(Refusal::because(Code::ConversationNotFound))?;
        Ok(Reply::Live(Frame::reply(
            asker.request_id,
            ConversationEvent { state },
        )))
    };
    answer_aside(&services.resolves, caller, services, replies, work);
}
