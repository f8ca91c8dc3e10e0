//! A request that may write runs to its end, though its client leaves or its deadline passes: between a commit and what follows it (what Redis
//! remembers is forgotten, sessions are told, the replica's readers wait) nothing cuts it off (mission I7).

use std::panic::resume_unwind;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::error::ApiError;
use crate::observe::Admitted;

/// The writes that run. A cheap clone.
#[derive(Debug, Clone, Default)]
pub struct Writes(TaskTracker);

impl Writes {
    /// Waits until those that run have ended. Called when no request comes any more.
    pub(crate) async fn finish(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

/// Runs the request in a task of its own, `longest` at most: whoever waits for the answer may stop waiting. It keeps its place among the
/// requests that run.
pub(crate) async fn run(
    State((writes, longest)): State<(Writes, Duration)>,
    request: Request,
    next: Next,
) -> Response {
    let admitted = request.extensions().get::<Admitted>().cloned();
    let work = async move {
        let _admitted = admitted;
        timeout(longest, next.run(request)).await
    };
    match writes.0.spawn(work.in_current_span()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => ApiError::Deadline("the request").into_response(),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(cancelled) => {
                ApiError::internal("a request was cut off", cancelled).into_response()
            }
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::put;
    use futures_util::FutureExt;
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_write_whose_client_has_left_runs_to_its_end() {
        let (lock, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (waits, tells) = (lock.clone(), done.clone());
        let handler = put(|| async move {
            waits.notified().await;
            tells.notify_one();
        });
        let writes = Writes::default();
        let layer = from_fn_with_state((writes.clone(), Duration::from_secs(60)), run);
        let router = Router::new().route("/", handler).layer(layer);
        let request = Request::put("/").body(Body::empty()).unwrap();
        // Asked once, and left.
        assert!(router.oneshot(request).now_or_never().is_none());
        lock.notify_one();
        done.notified().await;
        writes.finish().await;
    }
}
