//! What surrounds every request: a request id in the logs and the answer, admission, a deadline, and count and latency per
//! route template (mission J1, J10, A15).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use crate::error::ApiError;
use crate::services::Services;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The route of what no template matches; one name, so that strange paths make no new metrics.
const NO_ROUTE: &str = "other";

pub(crate) async fn request(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = request_id(&request);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or(NO_ROUTE.to_owned(), |path| path.as_str().to_owned());
    let method = method_label(request.method());
    let span = tracing::info_span!("request", request_id = %id, method, route, user_id = tracing::field::Empty);
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }

    let mut response = async {
        let response = answer(&services, request, next).await;
        let elapsed = began.elapsed();
        let status = response.status().as_u16();
        tracing::info!(status, elapsed_ms = elapsed.as_secs_f64() * 1_000.0, "answered");
        metrics::counter!("im_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
        metrics::histogram!("im_http_request_duration_seconds", "method" => method, "route" => route.clone()).record(elapsed.as_secs_f64());
        response
    }
    .instrument(span)
    .await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A place among the requests that run, as long as anything of one runs.
#[derive(Debug, Clone)]
pub(crate) struct Admitted(#[expect(dead_code, reason = "it is held")] Arc<OwnedSemaphorePermit>);

async fn answer(services: &Services, mut request: Request, next: Next) -> Response {
    let Ok(permit) = services.admission.clone().try_acquire_owned() else {
        return ApiError::Busy("the HTTP server").into_response();
    };
    let admitted = Admitted(Arc::new(permit));
    request.extensions_mut().insert(admitted.clone());
    let response = next.run(request).await;
    drop(admitted);
    response
}

/// Gives up a request that has no answer in time.
pub(crate) async fn deadline(
    State(deadline): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Deadline("the request").into_response(),
    }
}

/// The caller's own id where it is harmless in a log, else a new one.
fn request_id(request: &Request) -> String {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    match given {
        Some(id) if is_harmless(id) => id.to_owned(),
        _ => format!("{:016x}", rand::random::<u64>()),
    }
}

fn is_harmless(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Clients may invent methods; labels may not grow with them.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_cannot_forge_a_log_line() {
        assert!(is_harmless("0af7651916cd43dd8448eb211c80319c"));
        for bad in ["", "a b", "a\nb", "a\"b", &"x".repeat(65)] {
            assert!(!is_harmless(bad), "{bad:?}");
        }
    }
}
