//! The public keys of access tokens, for whoever else checks them (RFC 7517).

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::tokens::PublicKey;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::error::ApiError;
use crate::services::Services;

/// Where the keys are; the one route outside of `/api/v1`, and the one whose answer has no envelope.
pub const PATH: &str = "/.well-known/jwks.json";

/// A new key is announced a minute before it signs.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=30");

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, keys)]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(keys))]
pub(super) struct Paths;

/// The public keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeySet {
    /// Those whose tokens count, also one that does not sign yet.
    keys: Vec<Key>,
}

/// One public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct Key {
    /// `OKP`
    #[schema(example = "OKP")]
    kty: &'static str,
    /// `Ed25519`
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The point, in base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// The id that stands in the header of its tokens.
    #[schema(example = "20261121T120000Z")]
    kid: String,
    /// `sig`
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: &'static str,
    /// `EdDSA`
    #[schema(example = "EdDSA")]
    alg: &'static str,
}

impl From<PublicKey> for Key {
    fn from(key: PublicKey) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(key.bytes),
            kid: key.id,
            usage: "sig",
            alg: "EdDSA",
        }
    }
}

/// The keys that access tokens are checked with, as RFC 7517 has it, without the envelope. Needs no token.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", responses(
    (status = 200, body = KeySet),
    (status = 304, description = "They are those of `If-None-Match`"),
))]
pub async fn keys(
    State(services): State<Services>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let keys = services.verifier.public_keys(SystemTime::now());
    let set = KeySet {
        keys: keys.into_iter().map(Key::from).collect(),
    };
    let body = serde_json::to_vec(&set);
    let body = body.map_err(|error| ApiError::internal("writing the keys", error))?;
    let tag = format!(
        "\"{}\"",
        URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..16])
    );
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok());
    let known = known.is_some_and(|tags| {
        let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        tags.split(',')
            .any(|one| weak(one) == tag || one.trim() == "*")
    });
    let answer_headers = [
        (CACHE_CONTROL, CACHE),
        (
            ETAG,
            HeaderValue::try_from(tag).map_err(|error| ApiError::internal("a tag", error))?,
        ),
    ];
    Ok(if known {
        (StatusCode::NOT_MODIFIED, answer_headers).into_response()
    } else {
        (answer_headers, Json(set)).into_response()
    })
}
