//! How often may be asked: rules per address and per user, over all nodes, changed while running.

use std::time::Duration;

use im_shared::ids::UserId;
use im_shared::testing::{TestDatabase, wait_until};
use im_shared::wire::Code;
use im_web::config::{RuleConfig, WebConfig};
use serde_json::{Value, json};

use crate::actors::Answer;
use crate::app::{TestApp, on_shared_servers};

/// So many at once, and no more within the time of a test.
fn per_day(burst: u32) -> RuleConfig {
    RuleConfig {
        burst: Some(burst),
        period_secs: Some(86_400),
        ..RuleConfig::default()
    }
}

fn limit(config: &mut WebConfig, rule: &str, burst: u32) {
    config.limits.rules.insert(rule.to_owned(), per_day(burst));
}

/// A node whose refreshes are limited to `burst` per address, and whose peer is a trusted proxy.
async fn behind_a_proxy(burst: u32) -> TestApp {
    TestApp::start_with(|config| {
        limit(config, "refresh", burst);
        config.limits.exempt.clear();
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// A call that costs neither a token nor bcrypt: refused with `TokenInvalid` unless it is limited.
async fn call(app: &TestApp, forwarded_for: Option<&str>) -> Answer {
    let body = json!({"refreshToken": "nonsense"});
    let mut request = app.http.post(app.api("/auth/refresh")).json(&body);
    if let Some(address) = forwarded_for {
        request = request.header("x-forwarded-for", address);
    }
    Answer::of(request).await
}

async fn passes(app: &TestApp, forwarded_for: Option<&str>) -> bool {
    let answer = call(app, forwarded_for).await;
    if answer.code == Code::RateLimited.0 {
        answer.expect(Code::RateLimited, 429);
        return false;
    }
    answer.expect(Code::TokenInvalid, 401);
    true
}

fn header(answer: &Answer, name: &str) -> Option<u64> {
    let value = answer.headers.get(name)?;
    Some(value.to_str().unwrap().parse().unwrap())
}

/// Two nodes of one system.
async fn two_nodes(change: impl FnOnce(&mut WebConfig)) -> (TestApp, TestApp) {
    let database = TestDatabase::create().await;
    let mut config = on_shared_servers(database.config());
    change(&mut config);
    let one = TestApp::serve(config.clone(), None).await;
    (one, TestApp::serve(config, Some(database)).await)
}

async fn operator(app: &TestApp, user: UserId, role: i16) {
    let sql = "INSERT INTO operators (id, role) VALUES ($1, $2)";
    app.execute(sql, &[&user.to_sql(), &role]).await;
}

/// B8: what one node let through counts on the other.
#[tokio::test]
async fn two_nodes_share_one_limit() {
    let (one, other) = two_nodes(|config| limit(config, "refresh", 4)).await;
    for node in [&one, &other, &one, &other] {
        assert!(passes(node, None).await);
    }
    for node in [&one, &other] {
        assert!(!passes(node, None).await);
    }
}

/// B8: an answer tells what is left, and a refusal when to come back.
#[tokio::test]
async fn every_limited_answer_tells_what_is_left() {
    let app = TestApp::start_with(|config| {
        limit(config, "refresh", 3);
        config.limits.exempt.clear();
    })
    .await;
    for remaining in [2, 1, 0] {
        let answer = call(&app, None).await;
        assert_eq!(header(&answer, "ratelimit-limit"), Some(3));
        assert_eq!(header(&answer, "ratelimit-remaining"), Some(remaining));
        let reset = header(&answer, "ratelimit-reset").unwrap();
        let full_in = (3 - remaining) * 28_800;
        assert!((full_in - 60..=full_in).contains(&reset), "{reset}");
        assert_eq!(header(&answer, "retry-after"), None);
    }
    let refused = call(&app, None).await;
    refused.expect(Code::RateLimited, 429);
    assert_eq!(header(&refused, "ratelimit-remaining"), Some(0));
    let wait = header(&refused, "retry-after").unwrap();
    assert!((28_740..=28_800).contains(&wait), "{wait}");
    // What has no rule of its own is told about the one for everything; a page is not limited.
    let plain = app.get("/access/endpoints").await;
    assert_eq!(header(&plain, "ratelimit-limit"), Some(6_000));
    let page = app.http.get(format!("{}/swagger/index.html", app.url));
    let page = page.send().await.unwrap();
    assert!(page.headers().get("ratelimit-limit").is_none());
}

/// B8: nobody uses up what another user has, on whatever address both are.
#[tokio::test]
async fn each_user_has_a_limit() {
    let app = TestApp::start_with(|config| limit(config, "user_search", 2)).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for _ in 0..2 {
        ada.get("/user/search?q=someone").await.expect_ok();
    }
    let refused = ada.get("/user/search?q=someone").await;
    refused.expect(Code::RateLimited, 429);
    bob.get("/user/search?q=someone").await.expect_ok();
    ada.get("/user/profile").await.expect_ok();
}

/// B8: who is not known by a token takes nothing of any user's.
#[tokio::test]
async fn a_forged_token_takes_nothing_of_its_users() {
    let app = TestApp::start_with(|config| limit(config, "user_search", 1)).await;
    let ada = app.user("ada").await;
    let forged = format!("{}x", ada.token);
    for _ in 0..3 {
        let request = app.http.get(app.api("/user/search?q=someone"));
        let answer = Answer::of(request.bearer_auth(&forged)).await;
        answer.expect(Code::TokenInvalid, 401);
    }
    ada.get("/user/search?q=someone").await.expect_ok();
}

/// B8: one subscriber of IPv6 has a /64, and one bucket.
#[tokio::test]
async fn ipv6_is_counted_by_64() {
    let app = behind_a_proxy(2).await;
    assert!(passes(&app, Some("2001:db8::1")).await);
    assert!(passes(&app, Some("2001:db8::ffff:0:0:2")).await);
    assert!(!passes(&app, Some("2001:db8:0:0:1::3")).await);
    assert!(passes(&app, Some("2001:db8:0:1::1")).await);
}

/// B8: nobody gets another bucket by writing a header.
#[tokio::test]
async fn a_header_of_a_stranger_is_ignored() {
    let app = TestApp::start_with(|config| {
        limit(config, "refresh", 2);
        config.limits.exempt.clear();
    })
    .await;
    assert!(passes(&app, Some("192.0.2.1")).await);
    assert!(passes(&app, Some("192.0.2.2")).await);
    assert!(!passes(&app, Some("192.0.2.3")).await);
    // Behind a proxy that is trusted, what stands left of its own word was written by the client.
    let app = behind_a_proxy(1).await;
    assert!(passes(&app, Some("1.1.1.1, 192.0.2.1")).await);
    assert!(!passes(&app, Some("2.2.2.2, 192.0.2.1")).await);
    assert!(passes(&app, Some("192.0.2.2")).await);
}

/// B8: an operator may leave a network out, and its users keep their limits.
#[tokio::test]
async fn an_exempt_address_is_not_counted() {
    let app = TestApp::start_with(|config| {
        limit(config, "refresh", 1);
        limit(config, "user_search", 1);
    })
    .await;
    for _ in 0..5 {
        assert!(passes(&app, None).await);
    }
    let ada = app.user("ada").await;
    ada.get("/user/search?q=someone").await.expect_ok();
    let refused = ada.get("/user/search?q=someone").await;
    refused.expect(Code::RateLimited, 429);
}

/// B8, J8: an operator changes a rule, and it holds on every node; taken back, the configuration holds.
#[tokio::test]
async fn a_rule_changes_while_running() {
    let (one, other) = two_nodes(|_| {}).await;
    let admin = one.user("root").await;
    operator(&one, admin.id, 2).await;
    assert!(passes(&one, None).await && passes(&other, None).await);

    let slow = json!({"rules": [{"name": "refresh", "burst": 1, "periodSecs": 86_400}]});
    let shown = admin.put("/admin/limits", slow).await.expect_ok();
    assert_eq!(rule(&shown, "refresh")["changed"], true);
    assert!(
        !passes(&one, None).await,
        "at once on the node that was asked"
    );
    let limited = async || !passes(&other, None).await;
    wait_until(limited, Duration::from_secs(30)).await;
    let shown = admin.get("/admin/limits").await.expect_ok();
    assert_eq!(rule(&shown, "refresh")["burst"], 1);
    assert_eq!(rule(&shown, "login")["changed"], false);

    // A node that starts later has it, too.
    let mut config = on_shared_servers(one.postgres.clone());
    config.limits.watch_ms = 60_000;
    let late = TestApp::serve(config, None).await;
    assert!(passes(&late, None).await);
    assert!(!passes(&late, None).await);

    let none = json!({"rules": []});
    admin.put("/admin/limits", none).await.expect_ok();
    let free = async || call(&other, None).await.code == Code::TokenInvalid.0;
    // A day's wait of the slow rule is in the bucket: the address of the test is another one's now.
    let sql = "SELECT value FROM runtime_settings WHERE name = 'limits' AND version = 2";
    assert_eq!(one.rows(sql, &[]).await.len(), 1);
    for key in ["127.0.0.1"] {
        use fred::prelude::KeysInterface;
        let () = one
            .redis
            .del(one.keys.bucket("refresh", key))
            .await
            .unwrap();
    }
    wait_until(free, Duration::from_secs(30)).await;
    let sql = "SELECT action FROM audit_entries WHERE operator_id = $1 ORDER BY id";
    let noted = one.rows(sql, &[&admin.id.to_sql()]).await;
    let noted: Vec<&str> = noted.iter().map(|row| row.get(0)).collect();
    assert_eq!(noted, ["limits.change", "limits.show", "limits.change"]);
}

fn rule<'a>(shown: &'a Value, name: &str) -> &'a Value {
    let rules = shown["rules"].as_array().unwrap();
    rules.iter().find(|rule| rule["name"] == name).unwrap()
}

/// B8: nonsense is refused and changes nothing; who is no administrator changes nothing either.
#[tokio::test]
async fn only_an_administrator_changes_rules_and_only_to_what_can_be() {
    let app = TestApp::start().await;
    let (root, support, ada) = (
        app.user("root").await,
        app.user("support").await,
        app.user("ada").await,
    );
    operator(&app, root.id, 2).await;
    operator(&app, support.id, 1).await;
    let one = |name: &str, burst: u32, period_secs: u32| json!({"rules": [{"name": name, "burst": burst, "periodSecs": period_secs}]});
    for body in [
        one("nothing", 1, 60),
        one("login", 0, 60),
        one("login", 10_001, 60),
        one("login", 1, 0),
        json!({"rules": [{"name": "login", "burst": 1, "periodSecs": 1}, {"name": "login", "burst": 2, "periodSecs": 1}]}),
        json!({}),
    ] {
        let answer = root.put("/admin/limits", body).await;
        assert_eq!(answer.code, Code::InvalidArgument.0, "{answer:?}");
    }
    for user in [&support, &ada] {
        let answer = user.put("/admin/limits", one("login", 1, 60)).await;
        answer.expect(Code::Forbidden, 403);
    }
    support.get("/admin/limits").await.expect_ok();
    let answer = ada.get("/admin/limits").await;
    answer.expect(Code::Forbidden, 403);
    let set = app.rows("SELECT 1 FROM runtime_settings", &[]).await;
    assert!(set.is_empty());
}
