//! A guest who registers.

use im_shared::ids::ConversationId;
use im_shared::tokens::AccountKind;
use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::actors::User;
use crate::app::TestApp;
use crate::guest::{arrive, kind, signed_in};
use crate::logic;

fn account(username: &str) -> Value {
    json!({"username": username, "password": "correct horse"})
}

async fn refresh(app: &TestApp, pair: &Value) -> crate::actors::Answer {
    let body = json!({"refreshToken": pair["refreshToken"]});
    app.post("/auth/refresh", body).await
}

/// B11: the id, and with it what was said, stays; the name may too.
#[tokio::test]
async fn a_guest_becomes_a_user_with_the_same_id() {
    let app = TestApp::start().await;
    let arrived = arrive(&app).await;
    let guest = signed_in(&app, &arrived);
    let before = guest.get("/user/profile").await.expect_ok();
    logic::append(&app, ConversationId::WORLD, guest.id, 1, "hello").await;

    let body = json!({"username": "Ada", "password": "correct horse", "email": "ada@example.org"});
    let answer = guest.post("/auth/upgrade", body).await;
    assert_eq!(answer.status, 200);
    let pair = answer.expect_ok();
    assert_eq!(kind(&app, &pair), (guest.id, AccountKind::User));
    let claims = app.verifier.verify(pair["accessToken"].as_str().unwrap());
    assert_eq!(claims.unwrap().device, "phone-1", "the device of the guest");

    let ada = signed_in(&app, &pair);
    let profile = ada.get("/user/profile").await.expect_ok();
    assert_eq!(profile["username"], "ada");
    assert_eq!(profile["nickname"], before["nickname"]);
    assert_eq!(profile["email"], "ada@example.org");
    ada.get("/friends").await.expect_ok();
    let login =
        json!({"username": "ada", "password": "correct horse", "deviceId": "d", "platform": "web"});
    let login = app.post("/auth/login", login).await.expect_ok();
    assert_eq!(kind(&app, &login), (guest.id, AccountKind::User));
    let bob = app.user("bob").await;
    let found = bob.get("/user/search?q=ada").await.expect_ok();
    assert_eq!(found["users"][0]["userId"], guest.id.to_string());
    let world = ada.get("/conversations/1/messages").await.expect_ok();
    assert_eq!(world["messages"][0]["senderId"], guest.id.to_string());
}

/// B3, B7, B11: the tokens of the guest are dead, and using them does not end the user's family.
#[tokio::test]
async fn the_tokens_of_the_guest_end() {
    let app = TestApp::start().await;
    let arrived = arrive(&app).await;
    let next = refresh(&app, &arrived).await.expect_ok();
    let guest = signed_in(&app, &next);
    let body = json!({"username": "ada", "password": "correct horse", "nickname": "Ada L"});
    let pair = guest.post("/auth/upgrade", body).await.expect_ok();
    for old in [&arrived, &next] {
        let answer = refresh(&app, old).await;
        answer.expect(Code::TokenRevoked, 401);
    }
    let answer = guest.get("/user/profile").await;
    answer.expect(Code::TokenRevoked, 401);
    let profile = signed_in(&app, &pair)
        .get("/user/profile")
        .await
        .expect_ok();
    assert_eq!(profile["nickname"], "Ada L");
    let renewed = refresh(&app, &pair).await.expect_ok();
    assert_eq!(kind(&app, &renewed), (guest.id, AccountKind::User));
}

/// B1, B11
#[tokio::test]
async fn what_is_wrong_with_the_account_is_told_and_the_guest_stays_one() {
    let app = TestApp::start().await;
    let arrived = arrive(&app).await;
    let guest = signed_in(&app, &arrived);
    app.user("taken").await;
    for (body, code, status) in [
        (account("taken"), Code::UsernameTaken, 409),
        (account("guest-7"), Code::UsernameInvalid, 400),
        (
            json!({"username": "ada", "password": "short"}),
            Code::PasswordInvalid,
            400,
        ),
        (
            json!({"username": "ada", "password": "correct horse", "email": "x"}),
            Code::InvalidArgument,
            400,
        ),
        (json!({"username": "ada"}), Code::InvalidArgument, 400),
    ] {
        let answer = guest.post("/auth/upgrade", body).await;
        answer.expect(code, status);
    }
    let next = refresh(&app, &arrived).await.expect_ok();
    assert_eq!(kind(&app, &next), (guest.id, AccountKind::Guest));
}

/// B11, B12
#[tokio::test]
async fn who_is_registered_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let answer = ada.post("/auth/upgrade", account("other")).await;
    answer.expect(Code::Forbidden, 403);
    let guest = signed_in(&app, &arrive(&app).await);
    guest
        .post("/auth/upgrade", account("bob"))
        .await
        .expect_ok();
    let answer = guest.post("/auth/upgrade", account("carol")).await;
    answer.expect(Code::TokenRevoked, 401);
    app.post("/auth/upgrade", account("dora"))
        .await
        .expect(Code::Unauthenticated, 401);
}

/// B11: one account, whose name and tokens belong together.
#[tokio::test]
async fn of_upgrades_at_the_same_moment_one_wins() {
    let app = TestApp::start().await;
    let guest = signed_in(&app, &arrive(&app).await);
    let names = ["ada", "bob", "carol", "dora"];
    let upgrade = |name| guest.post("/auth/upgrade", account(name));
    let answers = futures_util::future::join_all(names.map(upgrade)).await;
    let won: Vec<&str> = names
        .into_iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.code == 0)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.code != 0) {
        // Who comes when it is done is refused for the token, which has ended with the guest.
        if answer.code == Code::TokenRevoked.0 {
            answer.expect(Code::TokenRevoked, 401);
        } else {
            answer.expect(Code::Forbidden, 403);
        }
    }
    let pair = answers.into_iter().find(|answer| answer.code == 0).unwrap();
    let user = signed_in(&app, &pair.data);
    let profile = user.get("/user/profile").await.expect_ok();
    assert_eq!(profile["username"], won[0]);
    let good = "SELECT id FROM refresh_tokens WHERE user_id = $1 AND status = 1";
    assert_eq!(app.rows(good, &[&guest.id.to_sql()]).await.len(), 1);
}

/// B1, B11: two guests want the same name.
#[tokio::test]
async fn of_guests_who_want_one_name_at_the_same_moment_one_gets_it() {
    let app = TestApp::start().await;
    let guests: Vec<User<'_>> = futures_util::future::join_all((0..4).map(|_| arrive(&app)))
        .await
        .iter()
        .map(|pair| signed_in(&app, pair))
        .collect();
    let upgrade = |guest| User::post(guest, "/auth/upgrade", account("ada"));
    let answers = futures_util::future::join_all(guests.iter().map(upgrade)).await;
    let won = answers.iter().filter(|answer| answer.code == 0).count();
    assert_eq!(won, 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.code != 0) {
        answer.expect(Code::UsernameTaken, 409);
    }
}
