//! What Redis remembers of conversations and their members (I7, D8, E3).

use fred::prelude::KeysInterface;
use im_shared::cache::family;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::Code;
use serde_json::Value;

use crate::app::TestApp;
use crate::caching::{ask, get, held, stampede};
use crate::logic;

const TEXT: i16 = 1;

/// As logic does when it has made or changed the conversation.
async fn forget(app: &TestApp, id: ConversationId) {
    let key = held(app, family::CONVERSATIONS, id.0);
    let _: i64 = app.redis.del(key).await.unwrap();
}

/// Ends a membership with the entry `seq`; nobody is told.
async fn part(app: &TestApp, group: ConversationId, user: UserId, seq: i64) {
    let sql = "UPDATE conversation_members SET deleted = 1, until_seq = $3 WHERE conversation_id = $1 AND user_id = $2";
    app.execute_unnoticed(sql, &[&group.to_sql(), &user.to_sql(), &seq])
        .await;
}

fn contents(messages: &Value) -> Vec<&str> {
    let messages = messages["messages"].as_array().unwrap();
    let contents = messages.iter().map(|message| &message["content"]);
    contents.map(|content| content.as_str().unwrap()).collect()
}

/// I7: a group and its members are remembered, and each asker sees their own place in it.
#[tokio::test]
async fn a_group_is_remembered_for_all_who_ask() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let group = logic::group(&app, "hill", &[ada.id, bob.id]).await;
    let (face, members) = (
        format!("/groups/{group}"),
        format!("/groups/{group}/members"),
    );
    for _ in 0..2 {
        for (user, role) in [(&ada, "owner"), (&bob, "member")] {
            assert_eq!(user.get(&face).await.expect_ok()["role"], role);
            let found = user.get(&members).await.expect_ok();
            assert_eq!(found["members"].as_array().unwrap().len(), 2);
        }
        eve.get(&members).await.expect(Code::NotMember, 403);
    }
    // As logic does when it has changed the group.
    let sql =
        "UPDATE conversation_members SET deleted = 1 WHERE conversation_id = $1 AND user_id = $2";
    app.execute_unnoticed(sql, &[&group.to_sql(), &bob.id.to_sql()])
        .await;
    bob.get(&members).await.expect_ok();
    forget(&app, group).await;
    bob.get(&members).await.expect(Code::NotMember, 403);
    let found = ada.get(&members).await.expect_ok();
    assert_eq!(found["members"].as_array().unwrap().len(), 1);
}

/// I7, D8: whose a private conversation is, and that there is none, is not read again.
#[tokio::test]
async fn whose_a_conversation_is_is_remembered() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let id = logic::conversation(&app, ada.id, bob.id).await;
    logic::append(&app, id, bob.id, TEXT, "hi").await;
    let paths = ["", "/messages"].map(|path| format!("/conversations/{id}{path}"));
    for path in &paths {
        ada.get(path).await.expect_ok();
        eve.get(path).await.expect(Code::NotMember, 403);
    }
    // Behind the back of everybody: no program ends a conversation.
    let there = "UPDATE conversations SET deleted = $2 WHERE id = $1";
    app.execute_unnoticed(there, &[&id.to_sql(), &1_i16]).await;
    for path in &paths {
        eve.get(path).await.expect(Code::NotMember, 403);
    }
    forget(&app, id).await;
    for path in &paths {
        ada.get(path).await.expect(Code::ConversationNotFound, 404);
    }
    app.execute_unnoticed(there, &[&id.to_sql(), &0_i16]).await;
    for path in &paths {
        ada.get(path).await.expect(Code::ConversationNotFound, 404);
    }
    forget(&app, id).await;
    for path in &paths {
        ada.get(path).await.expect_ok();
    }
}

/// I7, E3: who was removed is out at once, on the other node too, and reads what was said until then and nothing after it.
#[tokio::test]
async fn a_removed_member_is_refused_at_once_on_the_other_node() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let group = logic::group(&app, "hill", &[ada.id, bob.id]).await;
    for content in ["for both", "bob leaves", "for ada"] {
        logic::append(&app, group, ada.id, TEXT, content).await;
    }
    let [members, messages, one] = [
        format!("/groups/{group}/members"),
        format!("/conversations/{group}/messages?afterSeq=1"),
        format!("/conversations/{group}"),
    ];
    for node in [&app.url, &other.url] {
        for path in [&members, &messages, &one] {
            get(node, &bob, path).await;
        }
    }
    part(&app, group, bob.id, 3).await;
    forget(&app, group).await;
    for node in [&other.url, &app.url] {
        let answer = ask(node, &bob, &members).await;
        answer.expect(Code::NotMember, 403);
        let read = get(node, &bob, &messages).await;
        assert_eq!(contents(&read), ["for both", "bob leaves"]);
        assert_eq!(get(node, &bob, &one).await["role"], "none");
        let read = get(node, &ada, &messages).await;
        assert_eq!(contents(&read), ["for both", "bob leaves", "for ada"]);
    }
}

/// I7, E3: whatever Redis says of the members, it shows no entry to who is none.
#[tokio::test]
async fn a_lost_word_of_a_removal_shows_no_message() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let group = logic::group(&app, "hill", &[ada.id, bob.id]).await;
    for content in ["bob leaves", "for ada"] {
        logic::append(&app, group, ada.id, TEXT, content).await;
    }
    let (members, messages) = (
        format!("/groups/{group}/members"),
        format!("/conversations/{group}/messages?afterSeq=1"),
    );
    bob.get(&members).await.expect_ok();
    // Redis was away for logic, and not for web.
    part(&app, group, bob.id, 2).await;
    bob.get(&members).await.expect_ok();
    let read = bob.get(&messages).await.expect_ok();
    assert_eq!(contents(&read), ["bob leaves"]);
    let one = format!("/conversations/{group}");
    assert_eq!(bob.get(&one).await.expect_ok()["tipSeq"], 2);
}

/// I7, E1: a dissolved group is none for the next who asks, on the other node too; what was said in it stays readable.
#[tokio::test]
async fn a_dissolved_group_is_gone_on_the_other_node() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let group = logic::group(&app, "hill", &[ada.id, bob.id]).await;
    let [face, members, messages] = [
        format!("/groups/{group}"),
        format!("/groups/{group}/members"),
        format!("/conversations/{group}/messages"),
    ];
    for node in [&app.url, &other.url] {
        for path in [&face, &members, &messages] {
            get(node, &bob, path).await;
        }
    }
    for user in [&ada, &bob] {
        part(&app, group, user.id, 1).await;
    }
    let sql = "UPDATE conversations SET owner_id = 0, member_count = 0 WHERE id = $1";
    app.execute_unnoticed(sql, &[&group.to_sql()]).await;
    forget(&app, group).await;
    for node in [&other.url, &app.url] {
        for path in [&face, &members] {
            let answer = ask(node, &bob, path).await;
            answer.expect(Code::GroupDissolved, 410);
        }
        assert_eq!(contents(&get(node, &bob, &messages).await).len(), 1);
    }
}

/// J3: five hundred who ask two nodes for one conversation at the same time are one read of what it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_stampede_on_a_conversation_is_one_query() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let group = logic::group(&app, "hill", &[ada.id, bob.id]).await;
    for path in ["conversations", "groups"].map(|path| format!("/{path}/{group}")) {
        forget(&app, group).await;
        let key = held(&app, family::CONVERSATIONS, group.0);
        let asked = (path.as_str(), "conversations", key.as_str());
        let faces = stampede(&app, &other, &ada, asked).await;
        assert!(faces.iter().all(|face| face["name"] == "hill"));
    }
}
