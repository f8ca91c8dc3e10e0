//! What a client sends.

use bytes::Bytes;
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::*;

use super::{ALICE, ANOTHER_CONVERSATION, BOB, CONVERSATION, NOW, Sample, message_uuid, request};

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
        request("user-message-reply", reply_with_mentions()),
        request("message-edit-mentions", edit_with_mentions()),
        request("sync-request-since", sync_since()),
        request("conversation-set", conversation_set()),
        request("receipt-request", receipt_request()),
        request("search-request", search_request()),
        request("push-subscribe", push_subscribe()),
        request(
            "push-unsubscribe",
            PushUnsubscribe {
                device_id: "laptop".to_owned(),
            },
        ),
        request("presence-set", PresenceSet { invisible: true }),
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

fn reply_with_mentions() -> UserMessage {
    UserMessage {
        conversation_id: CONVERSATION,
        messages: vec![OutgoingMessage {
            client_message_id: message_uuid(3),
            type_: EntryType::Text,
            content: Bytes::from_static(b"Fine, Bob"),
            reply_to_seq: Seq(1),
            mentions: vec![BOB, UserId(0)],
        }],
        ..UserMessage::default()
    }
}

fn edit_with_mentions() -> MessageEdit {
    MessageEdit {
        mentions: vec![ALICE],
        ..message_edit()
    }
}

fn sync_since() -> SyncRequest {
    SyncRequest {
        after_activity: NOW - 1,
        since: NOW - 2,
        entries_only: true,
        ..sync_request()
    }
}

fn conversation_set() -> ConversationSet {
    ConversationSet {
        conversation_id: CONVERSATION,
        setting: Setting::Draft,
        value: NOW,
        text: "I think".to_owned(),
    }
}

fn receipt_request() -> ReceiptRequest {
    ReceiptRequest {
        conversation_id: CONVERSATION,
        seq: Seq(2),
        after_user_id: ALICE,
        limit: 100,
    }
}

fn search_request() -> SearchRequest {
    SearchRequest {
        query: "tea 茶".to_owned(),
        conversation_id: CONVERSATION,
        before_message_id: MessageId(9_009),
        limit: 20,
    }
}

fn push_subscribe() -> PushSubscribe {
    PushSubscribe {
        device_id: "laptop".to_owned(),
        endpoint: "https://push.example.com/send/abc".to_owned(),
        p256dh: "BPublicKey".to_owned(),
        auth: "Secret".to_owned(),
        hide_content: true,
    }
}
