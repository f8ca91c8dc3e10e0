//! `GroupUpdate`: the face or the rules of a group (E1, E5). What is as it was makes no entry.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Code, GroupUpdate};
use uuid::Uuid;

use super::group_change::{self, GroupChange};
use super::group_scene::{Outcome, Scene, Stop};
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event, check_avatar, check_description, check_name, check_policy};

pub(super) fn apply(
    request: GroupUpdate,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    group_change::apply(request, caller, services, replies);
}

impl GroupChange for GroupUpdate {
    const NAME: &'static str = "group_update";

    fn conversation(&self) -> ConversationId {
        self.conversation_id
    }

    fn key(&self) -> Uuid {
        self.client_message_id
    }

    fn check(&self, _: UserId) -> Result<(), Code> {
        self.name.as_deref().map_or(Ok(()), check_name)?;
        self.avatar.as_deref().map_or(Ok(()), check_avatar)?;
        self.description
            .as_deref()
            .map_or(Ok(()), check_description)?;
        self.join_policy.map_or(Ok(()), check_policy)?;
        let is_something = self.name.is_some()
            || self.avatar.is_some()
            || self.description.is_some()
            || self.join_policy.is_some()
            || self.history_open.is_some()
            || self.silenced.is_some();
        is_something.then_some(()).ok_or(Code::InvalidArgument)
    }

    fn made(&self, event: &Event) -> bool {
        event.is_update(self)
    }

    async fn make(&self, scene: &mut Scene) -> Result<Outcome, Stop> {
        scene.permit(Action::Update, None)?;
        let Some((face, event)) = scene.group.face.updated(self) else {
            return Ok(Outcome::unchanged());
        };
        let is_voice = event.silenced.is_some();
        let entry = scene.append(Event::Group(event)).await?;
        let members_seq = if is_voice { entry.seq } else { Seq(0) };
        scene.locked.set_face(&face, members_seq).await?;
        Ok(Outcome::entry(entry, Vec::new()))
    }
}
