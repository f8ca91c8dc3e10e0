//! That each command about a group reaches logic as it was meant, and what logic says reaches the caller.

use std::sync::{Arc, Mutex};

use im_shared::ids::SessionId;
use im_shared::wire::{
    Body, Code, Done, GroupAnswer, GroupCreate, GroupDissolve, GroupInvite, GroupJoin, GroupLeave,
    GroupRemove, GroupRole, GroupSilence, GroupTransfer, GroupUpdate, JoinPolicy, Role,
};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::TestApp;
use crate::logic;

/// E1, D13: every command comes in the caller's name, whole, with the key of the request.
#[tokio::test]
async fn each_command_reaches_logic_as_it_was_meant() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let conversation_id = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    let client_message_id = Uuid::now_v7();
    let (caller, user_id) = (ada.id, bob.id);
    let came = Arc::new(Mutex::new(Vec::new()));
    let _logic = logic::obey(&app, {
        let came = came.clone();
        move |origin, body| {
            assert_eq!((origin.session, origin.user), (SessionId(0), caller));
            assert!(!origin.guest);
            came.lock().unwrap().push(body);
            logic::event(conversation_id)
        }
    })
    .await;

    let bob_id = bob.id.to_string();
    let group = format!("/groups/{conversation_id}");
    let member = format!("{group}/members/{bob_id}");
    let new_group = json!({"name": "Tea", "avatar": "/tea.png", "description": "At five", "joinPolicy": "approval", "historyOpen": true,
                           "memberIds": [bob_id]});
    let sent: Vec<(Method, String, Value, Body)> = vec![
        (
            Method::POST,
            "/groups".to_owned(),
            new_group,
            GroupCreate {
                client_message_id,
                name: "Tea".into(),
                avatar: "/tea.png".into(),
                description: "At five".into(),
                join_policy: JoinPolicy::Approval,
                history_open: true,
                member_ids: vec![user_id],
            }
            .into(),
        ),
        (
            Method::POST,
            "/groups".to_owned(),
            json!({"name": "Tea"}),
            GroupCreate {
                client_message_id,
                name: "Tea".into(),
                join_policy: JoinPolicy::Invite,
                ..GroupCreate::default()
            }
            .into(),
        ),
        (
            Method::PATCH,
            group.clone(),
            json!({"description": "", "silenced": false, "joinPolicy": "free"}),
            GroupUpdate {
                conversation_id,
                client_message_id,
                description: Some(String::new()),
                silenced: Some(false),
                join_policy: Some(JoinPolicy::Free),
                ..GroupUpdate::default()
            }
            .into(),
        ),
        (
            Method::PUT,
            format!("{group}/owner"),
            json!({"userId": bob_id}),
            GroupTransfer {
                conversation_id,
                client_message_id,
                user_id,
            }
            .into(),
        ),
        (
            Method::POST,
            format!("{group}/members"),
            json!({"userIds": [bob_id]}),
            GroupInvite {
                conversation_id,
                client_message_id,
                user_ids: vec![user_id],
            }
            .into(),
        ),
        (
            Method::PATCH,
            member.clone(),
            json!({"role": "admin"}),
            GroupRole {
                conversation_id,
                client_message_id,
                user_id,
                role: Role::Admin,
            }
            .into(),
        ),
        (
            Method::PATCH,
            member.clone(),
            json!({"role": "member"}),
            GroupRole {
                conversation_id,
                client_message_id,
                user_id,
                role: Role::Member,
            }
            .into(),
        ),
        (
            Method::PATCH,
            member.clone(),
            json!({"silencedUntil": 1_900_000_000_000_i64}),
            GroupSilence {
                conversation_id,
                client_message_id,
                user_id,
                until: 1_900_000_000_000,
            }
            .into(),
        ),
        (
            Method::PATCH,
            member.clone(),
            json!({"silencedUntil": 0}),
            GroupSilence {
                conversation_id,
                client_message_id,
                user_id,
                until: 0,
            }
            .into(),
        ),
        (
            Method::DELETE,
            member.clone(),
            json!(null),
            GroupRemove {
                conversation_id,
                client_message_id,
                user_id,
            }
            .into(),
        ),
        (
            Method::DELETE,
            format!("{group}/members/{}", ada.id),
            json!(null),
            GroupLeave {
                conversation_id,
                client_message_id,
            }
            .into(),
        ),
        (
            Method::POST,
            format!("{group}/join"),
            json!({"message": " May I? "}),
            GroupJoin {
                conversation_id,
                client_message_id,
                message: "May I?".into(),
            }
            .into(),
        ),
        (
            Method::PUT,
            format!("{group}/requests/{bob_id}"),
            json!({"accept": true}),
            GroupAnswer {
                conversation_id,
                client_message_id,
                user_id,
                accept: true,
            }
            .into(),
        ),
        (
            Method::DELETE,
            group.clone(),
            json!(null),
            GroupDissolve {
                conversation_id,
                client_message_id,
            }
            .into(),
        ),
    ];
    for (method, path, body, expected) in sent {
        let request = app.http.request(method.clone(), app.api(&path)).json(&body);
        let answer = ada
            .send(request.header("Idempotency-Key", client_message_id.to_string()))
            .await;
        let created = method == Method::POST && path == "/groups";
        assert_eq!(
            answer.status,
            if created { 201 } else { 200 },
            "{method} {path}: {answer:?}"
        );
        assert_eq!(
            came.lock().unwrap().pop(),
            Some(expected),
            "{method} {path}"
        );
        assert!(came.lock().unwrap().is_empty());
    }
}

/// J7: without a key each request is a new one; what is no UUIDv7 is refused before logic sees it.
#[tokio::test]
async fn a_request_without_a_key_gets_one_of_its_own() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let id = logic::group(&app, "Tea", &[ada.id]).await;
    let keys = Arc::new(Mutex::new(Vec::new()));
    let _logic = logic::obey(&app, {
        let keys = keys.clone();
        move |_, body| {
            let Body::GroupCreate(create) = body else {
                panic!("{body:?}")
            };
            keys.lock().unwrap().push(create.client_message_id);
            logic::event(id)
        }
    })
    .await;
    for _ in 0..2 {
        ada.post("/groups", json!({"name": "Tea"}))
            .await
            .expect_ok();
    }
    for bad in ["x", "", &Uuid::new_v4().to_string()] {
        let request = app
            .http
            .post(app.api("/groups"))
            .json(&json!({"name": "Tea"}));
        let answer = ada.send(request.header("Idempotency-Key", bad)).await;
        answer.expect(Code::InvalidArgument, 400);
    }
    let keys = keys.lock().unwrap().clone();
    assert_eq!(keys.len(), 2);
    assert!(keys[0] != keys[1] && keys.iter().all(|key| key.get_version_num() == 7));
}

/// E1: what logic refuses keeps its code, and what it leaves to others is 202.
#[tokio::test]
async fn a_refusal_and_a_wait_for_the_admins_are_told() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let id = logic::group(&app, "Tea", &[ada.id]).await;
    let refusals = [
        (Code::NotPermitted, 403),
        (Code::InviteOnly, 403),
        (Code::GroupFull, 409),
        (Code::AlreadyMember, 409),
        (Code::JoinRequestPending, 409),
        (Code::GroupDissolved, 410),
        (Code::RetryLater, 503),
    ];
    let mut replies = refusals.map(|(code, _)| logic::refusal(code)).into_iter();
    let _logic = logic::obey(&app, move |_, _| replies.next().unwrap_or(Done {}.into())).await;
    let path = format!("/groups/{id}/join");
    let join = || ada.post(&path, json!({}));
    for (code, status) in refusals {
        join().await.expect(code, status);
    }
    let asked = join().await;
    assert_eq!(asked.status, 202);
    assert_eq!(asked.expect_ok(), json!({}));
    let invited = ada
        .post(&format!("/groups/{id}/members"), json!({"userIds": ["7"]}))
        .await;
    assert_eq!(invited.status, 202);
}

/// E1: what cannot be meant is refused before logic sees it: there is none here.
#[tokio::test]
async fn a_change_of_a_member_is_exactly_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let id = logic::group(&app, "Tea", &[ada.id]).await;
    let member = format!("/groups/{id}/members/7");
    for bad in [
        json!({}),
        json!({"role": "admin", "silencedUntil": 0}),
        json!({"role": "owner"}),
        json!({"silencedUntil": -1}),
        json!({"silencedUntil": i64::MAX}),
    ] {
        ada.patch(&member, bad)
            .await
            .expect(Code::InvalidArgument, 400);
    }
    let long = json!({"name": "x", "description": "x".repeat(65_490)});
    let answer = ada.post("/groups", long).await;
    answer.expect(Code::FrameTooLarge, 413);
}
