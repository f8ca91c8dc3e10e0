//! Starting and stopping the program.

use std::process::Command;
use std::time::Duration;

use im_shared::testing::{Servers, TestDatabase, unique_prefix, wait_until};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::app::TestApp;

const PATIENCE: Duration = Duration::from_secs(30);

/// D11: what was begun is finished, and then nobody is let in.
#[tokio::test]
async fn a_stop_finishes_the_requests_that_run() {
    let app = TestApp::start_with(|config| {
        config.http.body_timeout_ms = 60_000;
        config.http.stop_timeout_ms = 60_000;
    })
    .await;
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
    wait_until(refused, PATIENCE).await;
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

/// The environment of a program with a database, keys and prefixes of its own.
fn settings(database: &TestDatabase, keys: &std::path::Path) -> Vec<(&'static str, String)> {
    let prefix = unique_prefix();
    vec![
        ("IM_WEB_POSTGRES__URL", database.url()),
        ("IM_WEB_REDIS__URL", Servers::redis_url().to_owned()),
        ("IM_WEB_REDIS__PREFIX", prefix.clone()),
        ("IM_WEB_NATS__URL", Servers::nats_url().to_owned()),
        ("IM_WEB_NATS__PREFIX", prefix),
        (
            "IM_WEB_TOKENS__PUBLIC_KEYS",
            keys.join("public").display().to_string(),
        ),
        (
            "IM_WEB_TOKENS__PRIVATE_KEYS",
            keys.join("private").display().to_string(),
        ),
        ("IM_WEB_HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        ("IM_WEB_OPS__LISTEN", "127.0.0.1:0".to_owned()),
        ("IM_WEB_POSTGRES__CONNECT_TIMEOUT_MS", "60000".to_owned()),
        ("IM_WEB_REDIS__CONNECT_TIMEOUT_MS", "60000".to_owned()),
        ("IM_WEB_NATS__CONNECT_TIMEOUT_MS", "60000".to_owned()),
    ]
}

/// A1, D11, I6: the program itself migrates, starts, serves, and leaves at SIGTERM with success.
#[tokio::test]
async fn the_program_starts_and_leaves_at_sigterm() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    assert!(
        im_web(&[
            "generate-key",
            "--dir",
            keys.to_str().unwrap(),
            "--id",
            "im-1"
        ])
        .status
        .success()
    );
    let settings = settings(&database, &keys);
    let command = |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_im-web"));
        command
            .args(arguments)
            .envs(settings.clone())
            .current_dir(folder.path())
            .kill_on_drop(true);
        command.stderr(std::process::Stdio::piped());
        command
    };
    // Already migrated: nothing to do, twice.
    for _ in 0..2 {
        let output = command(&["migrate"]).output().await.unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    let mut program = command(&[]).spawn().unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let mut log: Vec<Value> = Vec::new();
    while log.last().is_none_or(|line| line["message"] != "serving") {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.unwrap().unwrap().expect("it serves");
        log.push(serde_json::from_str(&line).expect(&line));
    }
    let address = log.last().unwrap()["address"].as_str().unwrap();
    let url = format!("http://{address}/api/v1/access/endpoints");
    let serves = async || {
        reqwest::get(&url)
            .await
            .is_ok_and(|answer| answer.status() == 200)
    };
    wait_until(serves, PATIENCE).await;
    let pid = program.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let end = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            log.push(serde_json::from_str(&line).expect(&line));
        }
        program.wait().await.unwrap()
    };
    let status = tokio::time::timeout(PATIENCE, end).await.unwrap();
    assert!(status.success());
    for line in &log {
        assert_eq!(
            (&line["program"], &line["node"]),
            (&"web".into(), &"web-1".into())
        );
        assert_ne!(line["level"], "ERROR", "{line}");
    }
    assert!(
        log.iter().any(|line| line["message"] == "stopped"),
        "{log:?}"
    );
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
        "tokens.private_keys",
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
