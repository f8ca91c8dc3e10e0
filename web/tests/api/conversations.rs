//! Conversations: the list with its counts, and opening one through logic.

use std::time::Duration;

use im_shared::ids::SessionId;
use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::logic::{self, Reply};

const TEXT: i16 = 1;
const REACTION: i16 = 34;

fn ids(data: &Value) -> Vec<&str> {
    let conversations = data["conversations"].as_array().unwrap();
    conversations
        .iter()
        .map(|conversation| conversation["id"].as_str().unwrap())
        .collect()
}

/// G1, G5.
#[tokio::test]
async fn the_list_is_newest_first_with_the_last_message() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (bob, eve, tom) = (
        app.user("bob").await,
        app.user("eve").await,
        app.user("tom").await,
    );
    let with_bob = logic::conversation(&app, ada.id, bob.id).await;
    let with_eve = logic::conversation(&app, ada.id, eve.id).await;
    logic::conversation(&app, bob.id, tom.id).await;
    logic::append(&app, with_eve, eve.id, TEXT, "hi").await;
    logic::append(&app, with_bob, ada.id, TEXT, "first").await;
    logic::append(&app, with_bob, bob.id, TEXT, "second").await;

    let data = ada.get("/conversations").await.expect_ok();
    assert_eq!(ids(&data), [with_bob.to_string(), with_eve.to_string()]);
    let first = &data["conversations"][0];
    assert_eq!(first["type"], "private");
    assert_eq!(first["role"], "member");
    assert_eq!(first["peer"]["userId"], bob.id.to_string());
    assert_eq!(first["tipSeq"], 2);
    assert_eq!(first["lastMessage"]["content"], "second");
    assert_eq!(first["lastMessage"]["senderId"], bob.id.to_string());
    assert_eq!(first["updatedAt"], first["lastMessage"]["createdAt"]);
    assert_eq!(data["nextCursor"], Value::Null);

    logic::append(&app, with_eve, eve.id, TEXT, "again").await;
    let data = ada.get("/conversations").await.expect_ok();
    assert_eq!(ids(&data), [with_eve.to_string(), with_bob.to_string()]);
}

/// G2: own messages and entries that do not count are not unread.
#[tokio::test]
async fn unread_counts_are_exact() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let with_bob = logic::conversation(&app, ada.id, bob.id).await;
    let with_eve = logic::conversation(&app, ada.id, eve.id).await;
    for (sender, kind) in [
        (&bob, TEXT),
        (&bob, TEXT),
        (&ada, TEXT),
        (&bob, REACTION),
        (&ada, REACTION),
        (&bob, TEXT),
    ] {
        logic::append(&app, with_bob, sender.id, kind, "x").await;
    }
    logic::append(&app, with_eve, eve.id, TEXT, "x").await;
    let unread = async |user: &crate::actors::User<'_>| {
        let data = user.get("/conversations").await.expect_ok();
        let found = data["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == with_bob.to_string());
        (
            found.unwrap()["unreadCount"].as_i64().unwrap(),
            data["totalUnread"].as_i64().unwrap(),
        )
    };
    assert_eq!(unread(&ada).await, (3, 4));
    assert_eq!(unread(&bob).await, (1, 1));
    logic::read(&app, with_bob, ada.id, 2).await;
    assert_eq!(unread(&ada).await, (1, 2));
    logic::read(&app, with_bob, ada.id, 6).await;
    assert_eq!(unread(&ada).await, (0, 1));
    let one = bob
        .get(&format!("/conversations/{with_bob}"))
        .await
        .expect_ok();
    assert_eq!(
        (&one["peerReadSeq"], &one["readSeq"]),
        (&json!(6), &json!(0))
    );
}

#[tokio::test]
async fn the_list_comes_in_pages_with_the_whole_total() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut expected = Vec::new();
    for n in 0..5 {
        let other = app.user(&format!("other{n}")).await;
        let id = logic::conversation(&app, ada.id, other.id).await;
        logic::append(&app, id, other.id, TEXT, "x").await;
        expected.insert(0, id.to_string());
    }
    let mut seen = Vec::new();
    let mut path = "/conversations?limit=2".to_owned();
    loop {
        let data = ada.get(&path).await.expect_ok();
        assert_eq!(data["totalUnread"], 5);
        seen.extend(ids(&data).into_iter().map(str::to_owned));
        match data["nextCursor"].as_str() {
            Some(cursor) => path = format!("/conversations?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, expected);
    for bad in ["limit=0", "limit=501", "cursor=x"] {
        ada.get(&format!("/conversations?{bad}"))
            .await
            .expect(Code::InvalidArgument, 400);
    }
    let nobody = app.user("nobody").await;
    let empty = json!({"conversations": [], "totalUnread": 0, "nextCursor": null});
    assert_eq!(nobody.get("/conversations").await.expect_ok(), empty);
}

/// D8.
#[tokio::test]
async fn a_conversation_is_for_its_members() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let id = logic::conversation(&app, ada.id, bob.id).await;
    let one = ada.get(&format!("/conversations/{id}")).await.expect_ok();
    assert_eq!(one["lastMessage"], Value::Null);
    assert_eq!(one["tipSeq"], 0);
    for path in [
        format!("/conversations/{id}"),
        format!("/conversations/{id}/messages"),
    ] {
        eve.get(&path).await.expect(Code::NotMember, 403);
    }
    for path in ["/conversations/999", "/conversations/999/messages"] {
        eve.get(path).await.expect(Code::ConversationNotFound, 404);
    }
}

/// G4, D13: logic opens it for the caller, whoever the body names.
#[tokio::test]
async fn logic_opens_a_conversation_in_the_callers_name() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let id = logic::conversation(&app, ada.id, bob.id).await;
    let (caller, peer) = (ada.id, bob.id);
    let _logic = logic::answer(&app, move |origin, open| {
        assert_eq!((origin.session, origin.user), (SessionId(0), caller));
        assert_eq!(open.peer_id, peer);
        Reply::Conversation(id)
    })
    .await;
    let opened = ada
        .post("/conversations", json!({"userId": bob.id.to_string()}))
        .await
        .expect_ok();
    assert_eq!(opened["id"], id.to_string());
    assert_eq!(opened["peer"]["userId"], bob.id.to_string());
    ada.post("/conversations", json!({"userId": 7}))
        .await
        .expect(Code::InvalidArgument, 400);
}

/// M6 of the protocol: what logic refuses keeps its code.
#[tokio::test]
async fn a_refusal_of_logic_keeps_its_code() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let refusals = [
        (Code::NotFriends, 403),
        (Code::UserNotFound, 404),
        (Code::InvalidArgument, 400),
        (Code::RetryLater, 503),
        (Code::Unavailable, 503),
        (Code::Internal, 500),
    ];
    let mut replies = refusals.map(|(code, _)| Reply::Refused(code)).into_iter();
    let _logic = logic::answer(&app, move |_, _| replies.next().unwrap_or(Reply::Garbage)).await;
    for (code, status) in refusals.into_iter().chain([(Code::Internal, 500)]) {
        let answer = ada.post("/conversations", json!({"userId": "7"})).await;
        answer.expect(code, status);
    }
}

/// A17.
#[tokio::test]
async fn without_an_answer_of_logic_there_is_a_deadline() {
    let app = TestApp::start_with(|config| config.http.command_timeout_ms = 2_000).await;
    let ada = app.user("ada").await;
    ada.post("/conversations", json!({"userId": "7"}))
        .await
        .expect(Code::Unavailable, 503);
    let _logic = logic::answer(&app, |_, _| Reply::Silence).await;
    // 8 s, less than the deadline of the whole request. In small steps: while the machine stands still, nobody waits.
    let long = async {
        for _ in 0..80 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        answer = ada.post("/conversations", json!({"userId": "7"})) => answer.expect(Code::DeadlineExceeded, 504),
        () = long => panic!("no answer"),
    }
}
