//! The public keys of access tokens, for whoever else checks them (RFC 7517).

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::tokens::PublicKey;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Route;
use crate::services::Services;

/// Where the keys are; the one route outside of `/api/v1`, and the one whose answer has no envelope.
pub const PATH: &str = "/.well-known/jwks.json";

/// A new key is announced a minute before it signs.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=30");

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, keys).polled()]
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
pub async fn keys(State(services): State<Services>) -> Response {
    let keys = services.verifier.public_keys(SystemTime::now());
    let set = KeySet {
        keys: keys.into_iter().map(Key::from).collect(),
    };
    ([(CACHE_CONTROL, CACHE)], Json(set)).into_response()
}
