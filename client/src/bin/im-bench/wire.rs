//! The messages of the load: about 100 bytes that carry the sender's count and the intended time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use im_client::Target;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{EntryType, OutgoingMessage, UserMessage};
use uuid::Uuid;

/// Bytes of a message's text.
const LENGTH: usize = 100;

/// A message before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) id: Uuid,
    pub(crate) intended: Instant,
}

impl Planned {
    pub(crate) fn new(intended: Instant) -> Self {
        Self {
            id: Uuid::now_v7(),
            intended,
        }
    }
}

/// `NANOS xxx...`: the intended time since `origin`, padded.
fn text(origin: Instant, intended: Instant) -> String {
    let nanos = intended.saturating_duration_since(origin).as_nanos();
    format!("{nanos} {:x<width$}", "", width = LENGTH.saturating_sub(20))
}

/// The intended time of a received text.
pub(crate) fn intended(origin: Instant, text: &[u8]) -> Option<Instant> {
    let nanos = std::str::from_utf8(text)
        .ok()?
        .split(' ')
        .next()?
        .parse()
        .ok()?;
    Some(origin + Duration::from_nanos(nanos))
}

/// A request with these messages.
pub(crate) fn request(
    to: Target,
    origin: Instant,
    messages: &[Planned],
    retry: bool,
) -> UserMessage {
    let message = |planned: &Planned| OutgoingMessage {
        client_message_id: planned.id,
        type_: EntryType::Text,
        content: Bytes::from(text(origin, planned.intended)),
        ..OutgoingMessage::default()
    };
    let (conversation_id, peer_id) = match to {
        Target::Peer(peer) => (ConversationId(0), peer),
        Target::Conversation(conversation) => (conversation, UserId(0)),
    };
    UserMessage {
        conversation_id,
        peer_id,
        messages: messages.iter().map(message).collect(),
        retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gives_back_the_intended_time() {
        let origin = Instant::now();
        let time = origin + Duration::from_micros(1_234_567);
        let text = text(origin, time);
        assert!((80..=120).contains(&text.len()));
        assert_eq!(intended(origin, text.as_bytes()), Some(time));
        assert_eq!(intended(origin, b"hello"), None);
    }
}
