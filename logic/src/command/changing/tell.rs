//! The push first, then the answers ([M2]).

use im_shared::ids::{ConversationId, MessageId, Seq};
use im_shared::wire::{AckResult, Code, Entry, Frame, MessageAck, encode};

use super::commit::{Committed, Outcome};
use super::{Change, Waiting};
use crate::caller::Caller;
use crate::command::Services;
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::{answers, refusal_frame};
use crate::reach::Told;
use crate::routing::Answer;

/// Tells the members of the entries and answers every change.
pub(super) async fn all(
    conversation: ConversationId,
    batch: Vec<Waiting>,
    committed: Committed,
    services: &Services,
) {
    // Of one change the session that made it knows by the answer. Of several, each session gets all and drops what it knows ([R1]).
    let except = match &batch[..] {
        [only] => only.caller.session(),
        _ => None,
    };
    let mut replies = Vec::with_capacity(batch.len());
    let mut entries: Vec<Entry> = Vec::new();
    for (Waiting { change, caller }, outcome) in batch.into_iter().zip(committed.outcomes) {
        let (fate, entry) = match outcome {
            Ok(Outcome::Entry(entry)) => {
                entries.push(entry.clone());
                ("stored", Ok(Some(entry)))
            }
            Ok(Outcome::Already(entry)) => ("already", Ok(entry)),
            Err(code) => ("refused", Err(Refusal::because(code))),
        };
        metrics::changed(change.kind.name(), fate);
        replies.push(match entry {
            Ok(entry) => acknowledged(&change, caller, entry.as_ref()),
            Err(refusal) => refusing(caller, refusal),
        });
    }
    let Some(reach) = committed.reach else {
        return services.publisher.send(answers(replies)).await;
    };
    // The same one twice, when it was asked for again meanwhile.
    entries.sort_by_key(|entry| entry.seq);
    entries.dedup_by_key(|entry| entry.seq);
    let told = Told {
        conversation,
        reach,
        entries,
        except,
    };
    services.fanout.tell(told, replies).await;
}

/// Answers all of a batch that failed.
pub(super) async fn refused(batch: Vec<Waiting>, refusal: Refusal, services: &Services) {
    let refuse = |Waiting { change, caller }: Waiting| {
        metrics::changed(change.kind.name(), "refused");
        refusing(caller, refusal)
    };
    let replies = batch.into_iter().map(refuse).collect();
    services.publisher.send(answers(replies)).await;
}

fn refusing(caller: Caller, refusal: Refusal) -> Answer {
    let frame = refusal_frame(&caller, refusal);
    Answer {
        caller,
        frame,
        bulk: false,
    }
}

fn acknowledged(change: &Change, caller: Caller, entry: Option<&Entry>) -> Answer {
    let result = AckResult {
        client_message_id: change.client_message_id,
        code: Code::Ok,
        message_id: entry.map_or(MessageId(0), |entry| entry.message_id),
        seq: entry.map_or(Seq(0), |entry| entry.seq),
        message_index: entry.map_or(0, |entry| entry.message_index),
        created_at: entry.map_or(0, |entry| entry.created_at),
    };
    let ack = MessageAck {
        conversation_id: change.conversation,
        results: vec![result],
    };
    let frame = encode(&Frame::reply(caller.request_id, ack));
    Answer {
        caller,
        frame,
        bulk: false,
    }
}
