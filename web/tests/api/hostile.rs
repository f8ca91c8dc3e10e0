//! Clients that are slow, endless, or many at once: they cost a place for a while, and nobody else notices.

use std::time::{Duration, Instant};

use im_shared::wire::Code;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::actors::Answer;
use crate::app::TestApp;

/// Longer than anything here may take.
const FAR: Duration = Duration::from_secs(20);

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.strip_prefix("http://").unwrap())
        .await
        .unwrap()
}

/// Sends `begun`, then a byte every 20 ms; what is answered until the other side is done with it, and how long that took.
async fn drip(app: &TestApp, begun: &str) -> (String, Duration) {
    let mut stream = connect(app).await;
    stream.write_all(begun.as_bytes()).await.unwrap();
    let began = Instant::now();
    let (mut reading, mut writing) = stream.into_split();
    let write = async {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut said = Vec::new();
    tokio::select! {
        // An error is an end, too: the other side closed while bytes were on their way.
        _ = reading.read_to_end(&mut said) => {}
        () = write => {}
        () = tokio::time::sleep(FAR) => panic!("never ended: {said:?}"),
    }
    (String::from_utf8_lossy(&said).into_owned(), began.elapsed())
}

/// A15: a byte now and then does not hold a place.
#[tokio::test]
async fn headers_that_drip_are_cut() {
    let app = TestApp::start_with(|config| config.http.header_timeout_ms = 300).await;
    let slow = drip(
        &app,
        "GET /api/v1/access/endpoints HTTP/1.1\r\nhost: x\r\nx-slow: ",
    );
    let others = app.get("/access/endpoints");
    let ((said, took), other) = tokio::join!(slow, others);
    other.expect_ok();
    assert_eq!(said, "");
    assert!(took >= Duration::from_millis(250), "{took:?}");
}

/// A15, M6: a body that drips is answered with 408.
#[tokio::test]
async fn a_body_that_drips_is_refused() {
    let app = TestApp::start_with(|config| config.http.body_timeout_ms = 300).await;
    let begun = "POST /api/v1/auth/register HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n{";
    let (said, took) = drip(&app, begun).await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    let code = format!("\"code\":{}", Code::DeadlineExceeded.0);
    assert!(said.contains(&code), "{said}");
    assert!(took >= Duration::from_millis(250), "{took:?}");
}

/// A15: a body without an end is cut at the limit of its route.
#[tokio::test]
async fn a_body_without_an_end_is_refused() {
    let app = TestApp::start().await;
    let mut stream = connect(&app).await;
    let begun =
        "POST /api/v1/auth/register HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(begun.as_bytes()).await.unwrap();
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let (mut reading, mut writing) = stream.into_split();
    let write = async {
        while writing.write_all(chunk.as_bytes()).await.is_ok() {}
        std::future::pending::<()>().await;
    };
    let mut said = [0; 12];
    tokio::select! {
        read = reading.read_exact(&mut said) => { read.unwrap(); }
        () = write => {}
        () = tokio::time::sleep(FAR) => panic!("never ended"),
    }
    assert_eq!(&said, b"HTTP/1.1 413");
}

/// A15: nesting ends the request, not the stack.
#[tokio::test]
async fn a_body_that_is_nested_deeply_is_refused() {
    let app = TestApp::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 60_000 / (open.len() + close.len());
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        for body in [
            format!("{{\"username\":{deep}}}"),
            format!("{{\"x\":{deep}}}"),
            deep.clone(),
        ] {
            let request = app.http.post(app.api("/auth/register")).body(body);
            Answer::of(request).await.expect(Code::InvalidArgument, 400);
        }
    }
}

/// A15: headers are few and short.
#[tokio::test]
async fn too_many_or_too_long_headers_are_refused() {
    let app = TestApp::start().await;
    let many: String = (0..10_000).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = format!("x-long: {}\r\n", "x".repeat(200_000));
    for headers in [many, long] {
        let mut stream = connect(&app).await;
        let request = format!("GET /api/v1/access/endpoints HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        let (mut reading, mut writing) = stream.split();
        let mut said = [0; 12];
        let write = async {
            // Refused before the end: the rest may find nobody.
            let _ = writing.write_all(request.as_bytes()).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            read = reading.read_exact(&mut said) => { read.unwrap(); }
            () = write => {}
            () = tokio::time::sleep(FAR) => panic!("never ended"),
        }
        assert_eq!(&said, b"HTTP/1.1 431");
    }
    app.get("/access/endpoints").await.expect_ok();
}

/// A15: one client has so many connections, and gets more when some have ended.
#[tokio::test]
async fn one_client_does_not_take_every_place() {
    let app = TestApp::start_with(|config| config.http.max_connections_per_address = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(&app).await;
        let ask = "GET /api/v1/access/endpoints HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut said = [0; 12];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"HTTP/1.1 200");
        held.push(stream);
    }
    let refused = async || {
        let mut stream = connect(&app).await;
        let mut said = Vec::new();
        let read = tokio::time::timeout(FAR, stream.read_to_end(&mut said)).await;
        read.unwrap().is_err() || said.is_empty()
    };
    assert!(refused().await);
    held.clear();
    let is_free = async || {
        app.http
            .get(app.api("/access/endpoints"))
            .send()
            .await
            .is_ok()
    };
    im_shared::testing::wait_until(is_free, FAR).await;
}

/// A15: a client that asks and never takes the answers loses its place.
#[tokio::test]
async fn a_client_that_takes_no_answer_is_cut() {
    let app = TestApp::start_with(|config| {
        config.http.max_connections = 1;
        config.http.idle_timeout_ms = 300;
    })
    .await;
    let mut greedy = connect(&app).await;
    // Much more than the buffers of both sides hold.
    let ask = "GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(50);
    greedy.write_all(ask.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    greedy.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    // Waits in the backlog until the greedy one is cut.
    app.get("/access/endpoints").await.expect_ok();
}

/// M6: what is wrong is told in the envelope, whichever way it is wrong.
#[tokio::test]
async fn strange_requests_get_honest_answers() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get("/user/%00")
        .await
        .expect(Code::InvalidArgument, 400);
    ada.get("/user/%ff")
        .await
        .expect(Code::InvalidArgument, 400);
    ada.get("/user/search?q=a&q=b").await.expect_invalid("q");
    ada.put("/user/profile", json!({"nickname": null, "colour": 1}))
        .await
        .expect_invalid("colour");
    let long = "x".repeat(30_000);
    ada.get(&format!("/user/search?q={long}"))
        .await
        .expect_invalid("q");
}
