//! The web client at `/`.
//!
//! Vite puts a hash into the name of everything under `/assets/`, so those are kept for ever; everything else is asked for
//! again. A path without a file is a page of the client's own router and gets `index.html`.

use std::path::Path;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use im_shared::wire::Code;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::ApiError;
use crate::services::Services;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Answers every path that is no route.
pub(crate) async fn serve(State(services): State<Services>, request: Request) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(dir) = services
        .static_dir
        .as_deref()
        .filter(|_| is_read && !is_reserved(path))
    else {
        return ApiError::Refused(Code::NotFound).into_response();
    };
    let kind = Kind::of(path);
    match read(dir, kind, request).await {
        Some(response) => response,
        None => ApiError::Refused(Code::NotFound).into_response(),
    }
}

fn is_reserved(path: &str) -> bool {
    ["/api", "/swagger"].iter().any(|prefix| {
        let rest = path.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A file whose name changes with its content.
    Asset,
    /// Another file.
    File,
    /// A page of the client's router.
    Page,
}

impl Kind {
    fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        if path.starts_with("/assets/") {
            Self::Asset
        } else if name.contains('.') {
            Self::File
        } else {
            Self::Page
        }
    }
}

async fn read(dir: &Path, kind: Kind, request: Request) -> Option<Response> {
    // Neither service fails: what cannot be read is a status.
    let mut response = match kind {
        Kind::Page => ServeFile::new(dir.join("index.html"))
            .oneshot(request)
            .await
            .ok()?
            .map(Body::new),
        Kind::Asset | Kind::File => ServeDir::new(dir)
            .oneshot(request)
            .await
            .ok()?
            .map(Body::new),
    };
    if response.status() == StatusCode::NOT_FOUND {
        return None;
    }
    let caching = if kind == Kind::Asset {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, caching);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_a_dot_is_a_page() {
        assert_eq!(Kind::of("/"), Kind::Page);
        assert_eq!(Kind::of("/chat/123"), Kind::Page);
        assert_eq!(Kind::of("/favicon.svg"), Kind::File);
        assert_eq!(Kind::of("/assets/index-abc123.js"), Kind::Asset);
    }

    #[test]
    fn the_api_is_never_the_client() {
        assert!(is_reserved("/api") && is_reserved("/api/v1/x") && is_reserved("/swagger/x"));
        assert!(!is_reserved("/apiary"));
    }
}
