//! What a push says. Pure.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{ConversationType, EntryType};
use serde::Serialize;
use serde_json::Value;

/// Characters of a preview.
const PREVIEW: usize = 120;

/// What is said when the content is hidden.
const HIDDEN: &str = "New message";

/// A conversation, as far as a push names it.
#[derive(Debug, Clone)]
pub struct Face {
    /// Which one.
    pub id: ConversationId,
    /// What it is.
    pub kind: ConversationType,
    /// Groups: what they are called.
    pub name: String,
}

/// The newest message of somebody, in its current state.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its place.
    pub seq: Seq,
    /// Who wrote it.
    pub sender: UserId,
    /// What they are called.
    pub sender_name: String,
    /// What it is.
    pub kind: EntryType,
    /// Text or JSON.
    pub content: String,
}

/// The payload of a push, and the message part of a webhook's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    conversation_id: ConversationId,
    seq: u64,
    sender_id: Option<UserId>,
    sender_name: String,
    conversation_name: String,
    preview: String,
    /// What kind of message, as `im.message.EntryType`: clients have words of their own for pictures and the like.
    #[serde(rename = "type")]
    kind: u8,
    hidden: bool,
    /// A notification with the same tag takes the place of an earlier one.
    tag: String,
}

impl Note {
    /// What is said of `message`; without names and content when they are hidden.
    pub(super) fn new(face: &Face, message: &Message, hidden: bool) -> Self {
        let is_system = face.kind == ConversationType::System;
        let shown = |text: &str| {
            if hidden {
                String::new()
            } else {
                text.to_owned()
            }
        };
        Self {
            conversation_id: face.id,
            seq: message.seq.0,
            sender_id: (!hidden && !is_system && message.sender.is_some())
                .then_some(message.sender),
            sender_name: shown(&message.sender_name),
            conversation_name: shown(&face.name),
            preview: if hidden {
                HIDDEN.to_owned()
            } else {
                preview(message.kind, &message.content)
            },
            kind: if hidden { 0 } else { message.kind.0 },
            hidden,
            tag: format!("conversation-{}", face.id),
        }
    }
}

/// One line of at most [`PREVIEW`] characters.
fn preview(kind: EntryType, content: &str) -> String {
    let json = || serde_json::from_str::<Value>(content).unwrap_or_default();
    let field = |name: &str| {
        let value = json();
        value
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .filter(|text| !text.is_empty())
    };
    let text = match kind {
        EntryType::Text => content.to_owned(),
        EntryType::Image => field("caption").unwrap_or_else(|| "[image]".to_owned()),
        EntryType::Video => field("caption").unwrap_or_else(|| "[video]".to_owned()),
        EntryType::File => field("name").unwrap_or_else(|| "[file]".to_owned()),
        EntryType::Voice => "[voice]".to_owned(),
        EntryType::System => field("title").unwrap_or_else(|| HIDDEN.to_owned()),
        _ => HIDDEN.to_owned(),
    };
    one_line(&text)
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(4 * PREVIEW));
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 4 * PREVIEW {
            break;
        }
    }
    if line.chars().count() > PREVIEW {
        line = line.chars().take(PREVIEW - 1).collect();
        line.push('…');
    }
    line
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::push::seal::MAX_PLAIN;

    fn face() -> Face {
        Face {
            id: ConversationId(77),
            kind: ConversationType::Group,
            name: "Tea".to_owned(),
        }
    }

    fn message(kind: EntryType, content: &str) -> Message {
        Message {
            seq: Seq(5),
            sender: UserId(1),
            sender_name: "Ann".to_owned(),
            kind,
            content: content.to_owned(),
        }
    }

    /// E6: clients read this.
    #[test]
    fn the_payload_is_pinned() {
        let note = Note::new(&face(), &message(EntryType::Text, "hello"), false);
        assert_eq!(
            serde_json::to_string(&note).unwrap(),
            r#"{"conversationId":"77","seq":5,"senderId":"1","senderName":"Ann","conversationName":"Tea","preview":"hello","type":1,"hidden":false,"tag":"conversation-77"}"#
        );
    }

    /// E6
    #[test]
    fn a_hidden_push_says_that_there_is_a_message_and_no_more() {
        let note = Note::new(&face(), &message(EntryType::Text, "hello"), true);
        assert_eq!(
            serde_json::to_string(&note).unwrap(),
            r#"{"conversationId":"77","seq":5,"senderId":null,"senderName":"","conversationName":"","preview":"New message","type":0,"hidden":true,"tag":"conversation-77"}"#
        );
    }

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(preview(EntryType::Text, " a\n\n b\tc "), "a b c");
        let long = preview(EntryType::Text, &"字".repeat(500));
        assert_eq!(
            (long.chars().count(), long.chars().last()),
            (PREVIEW, Some('…'))
        );
        assert_eq!(
            preview(EntryType::Text, &"字".repeat(PREVIEW))
                .chars()
                .count(),
            PREVIEW
        );
        assert_eq!(
            preview(EntryType::Image, r#"{"fileId":"a","caption":"sea"}"#),
            "sea"
        );
        assert_eq!(preview(EntryType::Image, r#"{"fileId":"a"}"#), "[image]");
        assert_eq!(preview(EntryType::File, r#"{"name":"a.pdf"}"#), "a.pdf");
        assert_eq!(
            preview(
                EntryType::System,
                r#"{"title":"Maintenance","content":"at ten"}"#
            ),
            "Maintenance"
        );
        assert_eq!(preview(EntryType::Custom, "{"), HIDDEN);
    }

    /// RFC 8291, 4: what can be sent is bounded, and so is what can be said.
    #[test]
    fn the_longest_note_fits_into_a_push() {
        let mut face = face();
        face.name = "\u{1F600}".repeat(64);
        let mut message = message(EntryType::Text, &"\u{1F600}".repeat(500));
        message.sender_name = "\u{1F600}".repeat(64);
        let note = serde_json::to_vec(&Note::new(&face, &message, false)).unwrap();
        assert!(note.len() < MAX_PLAIN, "{}", note.len());
    }
}
