//! `GroupRemove`: ends somebody's membership (E1, [G8]).

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupRemove};
use uuid::Uuid;

use super::group_change::{self, GroupChange, check_target};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event};

pub(super) fn apply(
    request: GroupRemove,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupRemove {
    const NAME: &'static str = "group_remove";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, caller: UserId) -> Result<(), Code> {
        check_target(self.user_id, caller)
    }

    fn made(&self, event: &Event) -> bool {
        let user = self.user_id;
        *event == Event::Member(MemberEvent::Removed { user })
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let user = self.user_id;
        let target = scene.target(user).await?;
        scene.permit(Action::Remove, Some(target.role))?;
        let entry = scene.append_member(MemberEvent::Removed { user }).await?;
        scene.locked.part(user, entry.seq, None).await?;
        Ok(Outcome::entry(entry, vec![user]))
    }
}
