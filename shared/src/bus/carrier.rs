//! One NATS payload with many frames or deliveries (`schema/bus.fbs`). Frames stay slices of the payload.

use std::cell::RefCell;

use bytes::Bytes;
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, Vector, VerifierOptions, WIPOffset};

use super::bus_generated::im::bus as schema;
use crate::ids::{ConversationId, Incarnation, Seq, SessionId, SignInId, UserId};
use crate::wire::{CloseCode, Platform};

/// A carrier: what a NATS server takes by default.
pub const MAX_CARRIER: usize = 1024 * 1024;

/// Programs trust each other, but not that the other one is free of bugs: a broken carrier costs a bounded time.
const LIMITS: VerifierOptions = VerifierOptions {
    max_depth: 8,
    max_tables: 65_536,
    max_apparent_size: 4 * MAX_CARRIER,
    ignore_missing_null_terminator: false,
};

/// The session that a frame came from, stamped by access and trusted by logic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// 0: web, on behalf of the user.
    pub session: SessionId,
    /// Whose session it is.
    pub user: UserId,
    /// Of the session.
    pub platform: Platform,
    /// The account is not registered.
    pub guest: bool,
}

/// Who gets a delivery. Both must match on access, so that a session id that was used again gets nothing of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    /// 0: every session of the user on the node.
    pub session: SessionId,
    /// 0, with session 0: everybody.
    pub user: UserId,
}

/// One frame for some sessions, or their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// A complete frame without its length; empty where `close` is set.
    pub frame: Bytes,
    /// Who gets it.
    pub targets: Vec<Target>,
    /// On a stream of its own, where the transport has them ([T2]).
    pub bulk: bool,
    /// End the targets' sessions with this code.
    pub close: Option<CloseCode>,
    /// Only to sessions that follow this conversation, a rare hint to the others; 0: to every target.
    pub followed: ConversationId,
    /// May be lost: as a datagram, where the transport has them, and never in the way of other frames.
    pub ephemeral: bool,
}

impl Delivery {
    /// A frame on the live stream.
    #[must_use]
    pub const fn live(frame: Bytes, targets: Vec<Target>) -> Self {
        Self {
            frame,
            targets,
            bulk: false,
            close: None,
            followed: ConversationId(0),
            ephemeral: false,
        }
    }

    /// A frame on a stream of its own.
    #[must_use]
    pub const fn bulk(frame: Bytes, targets: Vec<Target>) -> Self {
        Self {
            frame,
            targets,
            bulk: true,
            close: None,
            followed: ConversationId(0),
            ephemeral: false,
        }
    }

    /// The end of the targets' sessions.
    #[must_use]
    pub const fn close(code: CloseCode, targets: Vec<Target>) -> Self {
        Self {
            frame: Bytes::new(),
            targets,
            bulk: false,
            close: Some(code),
            followed: ConversationId(0),
            ephemeral: false,
        }
    }
}

/// What a payload holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier {
    /// Frames of clients, to logic.
    Upstream {
        /// The access node; empty from web.
        node: String,
        /// Of the access node.
        incarnation: Incarnation,
        /// In the order of their arrival.
        items: Vec<(Origin, Bytes)>,
    },
    /// From logic to access. Without deliveries it is a beacon.
    Downstream {
        /// Of the sending process, new at every start.
        link: u64,
        /// 1, 2, 3 on this link; a beacon repeats the last one; 0 on the broadcast subject.
        number: u64,
        /// In order.
        deliveries: Vec<Delivery>,
    },
    /// To every session of one user.
    UserEvent {
        /// Whose.
        user: UserId,
        /// A complete frame without its length.
        frame: Bytes,
        /// Of a `Kick`: only the sessions of this device; empty: all.
        device: String,
        /// Of a `Kick`: only the sessions of this sign-in, which was revoked; 0: of every one.
        sign_in: SignInId,
        /// To the user's friends as well.
        friends: bool,
    },
    /// Pushes to the online members of a large group.
    GroupPush(GroupPush),
}

/// Entries of a large group, on their way to the members who are online; who takes the carrier looks up who they are, and answers once all
/// are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPush {
    /// Which group.
    pub conversation: ConversationId,
    /// Of the membership that the commit saw.
    pub members_seq: Seq,
    /// Who is no member any more and is still told.
    pub also: Vec<UserId>,
    /// In the order of their entries.
    pub frames: Vec<GroupFrame>,
}

/// One frame with entries of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFrame {
    /// Complete, without its length.
    pub frame: Bytes,
    /// The first of its entries.
    pub first: Seq,
    /// The last one; no membership changes between the two.
    pub last: Seq,
    /// The session that caused it and gets nothing: its node, or empty.
    pub node: String,
    /// On that node, or 0.
    pub session: SessionId,
}

/// Why a payload was no carrier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// Longer than any program sends.
    #[error("a carrier of {0} bytes")]
    TooLarge(usize),
    /// The file identifier is another one.
    #[error("the payload is no IMB1 carrier")]
    Identifier,
    /// An offset, a length or the count of tables is not legal.
    #[error("the carrier does not verify")]
    Malformed(#[source] Box<flatbuffers::InvalidFlatbuffer>),
    /// A kind of a later version.
    #[error("unknown carrier kind {0}")]
    Unknown(u8),
}

type Builder = FlatBufferBuilder<'static>;

/// A buffer that grew beyond this is given back instead of being kept by its thread.
const KEPT_BUILDER_BYTES: usize = 256 * 1024;

thread_local! {
    static BUILDER: RefCell<Builder> = RefCell::new(Builder::with_capacity(4_096));
}

/// Frames of clients. Cut `items` with [`batches`](super::batches) first.
#[must_use]
pub fn encode_upstream(node: &str, incarnation: Incarnation, items: &[(Origin, Bytes)]) -> Bytes {
    encode(schema::Body::Upstream, |builder| {
        let write = |(origin, frame): &(Origin, Bytes)| {
            let origin = schema::Origin::new(
                origin.session.0,
                origin.user.0,
                origin.platform.0,
                origin.guest,
            );
            let frame = Some(builder.create_vector(frame));
            schema::UpstreamItem::create(
                builder,
                &schema::UpstreamItemArgs {
                    origin: Some(&origin),
                    frame,
                },
            )
        };
        let items: Vec<_> = items.iter().map(write).collect();
        let items = Some(builder.create_vector(&items));
        let node_id = Some(builder.create_string(node));
        let upstream = schema::UpstreamArgs {
            node_id,
            incarnation: incarnation.0,
            items,
        };
        schema::Upstream::create(builder, &upstream).as_union_value()
    })
}

/// Deliveries, or a beacon when there are none. Cut `deliveries` with [`batches`](super::batches) first.
#[must_use]
pub fn encode_downstream(link: u64, number: u64, deliveries: &[Delivery]) -> Bytes {
    encode(schema::Body::Downstream, |builder| {
        let write = |delivery: &Delivery| {
            let targets = delivery.targets.iter();
            let targets =
                targets.map(|target| schema::Target::new(target.session.0, target.user.0));
            let targets = Some(builder.create_vector_from_iter(targets));
            let frame = Some(builder.create_vector(&delivery.frame));
            let close_code = delivery.close.unwrap_or(CloseCode::None).0;
            let delivery = schema::DeliveryArgs {
                frame,
                targets,
                bulk: delivery.bulk,
                close_code,
                followed: delivery.followed.0,
                ephemeral: delivery.ephemeral,
            };
            schema::Delivery::create(builder, &delivery)
        };
        let deliveries: Vec<_> = deliveries.iter().map(write).collect();
        let deliveries = Some(builder.create_vector(&deliveries));
        let downstream = schema::DownstreamArgs {
            link_id: link,
            number,
            deliveries,
        };
        schema::Downstream::create(builder, &downstream).as_union_value()
    })
}

/// A frame for every session of `user`.
#[must_use]
pub fn encode_user_event(user: UserId, frame: &[u8]) -> Bytes {
    user_event(user, frame, "", SignInId(0), false)
}

/// A frame for every session of `user` and of their friends.
#[must_use]
pub fn encode_friends_event(user: UserId, frame: &[u8]) -> Bytes {
    user_event(user, frame, "", SignInId(0), true)
}

/// An encoded `Kick` that ends sessions of `user`: those of one device, or of all with an empty `device`; of one sign-in, or of every one
/// with 0.
#[must_use]
pub fn encode_user_kick(user: UserId, kick: &[u8], device: &str, sign_in: SignInId) -> Bytes {
    user_event(user, kick, device, sign_in, false)
}

fn user_event(user: UserId, frame: &[u8], device: &str, sign_in: SignInId, friends: bool) -> Bytes {
    encode(schema::Body::UserEvent, |builder| {
        let frame = Some(builder.create_vector(frame));
        let device_id = (!device.is_empty()).then(|| builder.create_string(device));
        let event = schema::UserEventArgs {
            user_id: user.0,
            frame,
            device_id,
            friends,
            sign_in_id: sign_in.0,
        };
        schema::UserEvent::create(builder, &event).as_union_value()
    })
}

/// Pushes to a large group. Who makes it keeps to [`MAX_CARRIER`].
#[must_use]
pub fn encode_group_push(push: &GroupPush) -> Bytes {
    encode(schema::Body::GroupPush, |builder| {
        let write = |frame: &GroupFrame| {
            let node_id = Some(builder.create_string(&frame.node));
            let arguments = schema::GroupFrameArgs {
                frame: Some(builder.create_vector(&frame.frame)),
                first_seq: frame.first.0,
                last_seq: frame.last.0,
                node_id,
                session_id: frame.session.0,
            };
            schema::GroupFrame::create(builder, &arguments)
        };
        let frames: Vec<_> = push.frames.iter().map(write).collect();
        let frames = Some(builder.create_vector(&frames));
        let also = builder.create_vector_from_iter(push.also.iter().map(|user| user.0));
        let push = schema::GroupPushArgs {
            conversation_id: push.conversation.0,
            members_seq: push.members_seq.0,
            also: Some(also),
            frames,
        };
        schema::GroupPush::create(builder, &push).as_union_value()
    })
}

fn encode(
    body_type: schema::Body,
    write: impl FnOnce(&mut Builder) -> WIPOffset<UnionWIPOffset>,
) -> Bytes {
    BUILDER.with_borrow_mut(|builder| {
        builder.reset();
        let body = Some(write(builder));
        let root = schema::Carrier::create(builder, &schema::CarrierArgs { body_type, body });
        builder.finish(root, Some(schema::CARRIER_IDENTIFIER));
        let bytes = Bytes::copy_from_slice(builder.finished_data());
        if bytes.len() > KEPT_BUILDER_BYTES {
            *builder = Builder::new();
        }
        bytes
    })
}

/// What `payload` holds; its frames keep all of it alive.
///
/// # Errors
/// When `payload` is too long, does not verify, or is of a kind that this version does not know.
pub fn decode(payload: Bytes) -> Result<Carrier, CarrierError> {
    if payload.len() > MAX_CARRIER {
        return Err(CarrierError::TooLarge(payload.len()));
    }
    if payload.get(4..8) != Some(schema::CARRIER_IDENTIFIER.as_bytes()) {
        return Err(CarrierError::Identifier);
    }
    let carrier = schema::root_as_carrier_with_opts(&LIMITS, &payload);
    let carrier = carrier.map_err(|error| CarrierError::Malformed(Box::new(error)))?;
    let body = match carrier.body_type() {
        schema::Body::Upstream => carrier
            .body_as_upstream()
            .map(|body| read_upstream(body, &payload)),
        schema::Body::Downstream => carrier
            .body_as_downstream()
            .map(|body| read_downstream(body, &payload)),
        schema::Body::UserEvent => carrier.body_as_user_event().map(|body| Carrier::UserEvent {
            user: UserId(body.user_id()),
            frame: slice(body.frame(), &payload),
            device: body.device_id().unwrap_or_default().to_owned(),
            sign_in: SignInId(body.sign_in_id()),
            friends: body.friends(),
        }),
        schema::Body::GroupPush => carrier
            .body_as_group_push()
            .map(|body| read_group_push(body, &payload)),
        _ => None,
    };
    body.ok_or(CarrierError::Unknown(carrier.body_type().0))
}

fn read_upstream(body: schema::Upstream<'_>, payload: &Bytes) -> Carrier {
    let item = |item: schema::UpstreamItem<'_>| {
        let origin = item.origin()?;
        let origin = Origin {
            session: SessionId(origin.session_id()),
            user: UserId(origin.user_id()),
            platform: Platform(origin.platform()),
            guest: origin.guest(),
        };
        Some((origin, slice(item.frame(), payload)))
    };
    Carrier::Upstream {
        node: body.node_id().unwrap_or_default().to_owned(),
        incarnation: Incarnation(body.incarnation()),
        // An item without an origin has nobody to answer to.
        items: body.items().iter().flatten().filter_map(item).collect(),
    }
}

fn read_downstream(body: schema::Downstream<'_>, payload: &Bytes) -> Carrier {
    let target = |target: &schema::Target| Target {
        session: SessionId(target.session_id()),
        user: UserId(target.user_id()),
    };
    let delivery = |delivery: schema::Delivery<'_>| Delivery {
        frame: slice(delivery.frame(), payload),
        targets: delivery.targets().iter().flatten().map(target).collect(),
        bulk: delivery.bulk(),
        close: Some(CloseCode(delivery.close_code())).filter(|code| *code != CloseCode::None),
        followed: ConversationId(delivery.followed()),
        ephemeral: delivery.ephemeral(),
    };
    Carrier::Downstream {
        link: body.link_id(),
        number: body.number(),
        deliveries: body.deliveries().iter().flatten().map(delivery).collect(),
    }
}

fn read_group_push(body: schema::GroupPush<'_>, payload: &Bytes) -> Carrier {
    let frame = |frame: schema::GroupFrame<'_>| GroupFrame {
        frame: slice(frame.frame(), payload),
        first: Seq(frame.first_seq()),
        last: Seq(frame.last_seq()),
        node: frame.node_id().unwrap_or_default().to_owned(),
        session: SessionId(frame.session_id()),
    };
    Carrier::GroupPush(GroupPush {
        conversation: ConversationId(body.conversation_id()),
        members_seq: Seq(body.members_seq()),
        also: body.also().iter().flatten().map(UserId).collect(),
        frames: body.frames().iter().flatten().map(frame).collect(),
    })
}

fn slice(vector: Option<Vector<'_, u8>>, payload: &Bytes) -> Bytes {
    vector.map_or_else(Bytes::new, |vector| payload.slice_ref(vector.bytes()))
}

#[cfg(test)]
mod tests {
    use super::schema::Body;

    /// Programs of two versions talk to each other during a rolling restart.
    #[test]
    fn kinds_of_carriers_keep_their_numbers() {
        let kinds = Body::ENUM_VALUES.iter();
        let pinned = kinds.map(|kind| (kind.variant_name(), kind.0));
        let expected = ["NONE", "Upstream", "Downstream", "UserEvent", "GroupPush"].map(Some);
        assert!(pinned.eq(expected.into_iter().zip(0..)));
    }
}
