//! What may be done in a group, and what comes of it: pure.
//!
//! | file | what it holds |
//! |---|---|
//! | `permit` | who may do what to whom |
//! | `face` | names, pictures, rules: what is legal, and what an update changes |
//! | `succession` | who owns a group when its owner leaves |
//! | `event` | the entries that changes leave in the log |

mod event;
mod face;
mod permit;
mod succession;

pub use event::Event;
pub use face::{Face, check_avatar, check_description, check_name, check_policy, check_request};
pub use permit::{Action, Invitation, invitation, permits};
pub use succession::{Candidate, heir};

/// People whom one command brings into a group.
pub const MAX_INVITED: usize = 500;
