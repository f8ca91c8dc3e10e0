//! Where a user is signed in (B16).

use std::time::Duration;

use im_shared::ids::{Incarnation, SessionId};
use im_shared::location::{Arrival, Location, Locations};
use im_shared::nodes::NodeRecord;
use im_shared::testing::wait_until;
use im_shared::wire::{Code, Platform};
use serde_json::{Value, json};

use crate::access::announced;
use crate::actors::User;
use crate::app::TestApp;
use crate::auth::{login, register};
use crate::guest::{arrive, signed_in};

async fn devices(user: &User<'_>) -> Vec<Value> {
    let page = user.get("/devices").await.expect_ok();
    assert_eq!(page["nextAfter"], Value::Null);
    page["devices"].as_array().unwrap().clone()
}

async fn ada_on<'a>(app: &'a TestApp, device: &str) -> User<'a> {
    signed_in(app, &login(app, "ada", device).await)
}

fn ids(devices: &[Value]) -> Vec<&str> {
    let ids = devices.iter().map(|device| device["deviceId"].as_str());
    ids.map(Option::unwrap).collect()
}

/// B16
#[tokio::test]
async fn the_devices_that_are_signed_in_are_listed() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let laptop = ada_on(&app, "laptop").await;
    let body = json!({"username": "ada", "password": "correct horse", "deviceId": "phone", "platform": "ios", "deviceName": " Ada's phone "});
    let phone = app
        .http
        .post(app.api("/auth/login"))
        .header("User-Agent", "im/1.0 (iPhone)")
        .json(&body);
    let phone = crate::actors::Answer::of(phone).await.expect_ok();
    let phone = signed_in(&app, &phone);

    let found = devices(&phone).await;
    assert_eq!(ids(&found), ["phone", "laptop"], "the latest first");
    let here = &found[0];
    assert_eq!(here["name"], "Ada's phone");
    assert_eq!(here["platform"], "ios");
    assert_eq!(here["userAgent"], "im/1.0 (iPhone)");
    assert_eq!(here["address"], "127.0.0.1");
    assert_eq!(
        (&here["current"], &here["online"]),
        (&json!(true), &json!(false))
    );
    assert!(here["id"].is_string());
    assert!(here["createdAt"].as_i64().unwrap() <= here["lastSeenAt"].as_i64().unwrap());
    assert_eq!(found[1]["current"], false);
    assert_eq!(
        (&found[1]["name"], &found[1]["platform"]),
        (&json!(""), &json!("web"))
    );

    // Another login of a device takes its place.
    let again = ada_on(&app, "laptop").await;
    let found = devices(&again).await;
    assert_eq!(ids(&found), ["laptop", "phone"]);
    laptop.get("/devices").await.expect(Code::TokenRevoked, 401);
}

/// B16: the name is a line that people read.
#[tokio::test]
async fn a_name_that_nobody_can_read_is_refused() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    for name in ["x".repeat(65), "a\u{0}b".to_owned()] {
        let body = json!({"username": "ada", "password": "correct horse", "deviceId": "d", "platform": "web", "deviceName": name});
        let answer = app.post("/auth/login", body).await;
        answer.expect_invalid("deviceName");
    }
}

/// B16, F4
#[tokio::test]
async fn a_device_with_a_session_is_online() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let laptop = ada_on(&app, "laptop").await;
    ada_on(&app, "phone").await;
    let (node, incarnation) = ("access-1".parse().unwrap(), Incarnation(1));
    let record = NodeRecord {
        node_id: node,
        incarnation,
        draining: false,
        sessions: 1,
        web_transport: None,
        web_socket: None,
    };
    let location = Location {
        node: record.node_id.clone(),
        incarnation,
        session: SessionId(1),
        platform: Platform::Web,
    };
    let _alive = announced(&app, record).await;
    let locations = Locations::new(app.redis.clone(), app.keys.clone());
    let arrival = Arrival::of(location, "laptop");
    locations.add(laptop.id, arrival).await.unwrap();
    let online = async || {
        let found = devices(&laptop).await;
        let online: Vec<_> = found
            .iter()
            .map(|device| device["online"] == true)
            .collect();
        online == [false, true]
    };
    wait_until(online, Duration::from_secs(20)).await;
}

/// B16: a call moves the time, now and then.
#[tokio::test]
async fn a_device_is_seen_when_it_calls() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let laptop = ada_on(&app, "laptop").await;
    let sql = "UPDATE sign_ins SET last_seen_at = now() - interval '1 day', created_at = now() - interval '2 days'";
    app.execute(sql, &[]).await;
    let seen = async || {
        let found = devices(&laptop).await;
        let [created, seen] = ["createdAt", "lastSeenAt"].map(|at| found[0][at].as_i64().unwrap());
        seen - created > 47 * 60 * 60 * 1_000
    };
    wait_until(seen, Duration::from_secs(20)).await;
}

/// B16, B7
#[tokio::test]
async fn one_device_is_signed_out_and_the_others_stay() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let (laptop, phone) = (ada_on(&app, "laptop").await, ada_on(&app, "phone").await);
    let tablet = ada_on(&app, "tablet").await;
    let found = devices(&laptop).await;
    let id = found[1]["id"].as_str().unwrap();
    assert_eq!(found[1]["deviceId"], "phone");
    laptop.delete(&format!("/devices/{id}")).await.expect_ok();
    phone.get("/devices").await.expect(Code::TokenRevoked, 401);
    assert_eq!(ids(&devices(&tablet).await), ["tablet", "laptop"]);
    let again = laptop.delete(&format!("/devices/{id}")).await;
    again.expect(Code::DeviceNotFound, 404);
    laptop.delete("/devices/x").await.expect_invalid("id");
}

/// B16, B7
#[tokio::test]
async fn others_are_signed_out() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let (laptop, phone) = (ada_on(&app, "laptop").await, ada_on(&app, "phone").await);
    let ended = laptop.delete("/devices").await.expect_ok();
    assert_eq!(ended, json!({"signedOut": 1}));
    phone.get("/devices").await.expect(Code::TokenRevoked, 401);
    assert_eq!(ids(&devices(&laptop).await), ["laptop"]);
}

/// B9, B16
#[tokio::test]
async fn nobody_signs_out_somebody_elses_device() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    register(&app, "bob").await.expect_ok();
    let ada = ada_on(&app, "laptop").await;
    let bob = signed_in(&app, &login(&app, "bob", "laptop").await);
    let id = devices(&ada).await[0]["id"].as_str().unwrap().to_owned();
    let answer = bob.delete(&format!("/devices/{id}")).await;
    answer.expect(Code::DeviceNotFound, 404);
    assert_eq!(ids(&devices(&ada).await), ["laptop"]);
    let guest = signed_in(&app, &arrive(&app).await);
    guest.get("/devices").await.expect(Code::Forbidden, 403);
}

/// B16, J3: however many there are, a page is bounded.
#[tokio::test]
async fn devices_come_in_pages() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for number in 1..=5_i64 {
        let sql = "INSERT INTO sign_ins (id, user_id, device_id, expires_at) VALUES ($1, $2, $3, now() + interval '1 day')";
        let (id, device) = (app.id(), format!("d{number}"));
        app.execute(sql, &[&id, &ada.id.to_sql(), &device]).await;
    }
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let page = ada.get(&format!("/devices?limit=2{after}")).await;
        let page = page.expect_ok();
        let found = page["devices"].as_array().unwrap();
        assert!(found.len() <= 2);
        seen.extend(found.iter().map(|device| device["deviceId"].clone()));
        match page["nextAfter"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["d5", "d4", "d3", "d2", "d1"]);
    for limit in ["0", "101"] {
        let answer = ada.get(&format!("/devices?limit={limit}")).await;
        answer.expect_invalid("limit");
    }
}
