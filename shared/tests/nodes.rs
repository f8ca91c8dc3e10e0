//! Node records and locations, in a real Redis.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use im_shared::cache::{self, Keys, Redis};
use im_shared::ids::{Incarnation, SessionId, UserId};
use im_shared::location::{Location, Locations, Removed};
use im_shared::nodes::{LiveNodes, NodeRecord, Nodes, WebSocketEndpoint, WebTransportEndpoint};
use im_shared::testing::{RedisServer, Servers, unique_prefix, wait_until};
use im_shared::wire::Platform;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn setup() -> (Redis, Keys) {
    let prefix = unique_prefix();
    let mut config = Servers::redis(&prefix);
    config.command_timeout_ms = 10_000;
    let redis = cache::connect(&config).await.unwrap();
    (redis, Keys::new(&prefix))
}

fn record(name: &str, incarnation: u64) -> NodeRecord {
    NodeRecord {
        node_id: name.parse().unwrap(),
        incarnation: Incarnation(incarnation),
        draining: false,
        sessions: 3,
        web_transport: Some(WebTransportEndpoint {
            url: "https://localhost:4433/im/v1".to_owned(),
            certificate_hashes: vec!["00ff".to_owned()],
        }),
        web_socket: Some(WebSocketEndpoint {
            url: "ws://localhost:4433/im/v1".to_owned(),
        }),
    }
}

fn session(node: &str, incarnation: u64, session: u64, platform: Platform) -> Location {
    Location {
        node: node.parse().unwrap(),
        incarnation: Incarnation(incarnation),
        session: SessionId(session),
        platform,
    }
}

/// [F2]
#[tokio::test]
async fn a_node_is_listed_from_its_announcement_to_its_withdrawal() {
    let (redis, keys) = setup().await;
    let nodes = Nodes::new(redis, keys);
    assert!(nodes.list().await.unwrap().is_empty());
    let (a, b) = (record("a", 5), record("b", 6));
    assert!(nodes.announce(&b).await.unwrap().was_missing);
    assert!(nodes.announce(&a).await.unwrap().was_missing);
    assert!(!nodes.announce(&a).await.unwrap().was_missing);
    assert_eq!(nodes.list().await.unwrap(), [a.clone(), b.clone()]);
    nodes.withdraw(&a.node_id, Incarnation(4)).await.unwrap();
    assert_eq!(nodes.list().await.unwrap().len(), 2);
    nodes.withdraw(&a.node_id, a.incarnation).await.unwrap();
    assert_eq!(nodes.list().await.unwrap(), [b]);
}

/// [F2] Two processes with one name: the later start is the node.
#[tokio::test]
async fn an_earlier_start_of_a_node_cannot_announce_itself() {
    let (redis, keys) = setup().await;
    let nodes = Nodes::new(redis, keys);
    nodes.announce(&record("a", 5)).await.unwrap();
    let announced = nodes.announce(&record("a", 6)).await.unwrap();
    assert!(announced.was_missing && !announced.superseded);
    assert!(nodes.announce(&record("a", 5)).await.unwrap().superseded);
    assert_eq!(nodes.list().await.unwrap(), [record("a", 6)]);
}

/// [F2]
#[tokio::test]
async fn the_table_of_live_nodes_follows() {
    let (redis, keys) = setup().await;
    let nodes = Nodes::new(redis, keys);
    let live = LiveNodes::watch(nodes.clone()).await.unwrap();
    let a = record("a", 5);
    let is_live = || live.is_live(&a.node_id, a.incarnation);
    assert!(!is_live());
    nodes.announce(&a).await.unwrap();
    wait_until(async || is_live(), PATIENCE).await;
    assert_eq!(*live.all()[0], a);
    nodes.withdraw(&a.node_id, a.incarnation).await.unwrap();
    wait_until(async || !is_live(), PATIENCE).await;
}

/// [F3, F4, F5]
#[tokio::test]
async fn sessions_come_and_go() {
    let (redis, keys) = setup().await;
    let locations = Locations::new(redis, keys);
    let (user, other) = (UserId(1), UserId(2));
    let web = session("a", 1, 1, Platform::Web);
    let phone = session("b", 1, 2, Platform::Ios);
    let added = locations.add(user, web.clone()).await.unwrap();
    assert!(added.first && added.replaced.is_empty());
    // Once more, after an answer was lost.
    let again = locations.add(user, web.clone()).await.unwrap();
    assert!(again.replaced.is_empty() && again.superseded.is_none());
    assert!(!locations.add(user, phone.clone()).await.unwrap().first);
    let found = locations.of(&[other, user]).await.unwrap();
    assert_eq!(found, [vec![], vec![web.clone(), phone.clone()]]);

    let newer = session("b", 1, 3, Platform::Web);
    let added = locations.add(user, newer.clone()).await.unwrap();
    assert_eq!(added.replaced, std::slice::from_ref(&web));
    let late = locations.add(user, web.clone()).await.unwrap();
    assert_eq!(late.superseded, Some(newer.clone()));

    let removed = locations.remove(user, &web).await.unwrap();
    assert_eq!(removed, Removed::default());
    let removed = locations.remove(user, &phone).await.unwrap();
    assert!(removed.removed && !removed.last);
    let removed = locations.remove(user, &newer).await.unwrap();
    assert!(removed.removed && removed.last);
    let all = [(user, newer.clone())];
    assert_eq!(locations.missing(&all).await.unwrap(), all);
}

/// [F2] Redis restarts empty: the connection comes back by itself, and what is missing is found.
#[tokio::test]
async fn redis_may_restart() {
    let server = RedisServer::start();
    let mut config = Servers::redis("t");
    config.url = server.url().into();
    config.command_timeout_ms = 5_000;
    let redis = cache::connect(&config).await.unwrap();
    let locations = Locations::new(redis.clone(), Keys::new("t"));
    let (user, web) = (UserId(1), session("a", 1, 1, Platform::Web));
    locations.add(user, web.clone()).await.unwrap();
    server.kill().await;
    let asked = tokio::time::timeout(PATIENCE, locations.of(&[user])).await;
    assert!(asked.expect("an end").is_err());
    server.restart().await;
    let answers = async || cache::ping(&redis).await.is_ok();
    wait_until(answers, PATIENCE).await;
    let all = [(user, web.clone())];
    let answers = async || locations.missing(&all).await.is_ok();
    wait_until(answers, PATIENCE).await;
    assert_eq!(locations.missing(&all).await.unwrap(), all);
    locations.add(user, web.clone()).await.unwrap();
    assert_eq!(locations.of(&[user]).await.unwrap(), [vec![web]]);
}
