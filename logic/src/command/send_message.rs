//! `UserMessage`: checked here, stored by a lane, answered by its fan-out.

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, Frame, MessageAck, OutgoingMessage, UserMessage, encode, limits};
use uuid::Variant;

use super::{Replies, Services, attachments};
use crate::caller::Caller;
use crate::content::Content;
use crate::metrics;
use crate::pending::{Message, Pending, Refusal, Room, Verdict};
use crate::publisher::Reply;
use crate::store::Kind;
use crate::writer::refuse;

/// Where a request goes ([M5]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Conversation(ConversationId),
    Peer(UserId),
}

/// Where checked messages are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    conversation: ConversationId,
    room: Room,
}

impl Place {
    const WORLD: Self = Self {
        conversation: ConversationId::WORLD,
        room: Room::World,
    };

    /// For `sender`, as far as it is known without a look at who is a member or a friend.
    fn of(conversation: ConversationId, kind: Kind, sender: UserId) -> Result<Self, Refusal> {
        let room = match kind {
            Kind::Private(pair) => Room::Private {
                peer: pair
                    .peer_of(sender)
                    .ok_or(Refusal::because(Code::NotMember))?,
            },
            Kind::Group => Room::Group,
            Kind::World => Room::World,
            Kind::System(user) if user.is_some() && user != sender => {
                return Err(Refusal::because(Code::NotMember));
            }
            Kind::System(_) => return Err(Refusal::because(Code::ReadOnly)),
        };
        Ok(Self { conversation, room })
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
        _ if attachments::has_files(&messages) => None,
        Goal::Conversation(ConversationId::WORLD) => {
            if let Err(refusal) = services.world.admit_here(sender, messages.len()) {
                return replies.refuse(caller, refusal);
            }
            // Redis has the last word on the rate.
            None
        }
        Goal::Conversation(id) => {
            let kind = services.directory.known(id);
            kind.map(|kind| Place::of(id, kind, sender))
        }
        Goal::Peer(peer) => {
            let found = services.directory.known_of(sender, peer);
            found.map(|found| Place::of(found.id, Kind::Private(found), sender))
        }
    };
    let Some(place) = known else {
        return resolve(goal, messages, caller, services, replies);
    };
    match place.and_then(|place| submit(place, messages, caller.clone(), services)) {
        Ok(None) => {}
        Ok(Some(frame)) => replies.answer(caller, encode(&frame)),
        Err(refusal) => replies.refuse(caller, refusal),
    }
}

/// Something has to be asked first: it is asked off the path, and the request goes on from there.
fn resolve(
    goal: Goal,
    mut messages: Vec<Message>,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let (own, sender) = (services.clone(), caller.clone());
    let started = services.resolves.start(async move {
        let found = find(goal, sender.user, messages.len(), &own).await;
        let checked = match found {
            Ok(place) => attachments::check(&mut messages, sender.user, &own)
                .await
                .map(|()| place),
            Err(refusal) => Err(refusal),
        };
        let submitted = checked.and_then(|place| submit(place, messages, sender.clone(), &own));
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

/// The conversation, found or made; the world chat once the sender's rate allows it.
async fn find(
    goal: Goal,
    sender: UserId,
    messages: usize,
    services: &Services,
) -> Result<Place, Refusal> {
    match goal {
        Goal::Conversation(ConversationId::WORLD) => {
            services.world.admit(sender, messages).await?;
            Ok(Place::WORLD)
        }
        Goal::Conversation(id) => Place::of(id, services.directory.find(id).await?, sender),
        Goal::Peer(peer) => {
            let found = services.directory.open(sender, peer).await?;
            Place::of(found.id, Kind::Private(found), sender)
        }
    }
}

/// Hands the request to its lane. When every message was refused there is nothing to store, and this is the answer.
fn submit(
    place: Place,
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
            conversation_id: place.conversation,
            results,
        };
        return Ok(Some(Frame::reply(caller.request_id, ack)));
    }
    services
        .lanes
        .offer(Pending {
            caller,
            conversation: place.conversation,
            room: place.room,
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

/// Each message by itself ([M7], [M11], [M12]). The same id twice in a request is one message when both are the same ([M4]).
fn judge(sent: Vec<OutgoingMessage>) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::with_capacity(sent.len());
    for outgoing in sent {
        let content = check(&outgoing);
        let OutgoingMessage {
            client_message_id,
            type_,
            reply_to_seq,
            mentions,
            ..
        } = outgoing;
        let earlier = messages
            .iter()
            .position(|message| message.client_message_id == client_message_id);
        let mut message = Message {
            client_message_id,
            entry_type: type_,
            reply_to: reply_to_seq,
            mentions,
            verdict: Verdict::Refused(Code::MessageConflict),
        };
        match (content, earlier) {
            (Err(code), _) => message.verdict = Verdict::Refused(code),
            (Ok(content), None) => message.verdict = Verdict::Append(content),
            (Ok(content), Some(place)) => {
                if is_same(&messages[place], &message, &content) {
                    message.verdict = Verdict::Repeats(place);
                }
            }
        }
        messages.push(message);
    }
    messages
}

/// Whether `later`, with this content, is `first` again.
fn is_same(first: &Message, later: &Message, content: &Content) -> bool {
    first.entry_type == later.entry_type
        && first.reply_to == later.reply_to
        && first.mentions == later.mentions
        && matches!(&first.verdict, Verdict::Append(known) if known == content)
}

fn check(message: &OutgoingMessage) -> Result<Content, Code> {
    let id = message.client_message_id;
    if id.get_version_num() != 7 || id.get_variant() != Variant::RFC4122 {
        return Err(Code::MessageIdInvalid);
    }
    let content = Content::new(message.type_, message.content.clone())?;
    check_mentions(&message.mentions)?;
    if i64::try_from(message.reply_to_seq.0).is_err() {
        return Err(Code::TargetNotFound);
    }
    Ok(content)
}

/// Each user once, and no more than a message may mention ([M12]). Who may mention everybody is known at the commit.
pub(super) fn check_mentions(mentions: &[UserId]) -> Result<(), Code> {
    let is_id = |user: &UserId| i64::try_from(user.0).is_ok();
    let is_new = |(place, user): (usize, &UserId)| !mentions[..place].contains(user);
    let is_legal = mentions.len() <= limits::MAX_MENTIONS
        && mentions.iter().all(is_id)
        && mentions.iter().enumerate().all(is_new);
    if is_legal {
        Ok(())
    } else {
        Err(Code::MentionInvalid)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;
    use im_shared::ids::Seq;
    use im_shared::wire::EntryType;
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
            Code::ContentInvalid,
            Code::MessageEmpty,
        ];
        assert_eq!(verdicts[2..], codes.map(Verdict::Refused));
    }
    /// [M4], [M11], [M12], D14
    #[test]
    fn a_message_is_the_same_only_with_the_same_answer_and_mentions() {
        let id = Uuid::now_v7();
        let mut answer = message(id, "a");
        answer.reply_to_seq = Seq(1);
        let mut calling = message(id, "a");
        calling.mentions = vec![UserId(7)];
        let verdicts: Vec<Verdict> = judge(vec![message(id, "a"), answer, calling])
            .into_iter()
            .map(|message| message.verdict)
            .collect();
        assert_eq!(
            verdicts[1..],
            [Code::MessageConflict; 2].map(Verdict::Refused)
        );
    }

    /// [M12], D14
    #[test]
    fn a_message_mentions_each_user_once_and_not_too_many() {
        let users = |ids: std::ops::Range<u64>| ids.map(UserId).collect::<Vec<_>>();
        assert_eq!(check_mentions(&users(0..32)), Ok(()));
        for bad in [
            users(0..33),
            vec![UserId(7), UserId(8), UserId(7)],
            vec![UserId(1 << 63)],
        ] {
            assert_eq!(check_mentions(&bad), Err(Code::MentionInvalid));
        }
    }
}
