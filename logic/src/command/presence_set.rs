//! `PresenceSet`: whether others see that the user is there (F5). Answered by `Done`.

use im_shared::wire::{Done, Frame, PresenceSet};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::presence::Change;
use crate::publisher::Reply;

pub(super) fn apply(
    request: &PresenceSet,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let (invisible, own, asker) = (request.invisible, services.clone(), caller.clone());
    let work = async move {
        let changed = own.store.show(asker.user, invisible).await;
        if changed.map_err(|error| error.refusal("setting presence"))? {
            own.presence.offer(Change::Shown(asker.user));
        }
        Ok(Reply::Live(Frame::reply(asker.request_id, Done {})))
    };
    answer_aside(&services.changes, caller, services, replies, work);
}
