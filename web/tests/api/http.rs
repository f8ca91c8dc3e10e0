//! What holds around every route: errors in the envelope, limits, request ids, headers, metrics, Swagger UI.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use im_shared::telemetry::JsonLayer;
use im_shared::testing::wait_until;
use im_shared::wire::Code;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_subscriber::layer::SubscriberExt;

use crate::actors::Answer;
use crate::app::TestApp;

#[tokio::test]
async fn what_is_no_route_is_told_in_the_envelope() {
    let app = TestApp::start().await;
    for path in ["/nothing", "/", "/api", "/api/v1/nothing", "/assets/x.js"] {
        Answer::of(app.http.get(format!("{}{path}", app.url)))
            .await
            .expect(Code::NotFound, 404);
    }
    let wrong = app.http.delete(app.api("/auth/login"));
    let answer = Answer::of(wrong).await;
    answer.expect(Code::Unsupported, 405);
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn a_body_that_is_none_is_an_invalid_argument() {
    let app = TestApp::start().await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"username\":1}",
        "\u{0}",
        "{\"username\":\"ada\",\"password\":\"\\ud800\"}",
    ] {
        let request = app.http.post(app.api("/auth/register")).body(body);
        Answer::of(request).await.expect(Code::InvalidArgument, 400);
    }
    let request = app
        .http
        .post(app.api("/auth/register"))
        .body(vec![0xff, 0xfe]);
    Answer::of(request).await.expect(Code::InvalidArgument, 400);
}

/// M6: whoever misspells a field learns which one, and nothing is done.
#[tokio::test]
async fn an_unknown_field_is_refused_and_named() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"username": "bob", "password": "correct horse", "colour": "red"});
    let answer = app.post("/auth/register", body).await;
    answer.expect_invalid("colour");
    let body = json!({"endpoint": "https://push.example/1", "keys": {"p256dh": "a", "autz": "b"}});
    ada.put("/push/subscription", body)
        .await
        .expect_invalid("keys.autz");
    ada.get("/conversations?limitt=1")
        .await
        .expect_invalid("limitt");
    ada.get("/conversations?limit=x")
        .await
        .expect_invalid("limit");
    ada.get("/user/nobody").await.expect_invalid("id");
    let body = json!({"username": "ada!", "password": "correct horse"});
    let answer = app.post("/auth/register", body).await;
    answer.expect(Code::UsernameInvalid, 400);
    assert_eq!(answer.data["field"], "username");
}

/// M6: JSON under another name is a mistake, or a form of a foreign page.
#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let app = TestApp::start().await;
    let body = json!({"username": "ada", "password": "correct horse"}).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "", "é"] {
        let request = app.http.post(app.api("/auth/register")).body(body.clone());
        let request = request.header("content-type", kind.as_bytes());
        Answer::of(request).await.expect_invalid("Content-Type");
    }
    let request = app.http.post(app.api("/auth/register")).body(body.clone());
    let named = request.header("content-type", "Application/JSON; charset=utf-8");
    Answer::of(named).await.expect_ok();
    // Without a type, it is what it can only be.
    let request = app.http.post(app.api("/auth/register")).body(body);
    Answer::of(request).await.expect(Code::UsernameTaken, 409);
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused() {
    let app = TestApp::start().await;
    let request = app
        .http
        .post(app.api("/auth/register"))
        .body(" ".repeat(64 * 1024 + 1));
    Answer::of(request).await.expect(Code::FrameTooLarge, 413);
    let deep = "[".repeat(60_000);
    let request = app.http.post(app.api("/auth/register")).body(deep);
    Answer::of(request).await.expect(Code::InvalidArgument, 400);
}

/// J1.
#[tokio::test]
async fn every_answer_has_a_request_id() {
    let app = TestApp::start().await;
    let given = app
        .http
        .get(app.api("/access/endpoints"))
        .header("x-request-id", "abc-1");
    assert_eq!(Answer::of(given).await.headers["x-request-id"], "abc-1");
    let forged = app
        .http
        .get(app.api("/access/endpoints"))
        .header("x-request-id", "a b");
    let answer = Answer::of(forged).await;
    assert_eq!(answer.headers["x-request-id"].len(), 16);
}

/// J1: each line of a request says which request and whose it is.
#[tokio::test]
async fn every_log_line_of_a_request_names_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = JsonLayer::new("web", "web-1", move || writer.clone());
    // Of this thread, on which the server of this test runs too.
    let _logs = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let request = app
        .http
        .get(app.api("/user/999"))
        .header("x-request-id", "abc-1")
        .bearer_auth(&ada.token);
    Answer::of(request).await.expect(Code::UserNotFound, 404);
    let lines = lines.of("web");
    assert!(
        lines
            .iter()
            .any(|line| line["message"] == "answered" && line["status"] == 404),
        "{lines:?}"
    );
    for line in lines {
        assert_eq!(line["request_id"], "abc-1", "{line}");
        assert_eq!(line["user_id"], ada.id.to_string(), "{line}");
        assert_eq!(line["route"], "/api/v1/user/{id}", "{line}");
    }
}

/// Log lines in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Those that this program wrote itself, while it answered.
    fn of(&self, program: &str) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &serde_json::Value| {
                line["program"] == program && line["target"].as_str().unwrap().starts_with("im_web")
            })
            .collect()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn answers_are_protected_and_not_kept() {
    let app = TestApp::start().await;
    let answer = app.get("/nothing").await;
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(
        answer.headers["content-security-policy"],
        "default-src 'none'; frame-ancestors 'none'"
    );
}

/// A15: a connection that says nothing is closed, and its place is free again.
#[tokio::test]
async fn silent_connections_do_not_keep_others_out() {
    let app = TestApp::start_with(|config| {
        config.http.max_connections = 2;
        config.http.idle_timeout_ms = 300;
    })
    .await;
    let address = app.url.strip_prefix("http://").unwrap();
    let mut silent = Vec::new();
    for begun in ["", "GET /api/v1/acc"] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(begun.as_bytes()).await.unwrap();
        silent.push(connection);
    }
    // Waits in the backlog until one of the two is closed.
    app.get("/access/endpoints").await.expect_ok();
    for connection in &mut silent {
        let mut said = Vec::new();
        let closed =
            tokio::time::timeout(Duration::from_secs(30), connection.read_to_end(&mut said)).await;
        assert!(closed.is_ok());
    }
}

/// J10, K1: counted per route template, without ids in labels.
#[tokio::test]
async fn requests_are_counted_by_their_template() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get("/user/123456789")
        .await
        .expect(Code::UserNotFound, 404);
    Answer::of(app.http.get(format!("{}/strange/path", app.url))).await;
    let metrics = app
        .http
        .get(format!("{}/metrics", app.ops_url))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let counted = metrics.lines().any(|line| {
        line.starts_with("im_http_requests_total{")
            && line.contains("route=\"/api/v1/user/{id}\"")
            && line.contains("status=\"404\"")
    });
    assert!(counted, "{metrics}");
    assert!(metrics.contains("im_http_request_duration_seconds_bucket"));
    assert!(!metrics.contains("123456789") && !metrics.contains("strange"));
}

/// K1.
#[tokio::test]
async fn readiness_names_each_dependency() {
    let app = TestApp::start().await;
    let ready = async || {
        let response = app
            .http
            .get(format!("{}/ready", app.ops_url))
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body: serde_json::Value = response.json().await.unwrap();
        status == 200
            && ["postgres", "redis", "nats"]
                .iter()
                .all(|name| body["dependencies"][name]["up"] == true)
    };
    wait_until(ready, Duration::from_secs(30)).await;
    let live = app
        .http
        .get(format!("{}/live", app.ops_url))
        .send()
        .await
        .unwrap();
    assert_eq!(live.status(), 200);
}

/// M7: the user interface and all that it loads come out of the program.
#[tokio::test]
async fn swagger_ui_is_served() {
    let app = TestApp::start().await;
    let get = async |path: &str| {
        app.http
            .get(format!("{}/swagger/{path}", app.url))
            .send()
            .await
            .unwrap()
    };
    let page = get("index.html").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(
        !page.contains("https://"),
        "something is loaded from elsewhere: {page}"
    );
    for file in [
        "swagger-ui.css",
        "swagger-ui-bundle.js",
        "swagger-initializer.js",
    ] {
        assert_eq!(get(file).await.status(), 200, "{file}");
    }
    // Who signs in with one of the operations is signed in for the others, and after a reload.
    let script = get("swagger-initializer.js").await.text().await.unwrap();
    for part in [
        "/swagger/openapi.json",
        "preauthorizeApiKey('bearer'",
        "persistAuthorization: true",
    ] {
        assert!(script.contains(part), "{script}");
    }
    let document: serde_json::Value = get("openapi.json").await.json().await.unwrap();
    assert!(document["paths"]["/api/v1/friends"].is_object());
}
