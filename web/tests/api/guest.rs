//! Guests, and the world chat.

use std::collections::BTreeSet;
use std::time::SystemTime;

use im_shared::ids::{ConversationId, SignInId, UserId};
use im_shared::tokens::{AccountKind, Subject};
use im_shared::wire::Code;
use im_web::{openapi, routes};
use serde_json::{Value, json};

use crate::actors::{Answer, User};
use crate::app::{TestApp, subject_of};
use crate::{logic, tokens};

const TEXT: i16 = 1;

/// What a guest may do with a token. Everything else that asks for one is refused.
const FOR_GUESTS: [(&str, &str); 9] = [
    ("GET", "/api/v1/conversations"),
    ("GET", "/api/v1/conversations/{id}"),
    ("GET", "/api/v1/conversations/{id}/messages"),
    ("GET", "/api/v1/files/{fileId}"),
    ("GET", "/api/v1/user/profile"),
    ("GET", "/api/v1/user/{id}"),
    ("POST", "/api/v1/auth/logout"),
    ("POST", "/api/v1/auth/upgrade"),
    ("POST", "/api/v1/conversations/{id}/read"),
];

pub(crate) async fn arrive(app: &TestApp) -> Value {
    let body = json!({"deviceId": "phone-1", "platform": "ios"});
    app.post("/auth/guest", body).await.expect_ok()
}

pub(crate) fn signed_in<'a>(app: &'a TestApp, pair: &Value) -> User<'a> {
    User {
        app,
        id: pair["userId"].as_str().unwrap().parse().unwrap(),
        token: pair["accessToken"].as_str().unwrap().to_owned(),
    }
}

pub(crate) fn kind(app: &TestApp, pair: &Value) -> (UserId, AccountKind) {
    let token = pair["accessToken"].as_str().unwrap();
    let claims = app.verifier.verify(token).unwrap();
    (claims.user, claims.kind)
}

/// B11.
#[tokio::test]
async fn one_call_without_registration_gives_a_token() {
    let app = TestApp::start().await;
    let body = json!({"deviceId": "phone-1", "platform": "ios", "nickname": "  Visitor "});
    let answer = app.post("/auth/guest", body).await;
    assert_eq!(answer.status, 201);
    let pair = answer.expect_ok();
    let guest = signed_in(&app, &pair);
    assert_eq!(kind(&app, &pair), (guest.id, AccountKind::Guest));
    let claims = app.verifier.verify(&guest.token).unwrap();
    assert_eq!(claims.device, "phone-1");
    assert_eq!(
        claims.expires_at_millis(),
        pair["expiresAt"].as_u64().unwrap()
    );
    let profile = guest.get("/user/profile").await.expect_ok();
    assert_eq!(profile["nickname"], "Visitor");
    assert_eq!(profile["username"], format!("guest-{}", guest.id));
}

/// B11: a guest without a name gets one, and the next one is somebody else.
#[tokio::test]
async fn each_arrival_is_a_new_guest_with_a_name() {
    let app = TestApp::start().await;
    let (one, other) = (arrive(&app).await, arrive(&app).await);
    assert_ne!(one["userId"], other["userId"]);
    let profile = signed_in(&app, &one).get("/user/profile").await.expect_ok();
    let number = profile["nickname"].as_str().unwrap().strip_prefix("Guest ");
    assert!(number.unwrap().parse::<u16>().is_ok(), "{profile}");
    for bad in [
        json!({"platform": "ios"}),
        json!({"deviceId": "", "platform": "ios"}),
        json!({"deviceId": "d", "platform": "fridge"}),
        json!({"deviceId": "d", "platform": "ios", "nickname": "a\nb"}),
        json!({"deviceId": "d", "platform": "ios", "nickname": "x".repeat(65)}),
    ] {
        let answer = app.post("/auth/guest", bad).await;
        answer.expect(Code::InvalidArgument, 400);
    }
}

/// B11, B3: a guest comes back by the refresh token and stays a guest.
#[tokio::test]
async fn a_refresh_keeps_the_kind_of_the_account() {
    let app = TestApp::start().await;
    let pair = arrive(&app).await;
    let refresh = json!({"refreshToken": pair["refreshToken"]});
    let next = app.post("/auth/refresh", refresh).await.expect_ok();
    assert_eq!(kind(&app, &next), kind(&app, &pair));

    let account = json!({"username": "ada", "password": "correct horse"});
    app.post("/auth/register", account.clone())
        .await
        .expect_ok();
    let login =
        json!({"username": "ada", "password": "correct horse", "deviceId": "d", "platform": "web"});
    let pair = app.post("/auth/login", login).await.expect_ok();
    let refresh = json!({"refreshToken": pair["refreshToken"]});
    let next = app.post("/auth/refresh", refresh).await.expect_ok();
    assert_eq!(kind(&app, &pair).1, AccountKind::User);
    assert_eq!(kind(&app, &next), kind(&app, &pair));
}

/// B11: no password signs a guest in, and nobody registers under such a name.
#[tokio::test]
async fn a_guest_has_no_password() {
    let app = TestApp::start().await;
    let guest = signed_in(&app, &arrive(&app).await);
    let username = format!("guest-{}", guest.id);
    for password in ["", "correct horse"] {
        let login =
            json!({"username": username, "password": password, "deviceId": "d", "platform": "web"});
        let answer = app.post("/auth/login", login).await;
        answer.expect(Code::WrongCredentials, 401);
    }
    let account = json!({"username": "guest-12", "password": "correct horse"});
    let answer = app.post("/auth/register", account).await;
    answer.expect(Code::UsernameInvalid, 400);
}

/// B12: every route that asks for a token, with a guest's and with a registered user's.
#[tokio::test]
async fn a_guest_is_refused_where_the_document_says_so() {
    let app = TestApp::start().await;
    let guest = signed_in(&app, &arrive(&app).await);
    let ada = app.user("ada").await;
    let document: Value = serde_json::from_str(&openapi::text().unwrap()).unwrap();
    let mut admitted = BTreeSet::new();
    for route in routes::all() {
        let method = route.method.as_str();
        let operation = &document["paths"][route.path][method.to_lowercase()];
        // Operators are another matter: `admin::no_operator_no_route`.
        if operation["security"].is_null() || route.path.starts_with("/api/v1/admin/") {
            continue;
        }
        let path = tokens::filled(route.path);
        let call = |token: &str| {
            let request = app
                .http
                .request(route.method.clone(), format!("{}{path}", app.url));
            Answer::of(request.bearer_auth(token).json(&json!({})))
        };
        let refused = operation["responses"]["403"]["description"].as_str();
        let refuses = |whom: &str| {
            refused.is_some_and(|text| text.starts_with(&format!("Forbidden for a {whom}")))
        };
        // A sign-in for each call: some of them end it.
        let token = |user: &User<'_>, kind: AccountKind| {
            let sign_in = SignInId(app.id().unsigned_abs());
            let subject = Subject {
                kind,
                sign_in,
                ..subject_of(user.id, "d")
            };
            app.signer.sign(&subject, SystemTime::now()).unwrap().token
        };
        let answer = call(&token(&guest, AccountKind::Guest)).await;
        if refuses("guest") {
            answer.expect(Code::Forbidden, 403);
        } else {
            assert_ne!(answer.code, Code::Forbidden.0, "{method} {path}");
            admitted.insert((method.to_owned(), route.path));
        }
        let answer = call(&token(&ada, AccountKind::User)).await;
        let for_guests_only = answer.code == Code::Forbidden.0;
        assert_eq!(
            for_guests_only,
            refuses("registered user"),
            "{method} {path}"
        );
    }
    let expected = FOR_GUESTS.map(|(method, path)| (method.to_owned(), path));
    assert_eq!(admitted, BTreeSet::from(expected));
}

/// B12: nobody finds a guest or asks one to be friends, but whoever reads the world chat learns the name.
#[tokio::test]
async fn others_see_of_a_guest_the_profile_only() {
    let app = TestApp::start().await;
    let guest = signed_in(&app, &arrive(&app).await);
    let ada = app.user("ada").await;
    for q in ["guest-", "Guest"] {
        let found = ada.get(&format!("/user/search?q={q}")).await.expect_ok();
        assert_eq!(found, json!({"users": []}), "{q}");
    }
    ada.request(&guest).await.expect(Code::UserNotFound, 404);
    let profile = ada.get(&format!("/user/{}", guest.id)).await.expect_ok();
    assert_eq!(profile["userId"], guest.id.to_string());
    let profile = guest.get(&format!("/user/{}", ada.id)).await.expect_ok();
    assert_eq!(profile["nickname"], "ADA");
}

/// B11: guests and registered users read the same world chat, which no list holds.
#[tokio::test]
async fn the_world_chat_is_open_to_everybody_signed_in() {
    let app = TestApp::start().await;
    let guest = signed_in(&app, &arrive(&app).await);
    let ada = app.user("ada").await;
    let empty = guest.get("/conversations/1").await.expect_ok();
    assert_eq!(
        (&empty["id"], &empty["type"]),
        (&json!("1"), &json!("world"))
    );
    assert_eq!(
        (&empty["peer"], &empty["lastMessage"]),
        (&Value::Null, &Value::Null)
    );

    logic::append(&app, ConversationId::WORLD, guest.id, TEXT, "hello").await;
    logic::append(&app, ConversationId::WORLD, ada.id, TEXT, "welcome").await;
    for reader in [&guest, &ada] {
        let one = reader.get("/conversations/1").await.expect_ok();
        assert_eq!(
            (&one["tipSeq"], &one["unreadCount"]),
            (&json!(2), &json!(0))
        );
        assert_eq!(one["lastMessage"]["content"], "welcome");
        let read = reader.get("/conversations/1/messages").await.expect_ok();
        assert_eq!(read["messages"][0]["senderId"], guest.id.to_string());
        assert_eq!(read["messages"][1]["seq"], 2);
        let list = reader.get("/conversations").await.expect_ok();
        let none = json!({"conversations": [], "totalUnread": 0, "nextCursor": null});
        assert_eq!(list, none);
    }
    for path in ["/conversations/1", "/conversations/1/messages"] {
        app.get(path).await.expect(Code::Unauthenticated, 401);
    }
}

/// B12, D8: the world chat is the only conversation that a guest can see.
#[tokio::test]
async fn a_guest_does_not_read_what_others_say_in_private() {
    let app = TestApp::start().await;
    let guest = signed_in(&app, &arrive(&app).await);
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::conversation(&app, ada.id, bob.id).await;
    for path in [
        format!("/conversations/{id}"),
        format!("/conversations/{id}/messages"),
    ] {
        guest.get(&path).await.expect(Code::NotMember, 403);
    }
}
