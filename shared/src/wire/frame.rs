//! The root of every frame: encode, decode, and what access sees without opening the body.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use flatbuffers::VerifierOptions;

use super::field::Builder;
use super::limits::{MAX_APPARENT_SIZE, MAX_DEPTH, MAX_FRAME, MAX_TABLES};
use super::{Body, BodyKind, Code, ErrorResponse, WireError, message};

/// Chosen by the client for each request of a session, and carried back by the reply ([F6]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RequestId(pub u64);

impl RequestId {
    /// Of a frame that answers nothing.
    pub const PUSH: Self = Self(0);

    /// Whether the frame answers nothing.
    #[must_use]
    pub const fn is_push(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One frame, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Ties a reply to its request.
    pub request_id: RequestId,
    /// The conversation; a hint for affinity, a wrong one costs speed and never safety.
    pub route: u64,
    /// W3C Trace Context; an ill-formed one is read as none.
    pub traceparent: Option<String>,
    /// What it says.
    pub body: Body,
}

impl Frame {
    /// The server speaks unasked.
    #[must_use]
    pub fn push(body: impl Into<Body>) -> Self {
        Self::reply(RequestId::PUSH, body)
    }

    /// The client asks. `id` is not 0.
    #[must_use]
    pub fn request(id: RequestId, body: impl Into<Body>) -> Self {
        let body = body.into();
        Self {
            request_id: id,
            route: body.route(),
            traceparent: None,
            body,
        }
    }

    /// The server answers the request `id`.
    #[must_use]
    pub fn reply(id: RequestId, body: impl Into<Body>) -> Self {
        Self {
            request_id: id,
            route: 0,
            traceparent: None,
            body: body.into(),
        }
    }
}

/// What access knows of a frame that it forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peek {
    /// Ties a reply to its request.
    pub request_id: RequestId,
    /// The conversation; a hint.
    pub route: u64,
    /// Which body it has.
    pub kind: BodyKind,
}

const IDENTIFIER: &str = message::FRAME_IDENTIFIER;

const LIMITS: VerifierOptions = VerifierOptions {
    max_depth: MAX_DEPTH,
    max_tables: MAX_TABLES,
    max_apparent_size: MAX_APPARENT_SIZE,
    ignore_missing_null_terminator: false,
};

/// A buffer that grew beyond this is given back instead of being kept by its thread.
const KEPT_BUILDER_BYTES: usize = 2 * MAX_FRAME;

thread_local! {
    // One per thread, so that a frame costs one allocation of its exact size.
    static BUILDER: RefCell<Builder> = RefCell::new(Builder::with_capacity(1024));
}

/// The complete buffer, without a length. Its size is not checked: who collects entries keeps to the limits.
#[must_use]
pub fn encode(frame: &Frame) -> Bytes {
    BUILDER.with_borrow_mut(|builder| {
        builder.reset();
        let body = frame.body.write(builder);
        let traceparent = frame
            .traceparent
            .as_deref()
            .map(|text| builder.create_string(text));
        let root = message::Frame::create(
            builder,
            &message::FrameArgs {
                request_id: frame.request_id.0,
                route: frame.route,
                traceparent,
                body_type: frame.body.kind(),
                body,
            },
        );
        builder.finish(root, Some(IDENTIFIER));
        let bytes = Bytes::copy_from_slice(builder.finished_data());
        if bytes.len() > KEPT_BUILDER_BYTES {
            *builder = Builder::new();
        }
        bytes
    })
}

/// The frame in `data`. Copies `data` once; [`decode_shared`] does not.
///
/// # Errors
/// When `data` is longer than a frame may be or does not verify.
pub fn decode(data: &[u8]) -> Result<Frame, WireError> {
    verify(data)?;
    decode_shared(&Bytes::copy_from_slice(data))
}

/// The frame in `data`, whose content stays a slice of `data` and keeps all of it alive.
///
/// # Errors
/// When `data` is longer than a frame may be or does not verify.
pub fn decode_shared(data: &Bytes) -> Result<Frame, WireError> {
    let view = verify(data)?;
    Ok(Frame {
        request_id: RequestId(view.request_id()),
        route: view.route(),
        traceparent: view
            .traceparent()
            .filter(|text| is_traceparent(text))
            .map(str::to_owned),
        body: Body::read(view, data),
    })
}

/// Verifies `data` and opens nothing but its root.
///
/// # Errors
/// When `data` is longer than a frame may be or does not verify.
pub fn peek(data: &[u8]) -> Result<Peek, WireError> {
    let view = verify(data)?;
    Ok(Peek {
        request_id: RequestId(view.request_id()),
        route: view.route(),
        kind: view.body_type(),
    })
}

/// An encoded `ErrorResponse` with the standard text of `code`.
#[must_use]
pub fn error(request_id: RequestId, code: Code, retry_after: Option<Duration>) -> Bytes {
    let retry_after_ms = retry_after.map_or(0, |time| {
        u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
    });
    let message = code.text().to_owned();
    encode(&Frame::reply(
        request_id,
        ErrorResponse {
            code,
            message,
            retry_after_ms,
        },
    ))
}

fn verify(data: &[u8]) -> Result<message::Frame<'_>, WireError> {
    if data.len() > MAX_FRAME {
        return Err(WireError::TooLarge {
            length: data.len(),
            limit: MAX_FRAME,
        });
    }
    if data.get(4..8) != Some(IDENTIFIER.as_bytes()) {
        return Err(if data.is_empty() {
            WireError::Empty
        } else {
            WireError::Identifier
        });
    }
    message::root_as_frame_with_opts(&LIMITS, data)
        .map_err(|error| WireError::Malformed(Box::new(error)))
}

/// Version 00 of W3C Trace Context: `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits, all hexadecimal in lower case.
fn is_traceparent(text: &str) -> bool {
    let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 55
        && text.starts_with("00-")
        && text.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 2 | 35 | 52) {
                byte == b'-'
            } else {
                digits(byte)
            }
        })
}
