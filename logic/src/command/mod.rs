//! One command, one file, one `apply`.
//!
//! A command does what needs no waiting at once; what has to ask PostgreSQL first goes to a bounded side task, and messages go to their
//! lane. Nothing here waits, so one request never holds up the next one of its carrier.
//!
//! | file | request |
//! |---|---|
//! | `send_message`, with `attachments` | `UserMessage` |
//! | `message_edit`, `message_recall`, `message_reaction`, over `changing` | what is said about a message |
//! | `group_create` and the other `group_*`, over `group_change`, `group_scene`, `group_told` | groups |
//! | `conversation_read`, `message_delivered` | positions |
//! | `sync_request`, `history_request` | reads |
//! | `conversation_set` | what users set for themselves |
//! | `receipt_request` | who has received and read |
//! | `conversation_open` | the private conversation of a pair |
//! | `user_online`, `user_offline`, `presence_set` | sessions that came and went, who wants to be seen |
//! | `search_request` | words in one's own conversations |
//! | `typing` | somebody is typing |
//! | `system_notify` | a word of the operator |
//! | `push_subscribe`, `push_unsubscribe` | where a browser takes pushes |
//! | `user_event` | a frame for every session of a user |

mod attachments;
mod changing;
mod conversation_open;
mod conversation_read;
mod conversation_set;
mod group_answer;
mod group_change;
mod group_create;
mod group_dissolve;
mod group_invite;
mod group_join;
mod group_leave;
mod group_remove;
mod group_role;
mod group_scene;
mod group_silence;
mod group_told;
mod group_transfer;
mod group_update;
mod history_request;
mod message_delivered;
mod message_edit;
mod message_reaction;
mod message_recall;
mod presence_set;
mod push_subscribe;
mod push_unsubscribe;
mod receipt_request;
mod search_request;
mod send_message;
mod sync_request;
mod system_notify;
mod typing;
mod user_event;
mod user_offline;
mod user_online;

use bytes::Bytes;
use im_shared::snowflake::Ids;
use im_shared::wire::{Body, Code, decode_shared};

use crate::caller::Caller;
use crate::config::{ChangesConfig, GroupsConfig};
use crate::directory::Directory;
use crate::fanout::Fanout;
use crate::lane::Lanes;
use crate::metrics;
use crate::pending::Refusal;
use crate::positions::Positions;
use crate::presence::{Presence, Typists};
use crate::publisher::{Publisher, Reply, answers, refusal_frame};
use crate::push::Push;
use crate::roster::Rosters;
use crate::routing::Answer;
use crate::side::Side;
use crate::store::Store;
use crate::turns::Turns;
use crate::world::WorldChat;

pub use changing::Waiting;
pub use user_event::{Event, apply as user_event};

/// What commands work with. A cheap clone.
#[derive(Debug, Clone)]
pub struct Services {
    /// Messages.
    pub lanes: Lanes,
    /// Conversations.
    pub directory: Directory,
    /// Read and delivered positions.
    pub positions: Positions,
    /// Who came and went.
    pub presence: Presence,
    /// Who is typing.
    pub typists: Typists,
    /// Who is told while they are away.
    pub push: Push,
    /// Who may be online in large groups.
    pub rosters: Rosters,
    /// Groups with more members are large.
    pub large_group: usize,
    /// The world chat.
    pub world: WorldChat,
    /// Who waits to change a message, by conversation.
    pub turns: Turns<Waiting>,
    /// How long and how often messages are changed.
    pub limits: ChangesConfig,
    /// How large groups may be.
    pub groups: GroupsConfig,
    /// Ids of what is made.
    pub ids: Ids,
    /// Everything else that is read.
    pub store: Store,
    /// To the sessions of users.
    pub fanout: Fanout,
    /// To whoever asked.
    pub publisher: Publisher,
    /// Sync and history.
    pub reads: Side,
    /// Messages and requests whose conversation is not known yet. Apart from the reads, so that slow reads do not hold up a send.
    pub resolves: Side,
    /// Edits, recalls, reactions, settings and group commands. Apart from the rest, so that a storm of them holds up nothing else.
    pub changes: Side,
    /// User events.
    pub events: Side,
}

impl Services {
    /// A new id.
    ///
    /// # Errors
    ///
    /// `Unavailable` while this worker has no worker number.
    pub fn id(&self) -> Result<u64, Refusal> {
        self.ids.next().map_err(|error| {
            tracing::warn!(%error, "no id");
            Refusal::UNAVAILABLE
        })
    }
}

/// The answers that a carrier's requests got at once.
#[derive(Debug, Default)]
pub struct Replies(Vec<Answer>);

impl Replies {
    fn refuse(&mut self, caller: Caller, refusal: Refusal) {
        let frame = refusal_frame(&caller, refusal);
        self.0.push(Answer {
            caller,
            frame,
            bulk: false,
        });
    }

    fn answer(&mut self, caller: Caller, frame: Bytes) {
        self.0.push(Answer {
            caller,
            frame,
            bulk: false,
        });
    }

    /// Hands them to the publisher, without waiting.
    pub fn publish(self, publisher: &Publisher) {
        if !self.0.is_empty() {
            publisher.offer(answers(self.0));
        }
    }
}

/// Reads one frame and does what it asks. `caller` gets its request id from the frame.
pub fn apply(frame: &Bytes, mut caller: Caller, services: &Services, replies: &mut Replies) {
    let frame = match decode_shared(frame) {
        Ok(frame) => frame,
        Err(error) => {
            // Access verifies what it forwards, so this is a fault of ours or of a program of another version.
            tracing::warn!(%error, user = %caller.user, "a frame cannot be read");
            metrics::malformed();
            return replies.refuse(caller, Refusal::because(Code::MalformedFrame));
        }
    };
    caller.request_id = frame.request_id;
    if caller.guest && !is_open_to_guests(&frame.body) {
        return replies.refuse(caller, Refusal::because(Code::Forbidden));
    }
    match frame.body {
        Body::UserMessage(request) => send_message::apply(request, caller, services, replies),
        Body::MessageEdit(request) => message_edit::apply(request, caller, services, replies),
        Body::MessageRecall(request) => message_recall::apply(&request, caller, services, replies),
        Body::MessageReaction(request) => {
            message_reaction::apply(request, caller, services, replies)
        }
        Body::ConversationRead(request) => {
            conversation_read::apply(&request, caller, services, replies)
        }
        Body::MessageDelivered(request) => message_delivered::apply(&request, caller, services),
        Body::SyncRequest(request) => sync_request::apply(request, caller, services, replies),
        Body::HistoryRequest(request) => {
            history_request::apply(&request, caller, services, replies)
        }
        Body::ConversationOpen(request) => {
            conversation_open::apply(&request, caller, services, replies)
        }
        Body::ConversationSet(request) => {
            conversation_set::apply(request, caller, services, replies)
        }
        Body::ReceiptRequest(request) => {
            receipt_request::apply(&request, caller, services, replies)
        }
        Body::SearchRequest(request) => search_request::apply(request, caller, services, replies),
        Body::Typing(request) => typing::apply(&request, caller, services),
        Body::PresenceSet(request) => presence_set::apply(&request, caller, services, replies),
        Body::SystemNotify(request) => system_notify::apply(request, caller, services, replies),
        Body::GroupCreate(request) => group_create::apply(request, caller, services, replies),
        Body::GroupUpdate(request) => group_update::apply(request, caller, services, replies),
        Body::GroupInvite(request) => group_invite::apply(request, caller, services, replies),
        Body::GroupJoin(request) => group_join::apply(request, caller, services, replies),
        Body::GroupAnswer(request) => group_answer::apply(request, caller, services, replies),
        Body::GroupRemove(request) => group_remove::apply(request, caller, services, replies),
        Body::GroupLeave(request) => group_leave::apply(request, caller, services, replies),
        Body::GroupTransfer(request) => group_transfer::apply(request, caller, services, replies),
        Body::GroupDissolve(request) => group_dissolve::apply(request, caller, services, replies),
        Body::GroupRole(request) => group_role::apply(request, caller, services, replies),
        Body::GroupSilence(request) => group_silence::apply(request, caller, services, replies),
        Body::PushSubscribe(request) => push_subscribe::apply(request, caller, services, replies),
        Body::PushUnsubscribe(request) => {
            push_unsubscribe::apply(request, caller, services, replies)
        }
        Body::UserOnline(request) => user_online::apply(&request, &caller, services),
        Body::UserOffline(request) => user_offline::apply(&request, &caller, services),
        _ => replies.refuse(caller, Refusal::because(Code::Unsupported)),
    }
}

/// What a guest may ask (B12). Which conversations they may see is a matter of membership: they are in those of everybody only.
fn is_open_to_guests(body: &Body) -> bool {
    matches!(
        body,
        Body::UserMessage(_)
            | Body::MessageEdit(_)
            | Body::MessageRecall(_)
            | Body::MessageReaction(_)
            | Body::ConversationRead(_)
            | Body::MessageDelivered(_)
            | Body::SyncRequest(_)
            | Body::HistoryRequest(_)
            | Body::Typing(_)
            | Body::UserOnline(_)
            | Body::UserOffline(_)
    )
}

/// Answers a request from a side task; refuses it at once when there is no place.
fn answer_aside(
    side: &Side,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
    work: impl Future<Output = Result<Reply, Refusal>> + Send + 'static,
) {
    let (publisher, asker) = (services.publisher.clone(), caller.clone());
    let started = side.start(async move {
        let reply = work.await.unwrap_or_else(Reply::Refused);
        publisher.reply(asker, reply).await;
    });
    if started.is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}
