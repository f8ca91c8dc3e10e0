//! `UserOffline`: tells friends when the user's last session is gone (F5).

use im_shared::wire::UserOffline;

use super::Services;
use crate::caller::Caller;
use crate::presence::Change;

pub(super) fn apply(request: &UserOffline, caller: &Caller, services: &Services) {
    if request.last {
        services.presence.offer(Change::Went(caller.user));
    }
}
