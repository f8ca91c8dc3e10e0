//! Sign-ins that end before their tokens do. PostgreSQL is the truth, written in the transaction of whatever is the reason; Redis is the
//! mirror that every request looks into, and `im.user.{id}.event` the signal that ends live sessions.
//!
//! | file | what it holds |
//! |---|---|
//! | `keeper` | keeps the mirror whole: builds it, adds what it lacks, forgets what is over |

mod keeper;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use im_shared::bus::{Bus, encode_user_kick};
use im_shared::ids::{SignInId, UserId};
use im_shared::revocation::{Mirror, Verdict};
use im_shared::wire::{self, Code, Frame, Kick};
use tokio::time::timeout;

pub use im_shared::revocation::Reason;

use crate::error::ApiError;
use crate::store::Store;

/// How long a request waits for the mirror before it asks PostgreSQL.
const CHECK_WAIT: Duration = Duration::from_millis(250);
/// How long a revocation waits until the mirror has it; what is late is added by the keeper.
const ADD_WAIT: Duration = Duration::from_millis(500);

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

/// Who was signed out, and makes it known. A cheap clone.
#[derive(Clone)]
pub struct Revocations {
    store: Store,
    mirror: Mirror,
    bus: Bus,
    /// The mirror has all that PostgreSQL has, as far as this node knows.
    is_whole: Arc<AtomicBool>,
}

impl Revocations {
    /// Checks with `mirror`, else with `store`; signals over `bus`.
    #[must_use]
    pub fn new(store: Store, mirror: Mirror, bus: Bus) -> Self {
        Self {
            store,
            mirror,
            bus,
            is_whole: Arc::default(),
        }
    }

    /// Whether tokens of this sign-in are good. One command of Redis; without the mirror, one look at PostgreSQL.
    ///
    /// # Errors
    /// `TokenRevoked`; or neither Redis nor PostgreSQL can be asked.
    pub async fn check(&self, sign_in: SignInId) -> Result<(), ApiError> {
        let mut verdict = Verdict::Unknown;
        if self.is_whole.load(Ordering::Acquire) {
            verdict = timeout(CHECK_WAIT, self.mirror.check(sign_in))
                .await
                .unwrap_or(Verdict::Unknown);
        }
        let good = match verdict {
            Verdict::Good => true,
            Verdict::Revoked(_) => false,
            Verdict::Unknown => {
                self.doubt();
                metrics::counter!("im_web_revocation_fallbacks_total").increment(1);
                !self.store.is_revoked(sign_in).await?
            }
        };
        if good {
            Ok(())
        } else {
            Err(ApiError::Refused(Code::TokenRevoked))
        }
    }

    /// Makes what was committed known everywhere; called after the commit. It never fails: what Redis or the bus lose is made up for from
    /// PostgreSQL.
    pub async fn announce(&self, user: UserId, revoked: &[SignInId], reason: Reason) {
        if revoked.is_empty() {
            return;
        }
        metrics::counter!("im_web_revocations_total", "reason" => reason.name())
            .increment(revoked.len() as u64);
        let added: Vec<_> = revoked.iter().map(|sign_in| (*sign_in, reason)).collect();
        if !matches!(timeout(ADD_WAIT, self.mirror.add(&added)).await, Ok(Ok(()))) {
            self.doubt();
            tracing::warn!(user_id = %user, "the mirror learns of a revocation later");
        }
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
                tracing::warn!(%error, user_id = %user, "access learns of a revocation from the mirror");
            }
        }
    }

    /// PostgreSQL is asked until the keeper has looked at the mirror.
    fn doubt(&self) {
        self.is_whole.store(false, Ordering::Release);
    }
}
