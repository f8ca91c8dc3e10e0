//! The block list.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier, Subscription};
use im_shared::ids::{Incarnation, SessionId, UserId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::NodeRecord;
use im_shared::testing::wait_until;
use im_shared::wire::{self, Body, Code, Platform, PresenceEvent};
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use crate::access::announced;
use crate::actors::User;
use crate::app::TestApp;

async fn block(user: &User<'_>, other: UserId) {
    let done = user.put(&format!("/blocks/{other}"), Value::Null).await;
    assert_eq!(done.expect_ok(), json!({}));
}

async fn unblock(user: &User<'_>, other: UserId) {
    let done = user.delete(&format!("/blocks/{other}")).await;
    assert_eq!(done.expect_ok(), json!({}));
}

/// `friends.blocked` of both rows of the pair: of `one`, of `other`.
async fn flags(app: &TestApp, one: UserId, other: UserId) -> (i16, i16) {
    let sql = "SELECT blocked FROM friends WHERE (user_id, friend_id) IN (($1, $2), ($2, $1)) ORDER BY user_id = $1 DESC";
    let rows = app.rows(sql, &[&one.to_sql(), &other.to_sql()]).await;
    (rows[0].get(0), rows[1].get(0))
}

/// C5.
#[tokio::test]
async fn the_list_names_whom_one_has_blocked_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut others = Vec::new();
    for name in ["bob", "eve", "tom"] {
        others.push(app.user(name).await.id);
    }
    for other in &others {
        block(&ada, *other).await;
        // Again: nothing more.
        block(&ada, *other).await;
    }
    let first = ada.get("/blocks?limit=2").await.expect_ok();
    let users = first["users"].as_array().unwrap();
    assert_eq!(users.len(), 2);
    assert_eq!(users[0]["userId"], others[0].to_string());
    assert_eq!(users[0]["profile"]["username"], "bob");
    assert!(users[0]["createdAt"].is_i64());
    assert_eq!(first["nextAfter"], others[1].to_string());
    let path = format!("/blocks?after={}", others[1]);
    let last = ada.get(&path).await.expect_ok();
    assert_eq!(last["users"][0]["profile"]["username"], "tom");
    assert_eq!(last["nextAfter"], Value::Null);

    unblock(&ada, others[0]).await;
    unblock(&ada, others[0]).await;
    let left = ada.get("/blocks").await.expect_ok();
    assert_eq!(left["users"].as_array().unwrap().len(), 2);
    // A list of one's own.
    let eve = User {
        app: &app,
        id: others[1],
        token: app.user("other").await.token,
    };
    assert_eq!(
        eve.get("/blocks").await.expect_ok(),
        json!({"users": [], "nextAfter": null})
    );
}

/// C5.
#[tokio::test]
async fn one_blocks_others_who_are_there() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let answer = ada.put(&format!("/blocks/{}", ada.id), Value::Null).await;
    answer.expect_invalid("userId");
    let nobody = ada.put("/blocks/999", Value::Null).await;
    nobody.expect(Code::UserNotFound, 404);
    ada.put("/blocks/x", Value::Null)
        .await
        .expect_invalid("userId");
    ada.get("/blocks?limit=201").await.expect_invalid("limit");
    ada.get("/blocks?page=2").await.expect_invalid("page");
}

/// C5: the friendship stays, and what logic reads of it says who blocks.
#[tokio::test]
async fn a_block_rests_in_the_friendship_until_both_are_unblocked() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    block(&ada, bob.id).await;
    assert_eq!(flags(&app, ada.id, bob.id).await, (2, 1));
    block(&bob, ada.id).await;
    assert_eq!(flags(&app, ada.id, bob.id).await, (3, 3));
    assert_eq!(ada.friends().await, [bob.id.to_string()]);
    unblock(&ada, bob.id).await;
    assert_eq!(flags(&app, ada.id, bob.id).await, (1, 2));
    let friend = &ada.get("/friends").await.expect_ok()["friends"][0];
    assert_eq!(friend["blocked"], false, "only own blocks are shown");
    let friend = &bob.get("/friends").await.expect_ok()["friends"][0];
    assert_eq!(friend["blocked"], true);
    unblock(&bob, ada.id).await;
    assert_eq!(flags(&app, ada.id, bob.id).await, (0, 0));
}

/// C5, C1: in both directions, friends or not, and again after the end of a friendship.
#[tokio::test]
async fn the_blocked_cannot_ask_and_are_not_asked() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let eve = app.user("eve").await;
    block(&ada, eve.id).await;
    block(&ada, bob.id).await;
    let end = ada.delete(&format!("/friends/{}", bob.id)).await;
    end.expect_ok();
    for other in [&eve, &bob] {
        other.request(&ada).await.expect(Code::Blocked, 403);
        ada.request(other).await.expect(Code::Blocked, 403);
    }
    unblock(&ada, bob.id).await;
    let id = bob.request(&ada).await.expect_ok()["requestId"].clone();
    let path = format!("/friends/requests/{}/accept", id.as_str().unwrap());
    ada.post(&path, Value::Null).await.expect_ok();
    assert_eq!(flags(&app, ada.id, bob.id).await, (0, 0));
}

/// C5, C2: whichever of the two has asked.
#[tokio::test]
async fn a_block_ends_the_request_that_is_open() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (name, own) in [("bob", false), ("eve", true)] {
        let other = app.user(name).await;
        let (asker, asked) = if own { (&ada, &other) } else { (&other, &ada) };
        let id = asker.request(asked).await.expect_ok()["requestId"].clone();
        block(&ada, other.id).await;
        let path = format!("/friends/requests/{}/accept", id.as_str().unwrap());
        let answer = asked.post(&path, Value::Null).await;
        answer.expect(Code::FriendRequestAnswered, 409);
        let sent = asker.get("/friends/requests?direction=sent").await;
        assert_eq!(sent.expect_ok()["requests"][0]["status"], "cancelled");
    }
    assert!(ada.friends().await.is_empty());
}

/// C5, F5: neither sees whether the other is there, and both are told when that begins and ends.
#[tokio::test]
async fn the_blocked_see_nothing_of_each_others_presence() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let _session = online(&app, &ada).await;
    let seen = async |user: &User<'_>| {
        let friend = user.get("/friends").await.expect_ok()["friends"][0].clone();
        (friend["online"].clone(), friend["lastSeen"].clone())
    };
    let is_online = async || seen(&bob).await.0 == true;
    wait_until(is_online, Duration::from_secs(30)).await;
    let last = "INSERT INTO user_presence (id, last_seen_at) VALUES ($1, now())";
    app.execute(last, &[&bob.id.to_sql()]).await;
    assert!(seen(&ada).await.1.is_i64());

    let mut events = app
        .bus
        .subscribe(app.bus.subjects().user_events())
        .await
        .unwrap();
    app.subscribed().await;
    block(&bob, ada.id).await;
    assert_eq!(told(&mut events).await, (bob.id, ada.id, false));
    assert_eq!(told(&mut events).await, (ada.id, bob.id, false));
    assert_eq!(seen(&bob).await, (json!(false), Value::Null));
    assert_eq!(seen(&ada).await, (json!(false), Value::Null));
    // The second block changes nothing that is seen, nor does the end of one of two.
    block(&ada, bob.id).await;
    unblock(&bob, ada.id).await;
    unblock(&ada, bob.id).await;
    // Of Bob, who is not there, there is nothing to tell.
    assert_eq!(told(&mut events).await, (bob.id, ada.id, true));
    assert_eq!(seen(&bob).await.0, true);
}

/// C5, B4: who has blocked somebody is not found by them, and shows them no contact data.
#[tokio::test]
async fn who_has_blocked_one_is_not_found() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    ada.put("/user/profile", json!({"phone": "+44"}))
        .await
        .expect_ok();
    ada.put("/user/privacy", json!({"contact": "friends"}))
        .await
        .expect_ok();
    let profile = format!("/user/{}", ada.id);
    assert_eq!(bob.get(&profile).await.expect_ok()["phone"], "+44");
    block(&ada, bob.id).await;
    let found = bob.get("/user/search?q=ada").await.expect_ok();
    assert_eq!(found, json!({"users": []}));
    assert!(bob.get(&profile).await.expect_ok()["phone"].is_null());
    // The other way round the name is needed: to unblock.
    let found = ada.get("/user/search?q=bob").await.expect_ok();
    assert_eq!(found["users"][0]["username"], "bob");
}

/// C5: whatever meets, the rows of the friendship say what the block list says.
#[tokio::test]
async fn a_pair_never_disagrees_about_a_block() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let (to_bob, to_ada) = (format!("/blocks/{}", bob.id), format!("/blocks/{}", ada.id));
    let friend = format!("/friends/{}", bob.id);
    for _ in 0..5 {
        let request = bob.request(&ada).await;
        let id = request.data["requestId"].as_str().unwrap_or("1").to_owned();
        let accept = format!("/friends/requests/{id}/accept");
        tokio::join!(
            ada.put(&to_bob, Value::Null),
            ada.delete(&to_bob),
            bob.put(&to_ada, Value::Null),
            ada.post(&accept, Value::Null),
            ada.delete(&friend),
        );
        let sql = "SELECT count(*) FROM friends f WHERE f.blocked <> \
                   CASE WHEN EXISTS (SELECT FROM blocks b WHERE b.user_id = f.friend_id AND b.blocked_id = f.user_id) THEN 1 ELSE 0 END \
                   + CASE WHEN EXISTS (SELECT FROM blocks b WHERE b.user_id = f.user_id AND b.blocked_id = f.friend_id) THEN 2 ELSE 0 END";
        let wrong: i64 = app.rows(sql, &[]).await[0].get(0);
        assert_eq!(wrong, 0);
        let open =
            "SELECT id FROM friend_requests WHERE status = 1 AND EXISTS (SELECT FROM blocks)";
        assert!(app.rows(open, &[]).await.is_empty());
        ada.delete(&to_bob).await.expect_ok();
        bob.delete(&to_ada).await.expect_ok();
    }
}

/// Gives a user a session on a node that is alive until what is returned is dropped.
async fn online(app: &TestApp, user: &User<'_>) -> AbortOnDropHandle<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let record = NodeRecord {
        node_id: "access-1".parse().unwrap(),
        incarnation: Incarnation(u64::try_from(now.as_millis()).unwrap()),
        draining: false,
        sessions: 1,
        web_transport: None,
        web_socket: None,
    };
    let location = Location {
        node: record.node_id.clone(),
        incarnation: record.incarnation,
        session: SessionId(7),
        platform: Platform::Web,
    };
    let alive = announced(app, record).await;
    let locations = Locations::new(app.redis.clone(), app.keys.clone());
    locations.add(user.id, location).await.unwrap();
    alive
}

/// The next event, of presence: to whom, of whom, and whether they are there.
async fn told(events: &mut Subscription) -> (UserId, UserId, bool) {
    let message = tokio::time::timeout(Duration::from_secs(30), events.next());
    let message = message.await.expect("an event").unwrap();
    let Carrier::UserEvent { user, frame, .. } = bus::decode(message.payload).unwrap() else {
        panic!("another carrier");
    };
    match wire::decode(&frame).unwrap().body {
        Body::PresenceEvent(PresenceEvent {
            user_id, online, ..
        }) => (user, user_id, online),
        other => panic!("another frame: {other:?}"),
    }
}
