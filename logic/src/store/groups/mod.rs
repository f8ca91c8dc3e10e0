//! Groups: their face, their members, who wants to join. Everything that changes them runs in [`Locked`].
//!
//! | file | what it holds |
//! |---|---|
//! | `face` | the row of a group: made, read, changed |
//! | `members` | who comes, who goes, who may do what |
//! | `requests` | requests to join |

mod face;
mod members;
mod requests;

pub use face::{Group, NewGroup};
pub use members::{Joining, Rank};
pub use requests::{Asking, Standing};
