//! Register, login, logout.

use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::app::TestApp;

const PASSWORD: &str = "correct horse";

pub(crate) async fn register(app: &TestApp, username: &str) -> crate::actors::Answer {
    app.post(
        "/auth/register",
        json!({"username": username, "password": PASSWORD}),
    )
    .await
}

pub(crate) async fn login(app: &TestApp, username: &str, device: &str) -> Value {
    let body =
        json!({"username": username, "password": PASSWORD, "deviceId": device, "platform": "web"});
    app.post("/auth/login", body).await.expect_ok()
}

pub(crate) async fn refresh(app: &TestApp, token: &Value) -> crate::actors::Answer {
    app.post("/auth/refresh", json!({"refreshToken": token}))
        .await
}

/// B1, B2, B15.
#[tokio::test]
async fn a_registered_user_signs_in_and_reads_their_profile() {
    let app = TestApp::start().await;
    let body = json!({"username": "Ada", "password": PASSWORD, "nickname": "Ada L", "phone": "+44 1", "email": "ada@example.org"});
    let answer = app.post("/auth/register", body).await;
    assert_eq!(answer.status, 201);
    let id = answer.expect_ok()["userId"].clone();

    let pair = login(&app, "aDA", "laptop").await;
    assert_eq!(pair["userId"], id);
    assert!(pair["expiresAt"].is_i64());
    let token = pair["accessToken"].as_str().unwrap();
    let profile =
        crate::actors::Answer::of(app.http.get(app.api("/user/profile")).bearer_auth(token))
            .await
            .expect_ok();
    assert_eq!(profile["userId"], id);
    assert_eq!(profile["username"], "ada");
    assert_eq!(profile["nickname"], "Ada L");
    assert_eq!(profile["email"], "ada@example.org");
    assert_eq!(profile["phone"], "+44 1");
}

/// B1.
#[tokio::test]
async fn of_many_who_register_a_name_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let answers = futures_util::future::join_all((0..6).map(|_| register(&app, "ada"))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.expect(Code::UsernameTaken, 409);
    }
    assert_eq!(app.rows("SELECT id FROM users", &[]).await.len(), 1);
    register(&app, "ADA").await.expect(Code::UsernameTaken, 409);
}

/// B1, B6.
#[tokio::test]
async fn what_cannot_be_an_account_is_refused() {
    let app = TestApp::start().await;
    let long = "x".repeat(72);
    for (body, code) in [
        (
            json!({"username": "ab", "password": PASSWORD}),
            Code::UsernameInvalid,
        ),
        (
            json!({"username": "a b", "password": PASSWORD}),
            Code::UsernameInvalid,
        ),
        (
            json!({"username": "ada", "password": "short"}),
            Code::PasswordInvalid,
        ),
        (
            json!({"username": "ada", "password": long}),
            Code::PasswordInvalid,
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "nickname": "x".repeat(65)}),
            Code::InvalidArgument,
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "nickname": "a\u{0}b"}),
            Code::InvalidArgument,
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "email": "nowhere"}),
            Code::InvalidArgument,
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "phone": "call me"}),
            Code::InvalidArgument,
        ),
        (
            json!({"username": 7, "password": PASSWORD}),
            Code::InvalidArgument,
        ),
        (json!({"password": PASSWORD}), Code::InvalidArgument),
    ] {
        app.post("/auth/register", body).await.expect(code, 400);
    }
    assert!(app.rows("SELECT id FROM users", &[]).await.is_empty());
}

/// B6: the stored form is bcrypt of cost 10, and a password of 71 bytes counts to its last byte.
#[tokio::test]
async fn a_password_counts_to_its_last_byte() {
    let app = TestApp::start().await;
    // Not so easy to guess as one character 71 times.
    let password: String = ('!'..='~').step_by(7).cycle().take(71).collect();
    let body = json!({"username": "ada", "password": password});
    app.post("/auth/register", body).await.expect_ok();
    let stored: String = app.rows("SELECT password_hash FROM users", &[]).await[0].get(0);
    assert!(stored.starts_with("$2b$10$"));
    for (wrong, right) in [
        (password[..70].to_owned(), false),
        (format!("{password}x"), false),
        (format!("{}x", &password[..70]), false),
        (password, true),
    ] {
        let body =
            json!({"username": "ada", "password": wrong, "deviceId": "d", "platform": "web"});
        let answer = app.post("/auth/login", body).await;
        assert_eq!(answer.code == 0, right);
    }
}

/// B2: neither the text nor the status tells whether the name exists.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let mut messages = Vec::new();
    app.user("guest").await;
    for (username, password) in [
        ("ada", "wrong password"),
        ("ada", ""),
        ("ada", "a\u{0}b"),
        ("nobody", "wrong password"),
        ("no such name!", "wrong password"),
        ("guest", ""),
    ] {
        let body =
            json!({"username": username, "password": password, "deviceId": "d", "platform": "web"});
        let answer = app.post("/auth/login", body).await;
        answer.expect(Code::WrongCredentials, 401);
        messages.push(answer.message);
    }
    assert!(messages.windows(2).all(|two| two[0] == two[1]));
}

/// B2.
#[tokio::test]
async fn a_login_names_its_device_and_platform() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    for (device, platform) in [
        ("", "web"),
        ("a b", "web"),
        (&*"x".repeat(65), "web"),
        ("d", "toaster"),
        ("d", ""),
    ] {
        let body = json!({"username": "ada", "password": PASSWORD, "deviceId": device, "platform": platform});
        app.post("/auth/login", body)
            .await
            .expect(Code::InvalidArgument, 400);
    }
}

#[tokio::test]
async fn a_disabled_account_is_refused_everywhere() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let pair = login(&app, "ada", "d").await;
    app.execute("UPDATE users SET status = 2", &[]).await;
    let body = json!({"username": "ada", "password": PASSWORD, "deviceId": "d", "platform": "web"});
    app.post("/auth/login", body)
        .await
        .expect(Code::UserDisabled, 403);
    refresh(&app, &pair["refreshToken"])
        .await
        .expect(Code::UserDisabled, 403);
}

#[tokio::test]
async fn a_login_replaces_the_family_of_its_device_only() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let laptop = login(&app, "ada", "laptop").await;
    let phone = login(&app, "ada", "phone").await;
    let again = login(&app, "ada", "laptop").await;
    refresh(&app, &laptop["refreshToken"])
        .await
        .expect(Code::TokenRevoked, 401);
    refresh(&app, &phone["refreshToken"]).await.expect_ok();
    refresh(&app, &again["refreshToken"]).await.expect_ok();
}

/// B7: a refresh token of any login of the user ends that login; one of somebody else ends nothing.
#[tokio::test]
async fn a_logout_ends_the_login_of_the_refresh_token() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let (laptop, phone) = (
        login(&app, "ada", "laptop").await,
        login(&app, "ada", "phone").await,
    );
    let next = refresh(&app, &phone["refreshToken"]).await.expect_ok();
    let logout = async |refresh: &Value| {
        let request = app
            .http
            .post(app.api("/auth/logout"))
            .bearer_auth(laptop["accessToken"].as_str().unwrap());
        crate::actors::Answer::of(request.json(&json!({"refreshToken": refresh}))).await
    };
    for _ in 0..2 {
        logout(&next["refreshToken"]).await.expect_ok();
    }
    refresh(&app, &next["refreshToken"])
        .await
        .expect(Code::TokenRevoked, 401);

    register(&app, "bob").await.expect_ok();
    let bob = login(&app, "bob", "d").await;
    for other in [&bob["refreshToken"], &json!("A".repeat(43)), &json!("?")] {
        logout(other).await.expect(Code::TokenInvalid, 401);
    }
    refresh(&app, &bob["refreshToken"]).await.expect_ok();
    refresh(&app, &laptop["refreshToken"]).await.expect_ok();
}

/// A15: a storm of logins is told to wait.
#[tokio::test]
async fn too_many_passwords_at_once_are_told_to_come_later() {
    let app = TestApp::start_with(|config| {
        config.passwords.threads = 1;
        config.passwords.queue = 1;
    })
    .await;
    let body =
        json!({"username": "nobody", "password": PASSWORD, "deviceId": "d", "platform": "web"});
    let answers =
        futures_util::future::join_all((0..8).map(|_| app.post("/auth/login", body.clone()))).await;
    let later: Vec<_> = answers
        .iter()
        .filter(|answer| answer.code == Code::RetryLater.0)
        .collect();
    assert!(!later.is_empty());
    for answer in later {
        answer.expect(Code::RetryLater, 503);
        assert_eq!(answer.headers["retry-after"], "1");
    }
}
