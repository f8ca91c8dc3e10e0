//! The synthetic access node of `logic`: its record and its sessions in Redis.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt as _, TryStreamExt as _};
use im_shared::cache::{self, Keys};
use im_shared::config::RedisConfig;
use im_shared::ids::{Incarnation, NodeId, SessionId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::{NodeRecord, Nodes, RENEW_EVERY};

use crate::cli::Logic;
use crate::people::{PLATFORM, Person};

const NODE: &str = "bench-access";

/// The synthetic access node: its record and its sessions in Redis.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) incarnation: Incarnation,
    nodes: Nodes,
    locations: Locations,
}

impl Node {
    pub(crate) async fn announce(command: &Logic) -> anyhow::Result<Self> {
        let config = RedisConfig {
            url: command.redis.as_str().into(),
            prefix: command.prefix.clone(),
            ..RedisConfig::default()
        };
        let redis = cache::connect(&config).await?;
        let millis = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let node = Self {
            id: NODE.parse()?,
            incarnation: Incarnation(millis),
            nodes: Nodes::new(redis.clone(), Keys::new(&command.prefix)),
            locations: Locations::new(redis, Keys::new(&command.prefix)),
        };
        node.nodes.announce(&node.record()).await?;
        // Logic learns of the node within a second; locations of unknown nodes are ignored until then.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let add = |index| {
            node.locations
                .add(Person(index).id(), node.location(Person(index)))
        };
        futures_util::stream::iter((0..command.users).map(add))
            .buffer_unordered(64)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(node)
    }

    fn record(&self) -> NodeRecord {
        NodeRecord {
            node_id: self.id.clone(),
            incarnation: self.incarnation,
            draining: true, // Clients must not be sent here.
            sessions: 0,
            web_transport: None,
            web_socket: None,
        }
    }

    fn location(&self, person: Person) -> Location {
        Location {
            node: self.id.clone(),
            incarnation: self.incarnation,
            session: session(person),
            platform: PLATFORM,
        }
    }

    pub(crate) async fn renew(self) {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            if let Err(error) = self.nodes.announce(&self.record()).await {
                eprintln!("cannot renew the node: {error}");
            }
        }
    }

    pub(crate) async fn withdraw(&self, users: u64) -> anyhow::Result<()> {
        let remove = |index| async move {
            let location = self.location(Person(index));
            self.locations.remove(Person(index).id(), &location).await
        };
        futures_util::stream::iter((0..users).map(remove))
            .buffer_unordered(64)
            .try_collect::<Vec<_>>()
            .await?;
        self.nodes.withdraw(&self.id, self.incarnation).await?;
        Ok(())
    }
}

pub(crate) fn session(person: Person) -> SessionId {
    SessionId(person.0 + 1)
}
