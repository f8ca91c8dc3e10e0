//! A connection without a client behind it: for what no client of ours does.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use im_client::api::Login;
use im_client::transport::{Address, Connection, Dialer, Kind};
use im_shared::wire::{
    self, AuthRequest, AuthResponse, Body, CloseCode, Frame, Platform, RequestId,
};

use crate::device::PATIENCE;

/// An open connection, authenticated or not.
pub struct Raw {
    connection: Connection,
    last: u64,
}

impl Raw {
    /// Connects, and says nothing.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn open(dialer: &Dialer, address: &Address, kind: Kind) -> Result<Self> {
        let connection = Connection::open(dialer, address, kind, PATIENCE).await?;
        Ok(Self {
            connection,
            last: 0,
        })
    }

    /// Connects and authenticates.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn join(
        dialer: &Dialer,
        address: &Address,
        kind: Kind,
        login: &Login,
        device: (&str, Platform),
    ) -> Result<(Self, AuthResponse)> {
        let mut raw = Self::open(dialer, address, kind).await?;
        let request = AuthRequest {
            token: login.access_token.as_str().into(),
            device_id: device.0.to_owned(),
            platform: device.1,
            client_version: "e2e-raw".to_owned(),
        };
        match raw.request(request).await? {
            Body::AuthResponse(welcome) => Ok((raw, welcome)),
            other => bail!("not authenticated: {other:?}"),
        }
    }

    /// Sends these bytes as a frame, whatever they are.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn send(&mut self, frame: Bytes) -> Result<()> {
        Ok(self.connection.sender.send(&[frame]).await?)
    }

    /// Sends a request and waits for its reply; pushes in between are dropped.
    ///
    /// # Errors
    /// When the connection ends or no reply comes in time.
    pub async fn request(&mut self, body: impl Into<Body>) -> Result<Body> {
        self.last += 1;
        let id = RequestId(self.last);
        self.send(wire::encode(&Frame::request(id, body))).await?;
        loop {
            let frame = self.next().await?;
            if frame.request_id == id {
                return Ok(frame.body);
            }
        }
    }

    /// The next frame.
    ///
    /// # Errors
    /// When the connection ends, or nothing comes in time.
    pub async fn next(&mut self) -> Result<Frame> {
        let bytes = tokio::time::timeout(PATIENCE, self.connection.receiver.next())
            .await
            .context("no frame came")??;
        Ok(wire::decode(&bytes)?)
    }

    /// Reads until `Kick`, and gives its code, or until the connection ends without one [S6].
    ///
    /// # Errors
    /// When the server does not end it in time.
    pub async fn end(&mut self) -> Result<Option<CloseCode>> {
        loop {
            match tokio::time::timeout(PATIENCE, self.connection.receiver.next())
                .await
                .context("it was not ended")?
            {
                Ok(bytes) => {
                    if let Body::Kick(kick) = wire::decode(&bytes)?.body {
                        return Ok(Some(kick.code));
                    }
                }
                Err(_) => return Ok(None),
            }
        }
    }
}
