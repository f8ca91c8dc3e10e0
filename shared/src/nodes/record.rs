//! What a node says about itself.

use serde::{Deserialize, Serialize};

use crate::ids::{Incarnation, NodeId};

/// Stored as `incarnation json`, so that the script can compare incarnations without parsing JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeRecord {
    /// The node.
    pub node_id: NodeId,
    /// Which start of it.
    #[serde(with = "incarnation")]
    pub incarnation: Incarnation,
    /// It takes no new sessions.
    pub draining: bool,
    /// Sessions that it holds.
    pub sessions: u64,
    /// Where to connect over WebTransport.
    pub web_transport: Option<WebTransportEndpoint>,
    /// Where to connect over WebSocket.
    pub web_socket: Option<WebSocketEndpoint>,
}

/// An address for WebTransport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebTransportEndpoint {
    /// `https://host:port/im/v1`
    pub url: String,
    /// SHA-256 of the certificates in use and announced, in hex; empty when a public authority signed it.
    pub certificate_hashes: Vec<String>,
}

/// An address for WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketEndpoint {
    /// `ws://host:port/im/v1` or `wss://`
    pub url: String,
}

impl NodeRecord {
    pub(super) fn to_json(&self) -> String {
        // Strings, numbers and lists of them always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// None when a release wrote it that this one cannot read.
    pub(super) fn from_stored(value: &str) -> Option<Self> {
        let (_, json) = value.split_once(' ')?;
        serde_json::from_str(json).ok()
    }
}

mod incarnation {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::ids::Incarnation;

    pub(super) fn serialize<S: Serializer>(
        value: &Incarnation,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(value.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Incarnation, D::Error> {
        u64::deserialize(deserializer).map(Incarnation)
    }
}
