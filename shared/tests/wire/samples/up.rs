//! What a client sends.

use bytes::Bytes;
use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::*;

use super::{ANOTHER_CONVERSATION, BOB, CONVERSATION, Sample, message_uuid, request};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub(super) fn samples() -> Vec<Sample> {
    let conversation_id = CONVERSATION;
    let seq = Seq(2);
    vec![
        request("user-message", user_message()),
        request("message-edit", message_edit()),
        request("message-recall", message_recall()),
        request("message-reaction", message_reaction()),
        request(
            "conversation-read",
            ConversationRead {
                conversation_id,
                seq,
            },
        ),
        request(
            "message-delivered",
            MessageDelivered {
                conversation_id,
                seq,
            },
        ),
        request("sync-request", sync_request()),
        request("history-request", history_request()),
        traced(request("typing", Typing { conversation_id })),
        request("conversation-open", ConversationOpen { peer_id: BOB }),
    ]
}

fn traced((name, mut frame): Sample) -> Sample {
    frame.traceparent = Some(TRACE.to_owned());
    (name, frame)
}

fn user_message() -> UserMessage {
    let message = |number, text: &'static str| OutgoingMessage {
        client_message_id: message_uuid(number),
        type_: EntryType::Text,
        content: Bytes::from_static(text.as_bytes()),
        ..OutgoingMessage::default()
    };
    UserMessage {
        conversation_id: ConversationId(0),
        peer_id: BOB,
        messages: vec![message(1, "hi"), message(2, "how are you?")],
        retry: true,
    }
}

fn message_edit() -> MessageEdit {
    MessageEdit {
        conversation_id: CONVERSATION,
        target_seq: Seq(1),
        client_message_id: message_uuid(3),
        content: Bytes::from_static(b"hello"),
        ..MessageEdit::default()
    }
}

fn message_recall() -> MessageRecall {
    MessageRecall {
        conversation_id: CONVERSATION,
        target_seq: Seq(1),
        client_message_id: message_uuid(4),
    }
}

fn message_reaction() -> MessageReaction {
    MessageReaction {
        conversation_id: CONVERSATION,
        target_seq: Seq(1),
        client_message_id: message_uuid(5),
        reaction: "👍".to_owned(),
        remove: true,
    }
}

fn sync_request() -> SyncRequest {
    let cursor = |conversation_id, seq| Cursor {
        conversation_id,
        seq,
    };
    SyncRequest {
        after_conversation_id: ConversationId(7_000),
        cursors: vec![
            cursor(CONVERSATION, Seq(2)),
            cursor(ANOTHER_CONVERSATION, Seq(0)),
        ],
        ..SyncRequest::default()
    }
}

fn history_request() -> HistoryRequest {
    HistoryRequest {
        conversation_id: CONVERSATION,
        seq: Seq(9),
        direction: Direction::Backward,
        limit: 50,
    }
}
