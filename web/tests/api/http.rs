//! What holds around every route: errors in the envelope, limits, request ids, headers, metrics, Swagger UI.

use std::time::Duration;

use im_shared::testing::wait_until;
use im_shared::wire::Code;
use serde_json::json;

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
    // Unknown fields are left alone, and the content type is not looked at.
    let body = json!({"username": "ada", "password": "correct horse", "colour": "red"}).to_string();
    Answer::of(app.http.post(app.api("/auth/register")).body(body))
        .await
        .expect_ok();
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

#[tokio::test]
async fn answers_are_protected_and_not_kept() {
    let app = TestApp::start().await;
    let answer = app.get("/access/endpoints").await;
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("connect-src 'self' https: wss: ws:"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self';"), "{policy}");
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
    wait_until(ready, Duration::from_secs(10)).await;
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
    assert!(
        get("swagger-initializer.js")
            .await
            .text()
            .await
            .unwrap()
            .contains("/swagger/openapi.json")
    );
    let document: serde_json::Value = get("openapi.json").await.json().await.unwrap();
    assert!(document["paths"]["/api/v1/friends"].is_object());
}
