//! What users let others see and do (B4).

use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::actors::User;
use crate::app::TestApp;

async fn set(user: &User<'_>, change: Value) -> Value {
    user.put("/user/privacy", change).await.expect_ok()
}

/// B4.
#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let fresh = json!({"findable": true, "friendRequests": "everybody", "lastSeen": "friends", "contact": "nobody"});
    assert_eq!(ada.get("/user/privacy").await.expect_ok(), fresh);
    let mut expected = fresh.clone();
    for (name, value) in [
        ("friendRequests", json!("nobody")),
        ("findable", json!(false)),
        ("contact", json!("friends")),
        ("lastSeen", json!("nobody")),
        ("findable", json!(true)),
    ] {
        let mut change = json!({});
        change[name] = value.clone();
        expected[name] = value;
        assert_eq!(set(&ada, change).await, expected);
        assert_eq!(ada.get("/user/privacy").await.expect_ok(), expected);
    }
    assert_eq!(set(&ada, json!({})).await, expected);
    assert_eq!(bob.get("/user/privacy").await.expect_ok(), fresh);
    for (bad, field) in [
        (json!({"findable": "yes"}), "findable"),
        (json!({"contact": "everybody"}), "contact"),
        (json!({"lastseen": "nobody"}), "lastseen"),
    ] {
        ada.put("/user/privacy", bad).await.expect_invalid(field);
    }
}

/// B4: who does not want to be found by strangers is found by people they know.
#[tokio::test]
async fn who_is_not_findable_is_found_by_friends_only() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let eve = app.user("eve").await;
    let finds = async |user: &User<'_>| {
        let found = user.get("/user/search?q=ada").await.expect_ok();
        !found["users"].as_array().unwrap().is_empty()
    };
    assert!(finds(&bob).await && finds(&eve).await);
    set(&ada, json!({"findable": false})).await;
    assert!(finds(&bob).await && !finds(&eve).await);
    set(&ada, json!({"findable": true})).await;
    assert!(finds(&eve).await);
}

/// B4, C1: who takes no requests gets none, and may ask; what is open is answered.
#[tokio::test]
async fn who_takes_no_requests_is_not_asked() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    ada.request(&bob).await.expect_ok();
    set(&ada, json!({"friendRequests": "nobody"})).await;
    eve.request(&ada).await.expect(Code::RequestsClosed, 403);
    // Who is asked and asks back is to accept.
    bob.request(&ada)
        .await
        .expect(Code::FriendRequestPending, 409);
    ada.request(&eve).await.expect_ok();
    set(&ada, json!({"friendRequests": "everybody"})).await;
    eve.request(&ada)
        .await
        .expect(Code::FriendRequestPending, 409);
}

/// B4, F5.
#[tokio::test]
async fn when_somebody_was_here_is_seen_as_they_like() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let last = "INSERT INTO user_presence (id, last_seen_at) VALUES ($1, now())";
    app.execute(last, &[&ada.id.to_sql()]).await;
    let seen = async || bob.get("/friends").await.expect_ok()["friends"][0]["lastSeen"].clone();
    assert!(seen().await.is_i64());
    set(&ada, json!({"lastSeen": "nobody"})).await;
    assert!(seen().await.is_null());
    set(&ada, json!({"lastSeen": "friends"})).await;
    assert!(seen().await.is_i64());
}

/// B4: contact data is shown to friends, where that is wanted, and to nobody else ever.
#[tokio::test]
async fn contact_data_is_shown_to_friends_who_may_see_it() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let eve = app.user("eve").await;
    let sql = "UPDATE users SET phone = '+44', email = 'ada@example.org' WHERE id = $1";
    app.execute(sql, &[&ada.id.to_sql()]).await;
    let path = format!("/user/{}", ada.id);
    let public =
        json!({"userId": ada.id.to_string(), "username": "ada", "nickname": "ADA", "avatar": ""});
    for user in [&bob, &eve] {
        assert_eq!(user.get(&path).await.expect_ok(), public);
    }
    set(&ada, json!({"contact": "friends"})).await;
    let mut shown = public.clone();
    shown["phone"] = json!("+44");
    shown["email"] = json!("ada@example.org");
    assert_eq!(bob.get(&path).await.expect_ok(), shown);
    assert_eq!(eve.get(&path).await.expect_ok(), public);
    ada.delete(&format!("/friends/{}", bob.id))
        .await
        .expect_ok();
    assert_eq!(bob.get(&path).await.expect_ok(), public);
}
