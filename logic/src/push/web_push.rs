//! Web Push: one encrypted request per browser (RFC 8030, 8291, 8292).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use im_shared::ids::ConversationId;
use ring::digest;

use super::address::Hosts;
use super::http::Http;
use super::seal::Subscriber;
use super::vapid::Vapid;
use crate::config::PushConfig;
use crate::store::Subscription;

const TTL: HeaderName = HeaderName::from_static("ttl");
const TOPIC: HeaderName = HeaderName::from_static("topic");
const URGENCY: HeaderName = HeaderName::from_static("urgency");

/// What became of a push.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The push service has it.
    Sent,
    /// The browser gave the subscription up, or it was never one: it is to be removed.
    Gone,
    /// Not this time.
    Failed {
        /// Why.
        reason: String,
        /// The wait that was asked for.
        retry_after: Option<Duration>,
    },
}

/// Sends to push services.
#[derive(Debug)]
pub(super) struct WebPush {
    http: Http,
    vapid: Vapid,
    hosts: Hosts,
    ttl: String,
}

impl WebPush {
    /// # Errors
    ///
    /// The system has no certificates of authorities.
    pub(super) fn new(config: &PushConfig, vapid: Vapid, hosts: Hosts) -> std::io::Result<Self> {
        let deadline = Duration::from_millis(config.deadline_ms);
        Ok(Self {
            http: Http::new(config.allow_private_hosts, deadline)?,
            vapid,
            hosts,
            ttl: config.ttl_secs.to_string(),
        })
    }

    /// Pushes `payload` to one browser.
    pub(super) async fn send(
        &self,
        to: &Subscription,
        conversation: ConversationId,
        payload: &[u8],
        now: SystemTime,
    ) -> Outcome {
        // Both were good when the browser subscribed; the operator may have taken a host off the list since.
        let Some(uri) = self.hosts.endpoint(&to.endpoint) else {
            return Outcome::Gone;
        };
        let sealed = Subscriber::parse(&to.p256dh, &to.auth).and_then(|key| key.seal(payload));
        let Ok(body) = sealed else {
            return Outcome::Gone;
        };
        let Some(headers) = self.headers(&uri, to, conversation, now) else {
            return failed("the push cannot be signed".to_owned(), None);
        };
        match self.http.post(&uri, headers, Bytes::from(body)).await {
            Ok(answer) if answer.status.is_success() => Outcome::Sent,
            Ok(answer) if is_gone(answer.status) => Outcome::Gone,
            Ok(answer) => failed(
                format!("answered {}: {}", answer.status, answer.reason),
                answer.retry_after,
            ),
            Err(error) => failed(error.to_string(), None),
        }
    }

    fn headers(
        &self,
        uri: &http::Uri,
        to: &Subscription,
        conversation: ConversationId,
        now: SystemTime,
    ) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        let octets = HeaderValue::from_static("application/octet-stream");
        headers.insert(CONTENT_TYPE, octets);
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
        // Somebody wrote to the user: worth waking a phone for (RFC 8030, 5.3).
        headers.insert(URGENCY, HeaderValue::from_static("high"));
        headers.insert(TTL, HeaderValue::try_from(&self.ttl).ok()?);
        let topic = topic(conversation, &to.auth);
        headers.insert(TOPIC, HeaderValue::try_from(topic).ok()?);
        let mut signed = HeaderValue::try_from(self.vapid.authorization(uri, now)?).ok()?;
        signed.set_sensitive(true);
        headers.insert(AUTHORIZATION, signed);
        Some(headers)
    }
}

/// 404 and 410 end a subscription (RFC 8030, 7.3).
fn is_gone(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
}

fn failed(reason: String, retry_after: Option<Duration>) -> Outcome {
    Outcome::Failed {
        reason,
        retry_after,
    }
}

/// A push service keeps only the last push of a topic for a browser that is away: 32 characters at most (RFC 8030, 5.4). With the browser's
/// secret in it, so that a push service cannot tell who is in one conversation.
fn topic(conversation: ConversationId, auth: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{conversation}:{auth}").as_bytes());
    let mut topic = URL_SAFE_NO_PAD.encode(hash);
    topic.truncate(32);
    topic
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8030, 5.4
    #[test]
    fn a_topic_is_the_same_for_a_conversation_and_tells_a_push_service_nothing() {
        let ann = topic(ConversationId(7), "BTBZMqHH6r4Tts7J_aSIgg");
        assert_eq!(ann.len(), 32);
        assert_eq!(ann, topic(ConversationId(7), "BTBZMqHH6r4Tts7J_aSIgg"));
        assert_ne!(ann, topic(ConversationId(7), "CTBZMqHH6r4Tts7J_aSIgg"));
        assert_ne!(ann, topic(ConversationId(8), "BTBZMqHH6r4Tts7J_aSIgg"));
    }
}
