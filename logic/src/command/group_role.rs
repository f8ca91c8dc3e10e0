//! `GroupRole`: makes a member an admin, or an admin a member (E1, [G3]). A role that is there already makes no entry.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupRole, Role};
use uuid::Uuid;

use super::group_change::{self, GroupChange, check_target};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event};

pub(super) fn apply(
    request: GroupRole,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupRole {
    const NAME: &'static str = "group_role";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, caller: UserId) -> Result<(), Code> {
        if !matches!(self.role, Role::Member | Role::Admin) {
            return Err(Code::InvalidArgument);
        }
        check_target(self.user_id, caller)
    }

    fn made(&self, event: &Event) -> bool {
        *event == Event::Member(event_of(self))
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let target = scene.target(self.user_id).await?;
        scene.permit(Action::SetRole, Some(target.role))?;
        if target.role == self.role {
            return Ok(Outcome::unchanged());
        }
        let entry = scene.append_member(event_of(self)).await?;
        let locked = &scene.locked;
        locked.set_role(self.user_id, self.role, entry.seq).await?;
        Ok(Outcome::entry(entry, Vec::new()))
    }
}

fn event_of(request: &GroupRole) -> MemberEvent {
    let role = match request.role {
        Role::Admin => "admin",
        _ => "member",
    };
    MemberEvent::Role {
        user: request.user_id,
        role: role.to_owned(),
    }
}
