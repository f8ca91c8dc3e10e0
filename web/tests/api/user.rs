//! Profiles and search.

use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::app::TestApp;

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

/// B4.
#[tokio::test]
async fn people_are_found_by_the_beginning_of_their_names() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    for name in ["anna", "ann", "annabel", "a_n", "hannah"] {
        app.user(name).await;
    }
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
