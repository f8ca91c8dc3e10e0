//! What is to be pushed after a commit, before it is known to whose sessions. Pure.

use std::sync::Arc;

use bytes::Bytes;
use im_shared::content::{Content, Notice};
use im_shared::ids::{ConversationId, NodeId, Seq, SessionId};
use im_shared::wire::{
    AckResult, Code, Entry, EntryType, Frame, MessageAck, PushMessage, SystemNotification, encode,
    limits,
};

use crate::pending::{Done, Fate, Pending, Refusal, Room, Verdict};
use crate::publisher::refusal_frame;
use crate::reach::{Reach, Told};
use crate::routing::Answer;

/// An entry beside its content, in bytes: fields, vtable, offsets and padding, rounded up.
pub(crate) const ENTRY_OVERHEAD: usize = 160;

/// What a mention costs in an entry. Bytes.
const MENTION_BYTES: usize = 8;

/// A frame for everybody who is given its entries.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    /// Encoded once.
    pub(crate) frame: Bytes,
    /// Where its entries are.
    pub(crate) conversation: ConversationId,
    /// The first of them and the last. No membership changes inside.
    pub(crate) stretch: (Seq, Seq),
    /// Whose sessions.
    pub(crate) reach: Reach,
    /// The session that caused it and knows already.
    pub(crate) except: Option<(Arc<NodeId>, SessionId)>,
}

/// The pushes of one request and then its answers, which go out together or not at all ([M2]).
#[derive(Debug)]
pub(crate) struct Shipment {
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) answers: Vec<Answer>,
    /// Members of the group as of the commit; 0 where that is not known.
    pub(crate) members: usize,
}

impl Shipment {
    /// The answers when the pushes cannot go out.
    pub(crate) fn refused(self, refusal: Refusal) -> Vec<Answer> {
        refused(self.answers, refusal)
    }

    /// The group that it goes to, and the membership that its commit saw; none when nobody gets anything.
    pub(crate) fn group(&self) -> Option<(ConversationId, Seq)> {
        let parcel = self.parcels.first()?;
        match parcel.reach {
            Reach::Group { members_seq, .. } => Some((parcel.conversation, members_seq)),
            _ => None,
        }
    }
}

/// The answers when their pushes cannot go out: the client asks again, and is told again ([M3], [M4]).
pub(crate) fn refused(answers: Vec<Answer>, refusal: Refusal) -> Vec<Answer> {
    let refuse = |answer: Answer| Answer {
        frame: refusal_frame(&answer.caller, refusal),
        bulk: false,
        caller: answer.caller,
    };
    answers.into_iter().map(refuse).collect()
}

/// How many messages of a batch were acknowledged and how many refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
}

/// Encodes each push of a lane's batch once, and one answer per request.
pub(crate) fn of_batch(batch: Vec<Done>) -> (Vec<Shipment>, Tally) {
    let mut tally = Tally::default();
    let shipments = batch.into_iter().map(|done| {
        let Done {
            request,
            fate,
            members_seq,
            member_count,
        } = done;
        let (parcels, frame) = match fate {
            Fate::Answered(results) => {
                let is_good = |result: &&AckResult| result.code == Code::Ok;
                let good = results.iter().filter(is_good).count() as u64;
                tally.acknowledged += good;
                tally.refused += results.len() as u64 - good;
                let parcels = of_request(&request, &results, members_seq);
                let ack = MessageAck {
                    conversation_id: request.conversation,
                    results,
                };
                (
                    parcels,
                    encode(&Frame::reply(request.caller.request_id, ack)),
                )
            }
            Fate::Refused(refusal) => {
                tally.refused += request.messages.len() as u64;
                (Vec::new(), refusal_frame(&request.caller, refusal))
            }
        };
        let answer = Answer {
            caller: request.caller,
            frame,
            bulk: false,
        };
        Shipment {
            parcels,
            answers: vec![answer],
            members: usize::try_from(member_count).unwrap_or_default(),
        }
    });
    (shipments.collect(), tally)
}

/// What was committed elsewhere than in a lane.
pub(crate) fn of_told(told: Told, answers: Vec<Answer>) -> Shipment {
    let Told {
        conversation,
        reach,
        entries,
        except,
    } = told;
    Shipment {
        parcels: parcels(conversation, entries, &reach, except.as_ref()),
        answers,
        members: 0,
    }
}

/// The entries of a request. A duplicate is pushed again: the first push may be what was lost.
fn of_request(request: &Pending, results: &[AckResult], members_seq: Seq) -> Vec<Parcel> {
    let mut entries = Vec::with_capacity(results.len());
    for (message, result) in request.messages.iter().zip(results) {
        let (Verdict::Append(content), Code::Ok) = (&message.verdict, result.code) else {
            continue;
        };
        entries.push(Entry {
            conversation_id: request.conversation,
            seq: result.seq,
            message_index: result.message_index,
            message_id: result.message_id,
            client_message_id: message.client_message_id,
            sender_id: request.caller.user,
            type_: message.entry_type,
            content: content.as_bytes().clone(),
            created_at: result.created_at,
            target_seq: message.reply_to,
            mentions: message.mentions.clone(),
            ..Entry::default()
        });
    }
    let reach = match request.room {
        Room::Private { peer } => Reach::Users(vec![peer, request.caller.user]),
        Room::Group => Reach::Group {
            members_seq,
            also: Vec::new(),
        },
        Room::World => Reach::World,
    };
    let except = request.caller.session();
    parcels(request.conversation, entries, &reach, except.as_ref())
}

fn parcels(
    conversation: ConversationId,
    entries: Vec<Entry>,
    reach: &Reach,
    except: Option<&(Arc<NodeId>, SessionId)>,
) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    for page in pages(entries, matches!(reach, Reach::Group { .. })) {
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            continue;
        };
        let stretch = (first.seq, last.seq);
        parcels.extend(frames(page).into_iter().map(|frame| Parcel {
            frame,
            conversation,
            stretch,
            reach: reach.clone(),
            except: except.cloned(),
        }));
    }
    parcels
}

/// In as few pages as frames allow, and in a group as memberships do: between two entries that are not neighbours a membership may have
/// changed, and with an entry of a member it did.
fn pages(entries: Vec<Entry>, by_membership: bool) -> Vec<Vec<Entry>> {
    let mut pages: Vec<Vec<Entry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let size = ENTRY_OVERHEAD + entry.content.len() + MENTION_BYTES * entry.mentions.len();
        let goes_with = |before: &Entry| {
            let is_member = |entry: &Entry| entry.type_ == EntryType::Member;
            let is_next = entry.seq == before.seq.next();
            !by_membership || is_next && !is_member(before) && !is_member(&entry)
        };
        match pages.last_mut() {
            Some(page)
                if bytes + size <= limits::SYNC_PAGE_BYTES
                    && page.last().is_some_and(goes_with) =>
            {
                page.push(entry);
            }
            _ => {
                bytes = 0;
                pages.push(vec![entry]);
            }
        }
        bytes += size;
    }
    pages
}

/// One frame, or one per word of the operator.
fn frames(entries: Vec<Entry>) -> Vec<Bytes> {
    if entries.iter().all(|entry| entry.type_ != EntryType::System) {
        return vec![encode(&Frame::push(PushMessage { entries }))];
    }
    let (notices, others): (Vec<Entry>, Vec<Entry>) = entries
        .into_iter()
        .partition(|entry| entry.type_ == EntryType::System);
    let notice = |entry: Entry| {
        let notice = Notice::parse(&entry.content).unwrap_or_else(|_| Notice {
            title: String::new(),
            content: String::new(),
        });
        encode(&Frame::push(SystemNotification {
            notification_id: entry.message_id.0,
            title: notice.title,
            content: notice.content,
            created_at: entry.created_at,
            entry: Some(entry),
        }))
    };
    let mut frames: Vec<Bytes> = notices.into_iter().map(notice).collect();
    if !others.is_empty() {
        frames.push(encode(&Frame::push(PushMessage { entries: others })));
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, type_: EntryType) -> Entry {
        Entry {
            seq: Seq(seq),
            type_,
            ..Entry::default()
        }
    }

    fn seqs(pages: Vec<Vec<Entry>>) -> Vec<Vec<u64>> {
        let page = |page: Vec<Entry>| page.into_iter().map(|entry| entry.seq.0).collect();
        pages.into_iter().map(page).collect()
    }

    /// E2: nobody gets an entry of before their time because it travelled with a later one.
    #[test]
    fn a_page_of_a_group_never_spans_a_change_of_members() {
        let text = |seq| entry(seq, EntryType::Text);
        let mixed = || {
            vec![
                text(3),
                text(7),
                text(8),
                entry(9, EntryType::Member),
                text(10),
            ]
        };
        assert_eq!(
            seqs(pages(mixed(), true)),
            [vec![3], vec![7, 8], vec![9], vec![10]]
        );
        assert_eq!(seqs(pages(mixed(), false)), [vec![3, 7, 8, 9, 10]]);
    }
}
