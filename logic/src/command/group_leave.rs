//! `GroupLeave`: ends the caller's membership (E1, [G9]). An owner who leaves is followed by an heir; with the last member the group ends.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupLeave, Role};
use uuid::Uuid;

use super::group_change::{self, GroupChange};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event, heir};

pub(super) fn apply(
    request: GroupLeave,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupLeave {
    const NAME: &'static str = "group_leave";

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
        matches!(event, Event::Member(MemberEvent::Left { .. }))
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        scene.permit(Action::Leave, None)?;
        let user = scene.actor;
        if scene.role != Role::Owner {
            let entry = scene
                .append_member(MemberEvent::Left { owner: None })
                .await?;
            scene.locked.part(user, entry.seq, None).await?;
            return Ok(Outcome::entry(entry, vec![user]));
        }
        let owner = heir(&scene.locked.candidates(user).await?);
        let entry = scene.append_member(MemberEvent::Left { owner }).await?;
        match owner {
            Some(_) => scene.locked.part(user, entry.seq, owner).await?,
            None => drop(scene.locked.dissolve(entry.seq).await?),
        }
        Ok(Outcome::entry(entry, vec![user]))
    }
}
