//! The ops port: `/live`, `/ready`, `/metrics` (K1).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{DependencyState, Health, Telemetry};
use crate::config::OpsConfig;

const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Why the ops port cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("ops port {listen}")]
pub struct OpsError {
    listen: SocketAddr,
    source: std::io::Error,
}

/// A bound ops port.
#[derive(Debug)]
pub struct Ops {
    listener: TcpListener,
    address: SocketAddr,
    health: Health,
    telemetry: Telemetry,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    dependencies: BTreeMap<&'static str, DependencyState>,
}

impl Ops {
    /// Binds the port.
    ///
    /// # Errors
    ///
    /// The address is in use or not ours.
    pub async fn bind(
        config: &OpsConfig,
        health: Health,
        telemetry: Telemetry,
    ) -> Result<Self, OpsError> {
        let listen = config.listen;
        let error = |source| OpsError { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        Ok(Self {
            listener,
            address,
            health,
            telemetry,
        })
    }

    /// The bound address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is cancelled. Stop it last: while the program drains, `/ready` says so.
    ///
    /// # Errors
    ///
    /// The listener fails.
    pub async fn run(self, stop: CancellationToken) -> Result<(), OpsError> {
        let (listen, telemetry) = (self.address, self.telemetry.clone());
        let router = Router::new()
            .route(
                "/live",
                get(async || Json(serde_json::json!({"live": true}))),
            )
            .route("/ready", get(ready))
            .route("/metrics", get(metrics))
            .with_state((self.health, self.telemetry));
        // Connections that are open do not hold up the stop: nothing here is worth waiting for.
        let serve = axum::serve(self.listener, router).into_future();
        let upkeep = async {
            loop {
                tokio::time::sleep(UPKEEP_EVERY).await;
                telemetry.upkeep();
            }
        };
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            served = serve => served.map_err(|source| OpsError { listen, source }),
            () = upkeep => Ok(()),
        }
    }
}

async fn ready(State((health, _)): State<(Health, Telemetry)>) -> impl IntoResponse {
    let ready = health.is_ready();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let dependencies = health.dependencies();
    let body = Ready {
        ready,
        dependencies,
    };
    (status, Json(body))
}

async fn metrics(State((_, telemetry)): State<(Health, Telemetry)>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], telemetry.render())
}
