//! `GroupInvite`: friends of the caller become members, or where admins have to agree, ask to (E1, [G4]).

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupInvite, JoinChange};
use uuid::Uuid;

use super::group_change::{self, GroupChange};
use super::group_scene::{Outcome, Scene, Stop, ask, each_once};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Event, Invitation, MAX_INVITED, invitation};

pub(super) fn apply(
    request: GroupInvite,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupInvite {
    const NAME: &'static str = "group_invite";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, _: UserId) -> Result<(), Code> {
        let users = &self.user_ids;
        let is_legal =
            (1..=MAX_INVITED).contains(&users.len()) && users.iter().all(|user| user.is_some());
        is_legal.then_some(()).ok_or(Code::InvalidArgument)
    }

    fn made(&self, event: &Event) -> bool {
        let Event::Member(MemberEvent::Invited { users }) = event else {
            return false;
        };
        users.iter().all(|user| self.user_ids.contains(user))
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let asked = scene
            .locked
            .asked(scene.actor, self.client_message_id)
            .await?;
        if !asked.is_empty() {
            let users: Vec<UserId> = asked.into_iter().map(|(user, _)| user).collect();
            let joins = scene.tell_admins(&users, JoinChange::Requested, "").await?;
            return Ok(Outcome::requests(joins));
        }
        scene.check_member()?;
        let how = invitation(scene.role, scene.group.face.join_policy);
        let how = how.ok_or(Code::NotPermitted)?;
        let mut users = each_once(&self.user_ids, scene.actor);
        let members = scene.locked.ranks(&users).await?;
        users.retain(|user| !members.iter().any(|(member, _)| member == user));
        if users.is_empty() {
            return Err(Code::AlreadyMember.into());
        }
        scene.locked.bond_with(scene.actor, &users).await?.check()?;
        match how {
            Invitation::Joins => {
                let event = MemberEvent::Invited {
                    users: users.clone(),
                };
                scene.admit(&users, scene.actor, event).await
            }
            Invitation::Asks => ask(scene, &users, "").await,
        }
    }
}
