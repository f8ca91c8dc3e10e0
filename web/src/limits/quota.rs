//! What one request may still do, and what its answer tells about it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use im_shared::tokens::Claims;

use super::{Counted, Limits, Per, Rules};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::services::Services;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Takes the tokens of the address, and tells in the answer what is left of whatever was taken.
pub(crate) async fn layer(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let Some(path) = path.map(MatchedPath::as_str).filter(|path| is_api(path)) else {
        return next.run(request).await;
    };
    let quota = Quota(Some(Arc::new(Inner {
        limits: services.limits.clone(),
        rules: services.limits.rules(),
        method: request.method().clone(),
        path: path.to_owned(),
        address: ClientAddress::of_request(request.extensions(), request.headers(), &services),
        told: Mutex::default(),
    })));
    request.extensions_mut().insert(quota.clone());
    let mut response = match quota.arrived().await {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    quota.tell(response.headers_mut());
    response
}

/// Pages, pictures and the document are not counted.
fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// What one request may still do. A cheap clone; all clones are of one request.
#[derive(Debug, Clone)]
pub struct Quota(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    rules: Arc<Rules>,
    method: Method,
    path: String,
    address: ClientAddress,
    told: Mutex<Option<Told>>,
}

/// What the answer says: of the rule that has least left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    remaining: u32,
    limit: u32,
    full_in: Duration,
}

impl Quota {
    /// That of the request; of one that is not limited, one that is never used up.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or(Self(None))
    }

    /// A request of an address arrived.
    async fn arrived(&self) -> Result<(), ApiError> {
        self.take(Counted::Requests, None).await
    }

    /// The request turns out to be of this user.
    ///
    /// # Errors
    /// `RateLimited`.
    pub async fn identified(&self, claims: &Claims) -> Result<(), ApiError> {
        self.take(Counted::Requests, Some(claims)).await
    }

    /// The request is about to make something.
    ///
    /// # Errors
    /// `RateLimited`.
    pub async fn creates(&self) -> Result<(), ApiError> {
        self.take(Counted::Creations, None).await
    }

    /// Takes a token for each rule about the address, or about the user where one is given.
    async fn take(&self, counted: Counted, claims: Option<&Claims>) -> Result<(), ApiError> {
        let Some(inner) = &self.0 else {
            return Ok(());
        };
        let limits = &inner.limits.0;
        if !limits.enabled && counted == Counted::Requests {
            return Ok(());
        }
        for rule in inner.rules.of(&inner.method, &inner.path, counted) {
            let subject = match (rule.per, claims) {
                (Per::Address, None) if inner.address.is_in(&limits.exempt) => continue,
                (Per::Address, None) => inner.address.to_string(),
                (Per::User, Some(claims)) => claims.user.to_string(),
                (Per::SignIn, Some(claims)) => claims.sign_in.to_string(),
                (Per::Device, Some(claims)) => format!("{}/{}", claims.user, claims.device),
                _ => continue,
            };
            let taken = inner.limits.take(rule, &subject).await;
            let told = Told {
                remaining: taken.level.remaining,
                limit: rule.pace.burst,
                full_in: taken.level.full_in,
            };
            let mut least = inner.told.lock().unwrap_or_else(PoisonError::into_inner);
            *least = Some(least.map_or(told, |least| least.min(told)));
            drop(least);
            taken.taken.map_err(ApiError::RateLimited)?;
        }
        Ok(())
    }

    fn tell(&self, headers: &mut HeaderMap) {
        let told = self.0.as_ref().and_then(|inner| {
            let least = inner.told.lock().unwrap_or_else(PoisonError::into_inner);
            *least
        });
        if let Some(told) = told {
            headers.insert(LIMIT, HeaderValue::from(told.limit));
            headers.insert(REMAINING, HeaderValue::from(told.remaining));
            let seconds = told.full_in.as_millis().div_ceil(1_000);
            let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
            headers.insert(RESET, HeaderValue::from(seconds));
        }
    }
}

impl FromRequestParts<Services> for Quota {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Services) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
