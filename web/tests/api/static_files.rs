//! The web client at `/`.

use std::path::Path;

use im_shared::wire::Code;

use crate::actors::Answer;
use crate::app::TestApp;

fn build(folder: &Path) {
    std::fs::create_dir(folder.join("assets")).unwrap();
    std::fs::write(folder.join("index.html"), "<html>the client</html>").unwrap();
    std::fs::write(folder.join("favicon.svg"), "<svg/>").unwrap();
    std::fs::write(
        folder.join("assets/index-abc123.js"),
        "let x = 1;\n".repeat(500),
    )
    .unwrap();
}

/// H1: a page of the client's own router can be loaded, reloaded and linked to.
#[tokio::test]
async fn every_page_of_the_client_is_its_index() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let app = TestApp::start_with(|config| config.http.static_dir = folder.path().to_owned()).await;
    let get = async |path: &str| {
        app.http
            .get(format!("{}{path}", app.url))
            .send()
            .await
            .unwrap()
    };
    for path in ["/", "/login", "/chat/123", "/index.html"] {
        let page = get(path).await;
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(page.headers()["cache-control"], "no-cache");
        assert_eq!(page.headers()["x-frame-options"], "DENY");
        assert!(
            page.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
        assert_eq!(page.text().await.unwrap(), "<html>the client</html>");
    }
    for path in [
        "/missing.png",
        "/assets/old-000000.js",
        "/assets/",
        "/api/v1/x",
        "/..%2f..%2fetc/passwd.txt",
    ] {
        let answer = Answer::of(app.http.get(format!("{}{path}", app.url))).await;
        answer.expect(Code::NotFound, 404);
    }
    Answer::of(app.http.post(format!("{}/login", app.url)))
        .await
        .expect(Code::NotFound, 404);
}

#[tokio::test]
async fn hashed_assets_are_kept_for_ever_and_compressed() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let app = TestApp::start_with(|config| config.http.static_dir = folder.path().to_owned()).await;
    let url = format!("{}/assets/index-abc123.js", app.url);
    let plain = app.http.get(&url).send().await.unwrap();
    assert_eq!(
        plain.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert!(
        plain.headers()["content-type"]
            .to_str()
            .unwrap()
            .contains("javascript")
    );
    assert_eq!(plain.text().await.unwrap().len(), 5_500);
    let packed = app
        .http
        .get(&url)
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() < 500);
    let icon = app
        .http
        .get(format!("{}/favicon.svg", app.url))
        .send()
        .await
        .unwrap();
    assert_eq!(icon.headers()["cache-control"], "no-cache");
}
