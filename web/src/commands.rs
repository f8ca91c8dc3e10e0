//! Commands to logic on behalf of a user: a frame in an upstream carrier, answered by a bare frame on the reply subject.

use std::time::Duration;

use im_shared::bus::{Bus, BusError, Origin, encode_upstream};
use im_shared::ids::{ConversationId, Incarnation, SessionId, UserId};
use im_shared::wire::{self, Body, Code, ConversationOpen, Frame, RequestId};

use crate::auth::Caller;
use crate::error::ApiError;

/// How long logic has for an answer.
const DEADLINE: Duration = Duration::from_secs(2);

/// The node name in carriers of web. Replies go to the reply subject, never to a node of this name.
const NODE: &str = "web";

/// Asks logic. A cheap clone.
#[derive(Clone)]
pub struct Commands {
    bus: Bus,
}

impl Commands {
    /// Asks over `bus`.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// The private conversation of the caller with `peer`, made if need be.
    ///
    /// # Errors
    /// What logic refuses (`UserNotFound`, `NotFriends`, `InvalidArgument` for oneself), `Unavailable` without a worker,
    /// `DeadlineExceeded` without an answer in 2 s.
    pub async fn open_conversation(
        &self,
        caller: &Caller,
        peer: UserId,
    ) -> Result<ConversationId, ApiError> {
        match self.ask(caller, ConversationOpen { peer_id: peer }).await? {
            Body::ConversationEvent(event) => Ok(event.state.conversation_id),
            other => Err(refusal(&other)),
        }
    }

    async fn ask(&self, caller: &Caller, body: impl Into<Body>) -> Result<Body, ApiError> {
        let frame = Frame::request(RequestId(rand::random::<u64>().max(1)), body);
        let origin = Origin {
            session: SessionId(0),
            user: caller.user,
            platform: caller.platform,
            guest: false,
        };
        let carrier = encode_upstream(NODE, Incarnation(0), &[(origin, wire::encode(&frame))]);
        let reply = self
            .bus
            .request(self.bus.subjects().upstream(), carrier, DEADLINE)
            .await;
        let reply = reply.map_err(|error| match error {
            BusError::Deadline => ApiError::Deadline("logic"),
            other => ApiError::Unavailable {
                what: "logic",
                source: other.into(),
            },
        })?;
        let reply = wire::decode_shared(&reply.payload)
            .map_err(|error| ApiError::internal("reading logic's answer", error))?;
        if reply.request_id != frame.request_id {
            return Err(ApiError::internal(
                "reading logic's answer",
                "it answers another request",
            ));
        }
        Ok(reply.body)
    }
}

/// What logic's refusal means to the caller of REST.
fn refusal(body: &Body) -> ApiError {
    let Body::ErrorResponse(error) = body else {
        return ApiError::internal("reading logic's answer", "it is of another kind");
    };
    match error.code {
        Code::RetryLater => ApiError::Busy("logic"),
        Code::Unavailable => ApiError::Unavailable {
            what: "logic",
            source: error.message.clone().into(),
        },
        Code::Ok | Code::Internal => ApiError::internal("logic failed", error.message.clone()),
        code => ApiError::Refused(code),
    }
}
