//! What goes out after a commit, addressed: to users, or in one carrier for each large group. Pure.

use im_shared::bus::{GroupFrame, GroupPush};
use im_shared::ids::{ConversationId, Seq, SessionId, UserId};

use crate::members::Membership;
use crate::parcel::Shipment;
use crate::reach::Reach;
use crate::routing::{Answer, Audience, Push};

/// Frames of one carrier for a large group, in bytes.
const MAX_GROUP_PUSH: usize = 256 * 1024;

/// What such a frame costs beside itself. Bytes.
const GROUP_FRAME_OVERHEAD: usize = 96;

/// What goes out together.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) pushes: Vec<Push>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) large: Vec<Large>,
}

/// What goes to one large group, and the answers that wait until it is handed over.
#[derive(Debug)]
pub(crate) struct Large {
    pub(crate) push: GroupPush,
    bytes: usize,
    pub(crate) answers: Vec<Answer>,
}

impl Load {
    /// The members of its group, where it has one, are these.
    pub(crate) fn add(&mut self, shipment: Shipment, membership: Option<&Membership>) {
        for parcel in shipment.parcels {
            let audience = match (parcel.reach, membership) {
                (Reach::Users(users), _) => Audience::Users(users),
                (Reach::World, _) => Audience::Followers(ConversationId::WORLD),
                (Reach::Everybody, _) => Audience::Everybody,
                (Reach::Group { also, .. }, membership) => {
                    let (first, last) = parcel.stretch;
                    let given = membership.map(|membership| membership.given(first, last));
                    users(given.into_iter().flatten(), also)
                }
            };
            self.pushes.push(Push {
                frame: parcel.frame,
                audience,
                except: parcel.except,
                ephemeral: false,
            });
        }
        self.answers.extend(shipment.answers);
    }

    /// One carrier for all that a batch has for a group, as far as it has room. The answers go with the last carrier that has something
    /// of the shipment: those before are handed over before it.
    pub(crate) fn add_large(&mut self, shipment: Shipment) {
        let mut at = None;
        for parcel in shipment.parcels {
            let Reach::Group { members_seq, also } = parcel.reach else {
                continue;
            };
            let (node, session) = match &parcel.except {
                Some((node, session)) => (node.to_string(), *session),
                None => (String::new(), SessionId(0)),
            };
            let bytes = parcel.frame.len() + GROUP_FRAME_OVERHEAD;
            let place = self.room_for(parcel.conversation, bytes, &also);
            at = Some(place);
            let large = &mut self.large[place];
            large.bytes += bytes;
            large.push.members_seq = members_seq.max(large.push.members_seq);
            large.push.frames.push(GroupFrame {
                frame: parcel.frame,
                first: parcel.stretch.0,
                last: parcel.stretch.1,
                node,
                session,
            });
        }
        match at {
            Some(place) => self.large[place].answers.extend(shipment.answers),
            None => self.answers.extend(shipment.answers),
        }
    }

    /// The last carrier for a group if it has room, or a new one. Who is no member any more gets what removed them and nothing else, so
    /// such frames travel alone.
    fn room_for(&mut self, group: ConversationId, bytes: usize, also: &[UserId]) -> usize {
        let last = self
            .large
            .iter()
            .rposition(|large| large.push.conversation == group);
        if let Some(place) = last
            && self.large[place].bytes + bytes <= MAX_GROUP_PUSH
            && self.large[place].push.also == also
        {
            return place;
        }
        self.large.push(Large {
            push: GroupPush {
                conversation: group,
                members_seq: Seq(0),
                also: also.to_vec(),
                frames: Vec::new(),
            },
            bytes: 0,
            answers: Vec::new(),
        });
        self.large.len() - 1
    }
}

/// Each user once.
pub(crate) fn users(members: impl Iterator<Item = UserId>, also: Vec<UserId>) -> Audience {
    let mut users: Vec<UserId> = members.collect();
    for user in also {
        if users.binary_search(&user).is_err() {
            users.push(user);
            users.sort_unstable();
        }
    }
    Audience::Users(users)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::parcel::Parcel;

    fn shipment(group: u64, seq: u64, bytes: usize, also: &[u64]) -> Shipment {
        let parcel = Parcel {
            frame: Bytes::from(vec![0; bytes]),
            conversation: ConversationId(group),
            stretch: (Seq(seq), Seq(seq)),
            reach: Reach::Group {
                members_seq: Seq(seq - 1),
                also: also.iter().copied().map(UserId).collect(),
            },
            except: None,
        };
        Shipment {
            parcels: vec![parcel],
            answers: Vec::new(),
            members: 1_000,
        }
    }

    fn carriers(load: &Load) -> Vec<(u64, usize, u64)> {
        let carrier = |large: &Large| {
            let push = &large.push;
            (push.conversation.0, push.frames.len(), push.members_seq.0)
        };
        load.large.iter().map(carrier).collect()
    }

    /// E4: one carrier for all that a batch has for a group.
    #[test]
    fn what_a_batch_has_for_a_large_group_travels_together() {
        let mut load = Load::default();
        for (group, seq) in [(7, 2), (8, 2), (7, 3), (7, 4)] {
            load.add_large(shipment(group, seq, 100, &[]));
        }
        assert_eq!(carriers(&load), [(7, 3, 3), (8, 1, 1)]);
    }

    /// E4: a carrier is bounded.
    #[test]
    fn what_has_no_room_goes_into_the_next_carrier() {
        let mut load = Load::default();
        for seq in 2..7 {
            load.add_large(shipment(
                7,
                seq,
                MAX_GROUP_PUSH / 2 - GROUP_FRAME_OVERHEAD,
                &[],
            ));
        }
        let frames: Vec<usize> = carriers(&load).iter().map(|carrier| carrier.1).collect();
        assert_eq!(frames, [2, 2, 1]);
    }

    /// E1: who was removed gets the entry of it, and none that comes after.
    #[test]
    fn who_is_removed_gets_nothing_of_what_travels_beside() {
        let mut load = Load::default();
        load.add_large(shipment(7, 2, 10, &[]));
        load.add_large(shipment(7, 3, 10, &[5]));
        load.add_large(shipment(7, 4, 10, &[]));
        let told: Vec<usize> = load
            .large
            .iter()
            .map(|large| large.push.also.len())
            .collect();
        assert_eq!(told, [0, 1, 0]);
    }
}
