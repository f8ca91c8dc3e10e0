//! `GroupAnswer`: an admin answers a request to join (E1, [G5]). Answered by `ConversationEvent`, a rejection by `Done`.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, GroupAnswer, JoinChange, JoinEvent};
use uuid::Uuid;

use super::group_change::{self, GroupChange, check_target};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event};

pub(super) fn apply(
    request: GroupAnswer,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupAnswer {
    const NAME: &'static str = "group_answer";

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
        self.accept && *event == Event::Member(MemberEvent::Admitted { user })
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        let (user, admin, key) = (self.user_id, scene.actor, self.client_message_id);
        match scene.locked.rejected(admin, key).await? {
            Some(rejected) if rejected == user && !self.accept => {
                let joins = told(scene, user, JoinChange::Rejected).await?;
                return Ok(Outcome::requests(joins));
            }
            Some(_) => return Err(Code::MessageConflict.into()),
            None => {}
        }
        scene.permit(Action::Answer, None)?;
        let answering = scene.locked.answer_request(user, admin, self.accept, key);
        if !answering.await? {
            return Err(Code::JoinRequestNotFound.into());
        }
        if !self.accept {
            let joins = told(scene, user, JoinChange::Rejected).await?;
            return Ok(Outcome::requests(joins));
        }
        let event = MemberEvent::Admitted { user };
        let mut outcome = scene.admit(&[user], admin, event).await?;
        outcome.joins = told(scene, user, JoinChange::Accepted).await?;
        Ok(outcome)
    }
}

/// The admins, whose lists of requests it leaves, and the one who asked.
async fn told(
    scene: &Scene,
    user: UserId,
    change: JoinChange,
) -> Result<Vec<(JoinEvent, Vec<UserId>)>, Stop> {
    let mut joins = scene.tell_admins(&[user], change, "").await?;
    for (_, users) in &mut joins {
        users.push(user);
    }
    Ok(joins)
}
