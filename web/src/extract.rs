//! Body, path, query and the key of a repeat as types, with refusals in the envelope.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::error::ApiError;

/// A JSON body. The content type is not looked at; unknown fields are ignored.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes =
            Bytes::from_request(request, state)
                .await
                .map_err(|rejection| match rejection {
                    BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                        ApiError::TooLarge
                    }
                    other => {
                        ApiError::Invalid(format!("the body cannot be read: {}", other.body_text()))
                    }
                })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::Invalid(format!("the body is not as expected: {error}")))
    }
}

/// The parameters inside the path.
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::Invalid(format!(
                "the path: {}",
                rejection.body_text()
            ))),
        }
    }
}

/// The parameters after the question mark.
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::Invalid(format!(
                "the query: {}",
                rejection.body_text()
            ))),
        }
    }
}

/// The header of [`RepeatKey`], for the document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct RepeatHeader {
    /// A UUIDv7, the same at every repeat of the request: it has its effect once. Missing, each request is a new one.
    #[serde(rename = "Idempotency-Key")]
    #[allow(dead_code)]
    key: Option<String>,
}

/// The client's id of a change, from `Idempotency-Key`, or a new one. Logic knows a repeat by it.
#[derive(Debug, Clone, Copy)]
pub struct RepeatKey(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for RepeatKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(header) = parts.headers.get("idempotency-key") else {
            return Ok(Self(Uuid::now_v7()));
        };
        let key = header.to_str().ok().and_then(|text| text.parse().ok());
        key.filter(|key: &Uuid| key.get_version_num() == 7)
            .map(Self)
            .ok_or_else(|| ApiError::Invalid("Idempotency-Key is no UUIDv7".to_owned()))
    }
}
