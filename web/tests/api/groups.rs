//! Groups: what is shown of them, and to whom.

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::actors::{Answer, User};
use crate::app::TestApp;
use crate::logic;

/// E1, E5: members see all of it, others its face and how to join.
#[tokio::test]
async fn a_stranger_sees_the_face_of_a_group_only() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let id = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    let path = format!("/groups/{id}");
    let group = bob.get(&path).await.expect_ok();
    let created_at = group["createdAt"].as_i64().unwrap();
    let mut all = json!({
        "id": id.to_string(), "name": "Tea", "avatar": "", "description": "", "ownerId": ada.id.to_string(), "memberCount": 2,
        "memberLimit": 10_000, "joinPolicy": "invite", "historyOpen": false, "silenced": false, "role": "member",
        "createdAt": created_at, "updatedAt": group["updatedAt"],
    });
    assert_eq!(group, all);
    all["role"] = "owner".into();
    assert_eq!(ada.get(&path).await.expect_ok(), all);

    let face = json!({"id": id.to_string(), "name": "Tea", "avatar": "", "memberCount": 2, "joinPolicy": "invite", "role": "none"});
    assert_eq!(eve.get(&path).await.expect_ok(), face);
    // Who has left is a stranger.
    let leave = "UPDATE conversation_members SET deleted = 1, until_seq = 1 WHERE user_id = $1";
    app.execute(leave, &[&bob.id.to_sql()]).await;
    let left = bob.get(&path).await.expect_ok();
    assert_eq!(
        (&left["role"], &left["ownerId"]),
        (&json!("none"), &Value::Null)
    );
}

/// E1: one's own, page by page, and nothing of what was left or ended.
#[tokio::test]
async fn the_list_of_groups_holds_those_of_which_one_is_a_member() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    logic::conversation(&app, ada.id, bob.id).await;
    let mut ids = Vec::new();
    for name in ["Tea", "Coffee", "Cocoa", "Left"] {
        ids.push(logic::group(&app, name, &[ada.id, bob.id]).await);
    }
    logic::group(&app, "Others", &[ada.id]).await;
    let left = ids.pop().unwrap();
    let leave = "UPDATE conversation_members SET deleted = 1, until_seq = 1 WHERE user_id = $1 AND conversation_id = $2";
    app.execute(leave, &[&bob.id.to_sql(), &left.to_sql()])
        .await;

    let first = bob.get("/groups?limit=2").await.expect_ok();
    let group = bob.get(&format!("/groups/{}", ids[0])).await.expect_ok();
    assert_eq!(first["groups"][0], group);
    assert_eq!(first["groups"][1]["name"], "Coffee");
    assert_eq!(first["nextAfter"], ids[1].to_string());
    let path = format!("/groups?after={}", ids[1]);
    let last = bob.get(&path).await.expect_ok();
    assert_eq!(last["groups"].as_array().unwrap().len(), 1);
    assert_eq!(last["groups"][0]["id"], ids[2].to_string());
    assert_eq!(last["nextAfter"], Value::Null);
    bob.get("/groups?limit=201").await.expect_invalid("limit");
}

/// E1
#[tokio::test]
async fn what_is_no_group_says_so() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let pair = logic::conversation(&app, ada.id, bob.id).await;
    let ended = logic::group(&app, "Tea", &[ada.id]).await;
    let dissolve = "UPDATE conversations SET owner_id = 0, member_count = 0 WHERE id = $1";
    app.execute(dissolve, &[&ended.to_sql()]).await;
    for (id, code, status) in [
        (pair.to_string(), Code::NotAGroup, 400),
        ("1".to_owned(), Code::NotAGroup, 400),
        ("999".to_owned(), Code::ConversationNotFound, 404),
        (ended.to_string(), Code::GroupDissolved, 410),
        ("x".to_owned(), Code::InvalidArgument, 400),
    ] {
        for path in ["", "/members", "/requests"] {
            let answer = ada.get(&format!("/groups/{id}{path}")).await;
            answer.expect(code, status);
        }
    }
}

/// E1, E5
#[tokio::test]
async fn members_are_listed_in_pages_for_members() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let mut members = vec![ada.id];
    for number in 0..4 {
        members.push(app.user(&format!("member{number}")).await.id);
    }
    let id = logic::group(&app, "Tea", &members).await;
    let left = members.pop().unwrap();
    let leave = "UPDATE conversation_members SET deleted = 1, until_seq = 1 WHERE user_id = $1";
    app.execute(leave, &[&left.to_sql()]).await;
    let silence = "UPDATE conversation_members SET silenced_until = now() + interval '1 hour', invited_by = $1 WHERE user_id = $2";
    app.execute(silence, &[&ada.id.to_sql(), &members[1].to_sql()])
        .await;

    let (mut seen, mut path) = (Vec::new(), format!("/groups/{id}/members?limit=2"));
    loop {
        let page = ada.get(&path).await.expect_ok();
        seen.extend(page["members"].as_array().unwrap().clone());
        match page["nextAfter"].as_str() {
            Some(after) => path = format!("/groups/{id}/members?limit=2&after={after}"),
            None => break,
        }
    }
    let ids: Vec<UserId> = seen
        .iter()
        .map(|member| member["userId"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(ids, members);
    assert_eq!(seen[0]["role"], "owner");
    assert_eq!(
        (&seen[0]["invitedBy"], &seen[0]["silencedUntil"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(seen[1]["invitedBy"], ada.id.to_string());
    assert!(seen[1]["silencedUntil"].as_i64() > seen[1]["joinedAt"].as_i64());
    assert_eq!(seen[1]["profile"]["username"], "member0");
    let answer = eve.get(&format!("/groups/{id}/members")).await;
    answer.expect(Code::NotMember, 403);
}

/// E1: who wants to join is shown to admins and the owner.
#[tokio::test]
async fn requests_to_join_are_for_admins() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let id = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    for (asked_by, status) in [(&eve, 1_i16), (&eve, 3), (&bob, 1)] {
        let asker = app.user(&format!("asker{}", app.id())).await;
        let asker = if asked_by.id == eve.id && status == 1 {
            &eve
        } else {
            &asker
        };
        let sql = "INSERT INTO group_requests (id, conversation_id, user_id, asked_by, message, status) VALUES ($1, $2, $3, $4, 'please', $5)";
        app.execute(
            sql,
            &[
                &app.id(),
                &id.to_sql(),
                &asker.id.to_sql(),
                &asked_by.id.to_sql(),
                &status,
            ],
        )
        .await;
    }
    let path = format!("/groups/{id}/requests");
    let first = ada.get(&format!("{path}?limit=1")).await.expect_ok();
    assert_eq!(first["requests"][0]["userId"], eve.id.to_string());
    assert_eq!(first["requests"][0]["message"], "please");
    let after = first["nextAfter"].as_str().unwrap();
    let second = ada
        .get(&format!("{path}?limit=1&after={after}"))
        .await
        .expect_ok();
    assert_eq!(second["requests"][0]["askedBy"], bob.id.to_string());
    assert_eq!(second["nextAfter"], Value::Null);
    bob.get(&path).await.expect(Code::NotPermitted, 403);
    eve.get(&path).await.expect(Code::NotMember, 403);
    let promote = "UPDATE conversation_members SET role = 2 WHERE user_id = $1";
    app.execute(promote, &[&bob.id.to_sql()]).await;
    let both = bob.get(&path).await.expect_ok();
    assert_eq!(both["requests"].as_array().unwrap().len(), 2);
}

/// G5, E1: the list tells a group's face, and one that was left stays readable up to the end of the membership.
#[tokio::test]
async fn a_group_that_was_left_stays_in_the_list_as_it_was() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    logic::append(&app, id, ada.id, 1, "welcome").await;
    let one = |user: &User<'_>| {
        let request = app.http.get(app.api(&format!("/conversations/{id}")));
        Answer::of(request.bearer_auth(user.token.clone()))
    };
    let before = one(&bob).await.expect_ok();
    assert_eq!(
        (&before["type"], &before["name"], &before["role"]),
        (&json!("group"), &json!("Tea"), &json!("member"))
    );
    assert_eq!(
        (&before["memberCount"], &before["ownerId"]),
        (&json!(2), &json!(ada.id.to_string()))
    );
    assert_eq!(before["untilSeq"], Value::Null);

    logic::append(&app, id, bob.id, 35, r#"{"change":"left"}"#).await;
    let leave = "UPDATE conversation_members SET deleted = 1, until_seq = 3 WHERE user_id = $1";
    app.execute(leave, &[&bob.id.to_sql()]).await;
    logic::append(&app, id, ada.id, 1, "a secret").await;
    let after = one(&bob).await.expect_ok();
    assert_eq!(
        (&after["role"], &after["untilSeq"], &after["tipSeq"]),
        (&json!("none"), &json!(3), &json!(3))
    );
    assert_eq!(after["lastMessage"]["type"], "member");
    let read = bob
        .get(&format!("/conversations/{id}/messages"))
        .await
        .expect_ok();
    let contents: Vec<&str> = read["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert_eq!(
        contents,
        [r#"{"created":true}"#, "welcome", r#"{"change":"left"}"#]
    );
    assert_eq!(one(&ada).await.expect_ok()["tipSeq"], 4);
    let list = bob.get("/conversations").await.expect_ok();
    assert_eq!(list["conversations"][0]["id"], id.to_string());
    assert_ne!(ConversationId::WORLD, id);
}
