//! Sign-ins that end before their tokens do (B7).

use std::time::Duration;

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier, Subscription};
use im_shared::database;
use im_shared::ids::SignInId;
use im_shared::revocation::{Mirror, Reason, Verdict};
use im_shared::testing::{PrivateServers, TestDatabase, wait_until};
use im_shared::wire::{self, Body, CloseCode, Code};
use im_web::config::WebConfig;
use serde_json::{Value, json};

use crate::actors::{Answer, User};
use crate::app::TestApp;
use crate::auth::{login, refresh, register};
use crate::guest::{arrive, signed_in};

const PATIENCE: Duration = Duration::from_secs(30);

/// Whether the token is refused at this node.
async fn is_refused(http: &reqwest::Client, node: &str, token: &str) -> bool {
    let profile = http.get(format!("{node}/api/v1/user/profile"));
    let answer = Answer::of(profile.bearer_auth(token)).await;
    if answer.code == 0 {
        return false;
    }
    answer.expect(Code::TokenRevoked, 401);
    true
}

/// Ada, signed in on a device.
async fn ada_on<'a>(app: &'a TestApp, device: &str) -> (User<'a>, Value) {
    let pair = login(app, "ada", device).await;
    (signed_in(app, &pair), pair)
}

fn sign_in_of(app: &TestApp, user: &User<'_>) -> SignInId {
    app.verifier.verify(&user.token).unwrap().sign_in
}

async fn whole(mirror: &Mirror) {
    wait_until(
        async || mirror.is_whole().await.unwrap_or_default(),
        PATIENCE,
    )
    .await;
}

/// Servers that only this test has.
async fn alone(servers: &PrivateServers) -> TestApp {
    let database = TestDatabase::create_on(&servers.postgres.url()).await;
    let mut config = WebConfig {
        postgres: database.config(),
        ..WebConfig::default()
    };
    database::migrate(&config.postgres).await.unwrap();
    config.redis.url = servers.redis.url().as_str().into();
    config.nats.url = servers.nats.url().as_str().into();
    TestApp::serve(config, Some(database)).await
}

/// B7
#[tokio::test]
async fn a_logged_out_token_is_refused_at_once_on_both_nodes() {
    let app = TestApp::start().await;
    let other = app.another().await;
    register(&app, "ada").await.expect_ok();
    for by_token in [false, true] {
        let ((laptop, pair), (phone, _)) =
            (ada_on(&app, "laptop").await, ada_on(&app, "phone").await);
        for node in [&app.url, &other.url] {
            assert!(!is_refused(&app.http, node, &laptop.token).await);
        }
        let body = if by_token {
            json!({"refreshToken": pair["refreshToken"]})
        } else {
            Value::Null
        };
        let logout = app.http.post(app.api("/auth/logout"));
        let logout = if by_token { logout.json(&body) } else { logout };
        laptop.send(logout).await.expect_ok();
        for node in [&app.url, &other.url] {
            assert!(is_refused(&app.http, node, &laptop.token).await);
            assert!(!is_refused(&app.http, node, &phone.token).await);
        }
        let answer = refresh(&app, &pair["refreshToken"]).await;
        answer.expect(Code::TokenRevoked, 401);
    }
}

/// B7: the token says who signed it, and a login need not be in the table to end.
#[tokio::test]
async fn a_login_that_is_not_in_the_table_ends_as_well() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    bob.post("/auth/logout", json!({})).await.expect_ok();
    assert!(is_refused(&app.http, &app.url, &bob.token).await);
}

/// B7
#[tokio::test]
async fn all_logins_end_or_all_but_one() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let (laptop, _) = ada_on(&app, "laptop").await;
    let (phone, phone_pair) = ada_on(&app, "phone").await;
    let (tablet, _) = ada_on(&app, "tablet").await;
    register(&app, "bob").await.expect_ok();
    let bob = signed_in(&app, &login(&app, "bob", "laptop").await);

    let others = laptop
        .post("/auth/logout-all", json!({"keepCurrent": true}))
        .await;
    assert_eq!(others.expect_ok(), json!({"signedOut": 2}));
    for gone in [&phone, &tablet] {
        assert!(is_refused(&app.http, &app.url, &gone.token).await);
    }
    refresh(&app, &phone_pair["refreshToken"])
        .await
        .expect(Code::TokenRevoked, 401);
    assert!(!is_refused(&app.http, &app.url, &laptop.token).await);

    let (phone, _) = ada_on(&app, "phone").await;
    let all = laptop.send(app.http.post(app.api("/auth/logout-all")));
    assert_eq!(all.await.expect_ok(), json!({"signedOut": 2}));
    for gone in [&laptop, &phone] {
        assert!(is_refused(&app.http, &app.url, &gone.token).await);
    }
    assert!(!is_refused(&app.http, &app.url, &bob.token).await);
}

/// Who was signed out, as access is told: the sign-in and the code.
async fn signal(events: &mut Subscription) -> (SignInId, CloseCode) {
    let message = tokio::time::timeout(PATIENCE, events.next()).await;
    let message = message.expect("a signal").unwrap();
    let Carrier::UserEvent { sign_in, frame, .. } = bus::decode(message.payload).unwrap() else {
        panic!("another carrier");
    };
    let Body::Kick(kick) = wire::decode(&frame).unwrap().body else {
        panic!("no kick");
    };
    (sign_in, kick.code)
}

/// B7, A12: whatever ends a login, its tokens are refused, Redis knows why, and live sessions are told.
#[tokio::test]
async fn every_end_of_a_login_is_mirrored_and_signalled_with_its_reason() {
    let app = TestApp::start().await;
    let mirror = Mirror::new(app.redis.clone(), &app.keys);
    whole(&mirror).await;
    let events = app.bus.subscribe(app.bus.subjects().user_events()).await;
    let mut events = events.unwrap();
    app.subscribed().await;
    register(&app, "ada").await.expect_ok();

    let mut ended = async |user: &User<'_>, reason: Reason| {
        let sign_in = sign_in_of(&app, user);
        assert_eq!(signal(&mut events).await, (sign_in, reason.close()));
        // A Redis that took longer than the announcement waits for it is told by the keeper.
        let known = async || mirror.check(sign_in).await == Verdict::Revoked(reason);
        wait_until(known, PATIENCE).await;
        assert!(is_refused(&app.http, &app.url, &user.token).await);
    };

    let (first, _) = ada_on(&app, "laptop").await;
    let (second, _) = ada_on(&app, "laptop").await;
    ended(&first, Reason::Replaced).await;
    second.post("/auth/logout", json!({})).await.expect_ok();
    ended(&second, Reason::SignedOut).await;

    let (stolen, pair) = ada_on(&app, "laptop").await;
    let next = refresh(&app, &pair["refreshToken"]).await.expect_ok();
    refresh(&app, &next["refreshToken"]).await.expect_ok();
    refresh(&app, &pair["refreshToken"])
        .await
        .expect(Code::TokenRevoked, 401);
    ended(&stolen, Reason::Reused).await;

    let (before, _) = ada_on(&app, "laptop").await;
    let change = json!({"oldPassword": "correct horse", "newPassword": "battery staple 9"});
    before.put("/user/password", change).await.expect_ok();
    ended(&before, Reason::PasswordChanged).await;

    let guest = signed_in(&app, &arrive(&app).await);
    let account = json!({"username": "guest.no.more", "password": "correct horse 7"});
    guest.post("/auth/upgrade", account).await.expect_ok();
    ended(&guest, Reason::Upgraded).await;
}

/// B7, K10: without Redis PostgreSQL is asked; what was revoked meanwhile is in the new mirror.
#[tokio::test]
async fn with_redis_away_postgresql_says_no() {
    let servers = PrivateServers::start();
    let app = alone(&servers).await;
    register(&app, "ada").await.expect_ok();
    let (laptop, _) = ada_on(&app, "laptop").await;
    let (phone, _) = ada_on(&app, "phone").await;
    let (tablet, _) = ada_on(&app, "tablet").await;
    laptop.post("/auth/logout", json!({})).await.expect_ok();
    servers.redis.kill().await;
    assert!(is_refused(&app.http, &app.url, &laptop.token).await);
    assert!(!is_refused(&app.http, &app.url, &phone.token).await);
    phone.post("/auth/logout", json!({})).await.expect_ok();
    assert!(is_refused(&app.http, &app.url, &phone.token).await);
    servers.redis.restart().await;
    let mirror = Mirror::new(app.redis.clone(), &app.keys);
    whole(&mirror).await;
    for gone in [&laptop, &phone] {
        let known = mirror.check(sign_in_of(&app, gone)).await;
        assert_eq!(known, Verdict::Revoked(Reason::SignedOut));
        assert!(is_refused(&app.http, &app.url, &gone.token).await);
    }
    assert_eq!(mirror.check(sign_in_of(&app, &tablet)).await, Verdict::Good);
    assert!(!is_refused(&app.http, &app.url, &tablet.token).await);
}

/// B7: losing the mirror loses nothing, from one request to the next.
#[tokio::test]
async fn a_flushed_redis_revives_nothing() {
    let servers = PrivateServers::start();
    let app = alone(&servers).await;
    register(&app, "ada").await.expect_ok();
    let (laptop, _) = ada_on(&app, "laptop").await;
    laptop.post("/auth/logout", json!({})).await.expect_ok();
    let mirror = Mirror::new(app.redis.clone(), &app.keys);
    for _ in 0..3 {
        servers.redis.flush().await;
        assert!(is_refused(&app.http, &app.url, &laptop.token).await);
        whole(&mirror).await;
        let known = mirror.check(sign_in_of(&app, &laptop)).await;
        assert_eq!(known, Verdict::Revoked(Reason::SignedOut));
    }
}

/// B7: a Redis that comes back from a dump has forgotten what came after it.
#[tokio::test]
async fn an_old_dump_revives_nothing() {
    let servers = PrivateServers::start();
    let app = alone(&servers).await;
    register(&app, "ada").await.expect_ok();
    let (laptop, _) = ada_on(&app, "laptop").await;
    let mirror = Mirror::new(app.redis.clone(), &app.keys);
    whole(&mirror).await;
    servers.redis.dump().await;
    laptop.post("/auth/logout", json!({})).await.expect_ok();
    servers.redis.restart().await;
    let sign_in = sign_in_of(&app, &laptop);
    let known = async || {
        assert_ne!(mirror.check(sign_in).await, Verdict::Good);
        assert!(is_refused(&app.http, &app.url, &laptop.token).await);
        mirror.check(sign_in).await == Verdict::Revoked(Reason::SignedOut)
    };
    wait_until(known, PATIENCE).await;
}

/// B7: neither Redis nor PostgreSQL: nobody can say, and nobody is let in.
#[tokio::test]
async fn without_any_truth_nobody_is_let_in() {
    let servers = PrivateServers::start();
    let app = alone(&servers).await;
    let ada = app.user("ada").await;
    ada.get("/user/profile").await.expect_ok();
    servers.redis.kill().await;
    servers.postgres.kill().await;
    let answer = ada.get("/user/profile").await;
    answer.expect(Code::Unavailable, 503);
    assert!(answer.headers.contains_key("retry-after"));
}

/// B7: rows go when no token of them can be good any more.
#[tokio::test]
async fn ended_logins_are_swept() {
    let app = TestApp::start().await;
    register(&app, "ada").await.expect_ok();
    let (laptop, _) = ada_on(&app, "laptop").await;
    ada_on(&app, "phone").await;
    laptop.post("/auth/logout", json!({})).await.expect_ok();
    let store = app.store().await;
    let now = std::time::SystemTime::now();
    let day = Duration::from_secs(24 * 60 * 60);
    for (days, deleted) in [(6, 0), (8, 1), (29, 0), (31, 1)] {
        let swept = store.delete_ended_sign_ins(now + days * day, 10).await;
        assert_eq!(swept.unwrap(), deleted, "{days}");
    }
}
