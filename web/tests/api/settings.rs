//! What a user sets for themselves in a conversation, and read positions.

use std::sync::{Arc, Mutex};

use im_shared::ids::Seq;
use im_shared::tokens::AccountKind;
use im_shared::wire::{Body, Code, ConversationRead, ConversationSet, ReadReceipt, Setting};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::guest::{arrive, kind, signed_in};
use crate::logic;

/// G6: each setting is a command, in the order of the fields; the answer is the conversation as it is then.
#[tokio::test]
async fn each_setting_reaches_logic() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::conversation(&app, ada.id, bob.id).await;
    for text in ["one", "two"] {
        logic::append(&app, id, bob.id, 1, text).await;
    }
    let came = Arc::new(Mutex::new(Vec::new()));
    let _logic = logic::obey(&app, {
        let came = came.clone();
        move |_, body| {
            let Body::ConversationSet(set) = body else {
                panic!("{body:?}")
            };
            assert_eq!(set.conversation_id, id);
            came.lock().unwrap().push(set);
            logic::event(id)
        }
    })
    .await;
    let path = format!("/conversations/{id}/settings");
    let all = json!({"draft": "hel", "hidden": true, "archived": true, "mutedUntil": 1_900_000_000_000_i64, "pinned": true});
    let data = ada.patch(&path, all).await.expect_ok();
    assert_eq!(data["id"], id.to_string());
    let none =
        json!({"pinned": false, "mutedUntil": 0, "archived": false, "hidden": false, "draft": ""});
    ada.patch(&path, none).await.expect_ok();
    ada.patch(&path, json!({})).await.expect_ok();
    let came: Vec<(Setting, i64, String)> = came
        .lock()
        .unwrap()
        .drain(..)
        .map(
            |ConversationSet {
                 setting,
                 value,
                 text,
                 ..
             }| (setting, value, text),
        )
        .collect();
    assert!(came[0].1 > 1_700_000_000_000, "pinned now: {came:?}");
    let expected = |pinned, muted, archived, hidden, draft: &str| {
        [
            (Setting::Pin, pinned, String::new()),
            (Setting::Mute, muted, String::new()),
            (Setting::Archive, archived, String::new()),
            (Setting::Hide, hidden, String::new()),
            (Setting::Draft, 0, draft.to_owned()),
        ]
    };
    assert_eq!(
        came[..5],
        expected(came[0].1, 1_900_000_000_000, 1, 2, "hel")
    );
    assert_eq!(came[5..], expected(0, 0, 0, 0, ""));
    let eve = app.user("eve").await;
    let answer = eve.patch(&path, json!({"hidden": true})).await;
    answer.expect(Code::NotMember, 403);
    let answer = ada.patch(&path, json!({"mutedUntil": -1})).await;
    answer.expect(Code::InvalidArgument, 400);
}

/// G1, G6: what is set is shown; what is hidden is not listed until the next message.
#[tokio::test]
async fn the_list_follows_the_settings() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let other = app.user(&format!("other{number}")).await;
        let id = logic::conversation(&app, ada.id, other.id).await;
        logic::append(&app, id, other.id, 1, "x").await;
        ids.push((id, other.id));
    }
    let [(plain, _), (archived, _), (hidden, other)] = ids[..] else {
        panic!()
    };
    let set = "INSERT INTO conversation_views (id, user_id, conversation_id, archived, hidden_seq, draft, draft_at, pinned_at, muted_until) \
               VALUES ($1, $2, $3, $4, $5, 'hel', now(), now(), now() + interval '1 hour')";
    app.execute(
        set,
        &[
            &app.id(),
            &ada.id.to_sql(),
            &archived.to_sql(),
            &1_i16,
            &0_i64,
        ],
    )
    .await;
    app.execute(
        set,
        &[
            &app.id(),
            &ada.id.to_sql(),
            &hidden.to_sql(),
            &0_i16,
            &1_i64,
        ],
    )
    .await;
    let list = async |query: &str| {
        let data = ada.get(&format!("/conversations{query}")).await.expect_ok();
        let ids: Vec<String> = data["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        (ids, data["totalUnread"].as_i64().unwrap())
    };
    assert_eq!(
        list("").await,
        (vec![archived.to_string(), plain.to_string()], 2)
    );
    assert_eq!(
        list("?archived=true").await,
        (vec![archived.to_string()], 2)
    );
    assert_eq!(list("?archived=false").await, (vec![plain.to_string()], 2));
    let one = ada
        .get(&format!("/conversations/{archived}"))
        .await
        .expect_ok();
    assert_eq!(
        (&one["archived"], &one["draft"]),
        (&json!(true), &json!("hel"))
    );
    for time in ["pinnedAt", "mutedUntil", "draftAt"] {
        assert!(one[time].is_i64(), "{time} of {one}");
    }
    let one = ada
        .get(&format!("/conversations/{plain}"))
        .await
        .expect_ok();
    for time in ["pinnedAt", "mutedUntil", "draftAt", "silencedUntil"] {
        assert_eq!(one[time], Value::Null, "{time}");
    }
    let one = ada
        .get(&format!("/conversations/{hidden}"))
        .await
        .expect_ok();
    assert_eq!(one["hidden"], true);
    logic::append(&app, hidden, other, 1, "again").await;
    let (ids, unread) = list("").await;
    assert_eq!((ids[0].clone(), unread), (hidden.to_string(), 4));
}

/// D14, G1: who was called by name is told how often.
#[tokio::test]
async fn unread_messages_that_call_the_reader_are_counted() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    let everybody = im_shared::ids::UserId(0);
    for mentions in [&[][..], &[bob.id], &[everybody], &[ada.id]] {
        logic::about(&app, id, ada.id, 1, "x", 0, mentions).await;
    }
    let one = bob.get(&format!("/conversations/{id}")).await.expect_ok();
    assert_eq!(
        (&one["unreadCount"], &one["mentionCount"]),
        (&json!(4), &json!(2))
    );
    let read = bob
        .get(&format!("/conversations/{id}/messages?limit=2"))
        .await
        .expect_ok();
    assert_eq!(read["messages"][0]["mentions"], json!(["0"]));
    assert_eq!(read["messages"][1]["mentions"], json!([ada.id.to_string()]));
}

/// G3, B12: guests read the world chat, and logic is told that they are guests.
#[tokio::test]
async fn a_read_position_reaches_logic() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let pair = arrive(&app).await;
    let guest = signed_in(&app, &pair);
    assert_eq!(kind(&app, &pair).1, AccountKind::Guest);
    let guest_id = guest.id;
    let _logic = logic::obey(&app, move |origin, body| {
        assert_eq!(origin.guest, origin.user == guest_id);
        let Body::ConversationRead(ConversationRead {
            conversation_id,
            seq,
        }) = body
        else {
            panic!("{body:?}")
        };
        ReadReceipt {
            conversation_id,
            user_id: origin.user,
            seq: seq.min(Seq(9)),
        }
        .into()
    })
    .await;
    for reader in [&ada, &guest] {
        let data = reader
            .post("/conversations/1/read", json!({"seq": 7}))
            .await
            .expect_ok();
        assert_eq!(data, json!({"readSeq": 7}));
    }
    let beyond = json!({"seq": u64::MAX});
    let data = ada.post("/conversations/1/read", beyond).await.expect_ok();
    assert_eq!(data, json!({"readSeq": 9}));
}
