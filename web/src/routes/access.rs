//! Where a client may open a session.

use axum::extract::State;
use im_shared::nodes::NodeRecord;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::reply::{Envelope, Reply};
use crate::services::Services;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/access/endpoints", endpoints).polled()]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(endpoints))]
pub(super) struct Paths;

/// The access nodes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Endpoints {
    /// Alive and not draining, least loaded first.
    nodes: Vec<Node>,
}

/// One access node.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its name.
    #[schema(example = "access-1")]
    node_id: String,
    /// Where it takes WebTransport.
    web_transport: Option<WebTransport>,
    /// Where it takes WebSocket.
    web_socket: Option<WebSocket>,
}

/// An address for WebTransport.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebTransport {
    /// `https://host:port/im/v1`
    url: String,
    /// SHA-256 of the certificates in hex, for `serverCertificateHashes`; empty when a public authority signed it.
    certificate_hashes: Vec<String>,
}

/// An address for WebSocket.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebSocket {
    /// `ws://host:port/im/v1` or `wss://`.
    url: String,
}

impl From<&NodeRecord> for Node {
    fn from(record: &NodeRecord) -> Self {
        Self {
            node_id: record.node_id.to_string(),
            web_transport: record.web_transport.as_ref().map(|endpoint| WebTransport {
                url: endpoint.url.clone(),
                certificate_hashes: endpoint.certificate_hashes.clone(),
            }),
            web_socket: record.web_socket.as_ref().map(|endpoint| WebSocket {
                url: endpoint.url.clone(),
            }),
        }
    }
}

/// The access nodes that take new sessions, as of a second ago. Needs no token.
#[utoipa::path(get, path = "/api/v1/access/endpoints", tag = "access", responses(
    (status = 200, body = Envelope<Endpoints>),
))]
pub async fn endpoints(State(services): State<Services>) -> Reply<Endpoints> {
    let mut records = services.nodes.all();
    records.retain(|record| !record.draining);
    records.sort_by_key(|record| record.sessions);
    let nodes = records
        .iter()
        .map(|record| Node::from(record.as_ref()))
        .collect();
    Reply(Endpoints { nodes })
}
