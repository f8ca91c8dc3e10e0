//! What logic sends to a client.

use bytes::Bytes;
use im_shared::ids::{FriendRequestId, MessageId, Seq, UserId};
use im_shared::wire::*;

use super::{
    ALICE, ANOTHER_CONVERSATION, BOB, CONVERSATION, NOW, Sample, answer, entry, group_state,
    message_uuid, push, reply, state, taken_back,
};

pub(super) fn samples() -> Vec<Sample> {
    let conversation_id = CONVERSATION;
    let (user_id, seq) = (BOB, Seq(2));
    let entries = vec![entry(1, "hi"), entry(2, "how are you?")];
    let presence = PresenceEvent {
        user_id: ALICE,
        online: true,
        last_seen: NOW,
    };
    vec![
        reply("message-ack", message_ack()),
        push("push-message", PushMessage { entries }),
        push(
            "read-receipt",
            ReadReceipt {
                conversation_id,
                user_id,
                seq,
            },
        ),
        push(
            "delivery-receipt",
            DeliveryReceipt {
                conversation_id,
                user_id,
                seq,
            },
        ),
        reply("sync-response", sync_response()),
        push("sync-hint", SyncHint { conversation_id }),
        push("system-notification", system_notification()),
        push(
            "typing-event",
            TypingEvent {
                conversation_id,
                user_id: ALICE,
            },
        ),
        push("presence-event", presence),
        push("friend-event", friend_event()),
        reply("conversation-event", ConversationEvent { state: state() }),
        reply("error-response", error_response()),
        push(
            "push-message-changed",
            PushMessage {
                entries: vec![taken_back(), answer()],
            },
        ),
        reply(
            "sync-response-since",
            SyncResponse {
                next_activity: NOW - 3,
                synced_at: NOW + 3,
                ..sync_response()
            },
        ),
        push("system-notification-entry", notification_with_entry()),
        push(
            "conversation-event-group",
            ConversationEvent {
                state: group_state(),
            },
        ),
        push("join-event", join_event()),
        push("profile-event", profile_event()),
        reply("receipt-response", receipt_response()),
        reply("search-response", search_response()),
        reply("done", Done {}),
    ]
}

fn message_ack() -> MessageAck {
    let stored = AckResult {
        client_message_id: message_uuid(1),
        code: Code::Ok,
        message_id: MessageId(9_001),
        seq: Seq(1),
        message_index: 1,
        created_at: NOW,
    };
    let refused = AckResult {
        client_message_id: message_uuid(2),
        code: Code::TextTooLong,
        ..AckResult::default()
    };
    MessageAck {
        conversation_id: CONVERSATION,
        results: vec![stored, refused],
    }
}

fn sync_response() -> SyncResponse {
    let empty = ConversationState {
        conversation_id: ANOTHER_CONVERSATION,
        type_: ConversationType::Private,
        peer_id: BOB,
        created_at: NOW,
        ..ConversationState::default()
    };
    SyncResponse {
        conversations: vec![state(), empty],
        entries: vec![entry(1, "hi"), entry(2, "how are you?")],
        next_conversation_id: ANOTHER_CONVERSATION,
        more: true,
        ..SyncResponse::default()
    }
}

fn system_notification() -> SystemNotification {
    SystemNotification {
        notification_id: 31,
        title: "Maintenance".to_owned(),
        content: "Tonight at ten.".to_owned(),
        created_at: NOW,
        ..SystemNotification::default()
    }
}

fn friend_event() -> FriendEvent {
    FriendEvent {
        change: FriendChange::Requested,
        request_id: FriendRequestId(41),
        user_id: ALICE,
        message: "Hello, it's Alice".to_owned(),
    }
}

fn error_response() -> ErrorResponse {
    ErrorResponse {
        code: Code::RetryLater,
        message: Code::RetryLater.text().to_owned(),
        retry_after_ms: 1_500,
    }
}

fn notification_with_entry() -> SystemNotification {
    let content = br#"{"title":"Maintenance","content":"Tonight at ten."}"#;
    SystemNotification {
        entry: Some(Entry {
            type_: EntryType::System,
            sender_id: UserId(0),
            content: Bytes::from_static(content),
            ..entry(1, "")
        }),
        ..system_notification()
    }
}

fn profile_event() -> ProfileEvent {
    ProfileEvent {
        user_id: BOB,
        nickname: "Bob".to_owned(),
        avatar: "/files/bob.png".to_owned(),
    }
}

fn join_event() -> JoinEvent {
    JoinEvent {
        conversation_id: CONVERSATION,
        user_id: BOB,
        change: JoinChange::Requested,
        message: "May I?".to_owned(),
    }
}

fn receipt_response() -> ReceiptResponse {
    ReceiptResponse {
        conversation_id: CONVERSATION,
        seq: Seq(2),
        members: 11,
        delivered: 9,
        read: 4,
        receipts: vec![MemberReceipt {
            user_id: BOB,
            read_seq: Seq(1),
            delivered_seq: Seq(2),
        }],
        next_user_id: BOB,
    }
}

fn search_response() -> SearchResponse {
    SearchResponse {
        entries: vec![answer(), entry(1, "hi")],
        next_message_id: MessageId(9_001),
    }
}
