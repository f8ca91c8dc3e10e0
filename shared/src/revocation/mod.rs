//! Which sign-ins were revoked, as Redis has it. PostgreSQL is the truth and web writes both; access, which has no database, asks here.
//!
//! One sorted set holds all of it: a member per revoked sign-in, and the member `complete`, which is there when all of them are. Who flushes
//! Redis, or evicts the key, takes both at once. A restart from an old dump brings `complete` back without the latest
//! revocations, and so does a replica that takes over; therefore the mirror is read by a script that only a builder loads: scripts are in no dump and
//! on no replica. Without the script or without `complete` the answer is [`Verdict::Unknown`], never [`Verdict::Good`], until web has built the
//! mirror again.
//!
//! | file | what it holds |
//! |---|---|
//! | `mirror`, `read.lua`, `add.lua` | asking, and adding |
//! | `build`, `mark.lua` | building it from PostgreSQL |

mod build;
mod mirror;

pub use build::Build;
pub use mirror::{Mirror, Revoked, Since, Verdict};

use crate::wire::CloseCode;

/// Why a sign-in was revoked; the number is `sign_ins.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The user signed this device out.
    SignedOut = 1,
    /// The same device signed in again.
    Replaced = 2,
    /// The password was changed or reset.
    PasswordChanged = 3,
    /// An administrator disabled the user or ended the sign-in.
    Administrator = 4,
    /// A used refresh token came again: somebody else may have it.
    Reused = 5,
    /// The guest registered; the tokens of the guest end.
    Upgraded = 6,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::SignedOut,
        Self::Replaced,
        Self::PasswordChanged,
        Self::Administrator,
        Self::Reused,
        Self::Upgraded,
    ];

    /// The reason with this number; of a later release [`Reason::SignedOut`].
    #[must_use]
    pub fn of(number: u64) -> Self {
        let known = Self::ALL.into_iter().find(|known| *known as u64 == number);
        known.unwrap_or(Self::SignedOut)
    }

    /// For metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
            Self::PasswordChanged => "password_changed",
            Self::Administrator => "administrator",
            Self::Reused => "reused",
            Self::Upgraded => "upgraded",
        }
    }

    /// How live sessions are told.
    #[must_use]
    pub const fn close(self) -> CloseCode {
        match self {
            Self::SignedOut | Self::Reused | Self::Upgraded => CloseCode::SignedOut,
            Self::Replaced => CloseCode::SignedInElsewhere,
            Self::PasswordChanged => CloseCode::PasswordChanged,
            Self::Administrator => CloseCode::RemovedByAdministrator,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B7: rows and mirrors of another release say the same.
    #[test]
    fn reasons_keep_their_numbers() {
        let numbers = Reason::ALL.map(|reason| reason as u8);
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
        for reason in Reason::ALL {
            assert_eq!(Reason::of(reason as u64), reason);
        }
        assert_eq!(Reason::of(7), Reason::SignedOut);
    }
}
