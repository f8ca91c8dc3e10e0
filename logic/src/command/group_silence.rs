//! `GroupSilence`: takes somebody's voice for a time, or gives it back (E1, [G3]).

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupSilence};
use uuid::Uuid;

use super::group_change::{self, GroupChange, check_target};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event};

/// The end of the year 9999, in milliseconds since 1970: what every program can show.
const LATEST: i64 = 253_402_300_799_999;

pub(super) fn apply(
    request: GroupSilence,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupSilence {
    const NAME: &'static str = "group_silence";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, caller: UserId) -> Result<(), Code> {
        if !(0..=LATEST).contains(&self.until) {
            return Err(Code::InvalidArgument);
        }
        check_target(self.user_id, caller)
    }

    fn made(&self, event: &Event) -> bool {
        *event == Event::Member(event_of(self))
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let target = scene.target(self.user_id).await?;
        scene.permit(Action::Silence, Some(target.role))?;
        if target.silenced_until == self.until {
            return Ok(Outcome::unchanged());
        }
        let entry = scene.append_member(event_of(self)).await?;
        let locked = &scene.locked;
        locked
            .set_voice(self.user_id, self.until, entry.seq)
            .await?;
        Ok(Outcome::entry(entry, Vec::new()))
    }
}

fn event_of(request: &GroupSilence) -> MemberEvent {
    MemberEvent::Silenced {
        user: request.user_id,
        until: request.until,
    }
}
