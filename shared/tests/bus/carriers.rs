//! One payload with many frames or deliveries.

use bytes::Bytes;
use im_shared::bus::{
    Carrier, CarrierError, Delivery, GroupFrame, GroupPush, MAX_BATCH_BYTES, MAX_CARRIER, Origin,
    Target, batches, decode, encode_downstream, encode_friends_event, encode_group_push,
    encode_upstream, encode_user_event,
};
use im_shared::ids::{ConversationId, Incarnation, Seq, SessionId, SignInId, UserId};
use im_shared::wire::{CloseCode, Platform};
use proptest::collection::vec;
use proptest::prelude::*;

fn frame() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..200).prop_map(Bytes::from)
}

fn item() -> impl Strategy<Value = (Origin, Bytes)> {
    (
        any::<u64>(),
        any::<u64>(),
        any::<u8>(),
        any::<bool>(),
        frame(),
    )
        .prop_map(|(session, user, platform, guest, frame)| {
            let origin = Origin {
                session: SessionId(session),
                user: UserId(user),
                platform: Platform(platform),
                guest,
            };
            (origin, frame)
        })
}

fn target() -> impl Strategy<Value = Target> {
    (any::<u64>(), any::<u64>()).prop_map(|(session, user)| Target {
        session: SessionId(session),
        user: UserId(user),
    })
}

fn delivery() -> impl Strategy<Value = Delivery> {
    (
        frame(),
        vec(target(), 0..6),
        any::<bool>(),
        prop::option::of(1_u16..),
        any::<u64>(),
        any::<bool>(),
    )
        .prop_map(
            |(frame, targets, bulk, close, followed, ephemeral)| Delivery {
                frame,
                targets,
                bulk,
                close: close.map(CloseCode),
                followed: ConversationId(followed),
                ephemeral,
            },
        )
}

fn group_frame() -> impl Strategy<Value = GroupFrame> {
    (
        frame(),
        any::<u64>(),
        any::<u64>(),
        "[a-z0-9-]{0,32}",
        any::<u64>(),
    )
        .prop_map(|(frame, first, last, node, session)| GroupFrame {
            frame,
            first: Seq(first),
            last: Seq(last),
            node,
            session: SessionId(session),
        })
}

fn any_carrier() -> impl Strategy<Value = Carrier> {
    prop_oneof![
        ("[a-z0-9-]{0,32}", any::<u64>(), vec(item(), 0..8)).prop_map(
            |(node, incarnation, items)| {
                Carrier::Upstream {
                    node,
                    incarnation: Incarnation(incarnation),
                    items,
                }
            }
        ),
        (any::<u64>(), any::<u64>(), vec(delivery(), 0..8)).prop_map(
            |(link, number, deliveries)| Carrier::Downstream {
                link,
                number,
                deliveries
            }
        ),
        (any::<u64>(), frame(), any::<bool>()).prop_map(|(user, frame, friends)| {
            Carrier::UserEvent {
                user: UserId(user),
                frame,
                device: String::new(),
                sign_in: SignInId(0),
                friends,
            }
        }),
        (
            target(),
            any::<u64>(),
            vec(any::<u64>(), 0..4),
            vec(group_frame(), 0..4)
        )
            .prop_map(|(target, members_seq, also, frames)| Carrier::GroupPush(
                GroupPush {
                    conversation: ConversationId(target.user.0),
                    members_seq: Seq(members_seq),
                    also: also.into_iter().map(UserId).collect(),
                    frames,
                }
            )),
    ]
}

fn encode(carrier: &Carrier) -> Bytes {
    match carrier {
        Carrier::Upstream {
            node,
            incarnation,
            items,
        } => encode_upstream(node, *incarnation, items),
        Carrier::Downstream {
            link,
            number,
            deliveries,
        } => encode_downstream(*link, *number, deliveries),
        Carrier::UserEvent {
            user,
            frame,
            friends: true,
            ..
        } => encode_friends_event(*user, frame),
        Carrier::UserEvent { user, frame, .. } => encode_user_event(*user, frame),
        Carrier::GroupPush(push) => encode_group_push(push),
    }
}

proptest! {
    #[test]
    fn every_carrier_survives_the_bus(carrier in any_carrier()) {
        prop_assert_eq!(decode(encode(&carrier)).unwrap(), carrier);
    }

    #[test]
    fn no_broken_carrier_panics(
        carrier in any_carrier(),
        wrong in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&carrier).to_vec();
        for (at, byte) in wrong {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = decode(Bytes::copy_from_slice(&bytes));
        bytes.truncate(length.index(bytes.len()));
        let _ = decode(Bytes::from(bytes));
    }
}

#[test]
fn frames_are_slices_of_the_payload() {
    let payload = encode_user_event(UserId(7), b"frame");
    let Carrier::UserEvent { frame, .. } = decode(payload.clone()).unwrap() else {
        panic!()
    };
    assert!(payload.as_ptr_range().contains(&frame.as_ptr()));
}

/// The weights are rounded up, so a batch is never larger than it was thought to be.
#[test]
fn every_batch_fits_its_carrier() {
    let origin = Origin {
        session: SessionId(1),
        user: UserId(2),
        platform: Platform::Web,
        guest: false,
    };
    let tiny = vec![(origin, Bytes::from_static(b"x")); 20_000];
    let large = vec![(origin, Bytes::from(vec![0; 65_536])); 20];
    for items in [tiny, large] {
        let mut carried = 0;
        for batch in batches(&items) {
            let payload = encode_upstream("access-1", Incarnation(1), batch);
            assert!(
                payload.len() <= MAX_BATCH_BYTES + 1_024,
                "{} bytes",
                payload.len()
            );
            let Carrier::Upstream { items, .. } = decode(payload).unwrap() else {
                panic!()
            };
            carried += items.len();
        }
        assert_eq!(carried, items.len());
    }
    let target = Target {
        session: SessionId(1),
        user: UserId(2),
    };
    let deliveries = vec![Delivery::live(Bytes::from_static(b"x"), vec![target]); 20_000];
    for batch in batches(&deliveries) {
        let payload = encode_downstream(1, 1, batch);
        assert!(
            payload.len() <= MAX_BATCH_BYTES + 1_024,
            "{} bytes",
            payload.len()
        );
        assert!(decode(payload).is_ok());
    }
}

#[test]
fn a_carrier_without_deliveries_is_a_beacon_of_a_few_bytes() {
    let beacon = encode_downstream(u64::MAX, 12, &[]);
    assert!(beacon.len() <= 80, "{} bytes", beacon.len());
    let expected = Carrier::Downstream {
        link: u64::MAX,
        number: 12,
        deliveries: Vec::new(),
    };
    assert_eq!(decode(beacon).unwrap(), expected);
}

#[test]
fn other_payloads_are_refused_with_a_reason() {
    assert_eq!(decode(Bytes::new()), Err(CarrierError::Identifier));
    assert_eq!(
        decode(Bytes::from_static(b"....IMF1....")),
        Err(CarrierError::Identifier)
    );
    assert!(matches!(
        decode(Bytes::from_static(b"....IMB1....")),
        Err(CarrierError::Malformed(_))
    ));
    assert_eq!(
        decode(Bytes::from(vec![0; MAX_CARRIER + 1])),
        Err(CarrierError::TooLarge(MAX_CARRIER + 1))
    );
}
