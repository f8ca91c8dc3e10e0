//! After the commit: pushes to the recipients and the sender's other sessions, then the acknowledgements.
//!
//! One task per lane; it ends when its lane has ended and everything is handed to the publisher.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use im_shared::content::{Content, Notice};
use im_shared::ids::{ConversationId, NodeId, Seq, SessionId, UserId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::LiveNodes;
use im_shared::wire::{
    AckResult, Code, Entry, EntryType, Frame, MessageAck, PushMessage, SystemNotification, encode,
    limits,
};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::metrics;
use crate::pending::{Done, Fate, Pending, Verdict};
use crate::publisher::{Publisher, refusal_frame};
use crate::reach::{Reach, Told};
use crate::routing::{Answer, Audience, Push, Whereabouts, route};
use crate::store::Store;

/// An entry beside its content, in bytes: fields, vtable, offsets and padding, rounded up.
pub(crate) const ENTRY_OVERHEAD: usize = 160;

/// Locations that come later are not worth waiting for: an acknowledgement waits with them.
const LOCATE_WITHIN: Duration = Duration::from_millis(250);

/// So long after a failure nobody asks again, so that a Redis that hangs costs each lane one wait and not one per batch.
const BLIND_FOR: Duration = Duration::from_secs(1);

/// Sends frames to the sessions of users, wherever they are. A cheap clone.
#[derive(Debug, Clone)]
pub struct Fanout {
    locations: Locations,
    live: LiveNodes,
    publisher: Publisher,
    store: Store,
    blind_until: Arc<Mutex<Option<Instant>>>,
}

impl Fanout {
    /// Over an open connection.
    #[must_use]
    pub fn new(locations: Locations, live: LiveNodes, publisher: Publisher, store: Store) -> Self {
        Self {
            locations,
            live,
            publisher,
            store,
            blind_until: Arc::default(),
        }
    }

    /// Delivers the batches of one lane, in their order.
    pub async fn run(self, mut batches: mpsc::Receiver<Vec<Done>>) {
        while let Some(batch) = batches.recv().await {
            let (pushes, answers) = encode_batch(batch);
            self.deliver(&pushes, answers).await;
        }
    }

    /// Pushes entries that were committed elsewhere than in a lane, then sends the answers.
    pub async fn tell(&self, told: Told, answers: Vec<Answer>) {
        let mut pushes = Vec::new();
        let audience = self.audience(told.conversation, told.reach).await;
        for entries in pages(told.entries) {
            pushes.extend(frames_of(entries).into_iter().map(|frame| Push {
                frame,
                audience: audience.clone(),
                except: told.except.clone(),
            }));
        }
        self.deliver(&pushes, answers).await;
    }

    /// Sends a frame that is no entry: a receipt, an event.
    pub async fn push(
        &self,
        conversation: ConversationId,
        reach: Reach,
        frame: Bytes,
        except: Option<(Arc<NodeId>, SessionId)>,
    ) {
        let audience = self.audience(conversation, reach).await;
        let push = Push {
            frame,
            audience,
            except,
        };
        self.deliver(&[push], Vec::new()).await;
    }

    async fn audience(&self, conversation: ConversationId, reach: Reach) -> Audience {
        match reach {
            Reach::Users(users) => Audience::Users(users),
            Reach::Group { mut also, .. } => {
                match self.store.members(conversation).await {
                    Ok(members) => also.extend(members),
                    Err(error) => {
                        // Whoever is not reached finds the hole with the next entry, or at the next sync.
                        let refusal = error.refusal("the members of a group");
                        tracing::debug!(code = refusal.code.name(), %conversation, "a push is lost");
                    }
                }
                Audience::Users(also)
            }
            Reach::World | Reach::Everybody => Audience::Everybody,
        }
    }

    /// Pushes first, then answers; with one look at the locations for all of them.
    pub async fn deliver(&self, pushes: &[Push], answers: Vec<Answer>) {
        let users = pushes
            .iter()
            .flat_map(|push| match &push.audience {
                Audience::Users(users) => users.as_slice(),
                Audience::Everybody => &[],
            })
            .copied()
            .collect();
        let outgoing = match self.locate(users).await {
            Some(locations) => route(pushes, answers, &Whereabouts::Known(&locations)),
            None => route(pushes, answers, &Whereabouts::Unknown),
        };
        self.publisher.send(outgoing).await;
    }

    /// Which of `users` have a live session; none when Redis does not answer.
    pub async fn online(&self, users: &[UserId]) -> Option<BTreeMap<UserId, bool>> {
        let located = self.locate(users.to_vec()).await?;
        Some(
            located
                .into_iter()
                .map(|(user, locations)| (user, !locations.is_empty()))
                .collect(),
        )
    }

    /// The live sessions of `users`; none when Redis does not answer.
    async fn locate(&self, mut users: Vec<UserId>) -> Option<HashMap<UserId, Vec<Location>>> {
        if users.is_empty() {
            return Some(HashMap::new());
        }
        users.sort_unstable();
        users.dedup();
        let found = self.ask(&users).await;
        if found.is_none() {
            metrics::located_blind();
        }
        let found = found?;
        let mut dead = 0;
        let mut known = HashMap::with_capacity(users.len());
        for (user, mut locations) in users.into_iter().zip(found) {
            let before = locations.len();
            locations.retain(|location| self.live.is_live(&location.node, location.incarnation));
            dead += before - locations.len();
            known.insert(user, locations);
        }
        metrics::dead_locations(dead as u64);
        Some(known)
    }

    async fn ask(&self, users: &[UserId]) -> Option<Vec<Vec<Location>>> {
        if self
            .blind_until
            .lock()
            .is_some_and(|end| Instant::now() < end)
        {
            return None;
        }
        let reason = match tokio::time::timeout(LOCATE_WITHIN, self.locations.of(users)).await {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(reason, "locations are not known: pushing to every node");
        *self.blind_until.lock() = Some(Instant::now() + BLIND_FOR);
        None
    }
}

/// In as few pages as frames allow.
fn pages(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut pages: Vec<Vec<Entry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let size = ENTRY_OVERHEAD + entry.content.len();
        match pages.last_mut() {
            Some(page) if bytes + size <= limits::SYNC_PAGE_BYTES => page.push(entry),
            _ => {
                bytes = 0;
                pages.push(vec![entry]);
            }
        }
        bytes += size;
    }
    pages
}

/// One frame, or one per notification of the operator.
fn frames_of(entries: Vec<Entry>) -> Vec<Bytes> {
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

/// Encodes each push once, and one answer per request.
fn encode_batch(batch: Vec<Done>) -> (Vec<Push>, Vec<Answer>) {
    let (mut pushes, mut answers) = (
        Vec::with_capacity(batch.len()),
        Vec::with_capacity(batch.len()),
    );
    let (mut acknowledged, mut refused) = (0, 0);
    for Done { request, fate } in batch {
        let frame = match fate {
            Fate::Answered(results) => {
                let good = results
                    .iter()
                    .filter(|result| result.code == Code::Ok)
                    .count() as u64;
                acknowledged += good;
                refused += results.len() as u64 - good;
                push_entries(&request, &results, &mut pushes);
                let ack = MessageAck {
                    conversation_id: request.conversation,
                    results,
                };
                encode(&Frame::reply(request.caller.request_id, ack))
            }
            Fate::Refused(refusal) => {
                refused += request.messages.len() as u64;
                refusal_frame(&request.caller, refusal)
            }
        };
        answers.push(Answer {
            caller: request.caller,
            frame,
            bulk: false,
        });
    }
    metrics::messages(acknowledged, refused);
    (pushes, answers)
}

/// The entries of a request, in as few pushes as frames allow. A duplicate is pushed again: the first push may be what was lost.
fn push_entries(request: &Pending, results: &[AckResult], pushes: &mut Vec<Push>) {
    let mut entries = Vec::with_capacity(results.len());
    let mut bytes = 0;
    for (message, result) in request.messages.iter().zip(results) {
        let (Verdict::Append(text), Code::Ok) = (&message.verdict, result.code) else {
            continue;
        };
        let size = ENTRY_OVERHEAD + text.as_bytes().len();
        if bytes + size > limits::SYNC_PAGE_BYTES && !entries.is_empty() {
            pushes.push(push(request, std::mem::take(&mut entries)));
            bytes = 0;
        }
        bytes += size;
        entries.push(Entry {
            conversation_id: request.conversation,
            seq: result.seq,
            message_index: result.message_index,
            message_id: result.message_id,
            client_message_id: message.client_message_id,
            sender_id: request.caller.user,
            type_: message.entry_type,
            content: text.as_bytes().clone(),
            created_at: result.created_at,
            target_seq: Seq(0),
            ..Entry::default()
        });
    }
    if !entries.is_empty() {
        pushes.push(push(request, entries));
    }
}

fn push(request: &Pending, entries: Vec<Entry>) -> Push {
    let audience = match request.conversation {
        ConversationId::WORLD => Audience::Everybody,
        _ => Audience::Users(vec![request.peer, request.caller.user]),
    };
    Push {
        frame: encode(&Frame::push(PushMessage { entries })),
        audience,
        except: request.caller.session(),
    }
}
