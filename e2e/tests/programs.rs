//! Configuration, health, logs and keys of each program.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use im_e2e::Cluster;
use im_e2e::programs::program;
use im_shared::testing::wait_until;
use serde_json::Value;

const PROGRAMS: [&str; 3] = ["access", "logic", "web"];

/// K6: a value out of range, an unknown key and a wrong type stop the start, all named in one message.
#[tokio::test]
async fn a_bad_configuration_stops_the_start_and_says_everything_that_is_wrong() -> Result<()> {
    for name in PROGRAMS {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("bad.toml");
        std::fs::write(
            &file,
            "colour = \"red\"\n[redis]\npool_size = \"many\"\n[nats]\nprefix = \"a.b\"\n",
        )?;
        let mut command = tokio::process::Command::new(program(&format!("im-{name}"))?);
        command
            .arg("--config")
            .arg(&file)
            .current_dir(folder.path())
            .kill_on_drop(true);
        let output = tokio::time::timeout(Duration::from_secs(60), command.output()).await??;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name} started");
        for key in ["colour", "redis.pool_size", "nats.prefix"] {
            assert!(said.contains(key), "{name} does not name {key}: {said}");
        }
    }
    Ok(())
}

/// A1, A16, K1, K2, J1: every program is live and ready with its dependencies, counts, and logs JSON.
#[tokio::test]
async fn every_program_reports_health_metrics_and_structured_logs() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let (alice, bob) = (cluster.user("alice").await?, cluster.user("bob").await?);
    alice.befriend(&bob).await?;
    alice.send(&bob, "count me").await?;
    let dependencies = HashMap::from([
        ("access-1", vec!["nats", "redis"]),
        ("logic-1", vec!["nats", "postgres", "redis"]),
        ("web-1", vec!["nats", "postgres", "redis"]),
    ]);
    for node in cluster.nodes() {
        assert_eq!(node.health("live").await?.0, 200, "{}", node.name());
        let (status, ready) = node.health("ready").await?;
        assert_eq!(status, 200, "{}: {ready}", node.name());
        for dependency in &dependencies[node.name()] {
            assert!(
                ready.to_string().contains(dependency),
                "{} does not tell of {dependency}: {ready}",
                node.name()
            );
        }
        let log = node.log();
        let program = node.name().split('-').next().unwrap();
        for line in log.lines() {
            let line: Value = serde_json::from_str(line)
                .unwrap_or_else(|_| panic!("{}: no JSON: {line}", node.name()));
            for key in ["level", "time", "program", "node"] {
                assert!(line[key].is_string(), "{}: no {key}: {line}", node.name());
            }
            assert_eq!(
                line["program"]
                    .as_str()
                    .map(|name| name.trim_start_matches("im-")),
                Some(program)
            );
        }
        assert!(!log.is_empty(), "{} says nothing", node.name());
    }
    Ok(())
}

/// K1: `/ready` names what is missing while it is missing, and the process stays live.
#[tokio::test]
async fn readiness_follows_the_dependencies() -> Result<()> {
    let cluster = Cluster::builder().private_servers().start().await?;
    let servers = cluster.backend().private()?;
    let ready = async |name: &str| -> Option<(u16, String)> {
        let node = cluster.nodes().iter().find(|node| node.name() == name)?;
        let (status, body) = node.health("ready").await.ok()?;
        Some((status, body.to_string()))
    };
    let patience = Duration::from_secs(60);
    servers.nats.kill().await;
    for name in ["access-1", "logic-1"] {
        wait_until(
            async || matches!(ready(name).await, Some((503, body)) if body.contains("nats")),
            patience,
        )
        .await;
    }
    servers.nats.restart().await;
    servers.postgres.kill().await;
    for name in ["logic-1", "web-1"] {
        wait_until(
            async || matches!(ready(name).await, Some((503, body)) if body.contains("postgres")),
            patience,
        )
        .await;
    }
    servers.postgres.restart().await;
    for node in cluster.nodes() {
        wait_until(
            async || matches!(ready(node.name()).await, Some((200, _))),
            patience,
        )
        .await;
        assert_eq!(node.health("live").await?.0, 200);
    }
    Ok(())
}

/// A16: the default ports stand in the committed files and in the documents.
#[test]
fn the_committed_configuration_names_every_default_port() {
    let read = |file: &str| std::fs::read_to_string(im_e2e::repository().join(file)).unwrap();
    let document = read("docs/configuration.md");
    for (program, ports) in [
        ("access", vec!["4433", "9433"]),
        ("logic", vec!["9090"]),
        ("web", vec!["8080", "9080"]),
    ] {
        let file = read(&format!("env/{program}.toml"));
        for port in ports {
            assert!(
                file.contains(&format!(":{port}\"")),
                "env/{program}.toml does not name {port}"
            );
            assert!(
                document.contains(port),
                "docs/configuration.md does not name {port}"
            );
        }
    }
}
