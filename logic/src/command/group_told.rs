//! What is told once a group command is committed: who is new is shown the group, then come the events of requests, the entries and the
//! answer ([G8]).

use std::sync::Arc;

use im_shared::ids::{ConversationId, NodeId, SessionId, UserId};
use im_shared::wire::{ConversationEvent, Done, Frame, encode};

use super::Services;
use super::group_scene::Outcome;
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::reach::{Reach, Told};
use crate::routing::{Answer, Audience, Push};
use crate::store::Seen;

/// New members who are shown the group at once: each state holds the entry that names them all. The others find it by syncing, which an
/// entry of an unknown conversation makes them do ([R5]).
const SHOWN: usize = 100;

/// After the commit: the list of who is new, the entries, the answer.
pub(super) async fn tell(
    outcome: Outcome,
    conversation: ConversationId,
    caller: &Caller,
    services: &Services,
) -> Result<(), Refusal> {
    let except = caller.session();
    show(&outcome.newcomers, conversation, except.clone(), services).await;
    let joins = outcome.joins.into_iter().map(|(event, users)| Push {
        frame: encode(&Frame::push(event)),
        audience: Audience::Users(users),
        except: except.clone(),
        ephemeral: false,
    });
    let joins: Vec<Push> = joins.collect();
    if !joins.is_empty() {
        services.fanout.deliver(&joins, Vec::new()).await;
    }
    let frame = if outcome.is_done {
        Frame::reply(caller.request_id, Done {})
    } else {
        // What was committed stays so: when the state cannot be read, the client asks again and finds the entry.
        let state = services.store.state(caller.user, conversation).await;
        match state.map_err(|error| error.refusal("the state of a group"))? {
            Some(state) => Frame::reply(caller.request_id, ConversationEvent { state }),
            None => Frame::reply(caller.request_id, Done {}),
        }
    };
    let told = Told {
        conversation,
        reach: outcome.reach.unwrap_or(Reach::Users(Vec::new())),
        entries: outcome.entries,
        except,
    };
    let answer = Answer {
        caller: caller.clone(),
        frame: encode(&frame),
        bulk: false,
    };
    services.fanout.tell(told, vec![answer]).await;
    Ok(())
}

/// Pushes the state of the conversation to those of `newcomers` who are there.
async fn show(
    newcomers: &[UserId],
    conversation: ConversationId,
    except: Option<(Arc<NodeId>, SessionId)>,
    services: &Services,
) {
    if newcomers.is_empty() {
        return;
    }
    let online = services.fanout.online(newcomers).await.unwrap_or_default();
    let present: Vec<UserId> = online
        .into_iter()
        .filter_map(|(user, is_online)| is_online.then_some(user))
        .take(SHOWN)
        .collect();
    if present.is_empty() {
        return;
    }
    let states = match services.store.states_of(&present, conversation).await {
        Ok(states) => states,
        Err(error) => {
            // The entry that follows makes their clients sync ([R5]).
            let refusal = error.refusal("the states of new members");
            tracing::debug!(code = refusal.code.name(), %conversation, "new members are not shown the group");
            return;
        }
    };
    let push = |(user, seen): (UserId, Seen)| Push {
        frame: encode(&Frame::push(ConversationEvent { state: seen.state })),
        audience: Audience::Users(vec![user]),
        except: except.clone(),
        ephemeral: false,
    };
    let pushes: Vec<Push> = states.into_iter().map(push).collect();
    services.fanout.deliver(&pushes, Vec::new()).await;
}
