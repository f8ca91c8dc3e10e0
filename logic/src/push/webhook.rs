//! The webhook: one signed request per page of members.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Uri};
use im_shared::ids::UserId;
use ring::hmac;
use serde::Serialize;

use super::http::{Http, HttpError};
use super::note::Note;
use crate::config::PushConfig;

const SIGNATURE: HeaderName = HeaderName::from_static("x-im-signature");
const DELIVERY: HeaderName = HeaderName::from_static("x-im-delivery");

/// What the webhook is told: the message, and who was away.
#[derive(Debug, Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    note: &'a Note,
    users: &'a [UserId],
}

/// A request failed.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) reason: String,
    pub(super) retry_after: Option<Duration>,
}

/// Sends to the operator's address. A cheap clone.
#[derive(Clone)]
pub(super) struct Webhook {
    http: Http,
    uri: Uri,
    key: hmac::Key,
}

impl Webhook {
    /// None when the address is none. Private addresses are fine: the operator wrote this one.
    ///
    /// # Errors
    ///
    /// The system has no certificates of authorities.
    pub(super) fn new(config: &PushConfig) -> std::io::Result<Option<Self>> {
        let Ok(uri) = config.webhook_url.expose().parse() else {
            return Ok(None);
        };
        // Its own client and so its own connections: Web Push never waits for it.
        Ok(Some(Self {
            http: Http::new(true, Duration::from_millis(config.deadline_ms))?,
            uri,
            key: hmac::Key::new(hmac::HMAC_SHA256, config.webhook_secret.expose().as_bytes()),
        }))
    }

    /// Tells that `users` were away. `delivery` is the same at every repeat.
    pub(super) async fn tell(
        &self,
        note: &Note,
        users: &[UserId],
        delivery: &str,
        now: SystemTime,
    ) -> Result<(), Refused> {
        let refused = |reason: String, retry_after| Refused {
            reason,
            retry_after,
        };
        let body = serde_json::to_vec(&Told { note, users })
            .map_err(|error| refused(error.to_string(), None))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("im-rs"));
        let values = [
            (SIGNATURE, signature(&self.key, &body, now)),
            (DELIVERY, delivery.to_owned()),
        ];
        for (name, value) in values {
            let value = HeaderValue::try_from(value);
            headers.insert(
                name,
                value.map_err(|error| refused(error.to_string(), None))?,
            );
        }
        match self.http.post(&self.uri, headers, Bytes::from(body)).await {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => Err(refused(
                format!("answered {}: {}", answer.status, answer.reason),
                answer.retry_after,
            )),
            Err(error @ (HttpError::TimedOut(_) | HttpError::Private | HttpError::Failed(_))) => {
                Err(refused(error.to_string(), None))
            }
        }
    }
}

/// `t` is part of what is signed, so that an old request cannot be sent again by somebody else with a new time.
fn signature(key: &hmac::Key, body: &[u8], now: SystemTime) -> String {
    let time = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{time}.").as_bytes());
    context.update(body);
    let digits: String = context
        .sign()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={time},v1={digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E6: `printf '1000.{}' | openssl dgst -sha256 -hmac 'a secret of the operator'`
    #[test]
    fn the_signature_is_pinned() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret of the operator");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        assert_eq!(
            signature(&key, b"{}", now),
            "t=1000,v1=151af7a52e8c431d0ecdf1a8ffd5b5d3e3b1f24c7de3ebf29561a0ea75e43059"
        );
    }
}
