//! Commands to logic on behalf of a user: a frame in an upstream carrier, answered by a bare frame on the reply subject.
//!
//! Logic owns every rule about conversations; web says in whose name a command comes and turns the answer into REST.

use std::time::Duration;

use im_shared::breaker::{Breaker, Broken, Policy};
use im_shared::bus::{Bus, BusError, Origin, encode_upstream};
use im_shared::ids::{ConversationId, Incarnation, Seq, SessionId, UserId};
use im_shared::tokens::AccountKind;
use im_shared::wire::{
    self, AckResult, Body, Code, ConversationOpen, ConversationRead, ErrorResponse, Frame,
    ReceiptRequest, ReceiptResponse, RequestId, SearchRequest, SearchResponse, limits,
};

use crate::auth::Caller;
use crate::error::ApiError;

/// The node name in carriers of web. Replies go to the reply subject, never to a node of this name.
const NODE: &str = "web";

/// Asks logic. A cheap clone.
///
/// Every call fails with what logic refuses, `Unavailable` without a worker, and `DeadlineExceeded` without an answer in
/// `http.command_timeout_ms`, when the command may have had its effect.
#[derive(Clone)]
pub struct Commands {
    bus: Bus,
    breaker: Breaker,
    deadline: Duration,
}

/// What became of a command about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, in this conversation.
    Changed(ConversationId),
    /// It is done and there is nothing to show, or somebody has to agree first.
    Accepted,
}

impl Commands {
    /// Asks over `bus`; logic has `deadline` for an answer.
    #[must_use]
    pub fn new(bus: Bus, deadline: Duration) -> Self {
        // The patience is the bus's own.
        let breaker = Breaker::new("nats", Policy::patient_for(deadline * 2));
        Self {
            bus,
            breaker,
            deadline,
        }
    }

    /// The private conversation of the caller with `peer`, made if need be.
    ///
    /// # Errors
    /// `UserNotFound`, `NotFriends`, `InvalidArgument` for oneself, and see [`Commands`].
    pub async fn open_conversation(
        &self,
        caller: &Caller,
        peer: UserId,
    ) -> Result<ConversationId, ApiError> {
        match self.ask(caller, ConversationOpen { peer_id: peer }).await? {
            Body::ConversationEvent(event) => Ok(event.state.conversation_id),
            other => Err(unexpected(&other)),
        }
    }

    /// Any command that is answered by the conversation as it is now, or by nothing: about groups, settings, subscriptions, presence.
    ///
    /// # Errors
    /// See [`Commands`].
    pub async fn order(
        &self,
        caller: &Caller,
        command: impl Into<Body>,
    ) -> Result<Outcome, ApiError> {
        match self.ask(caller, command).await? {
            Body::ConversationEvent(event) => Ok(Outcome::Changed(event.state.conversation_id)),
            Body::Done(_) => Ok(Outcome::Accepted),
            other => Err(unexpected(&other)),
        }
    }

    /// An edit, a recall or a reaction: the entry that it made, or that an earlier one made; its seq is 0 where there was nothing to do.
    ///
    /// # Errors
    /// See [`Commands`].
    pub async fn change_message(
        &self,
        caller: &Caller,
        change: impl Into<Body>,
    ) -> Result<AckResult, ApiError> {
        let ack = match self.ask(caller, change).await? {
            Body::MessageAck(ack) => ack,
            other => return Err(unexpected(&other)),
        };
        match ack.results.into_iter().next() {
            Some(result) if result.code == Code::Ok => Ok(result),
            Some(result) => Err(refusal(result.code, String::new())),
            None => Err(ApiError::internal(
                "reading logic's answer",
                "it has no result",
            )),
        }
    }

    /// Moves the caller's read position forward and gives the one that holds now.
    ///
    /// # Errors
    /// See [`Commands`].
    pub async fn read(&self, caller: &Caller, read: ConversationRead) -> Result<Seq, ApiError> {
        match self.ask(caller, read).await? {
            Body::ReadReceipt(receipt) => Ok(receipt.seq),
            other => Err(unexpected(&other)),
        }
    }

    /// Who has received and read an entry.
    ///
    /// # Errors
    /// See [`Commands`].
    pub async fn receipts(
        &self,
        caller: &Caller,
        request: ReceiptRequest,
    ) -> Result<ReceiptResponse, ApiError> {
        match self.ask(caller, request).await? {
            Body::ReceiptResponse(response) => Ok(response),
            other => Err(unexpected(&other)),
        }
    }

    /// Messages with some words.
    ///
    /// # Errors
    /// See [`Commands`].
    pub async fn search(
        &self,
        caller: &Caller,
        request: SearchRequest,
    ) -> Result<SearchResponse, ApiError> {
        match self.ask(caller, request).await? {
            Body::SearchResponse(response) => Ok(response),
            other => Err(unexpected(&other)),
        }
    }

    async fn ask(&self, caller: &Caller, body: impl Into<Body>) -> Result<Body, ApiError> {
        let frame = Frame::request(RequestId(rand::random::<u64>().max(1)), body);
        let bytes = wire::encode(&frame);
        if bytes.len() > limits::MAX_FRAME {
            return Err(ApiError::TooLarge);
        }
        let origin = Origin {
            session: SessionId(0),
            user: caller.user,
            platform: caller.platform,
            guest: caller.kind == AccountKind::Guest,
        };
        let carrier = encode_upstream(NODE, Incarnation(0), &[(origin, bytes)]);
        let asked = self
            .bus
            .request(self.bus.subjects().upstream(), carrier, self.deadline);
        // That there is no worker is an answer of the bus, and comes at once.
        let silent = |error: &BusError| !matches!(error, BusError::NoResponders);
        let reply = self.breaker.call_if(asked, silent).await;
        let reply = reply.map_err(|broken| match broken {
            Broken::Late { .. } | Broken::Failed(BusError::Deadline) => ApiError::Deadline("logic"),
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
        match reply.body {
            Body::ErrorResponse(ErrorResponse { code, message, .. }) => Err(refusal(code, message)),
            body => Ok(body),
        }
    }
}

fn unexpected(body: &Body) -> ApiError {
    let kind = body.kind().name();
    ApiError::internal(
        "reading logic's answer",
        format!("it is of another kind: {kind}"),
    )
}

/// What logic's refusal means to the caller of REST.
fn refusal(code: Code, message: String) -> ApiError {
    match code {
        Code::RetryLater => ApiError::Busy("logic"),
        Code::Unavailable => ApiError::Unavailable {
            what: "logic",
            source: message.into(),
        },
        Code::Ok | Code::Internal => ApiError::internal("logic failed", message),
        code => ApiError::Refused(code),
    }
}
