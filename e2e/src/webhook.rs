//! A program of the operator that is told who is away (docs/push.md): it takes requests on a port of its own and keeps them.
//!
//! Task: the server, owned by [`Webhook`]; it ends with it.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use ring::hmac;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::device::PATIENCE;

/// What it shares with logic.
pub const SECRET: &str = "a secret of the operator";

#[derive(Default)]
struct Inner {
    asked: Mutex<Vec<(String, Bytes)>>,
    changed: Notify,
}

/// The program.
pub struct Webhook {
    inner: Arc<Inner>,
    url: String,
    serving: JoinHandle<()>,
}

impl Webhook {
    /// Listens.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start() -> Result<Self> {
        let inner = Arc::new(Inner::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let app = Router::new().fallback(take).with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                eprintln!("the webhook ended: {error}");
            }
        });
        Ok(Self {
            inner,
            url,
            serving,
        })
    }

    /// Its address, for `push.webhook_url`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often it was told something.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.asked.lock().len()
    }

    /// The `number`th thing that it was told, from 0, once it was; its signature is genuine.
    ///
    /// # Errors
    /// When that does not happen in time, or somebody else signed it.
    pub async fn told(&self, number: usize) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let asked = self.inner.asked.lock().get(number).cloned();
            if let Some((signature, body)) = asked {
                verify(&signature, &body)?;
                return Ok(serde_json::from_slice(&body)?);
            }
            if timeout_at(deadline, changed).await.is_err() {
                bail!("the webhook was told {} things, no {number}", self.count());
            }
        }
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-im-signature");
    let signature = signature.and_then(|value| value.to_str().ok());
    let signature = signature.unwrap_or_default().to_owned();
    inner.asked.lock().push((signature, body));
    inner.changed.notify_waiters();
    StatusCode::NO_CONTENT
}

/// As `docs/push.md` tells operators to check a request.
fn verify(signature: &str, body: &[u8]) -> Result<()> {
    let mut fields = signature
        .split(',')
        .filter_map(|field| field.split_once('='));
    let mut field = |name: &str| {
        fields
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .with_context(|| format!("no {name} in {signature:?}"))
    };
    let (at, mac) = (field("t")?, field("v1")?);
    let mut signed = format!("{at}.").into_bytes();
    signed.extend_from_slice(body);
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, &signed);
    let expected: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    ensure!(
        expected == mac,
        "the signature {signature:?} is not genuine"
    );
    Ok(())
}
