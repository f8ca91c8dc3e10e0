//! The list of friends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::ids::{Incarnation, SessionId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::NodeRecord;
use im_shared::testing::wait_until;
use im_shared::wire::{Code, Platform};
use serde_json::json;

use crate::access::announced;
use crate::app::TestApp;

/// C3.
#[tokio::test]
async fn the_list_tells_everything_about_a_friend() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let data = ada.get("/friends").await.expect_ok();
    let friend = &data["friends"][0];
    assert_eq!(friend["userId"], ada.id.to_string());
    assert_eq!(friend["friendId"], bob.id.to_string());
    assert!(friend["id"].is_string());
    assert!(friend["createdAt"].is_i64());
    assert_eq!(friend["remark"], "");
    assert_eq!(friend["online"], false);
    assert_eq!(
        friend["profile"],
        json!({"userId": bob.id.to_string(), "username": "bob", "nickname": "BOB", "avatar": ""})
    );
}

/// C2.
#[tokio::test]
async fn a_deleted_friend_can_be_added_again() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    ada.put(
        &format!("/friends/{}/remark", bob.id),
        json!({"remark": "Bobby"}),
    )
    .await
    .expect_ok();
    ada.delete(&format!("/friends/{}", bob.id))
        .await
        .expect_ok();
    assert!(ada.friends().await.is_empty());
    assert!(bob.friends().await.is_empty());
    ada.delete(&format!("/friends/{}", bob.id))
        .await
        .expect(Code::NotFriends, 403);

    let id = bob.request(&ada).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    ada.post(&format!("/friends/requests/{id}/accept"), json!(null))
        .await
        .expect_ok();
    assert_eq!(bob.friends().await, [ada.id.to_string()]);
    let data = ada.get("/friends").await.expect_ok();
    assert_eq!(data["friends"][0]["friendId"], bob.id.to_string());
    // As new: the old remark is gone.
    assert_eq!(data["friends"][0]["remark"], "");
}

#[tokio::test]
async fn a_remark_is_seen_by_who_made_it_only() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let eve = app.user("eve").await;
    ada.put(
        &format!("/friends/{}/remark", bob.id),
        json!({"remark": " Bobby "}),
    )
    .await
    .expect_ok();
    assert_eq!(
        ada.get("/friends").await.expect_ok()["friends"][0]["remark"],
        "Bobby"
    );
    assert_eq!(
        bob.get("/friends").await.expect_ok()["friends"][0]["remark"],
        ""
    );
    eve.put(
        &format!("/friends/{}/remark", bob.id),
        json!({"remark": "x"}),
    )
    .await
    .expect(Code::NotFriends, 403);
    let long = json!({"remark": "x".repeat(65)});
    ada.put(&format!("/friends/{}/remark", bob.id), long)
        .await
        .expect(Code::InvalidArgument, 400);
    ada.put("/friends/abc/remark", json!({"remark": "x"}))
        .await
        .expect(Code::InvalidArgument, 400);
}

/// F5: online means a session on a node that is alive.
#[tokio::test]
async fn a_friend_with_a_live_session_is_online() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let location = Location {
        node: "access-1".parse().unwrap(),
        incarnation: Incarnation(u64::try_from(now).unwrap()),
        session: SessionId(7),
        platform: Platform::Web,
    };
    let locations = Locations::new(app.redis.clone(), app.keys.clone());
    let dead = Location {
        incarnation: Incarnation(1),
        platform: Platform::Ios,
        ..location.clone()
    };
    locations.add(bob.id, dead).await.unwrap();
    assert_eq!(
        ada.get("/friends").await.expect_ok()["friends"][0]["online"],
        false
    );

    let record = NodeRecord {
        node_id: location.node.clone(),
        incarnation: location.incarnation,
        draining: false,
        sessions: 1,
        web_transport: None,
        web_socket: None,
    };
    let _alive = announced(&app, record).await;
    locations.add(bob.id, location).await.unwrap();
    let online = async || ada.get("/friends").await.expect_ok()["friends"][0]["online"] == true;
    wait_until(online, Duration::from_secs(30)).await;
}

/// C3: by name, without a hole or a repeat, whatever the names are.
#[tokio::test]
async fn friends_come_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (n, nickname) in ["zoe", "Bob", "bob", "émile", "", "日本", "Adam"]
        .iter()
        .enumerate()
    {
        let other = app.user(&format!("other-{n}")).await;
        let rename = "UPDATE users SET nickname = $2 WHERE id = $1";
        app.execute(rename, &[&other.id.to_sql(), nickname]).await;
        let sql = "INSERT INTO friends (id, user_id, friend_id) VALUES ($1, $2, $3)";
        let (own, friend) = (ada.id.to_sql(), other.id.to_sql());
        app.execute(sql, &[&app.id(), &own, &friend]).await;
    }
    let all = ada.friends().await;
    assert_eq!(all.len(), 7);
    for limit in [1, 2, 3, 7] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/friends?limit={limit}{cursor}");
            let page = ada.get(&path).await.expect_ok();
            let friends = page["friends"].as_array().unwrap();
            assert!(friends.len() <= limit);
            let ids = friends.iter().map(|friend| friend["friendId"].as_str());
            seen.extend(ids.map(|id| id.unwrap().to_owned()));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, all, "{limit}");
    }
    for bad in ["limit=0", "limit=501", "cursor=x", "cursor="] {
        let field = bad.split('=').next().unwrap();
        let answer = ada.get(&format!("/friends?{bad}")).await;
        answer.expect_invalid(field);
    }
}
