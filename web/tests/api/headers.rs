//! What browsers are told: origins, policies, and TLS for the next time.

use im_shared::wire::Code;
use reqwest::header::HeaderMap;

use crate::access::live_node;
use crate::actors::Answer;
use crate::app::TestApp;

const CHAT: &str = "https://chat.example.org";

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// K8: another origin reads answers when it is listed, letter by letter.
#[tokio::test]
async fn an_origin_that_is_not_listed_gets_nothing() {
    let app = TestApp::start_with(|config| config.http.allowed_origins = vec![CHAT.into()]).await;
    let get = async |origin: &str| {
        let request = app.http.get(app.api("/access/endpoints"));
        Answer::of(request.header("origin", origin)).await.headers
    };
    let preflight = async |origin: &str| {
        let request = app
            .http
            .request(reqwest::Method::OPTIONS, app.api("/friends"));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "PUT");
        request.send().await.unwrap().headers().clone()
    };
    let listed = get(CHAT).await;
    assert_eq!(text(&listed, "access-control-allow-origin"), CHAT);
    assert!(text(&listed, "access-control-expose-headers").contains("retry-after"));
    assert!(
        listed
            .get_all("vary")
            .iter()
            .any(|one| one.to_str().unwrap().contains("origin"))
    );
    assert_eq!(text(&listed, "access-control-allow-credentials"), "");
    let listed = preflight(CHAT).await;
    assert_eq!(text(&listed, "access-control-allow-origin"), CHAT);
    assert!(text(&listed, "access-control-allow-headers").contains("authorization"));
    assert!(text(&listed, "access-control-allow-methods").contains("PATCH"));
    for other in [
        "https://chat.example.org.evil.example",
        "https://evil.example",
        "http://chat.example.org",
        "null",
    ] {
        assert_eq!(text(&get(other).await, "access-control-allow-origin"), "");
        let headers = preflight(other).await;
        assert_eq!(text(&headers, "access-control-allow-origin"), "");
    }
}

/// K8: without a list there is one origin.
#[tokio::test]
async fn without_a_list_other_origins_are_told_nothing() {
    let app = TestApp::start().await;
    let request = app
        .http
        .get(app.api("/access/endpoints"))
        .header("origin", CHAT);
    let headers = Answer::of(request).await.headers;
    assert!(
        headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control"))
    );
    let request = app
        .http
        .request(reqwest::Method::OPTIONS, app.api("/friends"));
    Answer::of(request).await.expect(Code::Unsupported, 405);
}

/// K8: a page connects to this server and to the access nodes, and to nobody else.
#[tokio::test]
async fn the_policy_of_a_page_names_the_access_nodes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<html></html>").unwrap();
    let app = TestApp::start_with(|config| {
        config.http.static_dir = folder.path().to_owned();
        config.http.connect_sources = vec!["https://push.example.org".into()];
    })
    .await;
    let policy = async |path: &str| {
        let page = app.http.get(format!("{}{path}", app.url)).send().await;
        text(page.unwrap().headers(), "content-security-policy").to_owned()
    };
    let sources = async || {
        let policy = policy("/chat/1").await;
        let connect = policy
            .split("; ")
            .find(|one| one.starts_with("connect-src"));
        connect.unwrap().to_owned()
    };
    assert_eq!(
        sources().await,
        "connect-src 'self' https://push.example.org"
    );
    let _alive = live_node(&app, "access-1").await;
    let named =
        "connect-src 'self' https://access-1:4433 https://push.example.org ws://access-1:4433";
    let is_named = async || sources().await == named;
    im_shared::testing::wait_until(is_named, std::time::Duration::from_secs(30)).await;
    let page = policy("/").await;
    for rule in [
        "script-src 'self';",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
    ] {
        assert!(page.contains(rule), "{page}");
    }
    assert!(
        policy("/swagger/index.html")
            .await
            .contains("connect-src 'self'")
    );
    assert!(!policy("/swagger/index.html").await.contains("access-1"));
    let api = policy("/api/v1/access/endpoints").await;
    assert_eq!(api, "default-src 'none'; frame-ancestors 'none'");
}

/// K8: over clear text nothing is promised, but where a trusted proxy says that the client has TLS.
#[tokio::test]
async fn hsts_comes_with_tls_only() {
    let clear = TestApp::start().await;
    let proxied = TestApp::start_with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let hsts = async |app: &TestApp, proto: &str| {
        let request = app.http.get(app.api("/access/endpoints"));
        let request = request.header("x-forwarded-proto", proto);
        let headers = Answer::of(request).await.headers;
        text(&headers, "strict-transport-security").to_owned()
    };
    assert_eq!(
        hsts(&clear, "https").await,
        "",
        "anybody can write a header"
    );
    assert_eq!(hsts(&proxied, "http").await, "");
    assert_eq!(hsts(&proxied, "https").await, "max-age=31536000");
}
