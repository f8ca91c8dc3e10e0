//! Body, path, query and the key of a repeat as types, with refusals in the envelope that name the field.
//!
//! The types of bodies and queries are `deny_unknown_fields`: a misspelt name is refused, not passed over.

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, PathRejection};
use axum::extract::{
    FromRequest, FromRequestParts, OptionalFromRequest, Path, RawPathParams, Request,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::error::ApiError;
use crate::services::Services;

/// A JSON body. Its content type is `application/json` or not given.
///
/// `Option<Body<T>>` takes a request without a body, too.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Services> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, services: &Services) -> Result<Self, ApiError> {
        json_type(request.headers())?;
        parse(&bytes(request, services).await?).map(Self)
    }
}

impl<T: DeserializeOwned> OptionalFromRequest<Services> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, services: &Services) -> Result<Option<Self>, ApiError> {
        let typed = json_type(request.headers());
        let bytes = bytes(request, services).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        typed?;
        parse(&bytes).map(|value| Some(Self(value)))
    }
}

/// The whole body, within the limit of its route and in time.
async fn bytes(request: Request, services: &Services) -> Result<Bytes, ApiError> {
    tokio::time::timeout(
        services.body_timeout,
        Bytes::from_request(request, services),
    )
    .await
    .map_err(|_| ApiError::Slow)?
    .map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            ApiError::TooLarge
        }
        _ => ApiError::invalid("body", "cannot be read to its end"),
    })
}

/// Nobody sends JSON under another name but by mistake, or as a form of a foreign page, which needs no preflight.
fn json_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(given) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let kind = given.to_str().unwrap_or_default().split(';').next();
    let kind = kind.unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(ApiError::invalid("Content-Type", "is application/json"))
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if error.inner().is_data() {
            fault(
                "body",
                &error.path().to_string(),
                &error.inner().to_string(),
            )
        } else {
            ApiError::invalid("body", "is not JSON, or nested too deeply")
        }
    })?;
    json.end()
        .map_err(|_| ApiError::invalid("body", "is one JSON value"))?;
    Ok(value)
}

/// Most characters of what serde says about a value; it may quote the value.
const RULE_CHARS: usize = 120;

/// What serde says, as a field and a rule. `path` is where it stopped: the parent, where a field is missing; `.` is the top.
fn fault(whole: &'static str, path: &str, said: &str) -> ApiError {
    let said = said.split(" at line ").next().unwrap_or_default();
    let quoted = said.split('`').nth(1).unwrap_or_default();
    let top = path == "." || path.is_empty();
    let (field, rule) = if said.starts_with("missing field") {
        let field = if top {
            quoted.to_owned()
        } else {
            format!("{path}.{quoted}")
        };
        (field, "is missing".to_owned())
    } else if said.starts_with("unknown field") {
        let field = if top { quoted } else { path };
        (field.to_owned(), "is not known here".to_owned())
    } else if said.starts_with("duplicate field") {
        let field = if top { quoted } else { path };
        (field.to_owned(), "is given twice".to_owned())
    } else {
        let field = if top { whole } else { path };
        // The names of our types are nobody's business.
        let rule = match said.split_once(", expected struct ") {
            Some((said, _)) => format!("{said}, expected an object"),
            None => said.to_owned(),
        };
        let cut: String = rule.chars().take(RULE_CHARS).collect();
        (field.to_owned(), format!("is not as expected: {cut}"))
    };
    ApiError::invalid(field, rule)
}

/// The parameters inside the path.
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let rejection = match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => return Ok(Self(value)),
            Err(rejection) => rejection,
        };
        let names: Vec<String> = match RawPathParams::from_request_parts(parts, state).await {
            Ok(params) => params.iter().map(|(name, _)| name.to_owned()).collect(),
            Err(_) => Vec::new(),
        };
        let at = match &rejection {
            PathRejection::FailedToDeserializePathParams(failed) => match failed.kind() {
                ErrorKind::ParseErrorAtKey { key, .. }
                | ErrorKind::InvalidUtf8InPathParam { key }
                | ErrorKind::DeserializeError { key, .. } => Some(key),
                ErrorKind::ParseErrorAtIndex { index, .. } => names.get(*index),
                // One value without a name: the only one there is.
                _ => names.first(),
            },
            _ => None,
        };
        let field = at.cloned().unwrap_or_else(|| "path".to_owned());
        Err(ApiError::invalid(field, "is not as expected in the path"))
    }
}

/// The parameters after the question mark.
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
            .map(Self)
            .map_err(|error| {
                let (path, said) = (error.path().to_string(), error.inner().to_string());
                fault("query", &path, &said)
            })
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
            .ok_or_else(|| ApiError::invalid("Idempotency-Key", "is a UUIDv7"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    #[allow(dead_code)]
    struct Outer {
        name: String,
        inner_parts: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        size: u8,
    }

    fn refused(json: &str) -> (String, String) {
        match parse::<Outer>(json.as_bytes()).unwrap_err() {
            ApiError::Invalid(invalid) => (invalid.field.into_owned(), invalid.rule.into_owned()),
            other => panic!("{other}"),
        }
    }

    /// M6: whoever makes a mistake learns where.
    #[test]
    fn a_refused_body_names_the_field() {
        for (json, field, rule) in [
            (r#"{"name":"a"}"#, "innerParts", "is missing"),
            (r#"{"nam":"a"}"#, "nam", "is not known here"),
            (r#"{"name":"a","name":"b"}"#, "name", "is given twice"),
            (
                r#"{"name":1}"#,
                "name",
                "is not as expected: invalid type: integer `1`, expected a string",
            ),
            (
                r#"{"name":"a","innerParts":[{"size":1},{}]}"#,
                "innerParts[1].size",
                "is missing",
            ),
            (
                r#"{"name":"a","innerParts":[{"sice":1}]}"#,
                "innerParts[0].sice",
                "is not known here",
            ),
            (
                "1",
                "body",
                "is not as expected: invalid type: integer `1`, expected an object",
            ),
            ("{", "body", "is not JSON, or nested too deeply"),
            ("", "body", "is not JSON, or nested too deeply"),
            (
                r#"{"name":"a","innerParts":[]} 1"#,
                "body",
                "is one JSON value",
            ),
        ] {
            assert_eq!(refused(json), (field.to_owned(), rule.to_owned()), "{json}");
        }
        let long = format!(r#"{{"name":"a","innerParts":"{}"}}"#, "x".repeat(1_000));
        assert!(refused(&long).1.len() < 200);
    }
}
