//! A user as tests speak of one: `alice.befriend(&bob)`, `alice.send(&bob, "hi")`, `bob.next_message()`.

use std::ops::Deref;
use std::sync::Arc;

use anyhow::{Context, Result};
use im_client::api::{Api, Login, platform_name};
use im_client::{Client, MemoryStorage, Options, Preference, Stored};
use im_shared::ids::UserId;
use im_shared::wire::Platform;

use crate::cluster::Cluster;
use crate::device::Device;

/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery";

/// An account, without a device.
#[derive(Clone)]
pub struct Account {
    /// The login name.
    pub name: String,
    /// The account.
    pub id: UserId,
    /// REST on its behalf.
    pub api: Api,
    /// Which transports its devices use where nothing else is said.
    transport: Preference,
}

/// How a device connects.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Connect {
    /// The platform, else a terminal; one device of each is signed in.
    platform: Option<Platform>,
    /// The access node to prefer: `access-1`.
    node: Option<String>,
    /// Which transports, else those of the cluster.
    transport: Option<Preference>,
}

impl Connect {
    /// On this access node.
    pub fn on(node: &str) -> Self {
        Self {
            node: Some(node.to_owned()),
            ..Self::default()
        }
    }

    /// The same on another platform.
    pub fn platform(self, platform: Platform) -> Self {
        Self {
            platform: Some(platform),
            ..self
        }
    }

    /// The same over these transports.
    pub fn transport(self, transport: Preference) -> Self {
        Self {
            transport: Some(transport),
            ..self
        }
    }
}

impl Account {
    /// Makes the account.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register(cluster: &Cluster, name: &str) -> Result<Self> {
        let api = cluster.api();
        let id = api
            .register(name, PASSWORD, name)
            .await
            .with_context(|| format!("registering {name}"))?;
        let login = api.login(name, PASSWORD, "e2e-api", Platform::Ios).await?;
        Ok(Self {
            name: name.to_owned(),
            id,
            api: api.with_token(&login.access_token),
            transport: cluster.transport(),
        })
    }

    /// Comes in as a guest, and connects.
    ///
    /// # Errors
    /// When it is refused, or there is no session in time.
    pub async fn guest(cluster: &Cluster, name: &str, node: &str) -> Result<Device> {
        let api = cluster.api();
        let login = api.guest(name, Platform::Terminal).await?;
        let user = login.user_id;
        let (client, events) = Client::start(Options {
            node: Some(node.to_owned()),
            transport: cluster.transport(),
            ..Options::new(api.clone(), login, name, Platform::Terminal)
        });
        let device = Device::new(name.to_owned(), user, client, events);
        device.node().await?;
        Ok(device)
    }

    /// Tokens for a new device of this platform.
    ///
    /// # Errors
    /// When they are refused.
    pub async fn login(&self, platform: Platform) -> Result<Login> {
        Ok(self
            .api
            .login(&self.name, PASSWORD, &self.device_id(platform), platform)
            .await?)
    }

    /// The id of its device of this platform.
    #[must_use]
    pub fn device_id(&self, platform: Platform) -> String {
        format!("{}-{}", self.name, platform_name(platform))
    }

    /// Logs in and connects, and waits until the session is open and caught up.
    ///
    /// # Errors
    /// When there is no session in time.
    pub async fn connect(&self, how: Connect) -> Result<Device> {
        let device = self
            .connect_with(how, Arc::new(MemoryStorage::default()))
            .await?;
        device.node().await?;
        Ok(device)
    }

    /// Logs in and begins to connect, with what an earlier client of the device has kept.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn connect_with(&self, how: Connect, storage: Arc<MemoryStorage>) -> Result<Device> {
        let platform = how.platform.unwrap_or(Platform::Terminal);
        let login = self.login(platform).await?;
        let (client, events) = Client::start(Options {
            node: how.node,
            transport: how.transport.unwrap_or(self.transport),
            storage,
            ..Options::new(self.api.clone(), login, &self.device_id(platform), platform)
        });
        let name = format!("{}/{}", self.name, platform_name(platform));
        Ok(Device::new(name, self.id, client, events))
    }

    /// Asks, and has the other one accept.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn befriend(&self, other: &Self) -> Result<()> {
        let request = self.api.request_friend(other.id, "").await?;
        other.api.accept_friend(request).await?;
        Ok(())
    }
}

/// An account with one connected device.
pub struct TestUser {
    account: Account,
    device: Device,
}

impl TestUser {
    /// Makes the account and connects a device.
    ///
    /// # Errors
    /// When either fails.
    pub async fn join(cluster: &Cluster, name: &str, how: Connect) -> Result<Self> {
        let account = Account::register(cluster, name).await?;
        let device = account.connect(how).await?;
        Ok(Self { account, device })
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The device.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// Who it is.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.account.id
    }

    /// Makes the two friends.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn befriend(&self, other: &Self) -> Result<()> {
        self.account.befriend(&other.account).await
    }

    /// Sends a text and waits until it is durable.
    ///
    /// # Errors
    /// When it is refused, or not acknowledged in time.
    pub async fn send(&self, to: &Self, text: &str) -> Result<Stored> {
        self.device.send(to.id(), text).await
    }
}

/// What the device can, the user can.
impl Deref for TestUser {
    type Target = Device;

    fn deref(&self) -> &Device {
        &self.device
    }
}
