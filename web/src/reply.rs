//! The envelope of every answer: `{code, message, data}`, code 0 for success.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use im_shared::wire::Code;
use serde::Serialize;
use utoipa::ToSchema;

/// The envelope of a success.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// 0.
    #[schema(example = 0)]
    pub code: u16,
    /// `ok`.
    #[schema(example = "ok")]
    pub message: String,
    /// The result.
    pub data: T,
}

impl<T> Envelope<T> {
    fn of(data: T) -> Self {
        Self {
            code: Code::Ok.0,
            message: "ok".to_owned(),
            data,
        }
    }
}

/// The envelope of a failure.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// Why, as `im.message.Code`; never 0.
    #[schema(example = 1003)]
    pub code: u16,
    /// The same for people, in English.
    pub message: String,
    /// What is wrong with which field; null where no field is to blame.
    #[schema(required = true)]
    pub data: Option<Fault>,
}

/// The field that a request is refused for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fault {
    /// Its name in the body (`keys.auth`, `mentions[2]`), the query or the path, or the header's name; `body` or `query` for the whole.
    #[schema(example = "nickname")]
    pub field: String,
    /// What it must be, in English.
    #[schema(example = "must not be empty")]
    pub rule: String,
}

impl Failure {
    /// The envelope of `code` with a text for people, and the field where one is to blame.
    #[must_use]
    pub fn new(code: Code, message: String, data: Option<Fault>) -> Self {
        Self {
            code: code.0,
            message,
            data,
        }
    }
}

/// 200 with data.
pub struct Reply<T>(pub T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        Json(Envelope::of(self.0)).into_response()
    }
}

/// 201 with data.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(Envelope::of(self.0))).into_response()
    }
}

/// 202 with data: somebody else has to agree.
pub struct Accepted<T>(pub T);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(Envelope::of(self.0))).into_response()
    }
}

/// Success without a result: `{}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {}
