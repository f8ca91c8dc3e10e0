//! `PushUnsubscribe`: a device takes no pushes any more; also when it took none ([P1]).

use im_shared::wire::{Code, Done, Frame, PushUnsubscribe};

use super::push_subscribe::is_device;
use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::publisher::Reply;

pub(super) fn apply(
    request: PushUnsubscribe,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    if !is_device(&request.device_id) {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let (own, user, request_id) = (services.clone(), caller.user, caller.request_id);
    let work = async move {
        let forgotten = own.store.unsubscribe(user, &request.device_id).await;
        forgotten.map_err(|error| error.refusal("a push subscription"))?;
        Ok(Reply::Live(Frame::reply(request_id, Done {})))
    };
    answer_aside(&services.changes, caller, services, replies, work);
}
