//! How a client behaves.

use std::sync::Arc;

use im_shared::wire::Platform;

use crate::api::{Api, Login};
use crate::connector::Endpoints;
use crate::storage::{MemoryStorage, Storage};
use crate::sync::Backlog;
use crate::transport::{Dialer, Preference};

/// How a client behaves. Made by [`Options::new`]; change what differs.
#[derive(Clone)]
pub struct Options {
    /// The server's REST API.
    pub api: Api,
    /// The device's tokens.
    pub login: Login,
    /// The device that they were issued for.
    pub device_id: String,
    /// Its platform.
    pub platform: Platform,
    /// Which transports.
    pub transport: Preference,
    /// Where the nodes are known from.
    pub endpoints: Endpoints,
    /// The node to try first.
    pub node: Option<String>,
    /// How much of the past to fetch where nothing is stored.
    pub backlog: Backlog,
    /// Whether to tell the others what this device has received.
    pub delivered: bool,
    /// What the client keeps.
    pub storage: Arc<dyn Storage>,
    /// Sockets that may be shared with other clients of this process.
    pub dialer: Dialer,
    /// Events that may wait for the application.
    pub event_capacity: usize,
}

impl Options {
    /// Everything as usual: both transports, endpoints from the API, the whole backlog, in memory.
    #[must_use]
    pub fn new(api: Api, login: Login, device_id: &str, platform: Platform) -> Self {
        Self {
            api,
            login,
            device_id: device_id.to_owned(),
            platform,
            transport: Preference::Auto,
            endpoints: Endpoints::Api,
            node: None,
            backlog: Backlog::All,
            delivered: true,
            storage: Arc::new(MemoryStorage::default()),
            dialer: Dialer::default(),
            event_capacity: 65_536,
        }
    }
}
