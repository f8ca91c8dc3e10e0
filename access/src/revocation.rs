//! Sessions whose sign-in was revoked end within a second, and none begins.
//!
//! One task, owned by `App`, takes the signals on the subjects of users, and looks into the mirror in Redis every [`POLL`] for what a
//! lost signal would have said; neither needs logic. It ends with the token.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use im_shared::bus::{self, Bus, BusError, Carrier, Subscription, Target};
use im_shared::ids::{SessionId, SignInId};
use im_shared::revocation::{Mirror, Verdict};
use im_shared::wire::{Body, CloseCode, Code, decode_shared};
use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use crate::node::Node;

/// How often the mirror is read. With the time that web needs to add a revocation, a live session ends within a second.
const POLL: Duration = Duration::from_millis(500);
/// Revocations that are read at once.
const PAGE: usize = 5_000;
/// How long the server may take to confirm the subscription.
const SUBSCRIBE_WAIT: Duration = Duration::from_secs(2);
/// When a client that cannot be let in now is to come again.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why a session is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    /// What the request is answered with.
    pub(crate) code: Code,
    /// How the connection ends.
    pub(crate) close: CloseCode,
    /// When to come again.
    pub(crate) retry_after: Option<Duration>,
    /// The label of the metric.
    pub(crate) reason: &'static str,
}

/// Whether a session of this sign-in may open. The session is registered before: a revocation from now on finds it.
pub(crate) async fn admit(node: &Node, sign_in: SignInId) -> Result<(), Refused> {
    let checked = timeout(node.handshake_deadline(), node.revoked.check(sign_in)).await;
    match checked.unwrap_or(Verdict::Unknown) {
        Verdict::Good => Ok(()),
        Verdict::Revoked(_) => Err(Refused {
            code: Code::TokenRevoked,
            close: CloseCode::AuthenticationFailed,
            retry_after: None,
            reason: "token_revoked",
        }),
        Verdict::Unknown => Err(Refused {
            code: Code::RetryLater,
            close: CloseCode::Overloaded,
            retry_after: Some(RETRY_AFTER),
            reason: "mirror_gone",
        }),
    }
}

/// The subscription of a node. Made before the node is announced.
pub(crate) struct Revocations {
    signals: Subscription,
}

impl Revocations {
    /// Subscribes and waits until the server has confirmed.
    pub(crate) async fn subscribe(bus: &Bus) -> Result<Self, BusError> {
        let signals = bus.subscribe(bus.subjects().user_events()).await?;
        bus.flush(SUBSCRIBE_WAIT).await?;
        Ok(Self { signals })
    }

    /// Ends what is to be ended until `stop`.
    pub(crate) async fn run(mut self, node: Node, stop: CancellationToken) {
        let mut reader = MirrorReader::new(node.revoked.clone());
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let both = async {
            let poll = async {
                loop {
                    ticks.tick().await;
                    reader.read(&node).await;
                }
            };
            let listen = async {
                while let Some(message) = self.signals.next().await {
                    signalled(message.payload, &node);
                }
            };
            tokio::join!(poll, listen)
        };
        stop.run_until_cancelled(both).await;
    }
}

/// Events of users that are no revocation are logic's.
fn signalled(payload: Bytes, node: &Node) {
    let (user, sign_in, frame) = match bus::decode(payload) {
        Ok(Carrier::UserEvent {
            user,
            sign_in,
            frame,
            ..
        }) if sign_in.is_some() => (user, sign_in, frame),
        Ok(Carrier::UserEvent { .. }) => return,
        Ok(_) | Err(_) => return node.metrics.bad_carrier(),
    };
    let code = match decode_shared(&frame).map(|frame| frame.body) {
        Ok(Body::Kick(kick)) => kick.code,
        _ => CloseCode::SignedOut,
    };
    let target = Target {
        session: SessionId(0),
        user,
    };
    let mut ended = 0;
    node.sessions.each(&[target], |handle| {
        if handle.sign_in == sign_in {
            handle.outbox.close(code);
            ended += 1;
        }
    });
    node.metrics.revoked("signal", ended);
}

/// Reads the mirror on from where it was.
struct MirrorReader {
    mirror: Mirror,
    generation: String,
    last: u64,
}

impl MirrorReader {
    fn new(mirror: Mirror) -> Self {
        Self {
            mirror,
            generation: String::new(),
            last: 0,
        }
    }

    async fn read(&mut self, node: &Node) {
        loop {
            let since = match self.mirror.since(self.last, PAGE).await {
                Ok(Some(since)) => since,
                // It is read from the beginning once it is whole again.
                Ok(None) => return node.metrics.mirror_whole(false),
                Err(error) => {
                    tracing::debug!(%error, "the mirror of revocations does not answer");
                    return node.metrics.mirror_whole(false);
                }
            };
            node.metrics.mirror_whole(true);
            if since.generation != self.generation {
                self.generation = since.generation;
                // What was built anew says everything once more.
                if self.last != 0 {
                    self.last = 0;
                    continue;
                }
            }
            self.last = since.last;
            let revoked = since.revoked.iter();
            let revoked: HashMap<SignInId, CloseCode> = revoked
                .map(|(sign_in, reason)| (*sign_in, reason.close()))
                .collect();
            let is_last = since.revoked.len() < PAGE;
            if !revoked.is_empty() {
                node.metrics.revoked("poll", node.sessions.end(&revoked));
            }
            if is_last {
                return;
            }
        }
    }
}
