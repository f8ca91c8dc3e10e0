//! Passwords: which are taken, what wrong ones cost, changing and resetting them.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use im_shared::cache::{Buckets, Rate};
use im_shared::testing::wait_until;
use im_shared::wire::Code;
use im_web::config::MailKind;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::actors::Answer;
use crate::app::TestApp;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const OTHER: &str = "battery staple 42";

pub(crate) async fn register(app: &TestApp, username: &str) {
    let mail = format!("{username}@example.org");
    let body = json!({"username": username, "password": PASSWORD, "email": mail});
    app.post("/auth/register", body).await.expect_ok();
}

pub(crate) async fn login(app: &TestApp, username: &str, password: &str, device: &str) -> Answer {
    let body =
        json!({"username": username, "password": password, "deviceId": device, "platform": "web"});
    app.post("/auth/login", body).await
}

/// A login from somewhere else; the app trusts who says so.
async fn login_from(app: &TestApp, address: &str, password: &str, device: &str) -> Answer {
    let body =
        json!({"username": "ada", "password": password, "deviceId": device, "platform": "web"});
    let request = app.http.post(app.api("/auth/login")).json(&body);
    Answer::of(request.header("x-forwarded-for", address)).await
}

pub(crate) async fn with(
    app: &TestApp,
    method: &str,
    path: &str,
    token: &Value,
    body: Value,
) -> Answer {
    let request = app.http.request(method.parse().unwrap(), app.api(path));
    let request = request.bearer_auth(token.as_str().unwrap());
    Answer::of(request.json(&body)).await
}

pub(crate) async fn change(app: &TestApp, token: &Value, old: &str, new: &str) -> Answer {
    let body = json!({"oldPassword": old, "newPassword": new});
    with(app, "PUT", "/user/password", token, body).await
}

async fn refresh(app: &TestApp, pair: &Value) -> Answer {
    let body = json!({"refreshToken": pair["refreshToken"]});
    app.post("/auth/refresh", body).await
}

/// An app that puts mails into a folder.
pub(crate) async fn mailing() -> (TestApp, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let app = TestApp::start_with(|config| {
        config.mail.kind = MailKind::File;
        config.mail.folder = path;
    })
    .await;
    (app, folder)
}

/// The mails so far, the oldest first.
pub(crate) fn mails(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
    paths.iter().map(read).collect()
}

pub(crate) async fn forget(app: &TestApp, whose: Value) {
    let answer = app.post("/auth/password/forgot", whose).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.expect_ok(), json!({}));
}

/// The tokens of the mails, once there are so many.
pub(crate) async fn tokens(folder: &Path, count: usize) -> Vec<String> {
    let token = |mail: String| {
        let (_, rest) = mail.split_once("--token ")?;
        Some(rest.split_whitespace().next().unwrap().to_owned())
    };
    let tokens = || -> Vec<String> { mails(folder).into_iter().filter_map(token).collect() };
    let there = async || tokens().len() >= count;
    wait_until(there, Duration::from_secs(20)).await;
    tokens()
}

pub(crate) async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "newPassword": password});
    app.post("/auth/password/reset", body).await
}

/// B1, B6: wherever a password is chosen, one that is easy to guess is refused, and the answer names the field.
#[tokio::test]
async fn a_common_password_is_refused() {
    let (app, folder) = mailing().await;
    for easy in [
        "password1",
        "Qwertyuiop",
        "12345678",
        "ada.1815!",
        "aaaaaaaa",
    ] {
        let body = json!({"username": "ada", "password": easy});
        let answer = app.post("/auth/register", body).await;
        assert_eq!(
            (answer.status, answer.code),
            (400, Code::PasswordCommon.0),
            "{easy}"
        );
        assert_eq!(answer.data["field"], "password");
    }
    register(&app, "ada").await;
    let pair = login(&app, "ada", PASSWORD, "d").await.expect_ok();
    let answer = change(&app, &pair["accessToken"], PASSWORD, "password1").await;
    assert_eq!(answer.code, Code::PasswordCommon.0);
    assert_eq!(answer.data["field"], "newPassword");
    forget(&app, json!({"username": "ada"})).await;
    let token = &tokens(folder.path(), 1).await[0];
    let answer = reset(&app, token, "password1").await;
    assert_eq!(answer.code, Code::PasswordCommon.0);
    // Refusing it has not used the token up.
    reset(&app, token, OTHER).await.expect_ok();
}

/// B6, B7: all devices are out, this one goes on with the new pair.
#[tokio::test]
async fn a_change_signs_out_every_other_device() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let laptop = login(&app, "ada", PASSWORD, "laptop").await.expect_ok();
    let phone = login(&app, "ada", PASSWORD, "phone").await.expect_ok();
    let changed = change(&app, &laptop["accessToken"], PASSWORD, OTHER).await;
    let next = changed.expect_ok();
    assert_eq!(next["userId"], laptop["userId"]);
    for pair in [&laptop, &phone] {
        refresh(&app, pair).await.expect(Code::TokenRevoked, 401);
    }
    let ended = "SELECT count(*) FROM sign_ins WHERE reason = 3 AND revoked_at > 'epoch'";
    assert_eq!(app.rows(ended, &[]).await[0].get::<_, i64>(0), 2);
    let profile = with(
        &app,
        "GET",
        "/user/profile",
        &next["accessToken"],
        Value::Null,
    )
    .await;
    profile.expect_ok();
    refresh(&app, &next).await.expect_ok();
    login(&app, "ada", PASSWORD, "laptop")
        .await
        .expect(Code::WrongCredentials, 401);
    login(&app, "ada", OTHER, "laptop").await.expect_ok();
}

/// B6: whoever has a token only cannot change the password, and cannot guess it either.
#[tokio::test]
async fn a_wrong_old_password_changes_nothing_and_costs_time() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let pair = login(&app, "ada", PASSWORD, "d").await.expect_ok();
    for _ in 0..5 {
        let answer = change(&app, &pair["accessToken"], "wrong horse", OTHER).await;
        answer.expect(Code::WrongCredentials, 401);
    }
    let answer = change(&app, &pair["accessToken"], PASSWORD, OTHER).await;
    answer.expect(Code::RateLimited, 429);
    assert!(answer.headers.contains_key("retry-after"));
    refresh(&app, &pair).await.expect_ok();
}

/// B6.
#[tokio::test]
async fn of_two_changes_at_once_one_is_too_late() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let pair = login(&app, "ada", PASSWORD, "d").await.expect_ok();
    let token = &pair["accessToken"];
    let passwords = ["first of two", "second of two"];
    let both = join_all(passwords.map(|new| change(&app, token, PASSWORD, new))).await;
    let done: Vec<usize> = (0..2).filter(|one| both[*one].code == 0).collect();
    assert_eq!(done.len(), 1, "{both:?}");
    login(&app, "ada", passwords[done[0]], "d")
        .await
        .expect_ok();
}

/// B6: a mailed token sets one password of one user once, and ends every sign-in.
#[tokio::test]
async fn a_reset_token_is_good_once_and_for_its_user() {
    let (app, folder) = mailing().await;
    register(&app, "ada").await;
    register(&app, "bob").await;
    let pair = login(&app, "ada", PASSWORD, "d").await.expect_ok();
    for _ in 0..2 {
        forget(&app, json!({"username": "ADA"})).await;
    }
    let tokens = tokens(folder.path(), 2).await;
    let to: Vec<_> = mails(folder.path());
    assert!(to.iter().all(|mail| mail.contains("To: ada@example.org")));
    reset(&app, &tokens[0], OTHER).await.expect_ok();
    // The first one used up the second one, too.
    for token in &tokens {
        let answer = reset(&app, token, "yet another one").await;
        answer.expect(Code::ResetTokenInvalid, 400);
    }
    refresh(&app, &pair).await.expect(Code::TokenRevoked, 401);
    login(&app, "ada", PASSWORD, "d")
        .await
        .expect(Code::WrongCredentials, 401);
    login(&app, "ada", OTHER, "d").await.expect_ok();
    login(&app, "bob", PASSWORD, "d").await.expect_ok();
    let kept: Vec<u8> = app
        .rows("SELECT token_hash FROM password_resets", &[])
        .await[0]
        .get(0);
    assert_eq!(kept.len(), 32);
}

/// B6, B13: what is no token of a reset, or none any more.
#[tokio::test]
async fn another_token_resets_nothing() {
    let (app, folder) = mailing().await;
    register(&app, "ada").await;
    let pair = login(&app, "ada", PASSWORD, "d").await.expect_ok();
    forget(&app, json!({"username": "ada"})).await;
    let token = tokens(folder.path(), 1).await.remove(0);
    let access = pair["accessToken"].as_str().unwrap();
    let cut = &token[..token.len() - 4];
    for bad in ["", "x", access, cut] {
        reset(&app, bad, OTHER)
            .await
            .expect(Code::ResetTokenInvalid, 400);
    }
    // A token of a reset opens nothing else.
    let answer = with(&app, "GET", "/user/profile", &json!(token), Value::Null).await;
    answer.expect(Code::TokenInvalid, 401);
    let expire = "UPDATE password_resets SET expires_at = now() - interval '1 second'";
    app.execute(expire, &[]).await;
    reset(&app, &token, OTHER)
        .await
        .expect(Code::ResetTokenInvalid, 400);
    login(&app, "ada", PASSWORD, "d").await.expect_ok();
}

/// B6: of two who use a token at once one is too late.
#[tokio::test]
async fn a_reset_token_is_used_once_by_two_at_once() {
    let (app, folder) = mailing().await;
    register(&app, "ada").await;
    forget(&app, json!({"email": "ADA@example.org"})).await;
    let token = tokens(folder.path(), 1).await.remove(0);
    let passwords = ["first of two", "second of two"];
    let both = join_all(passwords.map(|new| reset(&app, &token, new))).await;
    let done: Vec<usize> = (0..2).filter(|one| both[*one].code == 0).collect();
    assert_eq!(done.len(), 1, "{both:?}");
    both[1 - done[0]].expect(Code::ResetTokenInvalid, 400);
    login(&app, "ada", passwords[done[0]], "d")
        .await
        .expect_ok();
}

/// B2, B6: who exists and who does not get the same answer, and mailboxes are not flooded.
#[tokio::test]
async fn forgot_says_the_same_of_everybody() {
    let (app, folder) = mailing().await;
    register(&app, "ada").await;
    register(&app, "bob").await;
    let disable = "UPDATE users SET status = 2 WHERE username = 'bob'";
    app.execute(disable, &[]).await;
    for nobody in [
        json!({"username": "nobody"}),
        json!({"username": "no name!"}),
        json!({"email": "nobody@example.org"}),
        json!({"email": ""}),
        json!({"username": "bob"}),
    ] {
        forget(&app, nobody).await;
    }
    for _ in 0..5 {
        forget(&app, json!({"username": "ada"})).await;
    }
    // One task does them in their order: after the mail to carol all others were decided.
    register(&app, "carol").await;
    forget(&app, json!({"username": "carol"})).await;
    let there = async || {
        mails(folder.path())
            .iter()
            .any(|mail| mail.contains("carol@"))
    };
    wait_until(there, Duration::from_secs(20)).await;
    let all = mails(folder.path());
    let to = |name: &str| all.iter().filter(|mail| mail.contains(name)).count();
    assert_eq!((to("To: ada@"), to("To: bob@"), all.len()), (3, 0, 4));
    for bad in [
        json!({}),
        json!({"username": "ada", "email": "a@b"}),
        json!({"email": "x"}),
    ] {
        let answer = app.post("/auth/password/forgot", bad).await;
        assert_eq!(answer.code, Code::InvalidArgument.0);
    }
}

/// B6: a server that sends no mails says so.
#[tokio::test]
async fn without_a_mailer_nothing_is_promised() {
    let app = TestApp::start_with(|config| config.mail.kind = MailKind::Off).await;
    let body = json!({"username": "ada"});
    app.post("/auth/password/forgot", body)
        .await
        .expect(Code::Unsupported, 501);
}

/// B2, B8: what strangers do to an account slows them, not its owner.
#[tokio::test]
async fn strangers_slow_a_login_and_never_lock_it() {
    let app = TestApp::start_with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    register(&app, "ada").await;
    let home = "192.0.2.1";
    login_from(&app, home, PASSWORD, "laptop").await.expect_ok();
    for _ in 0..5 {
        let answer = login_from(&app, "198.51.100.1", "wrong horse", "d").await;
        answer.expect(Code::WrongCredentials, 401);
    }
    let answer = login_from(&app, "198.51.100.1", PASSWORD, "d").await;
    answer.expect(Code::RateLimited, 429);
    let wait: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=30).contains(&wait), "{wait}");

    // A hundred more, from everywhere.
    let rate = Rate::new(100, Duration::from_secs(10));
    Buckets::new(app.redis.clone(), app.keys.clone())
        .charge("login_account", "ada", 100, rate)
        .await
        .unwrap();
    let answer = login_from(&app, "198.51.100.2", "wrong horse", "d").await;
    answer.expect(Code::WrongCredentials, 401);
    let answer = login_from(&app, "198.51.100.2", "wrong horse", "d").await;
    answer.expect(Code::RateLimited, 429);
    // The owner: on the known device anywhere, on a new device at home, and on a new device in a new place.
    for (address, device) in [
        ("198.51.100.1", "laptop"),
        (home, "phone"),
        ("203.0.113.9", "tablet"),
    ] {
        login_from(&app, address, PASSWORD, device)
            .await
            .expect_ok();
    }
}

/// B2: an account that does not exist makes who tries wait just as one that does.
#[tokio::test]
async fn unknown_accounts_make_wait_as_known_ones_do() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let mut seen = Vec::new();
    for name in ["ada", "nobody"] {
        let mut codes = Vec::new();
        for _ in 0..6 {
            let answer = login(&app, name, "wrong horse", "d").await;
            codes.push((answer.status, answer.code, answer.message));
        }
        seen.push(codes);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0][5].0, 429);
}

/// B6: who must come later learns it before anything is looked up, so a storm of logins is none of statements.
#[tokio::test]
async fn a_login_that_is_too_many_asks_no_table() {
    let app = TestApp::start_with(|config| {
        config.passwords.threads = 1;
        config.passwords.queue = 1;
    })
    .await;
    register(&app, "ada").await;
    // Who is let in waits for this table.
    let (mut blocker, connection) = tokio_postgres::connect(app.postgres.url.expose(), NoTls)
        .await
        .unwrap();
    // Ends with the client.
    tokio::spawn(connection);
    let transaction = blocker.transaction().await.unwrap();
    let lock = "LOCK TABLE users IN ACCESS EXCLUSIVE MODE";
    transaction.batch_execute(lock).await.unwrap();
    let first = join_all(["one", "two"].map(|device| login(&app, "ada", PASSWORD, device)));
    let later = async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let are_waiting = async || app.rows(sql, &[]).await[0].get::<_, i64>(0) == 2;
        wait_until(are_waiting, Duration::from_secs(20)).await;
        login(&app, "ada", PASSWORD, "three")
            .await
            .expect(Code::RetryLater, 503);
        transaction.commit().await.unwrap();
    };
    let (first, ()) = tokio::join!(first, later);
    for answer in first {
        answer.expect_ok();
    }
}

/// B6, A15: 500 at once are answered, most of them with when to come back, and meanwhile others are served: they are done before the passwords are.
#[tokio::test]
async fn a_storm_of_logins_does_not_stop_other_requests() {
    let app = TestApp::start_with(|config| {
        config.passwords.threads = 1;
        config.passwords.queue = 40;
    })
    .await;
    register(&app, "ada").await;
    let reader = app.user("bob").await;
    let storm = join_all((0..500).map(|number| {
        let device = format!("device-{number}");
        let app = &app;
        async move { (login(app, "ada", PASSWORD, &device).await, Instant::now()) }
    }));
    let reads = async {
        // Not before the storm has begun: somebody was refused, or let in.
        for _ in 0..60 {
            reader.get("/user/profile").await.expect_ok();
        }
        Instant::now()
    };
    let (answers, read) = tokio::join!(storm, reads);
    let last = answers.iter().map(|(_, at)| *at).max().unwrap();
    assert!(read < last, "60 reads took longer than the whole storm");
    let (mut done, mut late, mut later) = (0, 0, 0);
    for (answer, _) in &answers {
        if answer.code == 0 {
            done += 1;
            continue;
        }
        // Let in, and not done within the 10 s that a request may take: on a slow machine.
        if answer.code == Code::DeadlineExceeded.0 {
            late += 1;
            continue;
        }
        answer.expect(Code::RetryLater, 503);
        let wait: u64 = answer.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        // 41 of them, of 54 ms and more each, one after the other.
        assert!((2..=120).contains(&wait), "{wait}");
        later += 1;
    }
    let as_allowed = done >= 5 && done + late >= 41 && later > 0;
    assert!(as_allowed, "{done} done, {late} late, {later} later");
}
