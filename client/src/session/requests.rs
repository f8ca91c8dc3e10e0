//! Which request waits for which reply.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use im_shared::wire::{Body, Code, RequestId};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

/// Why a request has no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The session ended before the reply.
    #[error("the session ended")]
    Ended,
    /// Too much waits to be written.
    #[error("too many requests are waiting")]
    Full,
    /// The reply did not come in time: the frame or its reply was lost, or the server is busy.
    #[error("no answer in time")]
    Unanswered,
    /// The server refused it.
    #[error("{message}")]
    Refused {
        /// Why.
        code: Code,
        /// In words.
        message: String,
        /// Not before; zero when it does not matter.
        retry_after: Duration,
    },
}

/// Requests without a reply yet. A cheap clone.
#[derive(Clone)]
pub(super) struct Requests {
    inner: Arc<Inner>,
}

struct Inner {
    last: AtomicU64,
    /// `None` when the session has ended.
    waiting: Mutex<Option<HashMap<RequestId, oneshot::Sender<Body>>>>,
    idle: Notify,
}

impl Default for Requests {
    /// Request id 1 is the authentication's.
    fn default() -> Self {
        let inner = Inner {
            last: AtomicU64::new(1),
            waiting: Mutex::new(Some(HashMap::new())),
            idle: Notify::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }
}

impl Requests {
    pub(super) fn next_id(&self) -> RequestId {
        RequestId(self.inner.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(super) fn add(&self) -> Result<(RequestId, oneshot::Receiver<Body>), RequestError> {
        let id = self.next_id();
        let (reply, receiver) = oneshot::channel();
        self.inner
            .waiting
            .lock()
            .as_mut()
            .ok_or(RequestError::Ended)?
            .insert(id, reply);
        Ok((id, receiver))
    }

    pub(super) fn forget(&self, id: RequestId) {
        self.take(id);
    }

    /// Hands a reply over. Gives it back when no request waits for it.
    pub(super) fn answer(&self, id: RequestId, body: Body) -> Option<Body> {
        let Some(reply) = self.take(id) else {
            return Some(body);
        };
        if reply.send(body).is_err() {
            tracing::trace!(request = id.0, "nobody waits for this reply any more");
        }
        None
    }

    /// Fails what waits, and what comes later.
    pub(super) fn end(&self) {
        self.inner.waiting.lock().take();
        self.inner.idle.notify_one();
    }

    /// Waits until no request waits.
    pub(super) async fn idle(&self) {
        while !self.is_idle() {
            self.inner.idle.notified().await;
        }
    }

    fn is_idle(&self) -> bool {
        self.inner
            .waiting
            .lock()
            .as_ref()
            .is_none_or(HashMap::is_empty)
    }

    fn take(&self, id: RequestId) -> Option<oneshot::Sender<Body>> {
        let taken = self
            .inner
            .waiting
            .lock()
            .as_mut()
            .and_then(|waiting| waiting.remove(&id));
        if self.is_idle() {
            self.inner.idle.notify_one();
        }
        taken
    }
}

/// Forgets a request when nobody waits for its reply any more.
pub(super) struct Waiting {
    requests: Requests,
    id: RequestId,
}

impl Waiting {
    pub(super) fn new(requests: &Requests, id: RequestId) -> Self {
        Self {
            requests: requests.clone(),
            id,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.requests.forget(self.id);
    }
}

/// The reply as a result: an `ErrorResponse` is an error.
pub(super) async fn reply(
    receiver: oneshot::Receiver<Body>,
    deadline: Duration,
) -> Result<Body, RequestError> {
    let reply = tokio::time::timeout(deadline, receiver)
        .await
        .map_err(|_| RequestError::Unanswered)?;
    match reply.map_err(|_| RequestError::Ended)? {
        Body::ErrorResponse(error) => Err(RequestError::Refused {
            code: error.code,
            message: error.message,
            retry_after: Duration::from_millis(error.retry_after_ms.into()),
        }),
        body => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use im_shared::wire::{ErrorResponse, ReadReceipt};

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_reply_goes_to_the_request_with_its_id() {
        let requests = Requests::default();
        let (first, first_reply) = requests.add().unwrap();
        let (second, second_reply) = requests.add().unwrap();
        assert_eq!(
            requests.answer(second, Body::ReadReceipt(ReadReceipt::default())),
            None
        );
        let refusal = ErrorResponse {
            code: Code::RetryLater,
            retry_after_ms: 250,
            ..ErrorResponse::default()
        };
        assert_eq!(requests.answer(first, Body::ErrorResponse(refusal)), None);
        assert!(
            requests
                .answer(first, Body::ReadReceipt(ReadReceipt::default()))
                .is_some(),
            "answered before"
        );
        assert!(matches!(
            reply(second_reply, LONG).await,
            Ok(Body::ReadReceipt(_))
        ));
        let error = reply(first_reply, LONG).await.unwrap_err();
        let pause = Duration::from_millis(250);
        assert!(
            matches!(error, RequestError::Refused { code: Code::RetryLater, retry_after, .. } if retry_after == pause)
        );
        requests.idle().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_without_an_answer_ends_at_its_deadline_and_is_forgotten() {
        let requests = Requests::default();
        let (id, waiting) = requests.add().unwrap();
        let guard = Waiting::new(&requests, id);
        assert_eq!(
            reply(waiting, LONG).await.unwrap_err(),
            RequestError::Unanswered
        );
        drop(guard);
        requests.idle().await;
    }

    #[tokio::test]
    async fn the_end_of_the_session_fails_every_request() {
        let requests = Requests::default();
        let (_, waiting) = requests.add().unwrap();
        requests.end();
        assert_eq!(reply(waiting, LONG).await.unwrap_err(), RequestError::Ended);
        assert_eq!(requests.add().unwrap_err(), RequestError::Ended);
    }
}
