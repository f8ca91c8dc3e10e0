//! `UserMessage`: checked here, stored by a lane, answered by its fan-out.

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{
    Code, EntryType, Frame, MessageAck, OutgoingMessage, UserMessage, encode, limits,
};
use uuid::Variant;

use super::{Replies, Services};
use crate::caller::Caller;
use crate::metrics;
use crate::pending::{Message, Pending, Refusal, Verdict};
use crate::publisher::Reply;
use crate::store::Private;
use crate::text::Text;
use crate::writer::refuse;

/// Where a request goes ([M5]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Conversation(ConversationId),
    Peer(UserId),
}

/// Where checked messages are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Room {
    conversation: ConversationId,
    /// Who must be a friend at the commit, or 0.
    peer: UserId,
}

impl Room {
    /// Of everybody ([M9]).
    const WORLD: Self = Self {
        conversation: ConversationId::WORLD,
        peer: UserId(0),
    };

    fn of(found: Private, sender: UserId) -> Result<Self, Refusal> {
        let not_member = Refusal::because(Code::NotMember);
        Ok(Self {
            conversation: found.id,
            peer: found.peer_of(sender).ok_or(not_member)?,
        })
    }
}

pub(super) fn apply(
    request: UserMessage,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let goal = match goal(&request, caller.user) {
        Ok(goal) => goal,
        Err(code) => return replies.refuse(caller, Refusal::because(code)),
    };
    let messages = judge(request.messages);
    let sender = caller.user;
    let known = match goal {
        Goal::Conversation(ConversationId::WORLD) => {
            let admitted = services.world.admit(sender, messages.len());
            Some(admitted.map(|()| Room::WORLD))
        }
        Goal::Conversation(id) => {
            let found = services.directory.known(id);
            found.map(|found| Room::of(found, sender))
        }
        Goal::Peer(peer) => {
            let found = services.directory.known_of(sender, peer);
            found.map(|found| Room::of(found, sender))
        }
    };
    let Some(room) = known else {
        return resolve(goal, messages, caller, services, replies);
    };
    match room.and_then(|room| submit(room, messages, caller.clone(), services)) {
        Ok(None) => {}
        Ok(Some(frame)) => replies.answer(caller, encode(&frame)),
        Err(refusal) => replies.refuse(caller, refusal),
    }
}

/// The conversation is not known yet: it is found, or made, off the path, and the request goes on from there.
fn resolve(
    goal: Goal,
    messages: Vec<Message>,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let (own, sender) = (services.clone(), caller.clone());
    let started = services.resolves.start(async move {
        let found = match goal {
            Goal::Conversation(id) => own.directory.find(id).await,
            Goal::Peer(peer) => own.directory.open(sender.user, peer).await,
        };
        let submitted = found
            .and_then(|found| Room::of(found, sender.user))
            .and_then(|room| submit(room, messages, sender.clone(), &own));
        match submitted {
            Ok(None) => {}
            Ok(Some(frame)) => own.publisher.reply(sender, Reply::Live(frame)).await,
            Err(refusal) => own.publisher.reply(sender, Reply::Refused(refusal)).await,
        }
    });
    if started.is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}

/// Hands the request to its lane. When every message was refused there is nothing to store, and this is the answer.
fn submit(
    room: Room,
    messages: Vec<Message>,
    caller: Caller,
    services: &Services,
) -> Result<Option<Frame>, Refusal> {
    let refused = |message: &Message| match message.verdict {
        Verdict::Refused(code) => Some(refuse(message, code)),
        Verdict::Append(_) | Verdict::Repeats(_) => None,
    };
    if let Some(results) = messages.iter().map(refused).collect::<Option<Vec<_>>>() {
        metrics::messages(0, results.len() as u64);
        let ack = MessageAck {
            conversation_id: room.conversation,
            results,
        };
        return Ok(Some(Frame::reply(caller.request_id, ack)));
    }
    services
        .lanes
        .offer(Pending {
            caller,
            conversation: room.conversation,
            peer: room.peer,
            messages,
        })
        .map_err(|_| {
            metrics::full("lane");
            Refusal::FULL
        })?;
    Ok(None)
}

/// What is wrong with the request as a whole ([M1], [M5], [M6]).
fn goal(request: &UserMessage, sender: UserId) -> Result<Goal, Code> {
    if request.messages.is_empty() {
        return Err(Code::InvalidArgument);
    }
    if request.messages.len() > limits::MAX_MESSAGES {
        return Err(Code::TooManyMessages);
    }
    match (request.conversation_id.is_some(), request.peer_id.is_some()) {
        (true, false) => Ok(Goal::Conversation(request.conversation_id)),
        (false, true) if request.peer_id != sender => Ok(Goal::Peer(request.peer_id)),
        _ => Err(Code::InvalidArgument),
    }
}

/// Each message by itself ([M7]). The same id twice in a request is one message when both are the same ([M4]).
fn judge(sent: Vec<OutgoingMessage>) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::with_capacity(sent.len());
    for OutgoingMessage {
        client_message_id,
        type_,
        content,
        ..
    } in sent
    {
        let earlier = messages
            .iter()
            .position(|message| message.client_message_id == client_message_id);
        let verdict = match (check(client_message_id, type_, content), earlier) {
            (Err(code), _) => Verdict::Refused(code),
            (Ok(text), None) => Verdict::Append(text),
            (Ok(text), Some(place)) => match &messages[place].verdict {
                Verdict::Append(first) if *first == text => Verdict::Repeats(place),
                Verdict::Repeats(_) | Verdict::Refused(_) | Verdict::Append(_) => {
                    Verdict::Refused(Code::MessageConflict)
                }
            },
        };
        messages.push(Message {
            client_message_id,
            entry_type: type_,
            verdict,
        });
    }
    messages
}

fn check(id: uuid::Uuid, entry_type: EntryType, content: bytes::Bytes) -> Result<Text, Code> {
    if id.get_version_num() != 7 || id.get_variant() != Variant::RFC4122 {
        return Err(Code::MessageIdInvalid);
    }
    if entry_type != EntryType::Text {
        return Err(Code::MessageTypeInvalid);
    }
    Text::new(content)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;

    fn message(id: Uuid, text: &'static str) -> OutgoingMessage {
        OutgoingMessage {
            client_message_id: id,
            type_: EntryType::Text,
            content: Bytes::from_static(text.as_bytes()),
            ..OutgoingMessage::default()
        }
    }

    fn request(conversation: u64, peer: u64, count: usize) -> UserMessage {
        UserMessage {
            conversation_id: ConversationId(conversation),
            peer_id: UserId(peer),
            messages: (0..count).map(|_| message(Uuid::now_v7(), "hi")).collect(),
            retry: false,
        }
    }

    /// [M5], [M6], [M1]
    #[test]
    fn a_request_names_one_goal_and_one_to_sixty_four_messages() {
        let of = |conversation, peer, count| goal(&request(conversation, peer, count), UserId(1));
        assert_eq!(of(5, 0, 1), Ok(Goal::Conversation(ConversationId(5))));
        assert_eq!(of(0, 2, 64), Ok(Goal::Peer(UserId(2))));
        assert_eq!(of(0, 0, 1), Err(Code::InvalidArgument));
        assert_eq!(of(5, 2, 1), Err(Code::InvalidArgument));
        assert_eq!(of(0, 1, 1), Err(Code::InvalidArgument));
        assert_eq!(of(5, 0, 0), Err(Code::InvalidArgument));
        assert_eq!(of(5, 0, 65), Err(Code::TooManyMessages));
    }

    /// [M4], [M7]
    #[test]
    fn each_message_is_judged_by_itself() {
        let id = Uuid::now_v7();
        let mut image = message(Uuid::now_v7(), "x");
        image.type_ = EntryType::Image;
        let sent = vec![
            message(id, "a"),
            message(id, "a"),
            message(id, "b"),
            message(Uuid::new_v4(), "c"),
            image,
            message(Uuid::now_v7(), ""),
        ];
        let verdicts: Vec<Verdict> = judge(sent)
            .into_iter()
            .map(|message| message.verdict)
            .collect();
        assert!(matches!(verdicts[0], Verdict::Append(_)));
        assert_eq!(verdicts[1], Verdict::Repeats(0));
        let codes = [
            Code::MessageConflict,
            Code::MessageIdInvalid,
            Code::MessageTypeInvalid,
            Code::MessageEmpty,
        ];
        assert_eq!(verdicts[2..], codes.map(Verdict::Refused));
    }
}
