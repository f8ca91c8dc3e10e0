//! Frames on a stream ([F2]).

use bytes::{Bytes, BytesMut};
use im_shared::wire::limits::{MAX_FRAME, MAX_HANDSHAKE_FRAME};
use im_shared::wire::{FrameDecoder, WireError, write_frame};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::hostile::allocated_by;

fn stream_of(frames: &[Vec<u8>]) -> BytesMut {
    let mut stream = BytesMut::new();
    for frame in frames {
        write_frame(&mut stream, frame);
    }
    stream
}

proptest! {
    /// [F2]
    #[test]
    fn any_split_of_a_stream_gives_the_same_frames(
        frames in vec(vec(any::<u8>(), 1..300), 0..12),
        cuts in vec(1_usize..200, 0..60),
    ) {
        let stream = stream_of(&frames);
        let mut decoder = FrameDecoder::new(MAX_FRAME);
        let mut got: Vec<Bytes> = Vec::new();
        let mut rest = &stream[..];
        for cut in cuts.into_iter().chain([usize::MAX]) {
            let (part, later) = rest.split_at(cut.min(rest.len()));
            decoder.push(part);
            while let Some(frame) = decoder.next().unwrap() {
                got.push(frame);
            }
            rest = later;
        }
        prop_assert_eq!(got, frames);
    }

    /// A8: whatever length is announced, nothing is held but what arrived.
    #[test]
    fn a_length_alone_allocates_nothing(length: u32, arrived in vec(any::<u8>(), 0..64)) {
        let (_, bytes) = allocated_by(|| {
            let mut decoder = FrameDecoder::new(MAX_FRAME);
            decoder.push(&length.to_be_bytes());
            decoder.push(&arrived);
            let _ = decoder.next();
        });
        prop_assert!(bytes <= 1_024, "{bytes} bytes");
    }
}

/// [F3]
#[test]
fn a_length_over_the_limit_is_refused_before_the_frame_arrives() {
    let mut decoder = FrameDecoder::new(MAX_FRAME);
    decoder.push(&65_537_u32.to_be_bytes());
    let error = WireError::TooLarge {
        length: 65_537,
        limit: MAX_FRAME,
    };
    assert_eq!(decoder.next(), Err(error.clone()));
    decoder.push(&[0; 100]);
    assert_eq!(
        decoder.next(),
        Err(error),
        "the stream is out of step for good"
    );
}

/// [F3]
#[test]
fn a_length_of_0_is_refused() {
    let mut decoder = FrameDecoder::new(MAX_FRAME);
    decoder.push(&[0, 0, 0, 0]);
    assert_eq!(decoder.next(), Err(WireError::Empty));
}

/// [S1]
#[test]
fn the_limit_is_raised_after_authentication() {
    let frames = [vec![1; MAX_HANDSHAKE_FRAME], vec![2; MAX_FRAME]];
    let mut decoder = FrameDecoder::new(MAX_HANDSHAKE_FRAME);
    decoder.push(&stream_of(&frames));
    assert_eq!(decoder.next().unwrap().unwrap(), frames[0]);
    decoder.set_limit(MAX_FRAME);
    assert_eq!(decoder.next().unwrap().unwrap(), frames[1]);
    assert_eq!(decoder.next(), Ok(None));
}
