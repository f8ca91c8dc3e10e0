//! From where somebody signs in: what the list of devices shows.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::services::Services;
use crate::validate;

/// Most characters of a user agent.
const AGENT_CHARS: usize = 200;

/// From where somebody signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// What the device calls itself, or empty.
    pub name: String,
    /// `User-Agent`, or empty.
    pub user_agent: String,
    /// An IPv4 address, or the /64 of an IPv6 address.
    pub address: String,
}

impl Visit {
    /// The same from a device that calls itself `name`.
    ///
    /// # Errors
    /// `InvalidArgument`: more than 64 characters, or control characters.
    pub fn named(mut self, name: Option<&str>) -> Result<Self, ApiError> {
        self.name = validate::line("deviceName", name.unwrap_or_default(), 64)?;
        Ok(self)
    }
}

impl FromRequestParts<Services> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, services).await?;
        let agent = parts.headers.get(header::USER_AGENT);
        // Visible ASCII only: it is written by anybody and shown to the user.
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Self {
            name: String::new(),
            user_agent: agent
                .unwrap_or_default()
                .chars()
                .take(AGENT_CHARS)
                .collect(),
            address: address.to_string(),
        })
    }
}
