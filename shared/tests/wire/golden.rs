//! Pinned bytes in `schema/golden/`, which the TypeScript tests read too.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use flatbuffers::FlatBufferBuilder;
use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{Body, BodyKind, ConversationRead, Frame, RequestId, decode, encode, peek};

use crate::hex;
use crate::samples::samples;

const FIELDS: [(&str, usize); 5] = [
    ("request_id", 8),
    ("route", 8),
    ("distance to traceparent", 4),
    ("body_type", 1),
    ("distance to body", 4),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../schema/golden")
}

/// The bytes of a golden file. With `IM_GOLDEN=write` the file is made from `frame` and `bytes` first.
fn golden(name: &str, frame: &Frame, bytes: &[u8]) -> Vec<u8> {
    let file = folder().join(format!("{name}.hex"));
    if std::env::var("IM_GOLDEN").is_ok_and(|mode| mode == "write") {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&file, hex::annotate(name, frame, bytes, &FIELDS)).unwrap();
    }
    hex::parse(&fs::read_to_string(&file).expect("a golden file; IM_GOLDEN=write makes it"))
}

/// [F1], A7.
#[test]
fn every_kind_of_frame_has_the_bytes_that_were_pinned() {
    for (name, frame) in samples() {
        let bytes = encode(&frame);
        let golden = golden(name, &frame, &bytes);
        assert_eq!(decode(&golden).unwrap(), frame, "{name}");
        assert_eq!(
            bytes, golden,
            "{name}: the encoding changed, which old clients must be able to read"
        );
        assert_eq!(peek(&golden).unwrap().kind, frame.body.kind(), "{name}");
    }
}

#[test]
fn every_kind_of_frame_has_a_golden_file() {
    let pinned: BTreeSet<BodyKind> = samples()
        .iter()
        .map(|(_, frame)| frame.body.kind())
        .collect();
    let known: BTreeSet<BodyKind> = BodyKind::ENUM_VALUES
        .iter()
        .copied()
        .filter(|kind| *kind != BodyKind::NONE)
        .collect();
    assert_eq!(pinned, known);
}

/// [F5], A7: `ConversationRead` and `Frame` of a later version, with fields that this one does not know.
#[test]
fn newer_fields_are_ignored() {
    let expected = Frame::request(
        RequestId(5),
        ConversationRead {
            conversation_id: ConversationId(7_001),
            seq: Seq(2),
        },
    );
    let golden = golden("newer-fields", &expected, &with_newer_fields());
    assert_eq!(decode(&golden).unwrap(), expected);
}

/// [F4]: a request of a later version.
#[test]
fn an_unknown_body_is_known_by_its_number_only() {
    let expected = Frame {
        request_id: RequestId(5),
        route: 7_001,
        traceparent: None,
        body: Body::Unknown(40),
    };
    let golden = golden("unknown-body", &expected, &with_unknown_body());
    assert_eq!(decode(&golden).unwrap(), expected);
    assert!(peek(&golden).unwrap().kind.is_upstream());
}

/// Field n of a table has slot 4 + 2n in its vtable.
const fn slot(field: u16) -> u16 {
    4 + 2 * field
}

fn with_newer_fields() -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let note = builder.create_string("of a later version");
    let table = builder.start_table();
    builder.push_slot_always(slot(0), 7_001_u64);
    builder.push_slot_always(slot(1), 2_u64);
    builder.push_slot_always(slot(2), note);
    builder.push_slot_always(slot(3), 77_u64);
    let body = builder.end_table(table);
    root(&mut builder, BodyKind::ConversationRead, body, Some(123))
}

fn with_unknown_body() -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let table = builder.start_table();
    builder.push_slot_always(slot(0), 7_001_u64);
    let body = builder.end_table(table);
    root(&mut builder, BodyKind(40), body, None)
}

fn root<T>(
    builder: &mut FlatBufferBuilder<'_>,
    kind: BodyKind,
    body: flatbuffers::WIPOffset<T>,
    newer: Option<u64>,
) -> Vec<u8> {
    let table = builder.start_table();
    builder.push_slot_always(slot(0), 5_u64);
    builder.push_slot_always(slot(1), 7_001_u64);
    builder.push_slot_always(slot(3), kind.0);
    builder.push_slot_always(slot(4), body);
    if let Some(newer) = newer {
        builder.push_slot_always(slot(5), newer);
    }
    let root = builder.end_table(table);
    builder.finish(root, Some("IMF1"));
    builder.finished_data().to_vec()
}
