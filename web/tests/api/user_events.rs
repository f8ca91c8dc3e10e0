//! What web says on a user's subject, besides friendships and ended logins (A12).

use std::time::Duration;

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier, Subscription};
use im_shared::ids::UserId;
use im_shared::wire::{self, Body, ProfileEvent};
use serde_json::json;

use crate::app::TestApp;

/// Everything on the subjects of users.
async fn listen(app: &TestApp) -> Subscription {
    let events = app.bus.subscribe(app.bus.subjects().user_events()).await;
    app.subscribed().await;
    events.unwrap()
}

/// The next event: whose, what, and whether friends get it too.
async fn next(events: &mut Subscription) -> (UserId, Body, bool) {
    let message = tokio::time::timeout(Duration::from_secs(30), events.next())
        .await
        .expect("an event")
        .unwrap();
    let subject = message.subject.clone();
    let Carrier::UserEvent {
        user,
        frame,
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
    (user, wire::decode(&frame).unwrap().body, friends)
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
    let expected = (ada.id, Body::ProfileEvent(event), true);
    assert_eq!(next(&mut events).await, expected);
}
