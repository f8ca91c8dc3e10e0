//! Why bytes were no frame.

use super::Code;

/// Why bytes were no frame. After any of these the stream cannot be trusted any more ([F3]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Longer than the receiver takes; found before anything is allocated.
    #[error("a frame of {length} bytes where {limit} are allowed")]
    TooLarge {
        /// As announced, or as received.
        length: usize,
        /// What the receiver takes now.
        limit: usize,
    },
    /// A length of 0.
    #[error("a frame without bytes")]
    Empty,
    /// The file identifier is another one, or the buffer is too short to have one.
    #[error("the buffer is no IMF1 frame")]
    Identifier,
    /// An offset, a length, a string or the count of tables is not legal.
    #[error("the buffer does not verify")]
    Malformed(#[source] Box<flatbuffers::InvalidFlatbuffer>),
}

impl WireError {
    /// What the peer is told.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::FrameTooLarge,
            Self::Empty | Self::Identifier | Self::Malformed(_) => Code::MalformedFrame,
        }
    }
}
