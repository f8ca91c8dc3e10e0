//! Messages after they were sent: edits, recalls, reactions, receipts; and finding them.

use std::sync::{Arc, Mutex};

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    AckResult, Body, Code, Entry, EntryType, MemberReceipt, MessageAck, MessageEdit,
    MessageReaction, MessageRecall, ReceiptRequest, ReceiptResponse, SearchRequest, SearchResponse,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::TestApp;
use crate::logic;

const TEXT: i16 = 1;
const EDIT: i16 = 32;
const RECALL: i16 = 33;
const REACTION: i16 = 34;

fn ack(result: AckResult) -> Body {
    MessageAck {
        conversation_id: ConversationId(7),
        results: vec![result],
    }
    .into()
}

/// D14
#[tokio::test]
async fn each_change_reaches_logic_and_tells_its_entry() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let came = Arc::new(Mutex::new(Vec::new()));
    let _logic = logic::obey(&app, {
        let came = came.clone();
        move |_, body| {
            came.lock().unwrap().push(body);
            ack(AckResult {
                message_id: MessageId(5),
                seq: Seq(9),
                created_at: 1_700_000_000_000,
                ..AckResult::default()
            })
        }
    })
    .await;
    let client_message_id = Uuid::now_v7();
    let (conversation_id, target_seq) = (ConversationId(7), Seq(3));
    let reaction = |remove| {
        let reaction = "❤️".to_owned();
        Body::from(MessageReaction {
            conversation_id,
            target_seq,
            client_message_id,
            reaction,
            remove,
        })
    };
    let edit = json!({"content": "new", "mentions": ["12", "0"]});
    let message = "/conversations/7/messages/3";
    let heart = "/conversations/7/messages/3/reactions/%E2%9D%A4%EF%B8%8F";
    for (request, path, body, expected) in [
        (
            app.http.put(app.api(message)),
            message,
            edit,
            MessageEdit {
                conversation_id,
                target_seq,
                client_message_id,
                content: "new".into(),
                mentions: vec![UserId(12), UserId(0)],
            }
            .into(),
        ),
        (
            app.http.delete(app.api(message)),
            message,
            Value::Null,
            MessageRecall {
                conversation_id,
                target_seq,
                client_message_id,
            }
            .into(),
        ),
        (
            app.http.put(app.api(heart)),
            heart,
            Value::Null,
            reaction(false),
        ),
        (
            app.http.delete(app.api(heart)),
            heart,
            Value::Null,
            reaction(true),
        ),
    ] {
        let request = request
            .json(&body)
            .header("Idempotency-Key", client_message_id.to_string());
        let change = ada.send(request).await.expect_ok();
        assert_eq!(
            change,
            json!({"messageId": "5", "seq": 9, "createdAt": 1_700_000_000_000_i64}),
            "{path}"
        );
        assert_eq!(came.lock().unwrap().pop(), Some(expected), "{path}");
    }
}

/// D14, M6: a change that is refused keeps its code, and one that had nothing to do is a success.
#[tokio::test]
async fn the_refusal_of_one_message_is_the_answers() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let refusals = [
        (Code::TargetNotFound, 404),
        (Code::TargetRecalled, 409),
        (Code::EditTooLate, 403),
        (Code::NotSender, 403),
        (Code::MessageConflict, 409),
        (Code::RetryLater, 503),
    ];
    let mut results = refusals.map(|(code, _)| code).into_iter();
    let _logic = logic::obey(&app, move |_, _| {
        let code = results.next().unwrap_or(Code::Ok);
        ack(AckResult {
            code,
            ..AckResult::default()
        })
    })
    .await;
    let path = "/conversations/7/messages/3";
    for (code, status) in refusals {
        let answer = ada.put(path, json!({"content": "new"})).await;
        answer.expect(code, status);
    }
    assert_eq!(ada.delete(path).await.expect_ok(), json!({}));
    for bad in [json!({}), json!({"content": "x", "mentions": ["y"]})] {
        ada.put(path, bad).await.expect(Code::InvalidArgument, 400);
    }
    let answer = ada.delete("/conversations/7/messages/x").await;
    answer.expect(Code::InvalidArgument, 400);
}

/// D8, D14: history shows each message as it is now; the entries that changed it stay in the log.
#[tokio::test]
async fn history_shows_messages_as_they_are_now() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::conversation(&app, ada.id, bob.id).await;
    for (sender, kind, content, target, mentions) in [
        (ada.id, TEXT, "one", 0, &[][..]),
        (bob.id, TEXT, "two", 1, &[]),
        (ada.id, EDIT, "uno", 1, &[bob.id]),
        (ada.id, EDIT, "eins", 1, &[]),
        (bob.id, EDIT, "dos", 2, &[]),
        (bob.id, RECALL, "", 2, &[]),
        (bob.id, REACTION, "+👍", 1, &[]),
        (ada.id, REACTION, "+👍", 1, &[]),
        (bob.id, REACTION, "+❤️", 1, &[]),
        (bob.id, REACTION, "-❤️", 1, &[]),
        (ada.id, REACTION, "+🎉", 1, &[]),
        (bob.id, REACTION, "-👍", 1, &[]),
        (bob.id, REACTION, "+👍", 2, &[]),
    ] {
        logic::about(&app, id, sender, kind, content, target, mentions).await;
    }
    let data = bob
        .get(&format!("/conversations/{id}/messages"))
        .await
        .expect_ok();
    let messages = data["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 13, "no entry is missing");
    let (one, two) = (&messages[0], &messages[1]);
    assert_eq!(
        (&one["content"], &one["editedSeq"], &one["recalledSeq"]),
        (&json!("eins"), &json!(4), &Value::Null)
    );
    assert_eq!(
        (&one["mentions"], &one["replyToSeq"]),
        (&json!([]), &Value::Null)
    );
    let reactions = json!([{"reaction": "👍", "count": 1, "mine": false}, {"reaction": "🎉", "count": 1, "mine": false}]);
    assert_eq!(one["reactions"], reactions);
    assert_eq!(
        (&two["content"], &two["editedSeq"], &two["recalledSeq"]),
        (&json!(""), &Value::Null, &json!(6))
    );
    assert_eq!(
        (&two["replyToSeq"], &two["reactions"]),
        (&json!(1), &json!([]))
    );
    let (edit, of_recalled) = (&messages[2], &messages[4]);
    assert_eq!(
        (&edit["type"], &edit["content"], &edit["targetSeq"]),
        (&json!("edit"), &json!("uno"), &json!(1))
    );
    assert_eq!(of_recalled["content"], "", "what was taken back is gone");
    let mine = ada
        .get(&format!("/conversations/{id}/messages?limit=200"))
        .await
        .expect_ok();
    assert_eq!(mine["messages"][0]["reactions"][0]["mine"], true);
}

/// D8, E1: nobody reads what was before their time or after it; of what was said in it the state of that time.
#[tokio::test]
async fn history_is_that_of_the_membership() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    for (kind, content, target) in [
        (TEXT, "before", 0),
        (TEXT, "in time", 0),
        (TEXT, "taken back", 0),
        (EDIT, "edited in time", 3),
        (REACTION, "+👍", 3),
        (EDIT, "edited later", 3),
        (REACTION, "+🎉", 3),
        (RECALL, "", 4),
    ] {
        logic::about(&app, id, ada.id, kind, content, target, &[]).await;
    }
    let leave = "UPDATE conversation_members SET from_seq = 2, until_seq = 6, deleted = 1 WHERE user_id = $1";
    app.execute(leave, &[&bob.id.to_sql()]).await;
    for query in ["", "?afterSeq=0", "?beforeSeq=100"] {
        let data = bob
            .get(&format!("/conversations/{id}/messages{query}"))
            .await
            .expect_ok();
        let messages = data["messages"].as_array().unwrap();
        let seqs: Vec<i64> = messages
            .iter()
            .map(|message| message["seq"].as_i64().unwrap())
            .collect();
        assert_eq!(
            (seqs, &data["more"]),
            (vec![3, 4, 5, 6], &json!(false)),
            "{query}"
        );
        assert_eq!(messages[0]["content"], "edited in time");
        assert_eq!(
            messages[0]["reactions"],
            json!([{"reaction": "👍", "count": 1, "mine": false}])
        );
        assert_eq!(messages[1]["content"], "", "a recall holds for everybody");
    }
}

/// D7
#[tokio::test]
async fn receipts_are_asked_of_logic() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let _logic = logic::obey(&app, |_, body| {
        let expected = ReceiptRequest {
            conversation_id: ConversationId(7),
            seq: Seq(3),
            after_user_id: UserId(11),
            limit: 2,
        };
        assert_eq!(body, expected.into());
        let receipt = |user, read, delivered| MemberReceipt {
            user_id: UserId(user),
            read_seq: Seq(read),
            delivered_seq: Seq(delivered),
        };
        ReceiptResponse {
            members: 9,
            delivered: 5,
            read: 4,
            receipts: vec![receipt(12, 3, 4), receipt(13, 2, 3), receipt(14, 0, 2)],
            next_user_id: UserId(14),
            ..ReceiptResponse::default()
        }
        .into()
    })
    .await;
    let path = "/conversations/7/messages/3/receipts";
    let data = ada
        .get(&format!("{path}?after=11&limit=2"))
        .await
        .expect_ok();
    let receipt =
        |user: &str, read, delivered| json!({"userId": user, "read": read, "delivered": delivered});
    let expected = json!({
        "members": 9, "delivered": 5, "read": 4, "nextAfter": "14",
        "receipts": [receipt("12", true, true), receipt("13", false, true), receipt("14", false, false)],
    });
    assert_eq!(data, expected);
    ada.get(&format!("{path}?limit=201"))
        .await
        .expect(Code::InvalidArgument, 400);
}

/// D16
#[tokio::test]
async fn a_search_is_asked_of_logic() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::conversation(&app, ada.id, bob.id).await;
    logic::append(&app, id, bob.id, TEXT, "tea").await;
    logic::about(&app, id, ada.id, REACTION, "+👍", 1, &[]).await;
    let sender = bob.id;
    let _logic = logic::obey(&app, move |_, body| {
        let expected = SearchRequest {
            query: "绿 tea".into(),
            conversation_id: id,
            before_message_id: MessageId(99),
            limit: 20,
        };
        if body != expected.into() {
            return logic::refusal(Code::SearchInvalid);
        }
        let entry = Entry {
            conversation_id: id,
            seq: Seq(1),
            message_id: MessageId(41),
            sender_id: sender,
            type_: EntryType::Text,
            content: "tea".into(),
            created_at: 1_700_000_000_000,
            edited_seq: Seq(5),
            ..Entry::default()
        };
        SearchResponse {
            entries: vec![entry],
            next_message_id: MessageId(41),
        }
        .into()
    })
    .await;
    let data = ada
        .get(&format!(
            "/search/messages?q=%E7%BB%BF%20tea&conversationId={id}&before=99&limit=20"
        ))
        .await
        .expect_ok();
    assert_eq!(data["nextBefore"], "41");
    let found = &data["messages"][0];
    assert_eq!(
        (&found["id"], &found["content"], &found["seq"]),
        (&json!("41"), &json!("tea"), &json!(1))
    );
    assert_eq!(
        (&found["senderId"], &found["editedSeq"]),
        (&json!(bob.id.to_string()), &json!(5))
    );
    assert_eq!(
        found["reactions"],
        json!([{"reaction": "👍", "count": 1, "mine": true}])
    );
    assert_eq!(found["createdAt"], 1_700_000_000_000_i64);
    ada.get("/search/messages?q=")
        .await
        .expect(Code::SearchInvalid, 400);
    for bad in ["", "?q=x&limit=101", "?q=x&before=y"] {
        ada.get(&format!("/search/messages{bad}"))
            .await
            .expect(Code::InvalidArgument, 400);
    }
}
