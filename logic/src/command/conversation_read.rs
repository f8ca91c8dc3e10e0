//! `ConversationRead`: answered by `ReadReceipt` with the position that holds then ([R7]).

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{Code, ConversationRead, Frame, ReadReceipt, encode};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::positions::{Report, Which};
use crate::publisher::Reply;

pub(super) fn apply(
    request: &ConversationRead,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    if !request.conversation_id.is_some() {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    if request.conversation_id == ConversationId::WORLD {
        return world(request.seq, caller, services, replies);
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

/// Nobody has a position in the world chat: the answer says what could be read, and nothing is stored or told ([M9]). PostgreSQL is asked
/// only about a seq that this worker has not seen.
fn world(seq: Seq, caller: Caller, services: &Services, replies: &mut Replies) {
    let (asker, own) = (caller.clone(), services.clone());
    let receipt = move |seq| {
        let receipt = ReadReceipt {
            conversation_id: ConversationId::WORLD,
            user_id: asker.user,
            seq,
        };
        Frame::reply(asker.request_id, receipt)
    };
    if seq <= services.world.known_tip() {
        return replies.answer(caller, encode(&receipt(seq)));
    }
    let work = async move {
        let found = own.store.world().await;
        let state = found.map_err(|error| error.refusal("the tip of the world chat"))?;
        let tip = state.map_or(Seq(0), |state| state.tip_seq);
        own.world.learn(tip);
        Ok(Reply::Live(receipt(seq.min(tip))))
    };
    answer_aside(&services.reads, caller, services, replies, work);
}
