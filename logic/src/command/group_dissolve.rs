//! `GroupDissolve`: ends the group; who was in it keeps the log up to here (E1, [G10]).

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupDissolve};
use uuid::Uuid;

use super::group_change::{self, GroupChange};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event};

pub(super) fn apply(
    request: GroupDissolve,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupDissolve {
    const NAME: &'static str = "group_dissolve";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, _: UserId) -> Result<(), Code> {
        Ok(())
    }

    fn made(&self, event: &Event) -> bool {
        *event == Event::Member(MemberEvent::Dissolved)
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        scene.permit(Action::Dissolve, None)?;
        let entry = scene.append_member(MemberEvent::Dissolved).await?;
        let members = scene.locked.dissolve(entry.seq).await?;
        Ok(Outcome::entry(entry, members))
    }
}
