//! Commits batches: one call of the function, one transaction.
//!
//! The writer is the only layer that repeats a write inside the system, and only where PostgreSQL says that nothing was stored. When it
//! is not known, the client repeats ([M3]), and the key of the message makes that harmless ([M4]).

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::snowflake::Ids;
use im_shared::wire::{AckResult, Code};

use crate::metrics;
use crate::pending::{Done, Fate, Message, Pending, Refusal, Verdict};
use crate::store::append::{Appended, Appender, Failure, Rows, Status};
use crate::tips::Tips;

/// A deadlock or serialisation failure is tried again so often.
const MAX_RETRIES: usize = 3;

/// The commit failed for all because PostgreSQL is not there; the connection is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("postgres is not available")]
pub struct Unavailable;

/// Writes the batches of one lane.
#[derive(Debug)]
pub struct Writer {
    ids: Ids,
    tips: Tips,
    rows: Rows,
}

/// How a stretch of a batch ended.
enum Outcome {
    Appended(Vec<Appended>),
    /// PostgreSQL refused it; nothing of it is stored.
    Refused,
}

impl Writer {
    /// `ids` gives the entries their ids.
    #[must_use]
    pub fn new(ids: Ids) -> Self {
        Self {
            ids,
            tips: Tips::default(),
            rows: Rows::default(),
        }
    }

    /// Commits `batch` and appends what became of each request to `done`. Usually one transaction; where PostgreSQL refuses the
    /// batch, halves of it, until the request that it refuses stands alone.
    ///
    /// # Errors
    ///
    /// PostgreSQL is not available. The requests that had no fate yet are in `done` as well, refused with `Unavailable`.
    pub async fn commit(
        &mut self,
        appender: &Appender,
        batch: Vec<Pending>,
        done: &mut Vec<Done>,
    ) -> Result<(), Unavailable> {
        // A stack instead of a recursion: stretches are committed in their order.
        let mut stretches = vec![batch];
        while let Some(mut stretch) = stretches.pop() {
            match self.append(appender, &stretch).await {
                Ok(Outcome::Appended(appended)) => self.settle(stretch, &appended, done),
                Ok(Outcome::Refused) if stretch.len() > 1 => {
                    let second = stretch.split_off(stretch.len() / 2);
                    stretches.push(second);
                    stretches.push(stretch);
                }
                Ok(Outcome::Refused) => {
                    for mut request in stretch {
                        match self.refuse_rows(appender, &mut request).await {
                            Ok(true) => stretches.push(vec![request]),
                            Ok(false) => {
                                let refusal = Refusal::because(Code::Internal);
                                done.push(Done::refused(request, refusal));
                            }
                            Err(Unavailable) => {
                                stretches.push(vec![request]);
                                return Err(give_up(stretches, done));
                            }
                        }
                    }
                }
                Err(Unavailable) => {
                    stretches.push(stretch);
                    return Err(give_up(stretches, done));
                }
            }
        }
        Ok(())
    }

    /// One transaction for `requests`.
    async fn append(
        &mut self,
        appender: &Appender,
        requests: &[Pending],
    ) -> Result<Outcome, Unavailable> {
        for attempt in 0..=MAX_RETRIES {
            self.fill(requests)?;
            if self.rows.ids.is_empty() {
                return Ok(Outcome::Appended(Vec::new()));
            }
            match appender.append(&self.rows).await {
                Ok(appended) => return Ok(Outcome::Appended(appended)),
                Err(Failure::Retry) => metrics::commit_retried(attempt),
                Err(Failure::Hint) if self.tips.is_empty() => return Ok(Outcome::Refused),
                Err(Failure::Hint) => self.tips.forget(),
                Err(Failure::TooLarge) if requests.len() == 1 => return Err(Unavailable),
                Err(Failure::TooLarge | Failure::Refused) => return Ok(Outcome::Refused),
                Err(Failure::Unavailable) => return Err(Unavailable),
            }
        }
        Err(Unavailable)
    }

    /// Marks the messages of a refused request that PostgreSQL refuses each by itself. False when it takes every one of them alone.
    async fn refuse_rows(
        &mut self,
        appender: &Appender,
        request: &mut Pending,
    ) -> Result<bool, Unavailable> {
        let mut found = false;
        for place in 0..request.messages.len() {
            let alone = Pending {
                messages: vec![request.messages[place].clone()],
                ..request.clone()
            };
            self.fill(std::slice::from_ref(&alone))?;
            if self.rows.ids.is_empty() {
                continue;
            }
            match appender.rehearse(&self.rows).await {
                Ok(()) => {}
                Err(Failure::Refused) => {
                    tracing::warn!(conversation = %request.conversation, user = %request.caller.user, "a message is refused by postgres");
                    request.messages[place].verdict = Verdict::Refused(Code::InvalidArgument);
                    found = true;
                }
                // Says nothing about the message: the client tries again.
                Err(_) => return Err(Unavailable),
            }
        }
        Ok(found)
    }

    fn fill(&mut self, requests: &[Pending]) -> Result<(), Unavailable> {
        let rows = &mut self.rows;
        rows.clear();
        for request in requests {
            let hint = self.tips.of(request.conversation);
            for (message, content) in request.rows() {
                let id = self.ids.next().map_err(|error| {
                    tracing::warn!(%error, "no id for a message");
                    Unavailable
                })?;
                rows.ids.push(MessageId(id).to_sql());
                rows.conversations.push(request.conversation.to_sql());
                rows.kinds.push(i16::from(request.room.kind().0));
                rows.senders.push(request.caller.user.to_sql());
                rows.peers.push(request.room.peer().to_sql());
                rows.client_ids.push(message.client_message_id);
                rows.types.push(i16::from(message.entry_type.0));
                rows.contents.push(content.clone());
                rows.targets.push(message.reply_to.to_sql());
                rows.mentions.push(array_literal(&message.mentions));
                rows.hints.push(hint.to_sql());
            }
        }
        Ok(())
    }

    fn settle(&mut self, requests: Vec<Pending>, appended: &[Appended], done: &mut Vec<Done>) {
        let mut rest = appended;
        for request in requests {
            let (own, others) = rest.split_at(request.rows().count().min(rest.len()));
            rest = others;
            if let Some(last) = own.iter().rfind(|row| row.status == Status::Stored) {
                self.tips
                    .learn(request.conversation, Seq::from_sql(last.seq));
            }
            let (members_seq, member_count) = own
                .first()
                .map_or((0, 0), |row| (row.members_seq, row.member_count));
            done.push(Done {
                fate: fate(&request.messages, own),
                request,
                members_seq: Seq::from_sql(members_seq),
                member_count: u32::try_from(member_count).unwrap_or_default(),
            });
        }
    }
}

/// As PostgreSQL reads an array of numbers; none is empty, which costs nothing.
fn array_literal(mentions: &[UserId]) -> String {
    if mentions.is_empty() {
        return String::new();
    }
    let users: Vec<String> = mentions
        .iter()
        .map(|user| user.to_sql().to_string())
        .collect();
    format!("{{{}}}", users.join(","))
}

/// One result per message; whether the sender may write there is a matter of the whole request ([M6], [M8], [M10]).
fn fate(messages: &[Message], rows: &[Appended]) -> Fate {
    if let Some(code) = rows.iter().find_map(|row| bars(row.status)) {
        return Fate::Refused(Refusal::because(code));
    }
    let mut rows = rows.iter();
    let mut results: Vec<AckResult> = Vec::with_capacity(messages.len());
    for message in messages {
        let result = match &message.verdict {
            Verdict::Append(_) => match rows.next() {
                Some(row) => acknowledge(message, row),
                None => refuse(message, Code::Internal),
            },
            Verdict::Repeats(place) => results
                .get(*place)
                .cloned()
                .unwrap_or_else(|| refuse(message, Code::Internal)),
            Verdict::Refused(code) => refuse(message, *code),
        };
        results.push(result);
    }
    Fate::Answered(results)
}

/// Why the sender may not write there at all.
fn bars(status: Status) -> Option<Code> {
    match status {
        Status::NotFriends => Some(Code::NotFriends),
        Status::Blocked => Some(Code::Blocked),
        Status::NotMember => Some(Code::NotMember),
        Status::Silenced => Some(Code::Silenced),
        Status::Dissolved => Some(Code::GroupDissolved),
        Status::Stored
        | Status::Duplicate
        | Status::Conflict
        | Status::NoTarget
        | Status::MentionsEverybody => None,
    }
}

fn acknowledge(message: &Message, row: &Appended) -> AckResult {
    match row.status {
        Status::Conflict => return refuse(message, Code::MessageConflict),
        Status::NoTarget => return refuse(message, Code::TargetNotFound),
        Status::MentionsEverybody => return refuse(message, Code::MentionInvalid),
        _ => {}
    }
    AckResult {
        client_message_id: message.client_message_id,
        code: Code::Ok,
        message_id: MessageId::from_sql(row.id),
        seq: Seq::from_sql(row.seq),
        message_index: u64::try_from(row.message_index).unwrap_or_default(),
        created_at: row.created_at,
    }
}

/// The result of a message that is not stored ([M7]).
#[must_use]
pub fn refuse(message: &Message, code: Code) -> AckResult {
    AckResult {
        client_message_id: message.client_message_id,
        code,
        message_id: MessageId(0),
        seq: Seq(0),
        message_index: 0,
        created_at: 0,
    }
}

fn give_up(stretches: Vec<Vec<Pending>>, done: &mut Vec<Done>) -> Unavailable {
    // The stack has the last stretch first.
    let rest = stretches.into_iter().rev().flatten();
    done.extend(rest.map(|request| Done::refused(request, Refusal::UNAVAILABLE)));
    Unavailable
}

/// The lane of a conversation: Fibonacci hashing, so that neighbouring snowflakes part.
#[must_use]
pub fn lane_of(conversation: ConversationId, lanes: usize) -> usize {
    let spread = conversation.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    usize::try_from(spread).unwrap_or_default() % lanes.max(1)
}
