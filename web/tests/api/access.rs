//! Where to open a session.

use std::time::Duration;

use im_shared::ids::{Incarnation, NodeId};
use im_shared::nodes::{NodeRecord, Nodes, WebSocketEndpoint, WebTransportEndpoint};
use im_shared::testing::wait_until;
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use crate::app::TestApp;

async fn node_ids(app: &TestApp) -> Vec<String> {
    let data = app.get("/access/endpoints").await.expect_ok();
    let nodes = data["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["nodeId"].as_str().unwrap().to_owned())
        .collect()
}

fn record(name: &str, sessions: u64) -> NodeRecord {
    NodeRecord {
        node_id: name.parse().unwrap(),
        incarnation: Incarnation(1),
        draining: false,
        sessions,
        web_transport: Some(WebTransportEndpoint {
            url: format!("https://{name}:4433/im/v1"),
            certificate_hashes: vec!["ab".repeat(32)],
        }),
        web_socket: Some(WebSocketEndpoint {
            url: format!("ws://{name}:4433/im/v1"),
        }),
    }
}

/// A node that is alive until what is returned with it is dropped.
pub(crate) async fn live_node(app: &TestApp, name: &str) -> (NodeId, AbortOnDropHandle<()>) {
    let record = record(name, 0);
    (record.node_id.clone(), announced(app, record).await)
}

/// Announces the node again and again, as access does, until what is returned is dropped: one announcement holds for 15 s.
pub(crate) async fn announced(app: &TestApp, record: NodeRecord) -> AbortOnDropHandle<()> {
    let nodes = Nodes::new(app.redis.clone(), app.keys.clone());
    nodes.announce(&record).await.unwrap();
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            nodes.announce(&record).await.unwrap();
        }
    }))
}

/// A2: no token is needed, and the list follows the nodes.
#[tokio::test]
async fn the_endpoints_are_those_of_the_live_nodes() {
    let app = TestApp::start().await;
    assert!(node_ids(&app).await.is_empty());
    let nodes = Nodes::new(app.redis.clone(), app.keys.clone());
    let (busy, idle) = (record("access-1", 9), record("access-2", 2));
    nodes.announce(&busy).await.unwrap();
    nodes.announce(&idle).await.unwrap();
    let is = async |expected: &[&str]| {
        wait_until(
            async || node_ids(&app).await == expected,
            Duration::from_secs(30),
        )
        .await;
    };
    is(&["access-2", "access-1"]).await;
    let data = app.get("/access/endpoints").await.expect_ok();
    assert_eq!(
        data["nodes"][1],
        json!({
            "nodeId": "access-1",
            "webTransport": {"url": "https://access-1:4433/im/v1", "certificateHashes": ["ab".repeat(32)]},
            "webSocket": {"url": "ws://access-1:4433/im/v1"},
        })
    );

    // With the other one each time: an announcement holds for 15 s.
    let both = async |idle: NodeRecord| {
        for record in [&busy, &idle] {
            nodes.announce(record).await.unwrap();
        }
    };
    both(NodeRecord {
        draining: true,
        ..idle.clone()
    })
    .await;
    is(&["access-1"]).await;
    both(NodeRecord {
        web_transport: None,
        ..idle.clone()
    })
    .await;
    is(&["access-2", "access-1"]).await;
    assert_eq!(
        app.get("/access/endpoints").await.expect_ok()["nodes"][0]["webTransport"],
        Value::Null
    );
    nodes
        .withdraw(&busy.node_id, busy.incarnation)
        .await
        .unwrap();
    is(&["access-2"]).await;
}
