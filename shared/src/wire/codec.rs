//! Frames on a stream: a length of 4 bytes, big-endian, then the frame ([F2]).

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::WireError;
use super::limits::LENGTH_PREFIX;

/// Above this an empty buffer is given back, so that an idle session keeps no burst's memory.
const KEPT_BUFFER_BYTES: usize = 4_096;

/// Cuts a stream into frames. Holds only what has arrived, whatever a length announces.
#[derive(Debug)]
pub struct FrameDecoder {
    arrived: BytesMut,
    limit: usize,
    failed: Option<WireError>,
}

impl FrameDecoder {
    /// Takes frames of up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            arrived: BytesMut::new(),
            limit,
            failed: None,
        }
    }

    /// From now on takes frames of up to `limit` bytes: more after authentication than before.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Adds what the stream gave. Take the frames out before adding more, then at most one incomplete frame is held.
    pub fn push(&mut self, data: &[u8]) {
        if self.failed.is_none() {
            self.arrived.extend_from_slice(data);
        }
    }

    /// The next complete frame; `None` until more arrives.
    ///
    /// # Errors
    /// When the next length is 0 or above the limit. The stream is out of step from there on, so every later call
    /// gives the same error.
    #[allow(clippy::should_implement_trait)] // An iterator cannot be pushed to between its items.
    pub fn next(&mut self) -> Result<Option<Bytes>, WireError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let Some(prefix) = self.arrived.first_chunk::<LENGTH_PREFIX>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*prefix) as usize;
        if length == 0 || length > self.limit {
            return Err(self.fail(length));
        }
        if self.arrived.len() < LENGTH_PREFIX + length {
            return Ok(None);
        }
        self.arrived.advance(LENGTH_PREFIX);
        let frame = self.arrived.split_to(length).freeze();
        if self.arrived.is_empty() && self.arrived.capacity() > KEPT_BUFFER_BYTES {
            self.arrived = BytesMut::new();
        }
        Ok(Some(frame))
    }

    fn fail(&mut self, length: usize) -> WireError {
        let error = if length == 0 {
            WireError::Empty
        } else {
            WireError::TooLarge {
                length,
                limit: self.limit,
            }
        };
        self.arrived = BytesMut::new();
        self.failed = Some(error.clone());
        error
    }
}

/// Appends `frame` with its length to what will be written to a stream in one go.
pub fn write_frame(out: &mut BytesMut, frame: &[u8]) {
    out.reserve(LENGTH_PREFIX + frame.len());
    out.put_u32(frame.len() as u32);
    out.put_slice(frame);
}
