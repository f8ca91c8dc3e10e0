//! Why a request fails: one enum, and the one place where it becomes a code, an HTTP status and an envelope.
//!
//! What is the caller's fault carries a [`Code`] that REST shares with the frames. What is ours (500, 503, 504) is logged
//! here, once, with its cause; the caller learns the code and nothing of the cause.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use deadpool_postgres::{PoolError, TimeoutType};
use im_shared::database::{DatabaseError, has_lost};
use im_shared::snowflake::IdError;
use im_shared::wire::Code;
use tokio_postgres::error::SqlState;

use crate::reply::{Failure, Fault};

/// How long a caller should wait when something behind us is down or full.
const RETRY_AFTER: Duration = Duration::from_secs(1);

type Source = Box<dyn Error + Send + Sync>;

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The request is understood and refused; the code says why.
    #[error("refused with {}", .0.name())]
    Refused(Code),
    /// A parameter or the body is not as it must be; the caller learns which and how.
    #[error("invalid argument: {0}")]
    Invalid(Invalid),
    /// The body is over the limit.
    #[error("the body is too large")]
    TooLarge,
    /// The body did not come in time.
    #[error("the body came too slowly")]
    Slow,
    /// The path exists, but not for this method.
    #[error("the method is not allowed here")]
    MethodNotAllowed,
    /// More was asked for than the rate allows; the same request passes after this time.
    #[error("the rate is exceeded")]
    RateLimited(Duration),
    /// A bounded queue is full; `what` names it.
    #[error("{0} is busy")]
    Busy(&'static str),
    /// A bounded queue is full, and this is how long what is in it takes.
    #[error("{what} is busy")]
    BusyFor {
        /// The queue.
        what: &'static str,
        /// How long.
        wait: Duration,
    },
    /// PostgreSQL ended the transaction so that another one could go on.
    #[error("the transaction lost against another one")]
    Lost,
    /// A dependency does not work now; `what` names it.
    #[error("{what} is not available")]
    Unavailable {
        /// The dependency.
        what: &'static str,
        /// What it said.
        source: Source,
    },
    /// No answer within the deadline.
    #[error("{0} did not answer in time")]
    Deadline(&'static str),
    /// A fault of this program.
    #[error("{context}")]
    Internal {
        /// What was being done.
        context: &'static str,
        /// What went wrong.
        source: Source,
    },
}

/// A field that is not as it must be.
#[derive(Debug)]
pub struct Invalid {
    /// `InvalidArgument`, or the code that this field has of its own.
    pub code: Code,
    /// Its name, as the caller knows it.
    pub field: Cow<'static, str>,
    /// What it must be, as the rest of a sentence that begins with the field.
    pub rule: Cow<'static, str>,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl ApiError {
    /// `InvalidArgument`: the field and its rule.
    pub fn invalid(
        field: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::invalid_as(Code::InvalidArgument, field, rule)
    }

    /// A field that has a code of its own: `UsernameInvalid`.
    pub fn invalid_as(
        code: Code,
        field: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid(Invalid {
            code,
            field: field.into(),
            rule: rule.into(),
        })
    }

    /// The same about a field of another name, if it is about one.
    #[must_use]
    pub fn of_field(self, field: &'static str) -> Self {
        match self {
            Self::Invalid(Invalid { code, rule, .. }) => Self::invalid_as(code, field, rule),
            other => other,
        }
    }

    /// A fault of this program while doing `context`.
    pub fn internal(context: &'static str, source: impl Into<Source>) -> Self {
        Self::Internal {
            context,
            source: source.into(),
        }
    }

    /// The same failure, for another one who waited for the same work.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Self::Refused(code) => Self::Refused(*code),
            Self::Busy(what) => Self::Busy(what),
            Self::Deadline(what) => Self::Deadline(what),
            Self::Lost => Self::Lost,
            Self::Unavailable { what, source } => Self::Unavailable {
                what,
                source: source.to_string().into(),
            },
            Self::Internal { context, source } => Self::internal(context, source.to_string()),
            other => Self::internal("work for many", other.to_string()),
        }
    }

    /// The number that the caller sees.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(code) => *code,
            Self::Invalid(invalid) => invalid.code,
            Self::TooLarge => Code::FrameTooLarge,
            Self::MethodNotAllowed => Code::Unsupported,
            Self::RateLimited(_) => Code::RateLimited,
            Self::Busy(_) | Self::BusyFor { .. } | Self::Lost => Code::RetryLater,
            Self::Unavailable { .. } => Code::Unavailable,
            Self::Slow | Self::Deadline(_) => Code::DeadlineExceeded,
            Self::Internal { .. } => Code::Internal,
        }
    }

    /// The HTTP status: the code's own, except where HTTP has a more exact one.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            other => StatusCode::from_u16(other.code().http_status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn log(&self) {
        match self {
            Self::Internal { source, .. } => {
                tracing::error!(cause = %chain(source.as_ref()), "{self}")
            }
            Self::Unavailable { source, .. } => {
                tracing::warn!(cause = %chain(source.as_ref()), "{self}")
            }
            Self::Busy(_) | Self::BusyFor { .. } | Self::Deadline(_) | Self::Lost => {
                tracing::warn!("{self}");
            }
            Self::Refused(_)
            | Self::Invalid(_)
            | Self::TooLarge
            | Self::Slow
            | Self::MethodNotAllowed
            | Self::RateLimited(_) => {
                tracing::debug!("{self}");
            }
        }
    }
}

/// An error and its sources in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let retry_after = match &self {
            Self::RateLimited(wait) | Self::BusyFor { wait, .. } => Some(*wait),
            _ if matches!(status.as_u16(), 429 | 503) => Some(RETRY_AFTER),
            _ => None,
        };
        let code = self.code();
        let (message, fault) = match self {
            Self::Invalid(invalid) => {
                let message = match code {
                    Code::InvalidArgument => invalid.to_string(),
                    own => own.text().to_owned(),
                };
                let fault = Fault {
                    field: invalid.field.into_owned(),
                    rule: invalid.rule.into_owned(),
                };
                (message, Some(fault))
            }
            _ => (code.text().to_owned(), None),
        };
        let body = Failure::new(code, message, fault);
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = retry_after {
            // Whole seconds; rounded down it would be too early.
            let seconds = wait.as_millis().div_ceil(1_000);
            let seconds = u64::try_from(seconds).unwrap_or(u64::MAX).max(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The answer of a handler that panicked. The panic itself is logged by the program's hook.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError::internal("a handler panicked", said.unwrap_or("without a text")).into_response()
}

/// The code of a broken constraint: the one line for each.
fn constraint(name: &str) -> Option<Code> {
    match name {
        "users_username_key" => Some(Code::UsernameTaken),
        "friend_requests_pending_pair" => Some(Code::FriendRequestPending),
        _ => None,
    }
}

impl From<tokio_postgres::Error> for ApiError {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(code) = error
            .as_db_error()
            .and_then(|db| db.constraint())
            .and_then(constraint)
        {
            return Self::Refused(code);
        }
        match error.code() {
            Some(state) if *state == SqlState::QUERY_CANCELED => Self::Deadline("PostgreSQL"),
            Some(_) if has_lost(&error) => Self::Lost,
            Some(state) if *state == SqlState::LOCK_NOT_AVAILABLE => Self::Busy("PostgreSQL"),
            // Classes 08 (connection), 53 (resources), 57 (operator: shutdown, starting) pass by themselves.
            Some(state)
                if !["08", "53", "57"].contains(&state.code().get(..2).unwrap_or_default()) =>
            {
                Self::internal("a statement failed", error)
            }
            None if !error.is_closed() && !is_io(&error) => {
                Self::internal("a statement failed", error)
            }
            _ => Self::Unavailable {
                what: "PostgreSQL",
                source: error.into(),
            },
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|source| source.is::<std::io::Error>())
}

impl From<PoolError> for ApiError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Timeout(TimeoutType::Wait) => Self::Busy("the PostgreSQL pool"),
            other => Self::Unavailable {
                what: "PostgreSQL",
                source: other.into(),
            },
        }
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Failed(error) => error.into(),
            DatabaseError::NoConnection(error) => error.into(),
            DatabaseError::LeftAlone => Self::Unavailable {
                what: "PostgreSQL",
                source: error.into(),
            },
            other => Self::internal("using PostgreSQL", other),
        }
    }
}

impl From<IdError> for ApiError {
    fn from(error: IdError) -> Self {
        Self::Unavailable {
            what: "the lease of ids",
            source: error.into(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The status is honest: no failure is a 2xx.
    #[test]
    fn every_failure_has_a_status_of_its_kind() {
        let failures = [
            (ApiError::Refused(Code::UsernameTaken), 409),
            (ApiError::Refused(Code::WrongCredentials), 401),
            (ApiError::Refused(Code::UserNotFound), 404),
            (ApiError::Refused(Code::NotMember), 403),
            (ApiError::invalid("limit", "is 1 to 50"), 400),
            (
                ApiError::invalid_as(Code::UsernameInvalid, "username", "is short"),
                400,
            ),
            (ApiError::TooLarge, 413),
            (ApiError::Slow, 408),
            (ApiError::MethodNotAllowed, 405),
            (ApiError::RateLimited(Duration::from_secs(1)), 429),
            (ApiError::Busy("x"), 503),
            (ApiError::Deadline("x"), 504),
            (ApiError::internal("x", "secret"), 500),
        ];
        for (failure, status) in failures {
            assert_eq!(failure.status().as_u16(), status, "{failure}");
        }
    }

    /// B8: who comes back when told to is let in.
    #[test]
    fn the_wait_is_told_in_whole_seconds_and_never_too_short() {
        for (millis, told) in [(1, "1"), (1_000, "1"), (1_001, "2"), (179_500, "180")] {
            let limited = ApiError::RateLimited(Duration::from_millis(millis));
            assert_eq!(limited.into_response().headers()["retry-after"], told);
        }
    }

    #[tokio::test]
    async fn a_cause_does_not_leak() {
        let response = ApiError::internal("reading", "password=hunter2").into_response();
        let body = axum::body::to_bytes(response.into_body(), 1024)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            !text.contains("hunter2") && !text.contains("reading"),
            "{text}"
        );
    }

    /// M6: what a handler panicked with stays inside.
    #[tokio::test]
    async fn a_panic_does_not_leak() {
        let response = panicked(Box::new("password=hunter2".to_owned()));
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 1024)
            .await
            .unwrap();
        assert!(
            !String::from_utf8(body.to_vec())
                .unwrap()
                .contains("hunter2")
        );
    }
}
