//! Read and delivered positions: collected while the previous statement is under way, moved together, then told.
//!
//! One task owns them; it ends when every clone of [`Positions`] is dropped and what it held is moved.

use std::collections::BTreeMap;

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Code, DeliveryReceipt, Frame, ReadReceipt, encode};
use tokio::sync::mpsc;

use crate::caller::Caller;
use crate::fanout::Fanout;
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::refusal_frame;
use crate::routing::{Answer, Audience, Push};
use crate::store::{Moved, Standing, Store, Wanted};

/// Which position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Answered by a receipt ([R7]).
    Read,
    /// Not answered.
    Delivered,
}

/// A client says how far it is.
#[derive(Debug, Clone)]
pub struct Report {
    /// Who says so.
    pub caller: Caller,
    /// About which conversation.
    pub conversation: ConversationId,
    /// Which position.
    pub which: Which,
    /// Everything up to it.
    pub seq: Seq,
}

/// Takes reports. A cheap clone.
#[derive(Debug, Clone)]
pub struct Positions {
    queue: mpsc::Sender<Report>,
}

impl Positions {
    /// The handle, and the task to spawn.
    pub fn new(
        store: Store,
        fanout: Fanout,
        queue: usize,
        batch: usize,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, inbox) = mpsc::channel(queue);
        (Self { queue: sender }, run(store, fanout, inbox, batch))
    }

    /// Hands over a report. Never waits.
    ///
    /// # Errors
    ///
    /// The queue is full; the report comes back.
    pub fn offer(&self, report: Report) -> Result<(), Box<Report>> {
        self.queue.try_send(report).map_err(|refused| {
            metrics::full("positions");
            Box::new(refused.into_inner())
        })
    }
}

async fn run(store: Store, fanout: Fanout, mut inbox: mpsc::Receiver<Report>, batch: usize) {
    let mut reports = Vec::with_capacity(batch);
    while inbox.recv_many(&mut reports, batch).await > 0 {
        let wanted = coalesce(&reports);
        metrics::positions(wanted.len());
        let standings = match store.move_positions(&wanted).await {
            Ok(standings) => wanted.iter().map(key).zip(standings).collect(),
            Err(error) => {
                let refusal = error.refusal("moving positions");
                fanout
                    .deliver(&[], refuse(reports.drain(..), refusal))
                    .await;
                continue;
            }
        };
        let (pushes, answers) = tell(&mut reports, &standings);
        fanout.deliver(&pushes, answers).await;
    }
}

type Key = (UserId, ConversationId);

fn key(wanted: &Wanted) -> Key {
    (wanted.user, wanted.conversation)
}

/// One row per member and conversation, with the highest positions.
fn coalesce(reports: &[Report]) -> Vec<Wanted> {
    let mut wanted: BTreeMap<Key, Wanted> = BTreeMap::new();
    for report in reports {
        let key = (report.caller.user, report.conversation);
        let none = Wanted {
            user: key.0,
            conversation: key.1,
            read: Seq(0),
            delivered: Seq(0),
        };
        let entry = wanted.entry(key).or_insert(none);
        match report.which {
            Which::Read => entry.read = entry.read.max(report.seq),
            Which::Delivered => entry.delivered = entry.delivered.max(report.seq),
        }
    }
    wanted.into_values().collect()
}

/// The answer to each read, and the receipts that its peer and the reader's other sessions get ([R7]). One receipt per position that
/// moved, whatever the number of reports.
fn tell(
    reports: &mut Vec<Report>,
    standings: &BTreeMap<Key, Standing>,
) -> (Vec<Push>, Vec<Answer>) {
    let mut answers = Vec::new();
    // The session that moved a read position, so that it is not told twice.
    let mut movers: BTreeMap<Key, Caller> = BTreeMap::new();
    for Report {
        caller,
        conversation,
        which,
        seq,
    } in reports.drain(..)
    {
        let key = (caller.user, conversation);
        let frame = match (which, standings.get(&key)) {
            (Which::Delivered, _) => continue,
            (Which::Read, Some(Standing::Member(moved))) => {
                let receipt = ReadReceipt {
                    conversation_id: conversation,
                    user_id: caller.user,
                    seq: moved.read,
                };
                if moved.read_moved && (seq >= moved.read || !movers.contains_key(&key)) {
                    movers.insert(key, caller.clone());
                }
                encode(&Frame::reply(caller.request_id, receipt))
            }
            (Which::Read, Some(Standing::NotMember)) => {
                refusal_frame(&caller, Refusal::because(Code::NotMember))
            }
            (Which::Read, Some(Standing::Unknown) | None) => {
                refusal_frame(&caller, Refusal::because(Code::ConversationNotFound))
            }
        };
        answers.push(Answer {
            caller,
            frame,
            bulk: false,
        });
    }
    let mut pushes = Vec::new();
    for (key, standing) in standings {
        if let Standing::Member(moved) = standing {
            push_receipts(*key, moved, movers.get(key), &mut pushes);
        }
    }
    (pushes, answers)
}

fn push_receipts(
    (user, conversation): Key,
    moved: &Moved,
    mover: Option<&Caller>,
    pushes: &mut Vec<Push>,
) {
    let peer = moved.peer.is_some().then_some(moved.peer);
    if moved.read_moved {
        let receipt = ReadReceipt {
            conversation_id: conversation,
            user_id: user,
            seq: moved.read,
        };
        pushes.push(Push {
            frame: encode(&Frame::push(receipt)),
            audience: Audience::Users(peer.into_iter().chain([user]).collect()),
            except: mover.and_then(Caller::session),
            ephemeral: false,
        });
    }
    if moved.delivered_moved
        && let Some(peer) = peer
    {
        let receipt = DeliveryReceipt {
            conversation_id: conversation,
            user_id: user,
            seq: moved.delivered,
        };
        pushes.push(Push {
            frame: encode(&Frame::push(receipt)),
            audience: Audience::Users(vec![peer]),
            except: None,
            ephemeral: false,
        });
    }
}

/// Reads are told; a delivered position that is lost is reported again with the next one.
fn refuse(reports: impl Iterator<Item = Report>, refusal: Refusal) -> Vec<Answer> {
    reports
        .filter(|report| report.which == Which::Read)
        .map(|Report { caller, .. }| Answer {
            frame: refusal_frame(&caller, refusal),
            caller,
            bulk: false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use im_shared::wire::RequestId;

    use super::*;
    use crate::caller::Address;

    fn report(user: u64, conversation: u64, which: Which, seq: u64) -> Report {
        let caller = Caller {
            user: UserId(user),
            guest: false,
            request_id: RequestId(1),
            address: Address::Inbox("t".into()),
        };
        Report {
            caller,
            conversation: ConversationId(conversation),
            which,
            seq: Seq(seq),
        }
    }

    /// [R6]
    #[test]
    fn many_reports_of_a_member_become_one_row_with_the_highest_positions() {
        let reports = [
            report(1, 7, Which::Read, 3),
            report(1, 7, Which::Delivered, 9),
            report(1, 7, Which::Read, 2),
            report(1, 8, Which::Read, 1),
        ];
        let rows: Vec<_> = coalesce(&reports)
            .iter()
            .map(|w| (w.conversation.0, w.read.0, w.delivered.0))
            .collect();
        assert_eq!(rows, [(7, 3, 9), (8, 1, 0)]);
    }

    /// [R7]
    #[test]
    fn every_read_is_answered_and_the_peer_hears_once() {
        let mut reports = vec![report(1, 7, Which::Read, 3), report(1, 7, Which::Read, 5)];
        let moved = Moved {
            peer: UserId(2),
            read: Seq(5),
            delivered: Seq(5),
            read_moved: true,
            delivered_moved: true,
        };
        let standings = BTreeMap::from([((UserId(1), ConversationId(7)), Standing::Member(moved))]);
        let (pushes, answers) = tell(&mut reports, &standings);
        assert_eq!(answers.len(), 2);
        let told: Vec<_> = pushes.iter().map(|push| push.audience.clone()).collect();
        let expected = [vec![UserId(2), UserId(1)], vec![UserId(2)]];
        assert_eq!(told, expected.map(Audience::Users));
    }
}
