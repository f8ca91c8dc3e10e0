//! Programs outside of the system: a push service and a webhook, which stand on one HTTP server, and a browser that takes pushes.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::testing::wait_until;
use im_shared::wire::PushSubscribe;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;
use web_push_native::{Auth, decrypt, p256};

use crate::world::PATIENCE;

/// How a path answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    Status(u16),
    /// With a wait that is asked for, in seconds.
    Later(u16, u32),
    /// Not before [`Outside::let_go`].
    Hang,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Debug)]
struct Inner {
    asked: Mutex<Vec<Asked>>,
    manners: Mutex<HashMap<String, Manner>>,
    gate: Semaphore,
}

/// The server. Each path answers 201, unless it is told otherwise.
pub(crate) struct Outside {
    inner: Arc<Inner>,
    pub(crate) url: String,
    _serving: AbortOnDropHandle<()>,
}

impl Outside {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner {
            asked: Mutex::default(),
            manners: Mutex::default(),
            gate: Semaphore::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            inner,
            url,
            _serving: AbortOnDropHandle::new(serving),
        }
    }

    pub(crate) fn answers(&self, path: &str, manner: Manner) {
        self.inner.manners.lock().insert(path.to_owned(), manner);
    }

    /// Whoever hangs is answered, and nobody hangs any more.
    pub(crate) fn let_go(&self) {
        self.inner.gate.close();
    }

    /// What was asked of a path, in order.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.inner.asked.lock();
        asked
            .iter()
            .filter(|asked| asked.path == path)
            .cloned()
            .collect()
    }

    /// Waits until a path was asked so often, and gives the last one.
    pub(crate) async fn nth(&self, path: &str, count: usize) -> Asked {
        wait_until(async || self.asked(path).len() >= count, PATIENCE).await;
        self.asked(path)[count - 1].clone()
    }
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let manner = inner.manners.lock().get(&path).copied();
    inner.asked.lock().push(Asked {
        path,
        headers,
        body,
    });
    let status = |status| StatusCode::from_u16(status).unwrap();
    match manner {
        None => StatusCode::CREATED.into_response(),
        Some(Manner::Status(code)) => (status(code), "as the test says").into_response(),
        Some(Manner::Later(code, secs)) => {
            (status(code), [("retry-after", secs.to_string())]).into_response()
        }
        Some(Manner::Hang) => {
            let _ = inner.gate.acquire().await;
            StatusCode::CREATED.into_response()
        }
    }
}

/// A browser with keys of its own. It reads with another implementation than logic writes with.
pub(crate) struct Browser {
    key: p256::SecretKey,
    auth: Auth,
    endpoint: String,
}

impl Browser {
    /// Behind `path` of the push service.
    pub(crate) fn new(outside: &Outside, path: &str) -> Self {
        // The order of the curve begins with so many ones that a smaller first byte is always a key.
        let mut bytes: [u8; 32] = rand::random();
        bytes[0] &= 0x7f;
        Self {
            key: p256::SecretKey::from_slice(&bytes).unwrap(),
            auth: rand::random::<[u8; 16]>().into(),
            endpoint: format!("{}{path}", outside.url),
        }
    }

    pub(crate) fn subscribe(&self, device: &str) -> PushSubscribe {
        let point = self.key.public_key().to_encoded_point(false);
        PushSubscribe {
            device_id: device.to_owned(),
            endpoint: self.endpoint.clone(),
            p256dh: URL_SAFE_NO_PAD.encode(point.as_bytes()),
            auth: URL_SAFE_NO_PAD.encode(&self.auth[..]),
            hide_content: false,
        }
    }

    pub(crate) fn read(&self, push: &Asked) -> Value {
        let plain = decrypt(push.body.to_vec(), &self.key, &self.auth).unwrap();
        serde_json::from_slice(&plain).unwrap()
    }
}
