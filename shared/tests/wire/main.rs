//! Frames, as any client or server may send them.
//!
//! `IM_GOLDEN=write cargo test -p im-shared --test wire golden` writes `schema/golden/` anew.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod arbitrary;
mod codec;
mod errors_document;
mod golden;
mod hex;
mod hostile;
mod numbers;
mod round_trip;
mod samples;
