//! What web says on a user's subject, besides friendships (A12).

use std::time::Duration;

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier, Subscriber};
use im_shared::ids::UserId;
use im_shared::wire::{self, Body, CloseCode, Kick, ProfileEvent};
use serde_json::json;

use crate::actors::Answer;
use crate::app::TestApp;

/// Everything on the subjects of users.
async fn listen(app: &TestApp) -> Subscriber {
    let events = app.bus.subscribe(app.bus.subjects().user_events()).await;
    app.subscribed().await;
    events.unwrap()
}

/// The next event: whose, what, for which device, and whether friends get it too.
async fn next(events: &mut Subscriber) -> (UserId, Body, String, bool) {
    let message = tokio::time::timeout(Duration::from_secs(10), events.next())
        .await
        .expect("an event")
        .unwrap();
    let subject = message.subject.clone();
    let Carrier::UserEvent {
        user,
        frame,
        device,
        friends,
        ..
    } = bus::decode(message.payload).unwrap()
    else {
        panic!("another carrier");
    };
    assert!(
        subject.ends_with(&format!(".user.{user}.event")),
        "{subject}"
    );
    (user, wire::decode(&frame).unwrap().body, device, friends)
}

/// A12
#[tokio::test]
async fn friends_hear_of_a_new_face_and_not_of_a_telephone_number() {
    let app = TestApp::start().await;
    let mut events = listen(&app).await;
    let ada = app.user("ada").await;
    ada.put("/user/profile", json!({"phone": "+44"}))
        .await
        .expect_ok();
    ada.put("/user/profile", json!({"nickname": "Ada L."}))
        .await
        .expect_ok();
    let event = ProfileEvent {
        user_id: ada.id,
        nickname: "Ada L.".to_owned(),
        avatar: String::new(),
    };
    let expected = (ada.id, Body::ProfileEvent(event), String::new(), true);
    assert_eq!(next(&mut events).await, expected);
}

/// A12, B3
#[tokio::test]
async fn who_signs_out_ends_the_session_of_that_device() {
    let app = TestApp::start().await;
    let mut events = listen(&app).await;
    let account = json!({"username": "ada", "password": "correct horse"});
    app.post("/auth/register", account).await.expect_ok();
    let login = json!({"username": "ada", "password": "correct horse", "deviceId": "laptop", "platform": "web"});
    let login = app.post("/auth/login", login).await.expect_ok();
    let request = app
        .http
        .post(app.api("/auth/logout"))
        .bearer_auth(login["accessToken"].as_str().unwrap())
        .json(&json!({"refreshToken": login["refreshToken"]}));
    Answer::of(request).await.expect_ok();
    let (user, body, device, friends) = next(&mut events).await;
    let Body::Kick(Kick { code, .. }) = body else {
        panic!("{body:?}")
    };
    assert_eq!(code, CloseCode::SignedOut);
    assert_eq!(
        (user.to_string(), device),
        (
            login["userId"].as_str().unwrap().to_owned(),
            "laptop".to_owned()
        )
    );
    assert!(!friends);
}
