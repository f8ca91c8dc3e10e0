//! What is encoded is decoded as it was.

use std::collections::BTreeSet;

use bytes::Bytes;
use im_shared::wire::limits::{MAX_CURSORS, MAX_FRAME, MAX_MESSAGES, MAX_TEXT};
use im_shared::wire::{
    Body, BodyKind, Cursor, EntryType, Frame, OutgoingMessage, RequestId, SyncRequest, UserMessage,
    decode, decode_shared, encode, peek,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::arbitrary::any_body;

proptest! {
    #[test]
    fn every_frame_survives_the_wire(id: u64, body in any_body(), traced: bool) {
        let mut frame = Frame::request(RequestId(id), body);
        frame.traceparent = traced.then(|| format!("00-{id:032x}-{id:016x}-01"));
        let bytes = encode(&frame);
        let seen = peek(&bytes).unwrap();
        prop_assert_eq!((seen.request_id, seen.route, seen.kind), (frame.request_id, frame.route, frame.body.kind()));
        prop_assert_eq!(decode(&bytes).unwrap(), frame.clone());
        prop_assert_eq!(decode_shared(&bytes).unwrap(), frame);
    }
}

/// The property above is about every kind.
#[test]
fn any_body_is_sometimes_of_each_kind() {
    let mut runner = TestRunner::deterministic();
    let mut missing: BTreeSet<BodyKind> = BodyKind::ENUM_VALUES.iter().copied().collect();
    missing.remove(&BodyKind::NONE);
    for _ in 0..5_000 {
        missing.remove(&any_body().new_tree(&mut runner).unwrap().current().kind());
    }
    assert_eq!(missing, BTreeSet::new());
}

/// [M1], [M7]: the limits leave room for each other only up to a point, which a client must know.
#[test]
fn the_largest_text_fits_seven_times_and_64_short_ones_fit() {
    let message = |length| OutgoingMessage {
        client_message_id: uuid::Uuid::now_v7(),
        type_: EntryType::Text,
        content: Bytes::from(vec![b'x'; length]),
        ..OutgoingMessage::default()
    };
    let frame = |count, length| {
        let messages = (0..count).map(|_| message(length)).collect();
        Frame::request(
            RequestId(1),
            UserMessage {
                messages,
                ..UserMessage::default()
            },
        )
    };
    assert!(encode(&frame(7, MAX_TEXT)).len() <= MAX_FRAME);
    assert!(encode(&frame(8, MAX_TEXT)).len() > MAX_FRAME);
    assert!(decode(&encode(&frame(MAX_MESSAGES, 900))).is_ok());
}

/// [R4]
#[test]
fn a_sync_request_with_all_its_cursors_fits() {
    let cursors = vec![Cursor::default(); MAX_CURSORS];
    let frame = Frame::request(
        RequestId(1),
        SyncRequest {
            cursors,
            ..SyncRequest::default()
        },
    );
    assert_eq!(decode(&encode(&frame)).unwrap(), frame);
}

#[test]
fn content_is_a_slice_of_the_bytes_that_arrived() {
    let message = OutgoingMessage {
        content: Bytes::from_static(b"hi"),
        ..OutgoingMessage::default()
    };
    let bytes = encode(&Frame::request(
        RequestId(1),
        UserMessage {
            messages: vec![message],
            ..UserMessage::default()
        },
    ));
    let Body::UserMessage(body) = decode_shared(&bytes).unwrap().body else {
        panic!()
    };
    assert!(
        bytes
            .as_ptr_range()
            .contains(&body.messages[0].content.as_ptr())
    );
}

/// A trace is never worth a message.
#[test]
fn an_ill_formed_traceparent_is_read_as_none() {
    for text in [
        "",
        "00",
        "x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n",
        &"0".repeat(55),
    ] {
        let mut frame = Frame::push(Body::Unknown(0));
        frame.traceparent = Some(text.to_owned());
        assert_eq!(
            decode(&encode(&frame)).unwrap().traceparent,
            None,
            "{text:?}"
        );
    }
}

/// K6
#[test]
fn a_token_is_not_printed() {
    let request = im_shared::wire::AuthRequest {
        token: "very-secret".into(),
        ..Default::default()
    };
    assert!(!format!("{request:?}").contains("very-secret"));
}
