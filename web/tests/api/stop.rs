//! Starting and stopping the program.

use std::process::Command;
use std::time::Duration;

use im_shared::testing::wait_until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::TestApp;

/// D11: what was begun is finished, and then nobody is let in.
#[tokio::test]
async fn a_stop_finishes_the_requests_that_run() {
    let app = TestApp::start().await;
    let body = r#"{"username": "ada", "password": "correct horse"}"#;
    let address = app.url.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/auth/register HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // The server says so when the handler asks for the body: the request runs.
    let mut said = [0; 25];
    connection.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");

    app.stop.cancel();
    let refused = async || {
        app.http
            .get(app.api("/access/endpoints"))
            .send()
            .await
            .is_err()
    };
    wait_until(refused, Duration::from_secs(10)).await;
    let ready = app
        .http
        .get(format!("{}/ready", app.ops_url))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 503);
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    app.served.await.unwrap().unwrap();
}

fn im_web(arguments: &[&str]) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_im-web"));
    command
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// K8: the private key is readable by its owner only, and a second call keeps it.
#[test]
fn a_key_is_made_once() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("keys");
    let arguments = [
        "generate-key",
        "--dir",
        dir.to_str().unwrap(),
        "--id",
        "im-1",
    ];
    assert!(im_web(&arguments).status.success());
    let private = dir.join("private/im-1.pem");
    let made = std::fs::read_to_string(&private).unwrap();
    assert_eq!(
        std::fs::metadata(&private).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(dir.join("public/im-1.pem").is_file());
    assert!(im_web(&arguments).status.success());
    assert_eq!(std::fs::read_to_string(&private).unwrap(), made);
    assert!(
        !im_web(&[
            "generate-key",
            "--dir",
            dir.to_str().unwrap(),
            "--id",
            "../x"
        ])
        .status
        .success()
    );
}

/// M7.
#[test]
fn the_program_prints_its_document() {
    let output = im_web(&["openapi"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        im_web::openapi::text().unwrap()
    );
}

/// K6: everything that is wrong is told at once, and nothing starts.
#[test]
fn a_wrong_configuration_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.toml");
    std::fs::write(
        &file,
        "colour = \"red\"\n[http]\nmax_requests = 0\nlisten = \"nowhere\"\n",
    )
    .unwrap();
    let output = im_web(&["--config", file.to_str().unwrap()]);
    assert!(!output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    for key in [
        "colour",
        "http.max_requests",
        "http.listen",
        "tokens.private_key",
    ] {
        assert!(told.contains(key), "{key} in {told}");
    }
}

/// K6: what is in git starts, once the keys are there.
#[test]
fn the_configuration_in_git_is_legal() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../env/web.toml");
    let config = im_shared::config::load::<im_web::config::WebConfig>("web", Some(file.as_ref()));
    if let Err(error) = config {
        assert!(
            error
                .problems
                .iter()
                .all(|problem| problem.key.starts_with("tokens.")),
            "{error}"
        );
    }
}
