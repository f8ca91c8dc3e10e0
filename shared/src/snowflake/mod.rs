//! Ids that are unique over all processes (mission I5, J6).
//!
//! An id has 63 bits: 41 of milliseconds since 2025-01-01, 10 of the worker number, 12 of a sequence.
//!
//! | file | what it holds |
//! |---|---|
//! | `layout` | taking an id apart and putting it together: pure |
//! | `generator` | the next id of one worker number, at a given time: pure |
//! | `lease` | a worker number of one's own, leased in PostgreSQL |
//! | `store` | the statements on `id_workers` |

mod generator;
mod layout;
mod lease;
mod store;

pub use generator::{Exhausted, Generator};
pub use layout::{EPOCH_MILLIS, MAX_WORKER, Parts, WorkerId, parse};
pub use lease::{IdError, Ids, LeaseError};
