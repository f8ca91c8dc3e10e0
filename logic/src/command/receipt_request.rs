//! `ReceiptRequest`: who has received and read one's own entry ([R17], D7). Answered by `ReceiptResponse`.

use im_shared::ids::UserId;
use im_shared::wire::{Code, Frame, ReceiptRequest, ReceiptResponse, limits};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::store::StoreError;

pub(super) fn apply(
    request: &ReceiptRequest,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let limit = usize::from(request.limit);
    // Nobody is told where others are in a conversation of everybody.
    let is_legal = request.conversation_id.is_some()
        && !request.conversation_id.is_of_everybody()
        && (1..=limits::MAX_RECEIPTS).contains(&limit);
    if !is_legal {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let work = read(request.clone(), limit, caller.clone(), services.clone());
    answer_aside(&services.reads, caller, services, replies, work);
}

async fn read(
    request: ReceiptRequest,
    limit: usize,
    caller: Caller,
    services: Services,
) -> Result<Reply, Refusal> {
    let ReceiptRequest {
        conversation_id,
        seq,
        after_user_id,
        ..
    } = request;
    let failed = |error: StoreError| error.refusal("receipts");
    let view = services
        .directory
        .view(caller.user, conversation_id)
        .await?;
    let sender = services.store.sender(conversation_id, seq).await;
    match sender.map_err(failed)? {
        Some(_) if !view.shows(seq) => return Err(Refusal::because(Code::TargetNotFound)),
        Some(sender) if sender == caller.user => (),
        Some(_) => return Err(Refusal::because(Code::NotSender)),
        None => return Err(Refusal::because(Code::TargetNotFound)),
    }
    // One more than a page shows whether another one follows.
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let found = services
        .store
        .receipts(conversation_id, seq, after_user_id, wanted);
    let mut found = found.await.map_err(failed)?;
    let more = found.page.len() > limit;
    found.page.truncate(limit);
    let last = found.page.last().map_or(UserId(0), |last| last.user_id);
    let response = ReceiptResponse {
        conversation_id,
        seq,
        members: found.members,
        delivered: found.delivered,
        read: found.read,
        receipts: found.page,
        next_user_id: if more { last } else { UserId(0) },
    };
    Ok(Reply::Live(Frame::reply(caller.request_id, response)))
}
