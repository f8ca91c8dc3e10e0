//! A user as tests speak of one: `alice.befriend(&bob)`, `alice.send(&bob, "hi")`, `bob.next_message()`.

use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use im_client::api::{Api, Login, platform_name};
use im_client::{Client, Endpoints, MemoryStorage, Options, Preference, Stored};
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::{AccountKind, Signer, Subject};
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
    /// Makes its tokens, where it has no password.
    signer: Option<Signer>,
}

/// How a device connects.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Connect {
    /// The platform, else a terminal; one device of each is signed in.
    platform: Option<Platform>,
    /// The access node: `access-1`.
    node: Option<String>,
    /// Whether it may go to another node than that.
    may_move: bool,
    /// Which transports, else those of the cluster.
    transport: Option<Preference>,
    /// Which of several devices of the platform.
    device: Option<String>,
}

impl Connect {
    /// On this access node and no other: the client would go to the next one when this one is slow for a moment.
    pub fn on(node: &str) -> Self {
        Self {
            node: Some(node.to_owned()),
            ..Self::default()
        }
    }

    /// On this access node while it is there, then on another one.
    pub fn preferring(node: &str) -> Self {
        Self {
            may_move: true,
            ..Self::on(node)
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

    /// Another device than the usual one of its platform.
    pub fn device(self, name: &str) -> Self {
        Self {
            device: Some(name.to_owned()),
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
        Self::signed_in(cluster, name, id).await
    }

    /// An account that was made before, with the password of every test user.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn signed_in(cluster: &Cluster, name: &str, id: UserId) -> Result<Self> {
        let api = cluster.api();
        let login = api.login(name, PASSWORD, "e2e-api", Platform::Ios).await?;
        Ok(Self {
            name: name.to_owned(),
            id,
            api: api.with_token(&login.access_token),
            transport: cluster.transport(),
            signer: None,
        })
    }

    /// An account whose row the test wrote: it has no password, and tokens as web makes them. For many, since bcrypt takes its time.
    ///
    /// # Errors
    /// When no token can be made.
    pub fn of_row(cluster: &Cluster, name: &str, id: UserId) -> Result<Self> {
        let signer = cluster.signer().clone();
        let login = sign(&signer, id, "e2e-api", Platform::Ios)?;
        Ok(Self {
            name: name.to_owned(),
            id,
            api: cluster.api().with_token(&login.access_token),
            transport: cluster.transport(),
            signer: Some(signer),
        })
    }

    /// Comes in as a guest, and connects.
    ///
    /// # Errors
    /// When it is refused, or there is no session in time.
    pub async fn guest(cluster: &Cluster, name: &str, node: &str) -> Result<Guest> {
        let login = cluster.api().guest(name, Platform::Terminal).await?;
        let user = login.user_id;
        let api = cluster.api().with_token(&login.access_token);
        let (client, events) = Client::start(Options {
            endpoints: only(&api, node).await?,
            transport: cluster.transport(),
            ..Options::new(api.clone(), login, name, Platform::Terminal)
        });
        let device = Device::new(name.to_owned(), user, client, events);
        device.node().await?;
        Ok(Guest { api, device })
    }

    /// Tokens for a new device of this platform.
    ///
    /// # Errors
    /// When they are refused.
    pub async fn login(&self, platform: Platform) -> Result<Login> {
        self.login_of(&self.device_id(platform), platform).await
    }

    async fn login_of(&self, device: &str, platform: Platform) -> Result<Login> {
        match &self.signer {
            Some(signer) => sign(signer, self.id, device, platform),
            None => Ok(self
                .api
                .login(&self.name, PASSWORD, device, platform)
                .await?),
        }
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
        let device = how.device.unwrap_or_else(|| self.device_id(platform));
        let login = self.login_of(&device, platform).await?;
        let endpoints = match &how.node {
            Some(node) if !how.may_move => only(&self.api, node).await?,
            _ => Endpoints::Api,
        };
        let (client, events) = Client::start(Options {
            node: how.node,
            endpoints,
            transport: how.transport.unwrap_or(self.transport),
            storage,
            ..Options::new(self.api.clone(), login, &device, platform)
        });
        let name = format!("{}/{device}", self.name);
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

/// This access node alone.
async fn only(api: &Api, node: &str) -> Result<Endpoints> {
    let mut nodes = api.endpoints().await?;
    nodes.retain(|address| address.node_id == node);
    ensure!(!nodes.is_empty(), "{node} is not listed");
    Ok(Endpoints::Fixed(nodes))
}

/// A token as web makes it.
fn sign(signer: &Signer, user: UserId, device: &str, platform: Platform) -> Result<Login> {
    let subject = Subject {
        user,
        kind: AccountKind::User,
        sign_in: SignInId(user.0),
        device,
        platform,
    };
    let signed = signer.sign(&subject, SystemTime::now())?;
    Ok(Login {
        user_id: user,
        expires_at: signed.claims.expires_at_millis().cast_signed(),
        access_token: signed.token,
        refresh_token: String::new(),
    })
}

/// Somebody without an account, with one connected device.
pub struct Guest {
    /// REST on its behalf.
    pub api: Api,
    device: Device,
}

/// What the device can, the guest can.
impl Deref for Guest {
    type Target = Device;

    fn deref(&self) -> &Device {
        &self.device
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
