//! Who is seen, and pushes to browsers.

use std::sync::{Arc, Mutex};

use im_shared::ids::{Incarnation, SessionId};
use im_shared::location::{Location, Locations};
use im_shared::wire::{Code, Done, Platform, PresenceSet, PushSubscribe, PushUnsubscribe};
use serde_json::{Value, json};

use crate::access;
use crate::app::TestApp;
use crate::logic;

/// F5: who wants not to be seen is offline and was never here.
#[tokio::test]
async fn friends_see_when_somebody_was_here_unless_they_hide() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let seen = async || {
        let friends = ada.get("/friends").await.expect_ok();
        let friend = &friends["friends"][0];
        (friend["online"].clone(), friend["lastSeen"].clone())
    };
    assert_eq!(seen().await, (json!(false), Value::Null));
    let leave =
        "INSERT INTO user_presence (id, last_seen_at) VALUES ($1, to_timestamp(1700000000))";
    app.execute(leave, &[&bob.id.to_sql()]).await;
    assert_eq!(seen().await, (json!(false), json!(1_700_000_000_000_i64)));

    let (node, _alive) = access::live_node(&app, "access-1").await;
    let location = Location {
        node,
        incarnation: Incarnation(1),
        session: SessionId(1),
        platform: Platform::Web,
    };
    let locations = Locations::new(app.redis.clone(), app.keys.clone());
    locations.add(bob.id, location).await.unwrap();
    let online = async || seen().await == (json!(true), Value::Null);
    im_shared::testing::wait_until(online, std::time::Duration::from_secs(20)).await;
    let hide = "UPDATE user_presence SET invisible = 1 WHERE id = $1";
    app.execute(hide, &[&bob.id.to_sql()]).await;
    assert_eq!(seen().await, (json!(false), Value::Null));
    assert_eq!(
        bob.get("/user/presence").await.expect_ok(),
        json!({"invisible": true})
    );
    assert_eq!(
        ada.get("/user/presence").await.expect_ok(),
        json!({"invisible": false})
    );
}

/// RFC 8292, 2.4
const KEY: &str =
    "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";

/// F5, E6: logic writes both tables.
#[tokio::test]
async fn presence_and_subscriptions_are_set_by_logic() {
    let app = TestApp::start_with(|config| config.push.public_key = KEY.to_owned()).await;
    let ada = app.user("ada").await;
    let came = Arc::new(Mutex::new(Vec::new()));
    let _logic = logic::obey(&app, {
        let came = came.clone();
        move |_, body| {
            came.lock().unwrap().push(body);
            Done {}.into()
        }
    })
    .await;
    let data = ada
        .put("/user/presence", json!({"invisible": true}))
        .await
        .expect_ok();
    assert_eq!(data, json!({"invisible": true}));
    // As `PushSubscription.toJSON` gives it.
    let subscription = json!({"endpoint": "https://push.example.org/1", "expirationTime": null, "keys": {"p256dh": "B", "auth": "A"}, "hideContent": true});
    ada.put("/push/subscription", subscription)
        .await
        .expect_ok();
    ada.delete("/push/subscription").await.expect_ok();
    let subscribe = PushSubscribe {
        device_id: "test".into(),
        endpoint: "https://push.example.org/1".into(),
        p256dh: "B".into(),
        auth: "A".into(),
        hide_content: true,
    };
    let expected = [
        PresenceSet { invisible: true }.into(),
        subscribe.into(),
        PushUnsubscribe {
            device_id: "test".into(),
        }
        .into(),
    ];
    assert_eq!(*came.lock().unwrap(), expected);
    for bad in [
        json!({}),
        json!({"endpoint": "https://x"}),
        json!({"endpoint": "https://x", "keys": {"auth": "A"}}),
    ] {
        let answer = ada.put("/push/subscription", bad).await;
        answer.expect(Code::InvalidArgument, 400);
    }
}

/// E6
#[tokio::test]
async fn browsers_are_told_the_key_of_pushes_where_there_is_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get("/push/key").await.expect(Code::NotFound, 404);
    let subscription =
        json!({"endpoint": "https://push.example.org/1", "keys": {"p256dh": "B", "auth": "A"}});
    let answer = ada.put("/push/subscription", subscription).await;
    answer.expect(Code::NotFound, 404);
    let app = TestApp::start_with(|config| config.push.public_key = KEY.to_owned()).await;
    let ada = app.user("ada").await;
    let data = ada.get("/push/key").await.expect_ok();
    assert_eq!(data, json!({"publicKey": KEY}));
}
