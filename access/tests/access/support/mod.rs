//! The actors of the tests: a [`Stage`] with an access node, a [`Logic`] on its bus, and [`Client`]s.

pub(crate) mod client;
pub(crate) mod logic;
mod program;
mod stage;
mod web_socket;
mod web_transport;

use std::time::Duration;

pub(crate) use client::{Arrived, Client, Transport};
pub(crate) use logic::Logic;
pub(crate) use program::Program;
pub(crate) use stage::{Stage, Ticket};

use im_shared::ids::ConversationId;
use im_shared::wire::{Body, Code, Frame, RequestId, SystemNotification, Typing};

/// Longer than anything here takes; a test that fails ends with it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A push that access has no reason to treat in any special way.
pub(crate) fn notice(text: &str) -> Frame {
    Frame::push(SystemNotification {
        notification_id: 1,
        title: String::new(),
        content: text.to_owned(),
        created_at: 0,
        ..SystemNotification::default()
    })
}

/// The text of a [`notice`].
pub(crate) fn notice_text(frame: &Frame) -> &str {
    match &frame.body {
        Body::SystemNotification(notice) => &notice.content,
        other => panic!("not a notice: {other:?}"),
    }
}

/// A request that goes to logic.
pub(crate) fn request(id: u64) -> Frame {
    Frame::request(
        RequestId(id),
        Typing {
            conversation_id: ConversationId(id),
        },
    )
}

/// The code of an `ErrorResponse`, its request id and the wait that it names.
pub(crate) fn error_of(frame: &Frame) -> (Code, u64, u32) {
    match &frame.body {
        Body::ErrorResponse(error) => (error.code, frame.request_id.0, error.retry_after_ms),
        other => panic!("not an error: {other:?}"),
    }
}
