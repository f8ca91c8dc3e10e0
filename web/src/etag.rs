//! Answers that clients poll have a tag: who has the answer already gets 304 and no body.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// Kept by the caller alone, and asked for again each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Around the handler of a route that is polled: tags a 200, and answers 304 where `If-None-Match` has the tag.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let known = request.headers().get_all(header::IF_NONE_MATCH);
    let known: Vec<HeaderValue> = known.iter().cloned().collect();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Made by a handler of ours: it is in memory already, and has an end.
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => return ApiError::internal("tagging an answer", error).into_response(),
    };
    let tag = tag(&bytes);
    let is_known = known.iter().any(|list| names(list, &tag));
    parts.headers.insert(header::ETAG, tag);
    parts
        .headers
        .entry(header::CACHE_CONTROL)
        .or_insert(ASK_AGAIN);
    if !is_known {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::empty())
}

/// Weak: the same answer compressed has other bytes (RFC 9110, 8.8.1).
fn tag(bytes: &[u8]) -> HeaderValue {
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..16]);
    // Base64url and quotes are legal in a header.
    HeaderValue::from_str(&format!("W/\"{hash}\"")).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether a list of tags has this one: compared weakly, as `If-None-Match` is (RFC 9110, 13.1.2).
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let opaque = |tag: &[u8]| {
        let tag = tag.trim_ascii();
        tag.strip_prefix(b"W/").unwrap_or(tag).to_owned()
    };
    let tag = opaque(tag.as_bytes());
    // Our tags hold no comma; in another's list one may, and is then no tag of ours.
    let mut listed = list.as_bytes().split(|byte| *byte == b',');
    listed.any(|one| one.trim_ascii() == b"*" || opaque(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_every_form_of_the_list() {
        let tag = tag(b"{}");
        let text = String::from_utf8_lossy(tag.as_bytes()).into_owned();
        let strong = text.trim_start_matches("W/").to_owned();
        for list in [
            text.clone(),
            strong,
            "*".to_owned(),
            format!("\"a,b\" ,  {text}"),
        ] {
            let list = HeaderValue::from_str(&list);
            assert!(list.is_ok_and(|list| names(&list, &tag)));
        }
        for list in ["", "\"\"", "W/\"another\""] {
            assert!(!names(&HeaderValue::from_static(list), &tag), "{list}");
        }
    }
}
