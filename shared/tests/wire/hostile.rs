//! What a hostile peer may send: no input panics, and none costs more memory than stated (A8).

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use flatbuffers::FlatBufferBuilder;
use im_shared::wire::limits::MAX_FRAME;
use im_shared::wire::{BodyKind, WireError, decode, encode, peek};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::samples::samples;

/// The most that decoding one frame may allocate: the copy of its content, what its strings amount to and one struct
/// per table.
const DECODE_BYTES: usize = 10 * MAX_FRAME;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// Counts what each thread asks for.
struct Counting;

#[allow(unsafe_code)]
// Safety: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` gives, and the bytes that it asked for, freed ones included.
pub(crate) fn allocated_by<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATED.get();
    let result = work();
    (result, ALLOCATED.get() - before)
}

fn survive(data: &[u8]) {
    let (peeked, bytes) = allocated_by(|| peek(data));
    assert!(bytes <= 4_096, "peek asked for {bytes} bytes");
    let (decoded, bytes) = allocated_by(|| decode(data));
    assert!(bytes <= DECODE_BYTES, "decode asked for {bytes} bytes");
    assert_eq!(peeked.is_ok(), decoded.is_ok());
    if let Ok(frame) = decoded {
        let again = encode(&frame);
        assert!(
            again.len() > MAX_FRAME || decode(&again).is_ok(),
            "what was read can be written"
        );
    }
}

#[test]
fn no_truncated_frame_panics() {
    for (_, frame) in samples() {
        let bytes = encode(&frame);
        for length in 0..bytes.len() {
            survive(&bytes[..length]);
        }
    }
}

#[test]
fn no_frame_with_one_wrong_byte_panics() {
    for (_, frame) in samples() {
        let mut bytes = encode(&frame).to_vec();
        for at in 0..bytes.len() {
            let right = bytes[at];
            for wrong in [0, 1, 4, 0x7f, 0x80, 0xff, right ^ 1, right.wrapping_add(4)] {
                bytes[at] = wrong;
                survive(&bytes);
            }
            bytes[at] = right;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_frame_with_many_wrong_bytes_panics(
        sample in any::<prop::sample::Index>(),
        wrong in vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let samples = samples();
        let mut bytes = encode(&samples[sample.index(samples.len())].1).to_vec();
        for (at, byte) in wrong {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survive(&bytes);
    }

    #[test]
    fn no_random_bytes_panic(mut bytes in vec(any::<u8>(), 0..600), identified: bool) {
        if identified && bytes.len() >= 8 {
            bytes[4..8].copy_from_slice(b"IMF1");
        }
        survive(&bytes);
    }
}

/// A `UserOnline` with `tables` sessions that all share one text of `text` bytes.
fn sharing(tables: usize, text: usize) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let text = builder.create_string(&"x".repeat(text));
    let table = builder.start_table();
    builder.push_slot_always(4, text);
    let session = builder.end_table(table);
    let session = flatbuffers::WIPOffset::<flatbuffers::ForwardsUOffset<()>>::new(session.value());
    let sessions = builder.create_vector(&vec![session; tables]);
    let table = builder.start_table();
    builder.push_slot_always(6, sessions);
    let body = builder.end_table(table);
    let table = builder.start_table();
    builder.push_slot_always(10, BodyKind::UserOnline.0);
    builder.push_slot_always(12, body);
    let root = builder.end_table(table);
    builder.finish(root, Some("IMF1"));
    builder.finished_data().to_vec()
}

/// [F3]
#[test]
fn a_frame_that_amounts_to_more_than_it_is_is_refused() {
    assert!(decode(&sharing(10, 10)).is_ok());
    let small_that_would_be_large = sharing(400, 8_000);
    let (decoded, bytes) = allocated_by(|| decode(&small_that_would_be_large));
    assert!(matches!(decoded, Err(WireError::Malformed(_))));
    assert!(bytes <= 4_096, "{bytes} bytes");
}

/// [F3]
#[test]
fn more_than_512_tables_are_refused() {
    assert!(
        decode(&sharing(510, 1)).is_ok(),
        "with the frame and the body they are 512"
    );
    assert!(matches!(
        decode(&sharing(511, 1)),
        Err(WireError::Malformed(_))
    ));
}

/// [F3]
#[test]
fn a_frame_over_64_kib_is_refused_unread() {
    let error = WireError::TooLarge {
        length: MAX_FRAME + 1,
        limit: MAX_FRAME,
    };
    assert_eq!(decode(&vec![0; MAX_FRAME + 1]), Err(error));
}
