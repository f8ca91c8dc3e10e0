//! Finds a node and opens a session on it: endpoints, transports [T4], authentication with a token that is renewed when need be.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use im_shared::wire::{AuthRequest, Code, Platform};
use parking_lot::Mutex;

use crate::api::{Api, ApiError, Login};
use crate::session::{Session, SessionError, SessionEvents};
use crate::transport::{Address, Choice, Connection, Dialer, Kind, Preference, TransportError};

/// WebTransport gets so long before WebSocket is tried [T4].
const WEB_TRANSPORT_LIMIT: Duration = Duration::from_secs(1);
/// Where there is no alternative it may take longer.
const LONE_LIMIT: Duration = Duration::from_secs(5);
/// A token that expires within this is renewed before it is used.
const RENEW_BEFORE: Duration = Duration::from_secs(60);

/// Where the nodes are known from.
#[derive(Debug, Clone)]
pub enum Endpoints {
    /// Asked from the API before each connection.
    Api,
    /// Given, in the order of preference.
    Fixed(Vec<Address>),
}

/// Why no session could be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoints or a new token could not be had.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// No node takes sessions.
    #[error("no access node is there")]
    NoNode,
    /// The last node that was tried failed.
    #[error("{node}")]
    Session {
        /// Which.
        node: String,
        /// Why.
        #[source]
        source: SessionError,
    },
}

impl ConnectError {
    /// The code with which the account's tokens were refused: trying again does not help before the user acts.
    #[must_use]
    pub fn refusal(&self) -> Option<Code> {
        let code = match self {
            Self::Session {
                source: SessionError::Refused { code, .. },
                ..
            } => *code,
            Self::Api(error) => error.code()?,
            _ => return None,
        };
        let tokens = [
            Code::TokenInvalid,
            Code::TokenExpired,
            Code::TokenRevoked,
            Code::Unauthenticated,
            Code::UserDisabled,
        ];
        tokens.contains(&code).then_some(code)
    }
}

/// What a connector needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For endpoints and tokens.
    pub api: Api,
    /// Where the nodes are known from.
    pub endpoints: Endpoints,
    /// Which transports.
    pub transport: Preference,
    /// The node to try first, if it is there.
    pub node: Option<String>,
    /// The device that the tokens were issued for.
    pub device_id: String,
    /// Its platform.
    pub platform: Platform,
}

/// Opens sessions. A cheap clone.
#[derive(Clone)]
pub struct Connector {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    dialer: Dialer,
    choice: Mutex<Choice>,
    login: Mutex<Login>,
}

impl Connector {
    /// For one device of one user.
    #[must_use]
    pub fn new(settings: Settings, login: Login, dialer: Dialer) -> Self {
        let choice = Mutex::new(Choice::new(settings.transport));
        Self {
            inner: Arc::new(Inner {
                settings,
                dialer,
                choice,
                login: Mutex::new(login),
            }),
        }
    }

    /// The tokens as they are now.
    #[must_use]
    pub fn login(&self) -> Login {
        self.inner.login.lock().clone()
    }

    /// Opens a session on the first node that takes it; `avoid` is tried last [S7].
    ///
    /// # Errors
    /// That of the last node, when none takes it.
    pub async fn connect(
        &self,
        avoid: Option<String>,
    ) -> Result<(Session, SessionEvents), ConnectError> {
        let (mut error, mut renewed) = (ConnectError::NoNode, false);
        if self.expires_soon() {
            self.renew().await?;
            renewed = true;
        }
        for address in self.nodes(avoid.as_deref()).await? {
            match self.open(&address).await {
                Ok(session) => return Ok(session),
                Err(SessionError::Refused {
                    code: Code::TokenExpired,
                    ..
                }) if !renewed && self.can_renew() => {
                    renewed = true;
                    self.renew().await?;
                    match self.open(&address).await {
                        Ok(session) => return Ok(session),
                        Err(source) => {
                            error = ConnectError::Session {
                                node: address.node_id,
                                source,
                            }
                        }
                    }
                }
                Err(source) => {
                    error = ConnectError::Session {
                        node: address.node_id,
                        source,
                    }
                }
            }
            if error.refusal().is_some() {
                break; // Every node would say the same.
            }
        }
        Err(error)
    }

    /// Exchanges the refresh token.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub async fn renew(&self) -> Result<Login, ApiError> {
        let refresh_token = self.inner.login.lock().refresh_token.clone();
        let login = self.inner.settings.api.refresh(&refresh_token).await?;
        *self.inner.login.lock() = login.clone();
        Ok(login)
    }

    /// Whether there is a refresh token.
    #[must_use]
    pub fn can_renew(&self) -> bool {
        !self.inner.login.lock().refresh_token.is_empty()
    }

    fn expires_soon(&self) -> bool {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let expires_at = u64::try_from(self.inner.login.lock().expires_at).unwrap_or_default();
        self.can_renew() && Duration::from_millis(expires_at) < now + RENEW_BEFORE
    }

    async fn nodes(&self, avoid: Option<&str>) -> Result<Vec<Address>, ApiError> {
        let settings = &self.inner.settings;
        let nodes = match &settings.endpoints {
            Endpoints::Api => settings.api.endpoints().await?,
            Endpoints::Fixed(nodes) => nodes.clone(),
        };
        Ok(ordered(nodes, settings.node.as_deref(), avoid))
    }

    async fn open(&self, address: &Address) -> Result<(Session, SessionEvents), SessionError> {
        let settings = &self.inner.settings;
        let connection = self.connection(address).await?;
        let request = AuthRequest {
            token: self.inner.login.lock().access_token.as_str().into(),
            device_id: settings.device_id.clone(),
            platform: settings.platform,
            client_version: concat!("im-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        Session::open(connection, request).await
    }

    async fn connection(&self, address: &Address) -> Result<Connection, TransportError> {
        let order = self.inner.choice.lock().order(Instant::now());
        let limit = if order.len() > 1 {
            WEB_TRANSPORT_LIMIT
        } else {
            LONE_LIMIT
        };
        let first = Connection::open(&self.inner.dialer, address, order[0], limit).await;
        let error = match first {
            Ok(connection) => {
                if order[0] == Kind::WebTransport {
                    self.inner.choice.lock().succeeded();
                }
                return Ok(connection);
            }
            Err(error) => error,
        };
        let Some(second) = order.get(1) else {
            return Err(error);
        };
        tracing::debug!(node = address.node_id, %error, "WebTransport failed, trying WebSocket");
        let connection = Connection::open(&self.inner.dialer, address, *second, LONE_LIMIT).await?;
        if !matches!(error, TransportError::NotOffered(..)) {
            self.inner.choice.lock().failed(Instant::now());
        }
        Ok(connection)
    }
}

/// The wanted node first, the one to avoid last, the others as the server gave them: the least loaded first.
fn ordered(mut nodes: Vec<Address>, wanted: Option<&str>, avoid: Option<&str>) -> Vec<Address> {
    nodes.sort_by_key(|node| {
        let id = Some(node.node_id.as_str());
        (
            avoid.is_some() && id == avoid,
            wanted.is_some() && id != wanted,
        )
    });
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(wanted: Option<&str>, avoid: Option<&str>) -> Vec<String> {
        let node = |id: &str| Address {
            node_id: id.to_owned(),
            web_transport: None,
            web_socket: None,
        };
        let nodes = ["a", "b", "c"].map(node).to_vec();
        ordered(nodes, wanted, avoid)
            .into_iter()
            .map(|node| node.node_id)
            .collect()
    }

    /// [S7]
    #[test]
    fn the_node_that_drains_is_tried_last_even_when_it_is_the_wanted_one() {
        assert_eq!(order(None, None), ["a", "b", "c"]);
        assert_eq!(order(Some("b"), None), ["b", "a", "c"]);
        assert_eq!(order(None, Some("a")), ["b", "c", "a"]);
        assert_eq!(order(Some("a"), Some("a")), ["b", "c", "a"]);
    }

    /// [S6]
    #[test]
    fn refused_tokens_end_the_attempts_and_everything_else_is_tried_again() {
        let refused = |code| ConnectError::Session {
            node: "a".to_owned(),
            source: SessionError::Refused {
                code,
                message: String::new(),
            },
        };
        assert_eq!(
            refused(Code::TokenInvalid).refusal(),
            Some(Code::TokenInvalid)
        );
        assert_eq!(refused(Code::Unavailable).refusal(), None);
        assert_eq!(ConnectError::NoNode.refusal(), None);
    }
}
