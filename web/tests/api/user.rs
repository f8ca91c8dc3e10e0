//! Profiles and search.

use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::actors::User;
use crate::app::TestApp;
use crate::logic;

/// B4.
#[tokio::test]
async fn a_profile_is_changed_field_by_field() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.put(
        "/user/profile",
        json!({"nickname": " Ada ", "phone": "+44"}),
    )
    .await
    .expect_ok();
    let changed = ada
        .put(
            "/user/profile",
            json!({"avatar": "https://example.org/a.png"}),
        )
        .await
        .expect_ok();
    assert_eq!(changed["nickname"], "Ada");
    assert_eq!(changed["phone"], "+44");
    assert_eq!(changed["avatar"], "https://example.org/a.png");
    let cleared = ada
        .put("/user/profile", json!({"phone": ""}))
        .await
        .expect_ok();
    assert_eq!(cleared["phone"], "");
    assert_eq!(ada.get("/user/profile").await.expect_ok(), cleared);
    for bad in [
        json!({"nickname": ""}),
        json!({"avatar": "javascript:alert(1)"}),
        json!({"nickname": "a\u{0}"}),
    ] {
        ada.put("/user/profile", bad)
            .await
            .expect(Code::InvalidArgument, 400);
    }
}

/// B4: others see no phone and no mail address.
#[tokio::test]
async fn others_see_the_public_part_of_a_profile() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let seen = bob.get(&format!("/user/{}", ada.id)).await.expect_ok();
    assert_eq!(
        seen,
        json!({"userId": ada.id.to_string(), "username": "ada", "nickname": "ADA", "avatar": ""})
    );
    bob.get("/user/999").await.expect(Code::UserNotFound, 404);
    for bad in ["abc", "0", "-1", "9223372036854775808"] {
        bob.get(&format!("/user/{bad}"))
            .await
            .expect(Code::InvalidArgument, 400);
    }
}

fn names(data: &Value) -> Vec<&str> {
    data["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["username"].as_str().unwrap())
        .collect()
}

/// Gives `user` friends who are called so.
async fn befriend(app: &TestApp, user: &User<'_>, names: &[&str]) {
    for name in names {
        let friend = app.user(name).await;
        let sql = "INSERT INTO friends (id, user_id, friend_id) VALUES ($1, $2, $3)";
        let (own, friend) = (user.id.to_sql(), friend.id.to_sql());
        app.execute(sql, &[&app.id(), &own, &friend]).await;
    }
}

/// B4.
#[tokio::test]
async fn people_one_knows_are_found_by_the_beginning_of_their_names() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    befriend(&app, &bob, &["anna", "ann", "a_n", "hannah"]).await;
    let mate = app.user("annabel").await;
    logic::group(&app, "Tea", &[mate.id, bob.id]).await;
    app.execute(
        "UPDATE users SET nickname = 'Ännchen' WHERE username = 'hannah'",
        &[],
    )
    .await;
    let found = bob.get("/user/search?q=ANN").await.expect_ok();
    assert_eq!(names(&found), ["ann", "anna", "annabel"]);
    let found = bob.get("/user/search?q=%C3%A4nn").await.expect_ok();
    assert_eq!(names(&found), ["hannah"]);
    let found = bob.get("/user/search?q=ann&limit=1").await.expect_ok();
    assert_eq!(names(&found), ["ann"]);
    // No pattern of ours.
    let found = bob.get("/user/search?q=a_").await.expect_ok();
    assert_eq!(names(&found), ["a_n"]);
    assert!(names(&bob.get("/user/search?q=%25").await.expect_ok()).is_empty());
    for bad in [
        "",
        "?q=",
        "?q=%20",
        "?q=a&limit=0",
        "?q=a&limit=51",
        "?q=a&limit=x",
        "?q=a%00",
    ] {
        bob.get(&format!("/user/search{bad}"))
            .await
            .expect(Code::InvalidArgument, 400);
    }
}

/// B4: a stranger is found by who knows the whole username, and no part of a name tells that there is one.
#[tokio::test]
async fn a_search_cannot_list_everybody() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    let ann = app.user("ann").await;
    for name in ["anna", "annabel"] {
        app.user(name).await;
    }
    let nothing = json!({"users": []});
    for part in ["a", "an", "anna-", "AN", "nn", "guest", "1000"] {
        let found = bob.get(&format!("/user/search?q={part}")).await;
        assert_eq!(found.expect_ok(), nothing, "{part}");
    }
    let found = bob.get("/user/search?q=Anna").await.expect_ok();
    assert_eq!(names(&found), ["anna"]);
    // Who was removed, left, or is in a crowd with one is no acquaintance; nor is who is disabled.
    let crowd = logic::group(&app, "Crowd", &[ann.id, bob.id]).await;
    let sql = "UPDATE conversations SET member_count = 201 WHERE id = $1";
    app.execute(sql, &[&crowd.to_sql()]).await;
    let left = logic::group(&app, "Tea", &[ann.id, bob.id]).await;
    let sql = "UPDATE conversation_members SET deleted = 1, until_seq = 1 WHERE conversation_id = $1 AND user_id = $2";
    app.execute(sql, &[&left.to_sql(), &ann.id.to_sql()]).await;
    logic::conversation(&app, ann.id, bob.id).await;
    let found = bob.get("/user/search?q=an").await.expect_ok();
    assert_eq!(found, nothing);
    app.execute("UPDATE users SET status = 2 WHERE username = 'anna'", &[])
        .await;
    assert_eq!(bob.get("/user/search?q=anna").await.expect_ok(), nothing);
}
