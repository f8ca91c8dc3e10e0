//! Requests to become friends.

use std::time::Duration;

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier, Subscription};
use im_shared::ids::UserId;
use im_shared::wire::{self, Body, Code, FriendChange, FriendEvent};
use serde_json::{Value, json};

use crate::app::TestApp;

/// C1.
#[tokio::test]
async fn each_reason_not_to_ask_has_its_own_code() {
    let app = TestApp::start().await;
    let (ada, bob) = app.friends("ada", "bob").await;
    let (eve, tom) = (app.user("eve").await, app.user("tom").await);
    let asked = ada.request(&eve).await;
    assert_eq!(asked.status, 201);

    ada.request(&ada).await.expect(Code::FriendSelf, 400);
    ada.post("/friends/request", json!({"friendId": "999"}))
        .await
        .expect(Code::UserNotFound, 404);
    ada.request(&bob).await.expect(Code::FriendAlready, 409);
    ada.request(&eve)
        .await
        .expect(Code::FriendRequestPending, 409);
    // The other way round too: eve is to answer, not to ask.
    eve.request(&ada)
        .await
        .expect(Code::FriendRequestPending, 409);
    app.execute("UPDATE users SET status = 2 WHERE username = 'tom'", &[])
        .await;
    ada.request(&tom).await.expect(Code::UserNotFound, 404);
    for bad in [
        json!({}),
        json!({"friendId": 7}),
        json!({"friendId": "x"}),
        json!({"friendId": "7", "message": "a\u{0}"}),
    ] {
        ada.post("/friends/request", bad)
            .await
            .expect(Code::InvalidArgument, 400);
    }
}

/// C1: both ask at the same moment, many times over.
#[tokio::test]
async fn of_many_requests_of_a_pair_one_is_pending() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let answers = futures_util::future::join_all((0..10).map(|n| {
        if n % 2 == 0 {
            futures_util::future::Either::Left(ada.request(&bob))
        } else {
            futures_util::future::Either::Right(bob.request(&ada))
        }
    }))
    .await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.expect(Code::FriendRequestPending, 409);
    }
}

#[tokio::test]
async fn both_sides_see_a_request() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = ada.request(&bob).await.expect_ok()["requestId"].clone();
    for (user, direction, other) in [(&bob, "received", &ada), (&ada, "sent", &bob)] {
        let data = user
            .get(&format!("/friends/requests?direction={direction}"))
            .await
            .expect_ok();
        let request = &data["requests"][0];
        assert_eq!(request["id"], id);
        assert_eq!(request["status"], "pending");
        assert_eq!(request["message"], "hello");
        assert_eq!(request["fromUserId"], ada.id.to_string());
        assert_eq!(request["toUserId"], bob.id.to_string());
        assert_eq!(request["user"]["userId"], other.id.to_string());
    }
    assert_eq!(
        ada.get("/friends/requests").await.expect_ok(),
        json!({"requests": [], "nextAfter": null})
    );
    ada.get("/friends/requests?direction=up")
        .await
        .expect(Code::InvalidArgument, 400);
}

/// C2.
#[tokio::test]
async fn accepting_makes_both_directions_once() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let id = ada.request(&bob).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/friends/requests/{id}/accept");
    ada.post(&path, Value::Null)
        .await
        .expect(Code::FriendRequestNotFound, 404);
    eve.post(&path, Value::Null)
        .await
        .expect(Code::FriendRequestNotFound, 404);
    bob.post("/friends/requests/999/accept", Value::Null)
        .await
        .expect(Code::FriendRequestNotFound, 404);

    let answers =
        futures_util::future::join_all((0..5).map(|_| bob.post(&path, Value::Null))).await;
    let accepted: Vec<_> = answers.iter().filter(|answer| answer.code == 0).collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0].data["friend"]["friendId"], ada.id.to_string());
    assert_eq!(accepted[0].data["friend"]["profile"]["nickname"], "ADA");
    for answer in answers.iter().filter(|answer| answer.code != 0) {
        answer.expect(Code::FriendRequestAnswered, 409);
    }
    assert_eq!(ada.friends().await, [bob.id.to_string()]);
    assert_eq!(bob.friends().await, [ada.id.to_string()]);
    bob.post(&format!("/friends/requests/{id}/reject"), Value::Null)
        .await
        .expect(Code::FriendRequestAnswered, 409);
}

/// C2.
#[tokio::test]
async fn a_rejected_request_makes_no_friends_and_may_be_made_again() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = ada.request(&bob).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    bob.post(&format!("/friends/requests/{id}/reject"), Value::Null)
        .await
        .expect_ok();
    assert!(ada.friends().await.is_empty());
    let sent = ada
        .get("/friends/requests?direction=sent")
        .await
        .expect_ok();
    assert_eq!(sent["requests"][0]["status"], "rejected");
    bob.request(&ada).await.expect_ok();
}

/// C2.
#[tokio::test]
async fn an_own_request_is_taken_back_until_it_is_answered() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let mut events = app
        .bus
        .subscribe(app.bus.subjects().user_events())
        .await
        .unwrap();
    app.subscribed().await;
    let ask = async || {
        let id = ada.request(&bob).await.expect_ok()["requestId"].clone();
        format!("/friends/requests/{}", id.as_str().unwrap())
    };
    let path = ask().await;
    assert_eq!(
        next(&mut events, bob.id).await.change,
        FriendChange::Requested
    );
    for other in [&bob, &eve] {
        let answer = other.delete(&path).await;
        answer.expect(Code::FriendRequestNotFound, 404);
    }
    ada.delete(&path).await.expect_ok();
    let event = next(&mut events, bob.id).await;
    assert_eq!(
        (event.change, event.user_id),
        (FriendChange::Cancelled, ada.id)
    );
    ada.delete(&path)
        .await
        .expect(Code::FriendRequestAnswered, 409);
    bob.post(&format!("{path}/accept"), Value::Null)
        .await
        .expect(Code::FriendRequestAnswered, 409);
    let received = bob.get("/friends/requests").await.expect_ok();
    assert_eq!(received["requests"][0]["status"], "cancelled");

    let path = ask().await;
    bob.post(&format!("{path}/accept"), Value::Null)
        .await
        .expect_ok();
    ada.delete(&path)
        .await
        .expect(Code::FriendRequestAnswered, 409);
    assert_eq!(ada.friends().await, [bob.id.to_string()]);
}

/// C1: the newest first, without a hole or a repeat, also while more come.
#[tokio::test]
async fn requests_come_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut asked = Vec::new();
    for n in 0..5 {
        let other = app.user(&format!("other-{n}")).await;
        asked.push(ada.request(&other).await.expect_ok()["requestId"].clone());
    }
    asked.reverse();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/friends/requests?direction=sent&limit=2{after}");
        let page = ada.get(&path).await.expect_ok();
        let requests = page["requests"].as_array().unwrap().iter();
        seen.extend(requests.map(|request| request["id"].clone()));
        if seen.len() == 2 {
            let late = app.user("late").await;
            ada.request(&late).await.expect_ok();
        }
        match page["nextAfter"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, asked);
    for bad in ["limit=0", "limit=201", "after=x", "after=0"] {
        let path = format!("/friends/requests?{bad}");
        let field = bad.split('=').next().unwrap();
        ada.get(&path).await.expect_invalid(field);
    }
}

/// C2: accept, reject, request and delete of a pair race; what is left is whole.
#[tokio::test]
async fn a_pair_never_ends_half() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for _ in 0..5 {
        let answer = ada.request(&bob).await;
        if let Some(id) = answer.data["requestId"].as_str() {
            let (accept, reject) = (
                format!("/friends/requests/{id}/accept"),
                format!("/friends/requests/{id}/reject"),
            );
            let cancel = format!("/friends/requests/{id}");
            let (ada_path, bob_path) = (
                format!("/friends/{}", bob.id),
                format!("/friends/{}", ada.id),
            );
            tokio::join!(
                bob.post(&accept, Value::Null),
                bob.post(&reject, Value::Null),
                ada.delete(&cancel),
                ada.delete(&ada_path),
                bob.delete(&bob_path),
                bob.request(&ada),
            );
        }
        let directions = app
            .rows("SELECT user_id FROM friends WHERE deleted = 0", &[])
            .await
            .len();
        assert!(directions == 0 || directions == 2, "{directions}");
        let pending = app
            .rows("SELECT id FROM friend_requests WHERE status = 1", &[])
            .await
            .len();
        assert!(
            directions == 0 || pending == 0,
            "friends with a pending request"
        );
        // The next round begins anew.
        app.execute("UPDATE friends SET deleted = 1", &[]).await;
        app.execute(
            "UPDATE friend_requests SET status = 3 WHERE status = 1",
            &[],
        )
        .await;
    }
}

/// C4.
#[tokio::test]
async fn the_peer_is_told_after_the_commit() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let mut events = app
        .bus
        .subscribe(app.bus.subjects().user_events())
        .await
        .unwrap();
    app.subscribed().await;

    let id = ada.request(&bob).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    let event = next(&mut events, bob.id).await;
    assert_eq!(
        (event.change, event.user_id),
        (FriendChange::Requested, ada.id)
    );
    assert_eq!(
        (event.request_id.to_string(), event.message.as_str()),
        (id.clone(), "hello")
    );
    bob.post(&format!("/friends/requests/{id}/accept"), Value::Null)
        .await
        .expect_ok();
    let event = next(&mut events, ada.id).await;
    assert_eq!(
        (event.change, event.user_id, event.request_id.to_string()),
        (FriendChange::Accepted, bob.id, id)
    );
    ada.delete(&format!("/friends/{}", bob.id))
        .await
        .expect_ok();
    let event = next(&mut events, bob.id).await;
    assert_eq!(
        (event.change, event.user_id),
        (FriendChange::Deleted, ada.id)
    );
    let id = bob.request(&ada).await.expect_ok()["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        next(&mut events, ada.id).await.change,
        FriendChange::Requested
    );
    ada.post(&format!("/friends/requests/{id}/reject"), Value::Null)
        .await
        .expect_ok();
    let event = next(&mut events, bob.id).await;
    assert_eq!(
        (event.change, event.user_id),
        (FriendChange::Rejected, ada.id)
    );

    // Nobody hears of what was refused.
    ada.request(&ada).await.expect(Code::FriendSelf, 400);
    bob.request(&ada).await.expect_ok();
    assert_eq!(
        next(&mut events, ada.id).await.change,
        FriendChange::Requested
    );
}

/// The next event, which must be for `user`.
async fn next(events: &mut Subscription, user: UserId) -> FriendEvent {
    let message = tokio::time::timeout(Duration::from_secs(30), events.next())
        .await
        .expect("an event")
        .unwrap();
    assert!(
        message.subject.ends_with(&format!(".user.{user}.event")),
        "{}",
        message.subject
    );
    let Carrier::UserEvent {
        user: addressed,
        frame,
        ..
    } = bus::decode(message.payload).unwrap()
    else {
        panic!("another carrier");
    };
    assert_eq!(addressed, user);
    let frame = wire::decode(&frame).unwrap();
    assert!(frame.request_id.is_push());
    let Body::FriendEvent(event) = frame.body else {
        panic!("another frame: {:?}", frame.body);
    };
    event
}
