//! What operators see and do, and that all of it is noted.

use im_shared::config::LogConfig;
use im_shared::wire::Code;
use im_web::config::MigrateConfig;
use im_web::operator;
use im_web::store::OperatorRole;
use serde_json::{Value, json};

use crate::actors::{Answer, User};
use crate::app::TestApp;
use crate::tokens::filled;

const PASSWORD: &str = "correct horse";

/// Somebody with a role: 1 support, 2 admin.
async fn operator<'a>(app: &'a TestApp, name: &str, role: i16) -> User<'a> {
    let user = app.user(name).await;
    let sql = "INSERT INTO operators (id, role) VALUES ($1, $2)";
    app.execute(sql, &[&user.id.to_sql(), &role]).await;
    user
}

/// Somebody who logged in, as id and pair of tokens.
async fn logged_in(app: &TestApp, name: &str, device: &str) -> (String, Value) {
    let account = json!({"username": name, "password": PASSWORD, "email": format!("{name}@example.org"), "phone": "+44 1"});
    let answer = app.post("/auth/register", account).await;
    assert!([0, Code::UsernameTaken.0].contains(&answer.code));
    let pair = login(app, name, device).await.expect_ok();
    (pair["userId"].as_str().unwrap().to_owned(), pair)
}

async fn login(app: &TestApp, name: &str, device: &str) -> Answer {
    let body =
        json!({"username": name, "password": PASSWORD, "deviceId": device, "platform": "web"});
    app.post("/auth/login", body).await
}

async fn refresh(app: &TestApp, pair: &Value) -> Answer {
    let body = json!({"refreshToken": pair["refreshToken"]});
    app.post("/auth/refresh", body).await
}

fn because(reason: &str) -> Value {
    json!({ "reason": reason })
}

/// The actions of the audit, the latest first.
async fn actions(app: &TestApp) -> Vec<String> {
    let sql = "SELECT action FROM audit_entries ORDER BY id DESC";
    let found = app.rows(sql, &[]).await;
    found.iter().map(|row| row.get(0)).collect()
}

/// B7.
#[tokio::test]
async fn a_disabled_user_is_out_everywhere_and_back_after_enable() {
    let app = TestApp::start().await;
    let root = operator(&app, "root", 2).await;
    let (id, laptop) = logged_in(&app, "ada", "laptop").await;
    let (_, phone) = logged_in(&app, "ada", "phone").await;
    let path = format!("/admin/users/{id}");
    root.post(&format!("{path}/disable"), because("spam"))
        .await
        .expect_ok();
    login(&app, "ada", "laptop")
        .await
        .expect(Code::UserDisabled, 403);
    for pair in [&laptop, &phone] {
        let answer = refresh(&app, pair).await;
        assert!(answer.code != 0, "{answer:?}");
    }
    let ended = "SELECT count(*) FROM sign_ins WHERE reason = 4 AND revoked_at > 'epoch'";
    assert_eq!(app.rows(ended, &[]).await[0].get::<_, i64>(0), 2);
    let shown = root.get(&path).await.expect_ok();
    assert_eq!(shown["status"], "disabled");
    assert_eq!(shown["email"], "ada@example.org");

    root.post(&format!("{path}/enable"), because("a mistake"))
        .await
        .expect_ok();
    refresh(&app, &laptop).await.expect(Code::TokenRevoked, 401);
    login(&app, "ada", "laptop").await.expect_ok();
}

/// Neither is there without the other: what cannot be noted is not done.
#[tokio::test]
async fn everything_is_audited_in_the_same_transaction() {
    let app = TestApp::start().await;
    let root = operator(&app, "root", 2).await;
    let (id, pair) = logged_in(&app, "ada", "d").await;
    let path = format!("/admin/users/{id}");
    root.get("/admin/users?q=ad").await.expect_ok();
    root.get(&path).await.expect_ok();
    let devices = root.get(&format!("{path}/devices")).await.expect_ok();
    let sign_in = devices["devices"][0]["signInId"]
        .as_str()
        .unwrap()
        .to_owned();
    root.delete(&format!("{path}/devices/{sign_in}"))
        .await
        .expect_ok();
    root.delete(&format!("{path}/devices")).await.expect_ok();
    let request = app
        .http
        .post(app.api(&format!("{path}/disable")))
        .header("x-request-id", "ticket-4711")
        .json(&because("spam"));
    root.send(request).await.expect_ok();
    root.post(&format!("{path}/enable"), because("sorry"))
        .await
        .expect_ok();
    let log = root.get(&format!("/admin/audit?target={id}")).await;
    let log = log.expect_ok();
    let noted = [
        "user.enable",
        "user.disable",
        "user.sign_out",
        "user.sign_out",
        "user.devices",
        "user.show",
    ];
    let entries = log["entries"].as_array().unwrap();
    let found: Vec<_> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(found, noted);
    assert_eq!(entries[1]["operatorId"], root.id.to_string());
    assert_eq!(entries[1]["detail"], because("spam"));
    assert_eq!(entries[1]["requestId"], "ticket-4711");
    assert_eq!(entries[1]["address"], "127.0.0.1");
    assert_eq!(actions(&app).await[0], "audit.list");

    // The audit takes nothing more: nothing is done any more.
    refresh(&app, &pair).await.expect(Code::TokenRevoked, 401);
    let pair = login(&app, "ada", "d").await.expect_ok();
    let full = "ALTER TABLE audit_entries ADD CONSTRAINT full_up CHECK (id < 0) NOT VALID";
    app.execute(full, &[]).await;
    for (method, path, body) in [
        ("POST", format!("{path}/disable"), because("spam")),
        ("DELETE", format!("{path}/devices"), Value::Null),
        ("GET", path.clone(), Value::Null),
        ("GET", "/admin/users".to_owned(), Value::Null),
        ("GET", format!("{path}/devices"), Value::Null),
        ("GET", "/admin/audit".to_owned(), Value::Null),
    ] {
        let request = app.http.request(method.parse().unwrap(), app.api(&path));
        let answer = root.send(request.json(&body)).await;
        answer.expect(Code::Internal, 500);
    }
    refresh(&app, &pair).await.expect_ok();
    login(&app, "ada", "d").await.expect_ok();
}

#[tokio::test]
async fn support_reads_and_does_not_change() {
    let app = TestApp::start().await;
    let help = operator(&app, "help", 1).await;
    let (id, pair) = logged_in(&app, "ada", "d").await;
    let path = format!("/admin/users/{id}");
    for read in [
        "/admin/users",
        &path,
        &format!("{path}/devices"),
        "/admin/audit",
    ] {
        help.get(read).await.expect_ok();
    }
    for action in ["disable", "enable"] {
        let answer = help.post(&format!("{path}/{action}"), because("x")).await;
        answer.expect(Code::Forbidden, 403);
    }
    for gone in ["devices", "devices/1"] {
        let answer = help.delete(&format!("{path}/{gone}")).await;
        answer.expect(Code::Forbidden, 403);
    }
    refresh(&app, &pair).await.expect_ok();
}

/// B9: a route of operators is closed to everybody else, before it looks at anything.
#[tokio::test]
async fn no_operator_no_route() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut seen = 0;
    for route in im_web::routes::all() {
        if !route.path.starts_with("/api/v1/admin/") {
            continue;
        }
        seen += 1;
        let url = format!("{}{}", app.url, filled(route.path));
        let answer = ada.send(app.http.request(route.method, url)).await;
        answer.expect(Code::Forbidden, 403);
    }
    assert!(seen >= 8);
    assert!(actions(&app).await.is_empty());
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_at_once() {
    let app = TestApp::start().await;
    let root = operator(&app, "root", 2).await;
    root.get("/admin/users").await.expect_ok();
    app.execute("UPDATE operators SET deleted = 1", &[]).await;
    root.get("/admin/users").await.expect(Code::Forbidden, 403);
    app.execute("UPDATE operators SET deleted = 0", &[]).await;
    root.get("/admin/users").await.expect_ok();
    app.execute("UPDATE users SET status = 2", &[]).await;
    let answer = root.get("/admin/users").await;
    assert!(answer.code != 0, "{answer:?}");
}

#[tokio::test]
async fn an_admin_is_changed_by_no_other_and_disables_not_themself() {
    let app = TestApp::start().await;
    let root = operator(&app, "root", 2).await;
    let peer = operator(&app, "peer", 2).await;
    let help = operator(&app, "help", 1).await;
    for id in [root.id, peer.id] {
        let path = format!("/admin/users/{id}/disable");
        let answer = root.post(&path, because("x")).await;
        answer.expect(Code::Forbidden, 403);
    }
    let path = format!("/admin/users/{}/devices", peer.id);
    root.delete(&path).await.expect(Code::Forbidden, 403);
    let path = format!("/admin/users/{}/disable", help.id);
    root.post(&path, because("left us")).await.expect_ok();
    root.post(&path, because("")).await;
    let path = "/admin/users/1/disable";
    root.post(path, because("x"))
        .await
        .expect(Code::UserNotFound, 404);
    let path = format!("/admin/users/{}/devices/1", help.id);
    root.delete(&path).await.expect(Code::DeviceNotFound, 404);
}

#[tokio::test]
async fn accounts_are_found_by_name_id_and_mail_and_in_pages() {
    let app = TestApp::start().await;
    let root = operator(&app, "root", 2).await;
    for name in ["adam", "ada", "bob"] {
        app.user(name).await;
    }
    app.execute(
        "UPDATE users SET email = 'Bob@Example.org' WHERE username = 'bob'",
        &[],
    )
    .await;
    app.execute("UPDATE users SET status = 2 WHERE username = 'adam'", &[])
        .await;
    let names = async |query: &str| {
        let found = root.get(&format!("/admin/users?{query}")).await.expect_ok();
        let users = found["users"].as_array().unwrap().clone();
        let names = users
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), found["nextAfter"].clone())
    };
    assert_eq!(names("q=AD").await.0, ["adam", "ada"]);
    assert_eq!(names("q=AD&status=disabled").await.0, ["adam"]);
    assert_eq!(names("q=bob@example.ORG").await.0, ["bob"]);
    let id = app
        .rows("SELECT id FROM users WHERE username = 'bob'", &[])
        .await[0]
        .get::<_, i64>(0);
    assert_eq!(names(&format!("q={id}")).await.0, ["bob"]);
    assert_eq!(names("q=%25").await.0, [""; 0]);
    let (first, next) = names("limit=3").await;
    assert_eq!(first.len(), 3);
    let next = next.as_str().unwrap();
    let (rest, end) = names(&format!("limit=3&after={next}")).await;
    assert_eq!((rest.len(), end), (1, Value::Null));
}

/// The first operator is made by who has the database, and that is noted, too.
#[tokio::test]
async fn the_first_operator_is_made_on_the_server() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let config = || MigrateConfig {
        log: LogConfig {
            level: "off".to_owned(),
        },
        postgres: app.postgres.clone(),
    };
    ada.get("/admin/users").await.expect(Code::Forbidden, 403);
    let role = Some(OperatorRole::Support);
    operator::set(config(), "Ada", role).await.unwrap();
    ada.get("/admin/users").await.expect_ok();
    let log = ada.get("/admin/audit").await.expect_ok();
    let last = &log["entries"][2];
    assert_eq!(last["action"], "operator.set");
    assert_eq!(last["operatorId"], Value::Null);
    assert_eq!(last["detail"], json!({"role": "support"}));
    let me = format!("/admin/users/{}", ada.id);
    assert_eq!(ada.get(&me).await.expect_ok()["role"], "support");
    operator::set(config(), "ada", None).await.unwrap();
    ada.get("/admin/users").await.expect(Code::Forbidden, 403);
    assert!(operator::set(config(), "nobody", role).await.is_err());
}
