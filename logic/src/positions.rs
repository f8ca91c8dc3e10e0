//! Read and delivered positions: collected while the previous statement is under way, moved together, then told.
//!
//! One task owns them; it ends when every clone of [`Positions`] is dropped and what it held is moved.

use std::collections::BTreeMap;

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::snowflake::Ids;
use im_shared::wire::{Code, ConversationType, DeliveryReceipt, Frame, ReadReceipt, encode};
use tokio::sync::mpsc;

use crate::caller::Caller;
use crate::config::SideConfig;
use crate::fanout::Fanout;
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::refusal_frame;
use crate::routing::{Answer, Audience, Push};
use crate::store::{Moved, Passed, Standing, Store, StoreError, Wanted};

/// Of what a member of a group has read at once, the senders of so many entries are told: the newest. Who wants to know of an older one
/// asks (`ReceiptRequest`).
const TOLD_ENTRIES: i64 = 50;

/// A deadlock with a command that touches many members is over when one of the two tries again.
const ATTEMPTS: usize = 3;

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
    /// The handle, and the task to spawn. `ids` are for the rows of conversations of everybody; in a group of more than `large_group`
    /// members senders are not told who reads.
    pub fn new(
        store: Store,
        fanout: Fanout,
        ids: Ids,
        config: &SideConfig,
        large_group: usize,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, inbox) = mpsc::channel(config.positions_waiting);
        let mover = Mover {
            store,
            fanout,
            ids,
            batch: config.positions_batch,
            large_group: u32::try_from(large_group).unwrap_or(u32::MAX),
        };
        (Self { queue: sender }, mover.run(inbox))
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

struct Mover {
    store: Store,
    fanout: Fanout,
    ids: Ids,
    batch: usize,
    large_group: u32,
}

impl Mover {
    async fn run(self, mut inbox: mpsc::Receiver<Report>) {
        let mut reports = Vec::with_capacity(self.batch);
        while inbox.recv_many(&mut reports, self.batch).await > 0 {
            let wanted = self.identified(coalesce(&reports));
            metrics::positions(wanted.len());
            let standings = match self.moved(&wanted).await {
                Ok(standings) => wanted.iter().map(key).zip(standings).collect(),
                Err(error) => {
                    let refusal = error.refusal("moving positions");
                    let answers = refuse(reports.drain(..), refusal);
                    self.fanout.deliver(&[], answers).await;
                    continue;
                }
            };
            let senders = self.senders(&standings).await;
            let (pushes, answers) = tell(&mut reports, &standings, &senders);
            self.fanout.deliver(&pushes, answers).await;
        }
    }

    /// With ids for rows that may have to be made. Without one a position is not kept this time; the client reports it again.
    fn identified(&self, wanted: Vec<Wanted>) -> Vec<Wanted> {
        let identify = |mut wanted: Wanted| {
            if wanted.conversation.is_of_everybody() {
                match self.ids.next() {
                    Ok(id) => wanted.id = ConversationId(id).to_sql(),
                    Err(error) => {
                        tracing::warn!(%error, "no id for a position");
                        wanted.read = Seq(0);
                    }
                }
            }
            wanted
        };
        wanted.into_iter().map(identify).collect()
    }

    async fn moved(&self, wanted: &[Wanted]) -> Result<Vec<Standing>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.store.move_positions(wanted).await {
                Err(error) if error.is_deadlock() && attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// Who is to be told in groups. What cannot be found is not told: senders may ask.
    async fn senders(&self, standings: &BTreeMap<Key, Standing>) -> Senders {
        let passed = passed(standings, self.large_group);
        if passed.is_empty() {
            return Senders::default();
        }
        match self.store.senders(&passed, TOLD_ENTRIES).await {
            Ok(found) => passed.iter().map(passage).zip(found).collect(),
            Err(error) => {
                let refusal = error.refusal("the senders of what was read");
                tracing::debug!(code = refusal.code.name(), "receipts are not told");
                Senders::default()
            }
        }
    }
}

type Key = (UserId, ConversationId);

/// Whom to tell that a member has passed entries, by the last of these.
type Senders = BTreeMap<(Key, Seq), Vec<UserId>>;

fn passage(passed: &Passed) -> (Key, Seq) {
    ((passed.user, passed.conversation), passed.until)
}

fn key(wanted: &Wanted) -> Key {
    (wanted.user, wanted.conversation)
}

/// One row per member and conversation, with the highest positions.
fn coalesce(reports: &[Report]) -> Vec<Wanted> {
    let mut wanted: BTreeMap<Key, Wanted> = BTreeMap::new();
    for report in reports {
        let key = (report.caller.user, report.conversation);
        let none = Wanted {
            id: 0,
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

/// What members of groups have passed, for the senders of it: what was read, and what has arrived beyond that. Not in groups of more
/// than `members`, where a message would be answered by as many receipts.
fn passed(standings: &BTreeMap<Key, Standing>, members: u32) -> Vec<Passed> {
    let mut passed = Vec::new();
    for ((user, conversation), standing) in standings {
        let Standing::Member(moved) = standing else {
            continue;
        };
        if moved.kind != ConversationType::Group || moved.members > members {
            continue;
        }
        for (after, until) in [
            (moved.read_before, moved.read),
            (moved.delivered_before.max(moved.read), moved.delivered),
        ] {
            if until > after {
                passed.push(Passed {
                    conversation: *conversation,
                    user: *user,
                    after,
                    until,
                });
            }
        }
    }
    passed
}

/// The answer to each read, and the receipts that the peer or the senders and the reader's other sessions get ([R7]). One receipt per
/// position that moved, whatever the number of reports.
fn tell(
    reports: &mut Vec<Report>,
    standings: &BTreeMap<Key, Standing>,
    senders: &Senders,
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
                if moved.read_moved() && (seq >= moved.read || !movers.contains_key(&key)) {
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
            push_receipts(*key, moved, movers.get(key), senders, &mut pushes);
        }
    }
    (pushes, answers)
}

fn push_receipts(
    (user, conversation): Key,
    moved: &Moved,
    mover: Option<&Caller>,
    senders: &Senders,
    pushes: &mut Vec<Push>,
) {
    // Of a private conversation the peer, of a group the senders.
    let told = |until: Seq| -> Vec<UserId> {
        let senders = senders.get(&((user, conversation), until));
        let peer = moved.peer.is_some().then_some(moved.peer);
        let senders = senders.into_iter().flatten().copied();
        peer.into_iter().chain(senders).collect()
    };
    if moved.read_moved() {
        let receipt = ReadReceipt {
            conversation_id: conversation,
            user_id: user,
            seq: moved.read,
        };
        let mut audience = told(moved.read);
        audience.push(user);
        pushes.push(Push {
            frame: encode(&Frame::push(receipt)),
            audience: Audience::Users(audience),
            except: mover.and_then(Caller::session),
            ephemeral: false,
        });
    }
    // In a group, what was read needs no second receipt.
    let audience = if moved.peer.is_some() || moved.delivered > moved.read {
        told(moved.delivered)
    } else {
        Vec::new()
    };
    if moved.delivered_moved() && !audience.is_empty() {
        let receipt = DeliveryReceipt {
            conversation_id: conversation,
            user_id: user,
            seq: moved.delivered,
        };
        pushes.push(Push {
            frame: encode(&Frame::push(receipt)),
            audience: Audience::Users(audience),
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

    fn moved(kind: ConversationType, read: (u64, u64), delivered: (u64, u64)) -> Moved {
        Moved {
            kind,
            peer: UserId(if kind == ConversationType::Private {
                2
            } else {
                0
            }),
            members: if kind == ConversationType::Group {
                3
            } else {
                0
            },
            read_before: Seq(read.0),
            read: Seq(read.1),
            delivered_before: Seq(delivered.0),
            delivered: Seq(delivered.1),
        }
    }

    fn standing(moved: Moved) -> BTreeMap<Key, Standing> {
        BTreeMap::from([((UserId(1), ConversationId(7)), Standing::Member(moved))])
    }

    fn audiences(pushes: &[Push]) -> Vec<Audience> {
        pushes.iter().map(|push| push.audience.clone()).collect()
    }

    /// [R7]
    #[test]
    fn every_read_is_answered_and_the_peer_hears_once() {
        let mut reports = vec![report(1, 7, Which::Read, 3), report(1, 7, Which::Read, 5)];
        let standings = standing(moved(ConversationType::Private, (0, 5), (0, 5)));
        let (pushes, answers) = tell(&mut reports, &standings, &Senders::new());
        assert_eq!(answers.len(), 2);
        let expected = [vec![UserId(2), UserId(1)], vec![UserId(2)]];
        assert_eq!(audiences(&pushes), expected.map(Audience::Users));
    }

    /// [R17]: whoever sent what was read hears of it once, and of what only arrived by a receipt of its own.
    #[test]
    fn in_a_group_the_senders_of_what_was_passed_hear() {
        let of = |after, until| Passed {
            conversation: ConversationId(7),
            user: UserId(1),
            after: Seq(after),
            until: Seq(until),
        };
        let group = moved(ConversationType::Group, (2, 5), (4, 9));
        let (read, arrived) = (of(2, 5), of(5, 9));
        assert_eq!(passed(&standing(group), 3), [read, arrived]);
        assert!(passed(&standing(group), 2).is_empty(), "too large");
        let senders = BTreeMap::from([
            (passage(&read), vec![UserId(8)]),
            (passage(&arrived), vec![UserId(9)]),
        ]);
        let (pushes, _) = tell(&mut Vec::new(), &standing(group), &senders);
        let expected = [vec![UserId(8), UserId(1)], vec![UserId(9)]];
        assert_eq!(audiences(&pushes), expected.map(Audience::Users));

        let all_read = moved(ConversationType::Group, (2, 9), (4, 9));
        assert_eq!(passed(&standing(all_read), 3), [of(2, 9)]);
        let senders = BTreeMap::from([(passage(&of(2, 9)), vec![UserId(8)])]);
        let (pushes, _) = tell(&mut Vec::new(), &standing(all_read), &senders);
        assert_eq!(pushes.len(), 1);
    }
}
