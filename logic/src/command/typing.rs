//! `Typing`: passed on to who is there, and never stored (A20). Not answered.

use std::time::Instant;

use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{ConversationType, Frame, Role, Typing, TypingEvent, encode};

use super::Services;
use crate::caller::Caller;
use crate::reach::Reach;

pub(super) fn apply(request: &Typing, caller: Caller, services: &Services) {
    let conversation = request.conversation_id;
    // Where everybody is, nobody could read all the names.
    if !conversation.is_some() || conversation.is_of_everybody() {
        return;
    }
    if !services
        .typists
        .admit(caller.user, conversation, Instant::now())
    {
        return;
    }
    let own = services.clone();
    // Without a place it is lost, which is what it may be.
    let _ = services
        .events
        .start(async move { tell(conversation, caller, &own).await });
}

async fn tell(conversation: ConversationId, caller: Caller, services: &Services) {
    let Ok(view) = services.directory.view(caller.user, conversation).await else {
        return;
    };
    let reach = match view.kind {
        _ if view.role == Role::None => return,
        ConversationType::Private => {
            let bond = services.store.bond(caller.user, view.peer).await;
            if !bond.is_ok_and(|bond| bond.check().is_ok()) {
                return;
            }
            Reach::Users(vec![view.peer])
        }
        ConversationType::Group => Reach::Group {
            members_seq: Seq(0),
            also: Vec::new(),
        },
        _ => return,
    };
    let event = TypingEvent {
        conversation_id: conversation,
        user_id: caller.user,
    };
    let frame = encode(&Frame::push(event));
    let except = caller.session();
    services
        .fanout
        .hint(conversation, reach, frame, except)
        .await;
}
