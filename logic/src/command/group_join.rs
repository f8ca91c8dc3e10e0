//! `GroupJoin`: the caller becomes a member, or asks to (E1, [G4]). Answered by `ConversationEvent`, or by `Done` when an admin has to agree.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupJoin, JoinChange, JoinPolicy, Role};
use uuid::Uuid;

use super::group_change::{self, GroupChange};
use super::group_scene::{Outcome, Scene, Stop, ask};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Event, check_request};
use crate::store::RequestStanding;

pub(super) fn apply(
    request: GroupJoin,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupJoin {
    const NAME: &'static str = "group_join";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, _: UserId) -> Result<(), Code> {
        check_request(&self.message)
    }

    fn made(&self, event: &Event) -> bool {
        *event == Event::Member(MemberEvent::Joined)
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let asked = scene
            .locked
            .asked(scene.actor, self.client_message_id)
            .await?;
        if !asked.is_empty() {
            let users = [scene.actor];
            let change = JoinChange::Requested;
            let joins = match asked[0].1 {
                RequestStanding::Pending => {
                    scene.tell_admins(&users, change, &self.message).await?
                }
                // Answered meanwhile, and told then.
                _ => Vec::new(),
            };
            return Ok(Outcome::requests(joins));
        }
        if scene.role != Role::None {
            return Err(Code::AlreadyMember.into());
        }
        let users = [scene.actor];
        match scene.group.face.join_policy {
            JoinPolicy::Free => scene.admit(&users, UserId(0), MemberEvent::Joined).await,
            JoinPolicy::Approval => ask(scene, &users, &self.message).await,
            _ => Err(Code::InviteOnly.into()),
        }
    }
}
