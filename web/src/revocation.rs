//! Sign-ins that end before their tokens do. PostgreSQL is the truth ([`Store::revoke_sign_ins`] writes it in the
//! transaction of whatever is the reason), Redis the mirror that every request looks into, and `im.user.{id}.event` the signal
//! that ends live sessions.
//!
//! [`Store::revoke_sign_ins`]: crate::store::Store

use im_shared::bus::{Bus, encode_user_kick};
use im_shared::ids::{SignInId, UserId};
use im_shared::wire::{self, CloseCode, Frame, Kick};

/// Why sign-ins are revoked; the number is `sign_ins.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
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

/// Which sign-ins of one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This one.
    SignIn(SignInId),
    /// All but this one.
    Others(SignInId),
    /// Every one.
    All,
}

/// Tells Redis and access about revoked sign-ins. A cheap clone.
#[derive(Clone)]
pub struct Revocations {
    bus: Bus,
}

impl Revocations {
    /// Signals over `bus`.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Makes what was committed known everywhere; called after the commit. It never fails: what Redis or the bus lose is made up for from
    /// PostgreSQL.
    pub async fn announce(&self, user: UserId, revoked: &[SignInId], reason: Reason) {
        let code = reason.close();
        let kick = Kick {
            code,
            message: code.text().to_owned(),
        };
        let kick = wire::encode(&Frame::push(kick));
        for sign_in in revoked {
            let carrier = encode_user_kick(user, &kick, "", *sign_in);
            let subject = self.bus.subjects().user_event(user);
            if let Err(error) = self.bus.publish(subject, carrier).await {
                tracing::warn!(%error, user_id = %user, "the signal of a revocation is lost");
            }
        }
    }
}
