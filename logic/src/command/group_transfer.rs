//! `GroupTransfer`: makes a member the owner; the one who was is an admin from then on (E1, [G3]).

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupTransfer};
use uuid::Uuid;

use super::group_change::{self, GroupChange, check_target};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event};

pub(super) fn apply(
    request: GroupTransfer,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupTransfer {
    const NAME: &'static str = "group_transfer";

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
        *event == Event::Member(MemberEvent::Transferred { user })
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let user = self.user_id;
        let target = scene.target(user).await?;
        scene.permit(Action::Transfer, Some(target.role))?;
        if scene.locked.owned_groups(user).await? >= scene.services.groups.max_owned {
            return Err(Code::GroupFull.into());
        }
        let entry = scene
            .append_member(MemberEvent::Transferred { user })
            .await?;
        scene.locked.hand_over(scene.actor, user, entry.seq).await?;
        Ok(Outcome::entry(entry, Vec::new()))
    }
}
