//! Who has an answer already is told so.

use im_web::routes;
use serde_json::json;

use crate::app::TestApp;

/// M6: a client that polls gets the body when it has changed, and a line of headers when not.
#[tokio::test]
async fn who_has_the_answer_gets_304() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let get = async |token: &str, tag: &str, encoding: &str| {
        let request = app.http.get(app.api("/user/profile")).bearer_auth(token);
        let request = request.header("accept-encoding", encoding);
        request.header("if-none-match", tag).send().await.unwrap()
    };
    let first = get(&ada.token, "", "").await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["cache-control"], "private, no-cache");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    for encoding in ["", "gzip"] {
        let same = get(&ada.token, &format!("\"x\", {tag}"), encoding).await;
        assert_eq!(same.status(), 304);
        assert_eq!(same.headers()["etag"], tag.as_str());
        assert!(same.headers().contains_key("x-request-id"));
        assert!(same.bytes().await.unwrap().is_empty());
    }
    assert_eq!(get(&bob.token, &tag, "").await.status(), 200);
    assert_eq!(get("nobody", &tag, "").await.status(), 401);
    ada.put("/user/profile", json!({"nickname": "Countess"}))
        .await
        .expect_ok();
    let changed = get(&ada.token, &tag, "").await;
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()["etag"], tag.as_str());
    assert!(changed.text().await.unwrap().contains("Countess"));
}

/// M6.
#[tokio::test]
async fn what_clients_poll_has_a_tag() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let polled: Vec<_> = routes::all()
        .into_iter()
        .filter(|route| route.polled)
        .map(|route| route.path.trim_start_matches("/api/v1"))
        .collect();
    for path in [
        "/user/profile",
        "/friends",
        "/friends/requests",
        "/conversations",
        "/groups/{id}",
        "/access/endpoints",
        "/devices",
    ] {
        assert!(polled.contains(&path), "{path}");
    }
    // Those outside of the API have tests of their own.
    let plain = |path: &&str| !path.contains('{') && !path.starts_with("/.well-known/");
    for path in polled.into_iter().filter(plain) {
        let answer = ada.get(path).await;
        assert!(answer.headers.contains_key("etag"), "{path}: {answer:?}");
    }
}
