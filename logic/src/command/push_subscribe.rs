//! `PushSubscribe`: where a browser takes pushes, one per device ([P1]).

use im_shared::ids::ConversationId;
use im_shared::wire::{Code, Done, Frame, PushSubscribe};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::push::Unfit;
use crate::store::NewSubscription;

pub(super) fn apply(
    request: PushSubscribe,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    if !is_device(&request.device_id) {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let checked = services
        .push
        .check(&request.endpoint, &request.p256dh, &request.auth);
    if let Err(unfit) = checked {
        let code = match unfit {
            Unfit::Off => Code::Unsupported,
            Unfit::Invalid => Code::PushSubscriptionInvalid,
        };
        return replies.refuse(caller, Refusal::because(code));
    }
    let (own, user, request_id) = (services.clone(), caller.user, caller.request_id);
    let work = async move {
        let id = own.id()?;
        let subscription = NewSubscription {
            id: ConversationId(id).to_sql(),
            user,
            device: request.device_id,
            endpoint: request.endpoint,
            p256dh: request.p256dh,
            auth: request.auth,
            hide_content: request.hide_content,
        };
        let kept = own.store.subscribe(&subscription).await;
        kept.map_err(|error| error.refusal("a push subscription"))?;
        Ok(Reply::Live(Frame::reply(request_id, Done {})))
    };
    answer_aside(&services.changes, caller, services, replies, work);
}

/// 1 to 64 of `[A-Za-z0-9_-]`, as in `AuthRequest`.
pub(super) fn is_device(id: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&id.len()) && id.bytes().all(legal)
}
