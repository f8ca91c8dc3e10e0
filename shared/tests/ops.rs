//! The ops port of a program.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::SocketAddr;

use im_shared::config::{LogConfig, OpsConfig};
use im_shared::telemetry::{self, Health, Ops};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

/// Status and body.
async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// [K1, K2]
#[tokio::test]
async fn a_program_tells_whether_it_lives_is_ready_and_what_it_counts() {
    let telemetry = telemetry::init("test", "test-1", &LogConfig::default()).unwrap();
    let health = Health::new();
    let redis = health.dependency("redis");
    let config = OpsConfig::default();
    let ops = Ops::bind(&config, health.clone(), telemetry).await.unwrap();
    let address = ops.address();
    let stop = CancellationToken::new();
    let served = tokio::spawn(ops.run(stop.clone()));

    assert_eq!(get(address, "/live").await.0, 200);
    redis.down("refused");
    health.set_ready(true);
    let (status, body) = get(address, "/ready").await;
    assert_eq!(status, 503);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["ready"], false);
    assert_eq!(body["dependencies"]["redis"]["reason"], "refused");
    redis.up();
    assert_eq!(get(address, "/ready").await.0, 200);
    health.set_ready(false);
    assert_eq!(get(address, "/ready").await.0, 503);

    metrics::histogram!("im_test_seconds").record(0.003);
    let (status, body) = get(address, "/metrics").await;
    assert_eq!(status, 200);
    assert!(
        body.contains(r#"im_dependency_up{dependency="redis"} 1"#),
        "{body}"
    );
    assert!(
        body.contains(r#"im_test_seconds_bucket{le="0.005"} 1"#),
        "{body}"
    );

    stop.cancel();
    served.await.unwrap().unwrap();
}
