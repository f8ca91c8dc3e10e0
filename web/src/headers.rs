//! The headers that protect: what a page may load and connect to, who may ask from another origin, and TLS for the next time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use im_shared::nodes::LiveNodes;
use parking_lot::Mutex;
use tower_http::cors::CorsLayer;

use crate::client_address::Peer;
use crate::config::HttpConfig;
use crate::services::Services;

/// A node that is gone may be back under its old address; a page that is loaded now may go to it then.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// How long a browser keeps what a preflight said.
const PREFLIGHT: Duration = Duration::from_secs(600);

/// Nothing is loaded, run or framed: for answers that are no page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
/// What the web client and Swagger UI need, but for `connect-src`.
const PAGE: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' https: data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; \
    base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// How answers are protected.
pub struct Protection {
    connect_sources: Vec<String>,
    origins: Vec<HeaderValue>,
    has_tls: bool,
    /// Origins of access nodes, and when each was last seen.
    nodes: Mutex<HashMap<String, Instant>>,
}

impl Protection {
    /// By the configuration; `has_tls` where this program does TLS itself.
    #[must_use]
    pub fn new(config: &HttpConfig, has_tls: bool) -> Self {
        let origins = config.allowed_origins.iter();
        Self {
            connect_sources: config.connect_sources.clone(),
            // The configuration was checked: each is a legal header.
            origins: origins
                .filter_map(|origin| HeaderValue::from_str(origin).ok())
                .collect(),
            has_tls,
            nodes: Mutex::default(),
        }
    }

    /// Lets the listed origins read answers, exactly those. None where there are none: then nothing is said to other origins.
    pub(crate) fn cors(&self) -> Option<CorsLayer> {
        if self.origins.is_empty() {
            return None;
        }
        let asked = [
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-request-id"),
        ];
        let told = [
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static("ratelimit-limit"),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
            HeaderName::from_static("x-request-id"),
        ];
        let methods = [
            Method::GET,
            Method::PUT,
            Method::POST,
            Method::PATCH,
            Method::DELETE,
        ];
        Some(
            CorsLayer::new()
                .allow_origin(self.origins.clone())
                .allow_methods(methods)
                .allow_headers(asked)
                .expose_headers(told)
                .max_age(PREFLIGHT),
        )
    }

    /// Where a page may connect to: here, to the access nodes, and to what the operator names. A page lives longer than a node: an
    /// operator whose nodes come and go under new addresses names a pattern.
    fn connect_src(&self, live: &LiveNodes, now: Instant) -> String {
        let mut nodes = self.nodes.lock();
        for record in live.all() {
            let transport = record.web_transport.as_ref().map(|one| &one.url);
            let socket = record.web_socket.as_ref().map(|one| &one.url);
            for origin in [transport, socket].into_iter().flatten() {
                if let Some(origin) = origin_of(origin) {
                    nodes.insert(origin.to_owned(), now);
                }
            }
        }
        nodes.retain(|_, seen| now.duration_since(*seen) < REMEMBERED);
        let known = nodes.keys().chain(&self.connect_sources);
        let mut known: Vec<&str> = known.map(String::as_str).collect();
        known.sort_unstable();
        if known.is_empty() {
            // A page that is loaded while no node is there could never connect, and would not know why.
            known = vec!["https:", "wss:"];
        }
        format!("connect-src 'self' {}", known.join(" "))
    }

    fn policy(&self, path: &str, live: &LiveNodes) -> Option<HeaderValue> {
        let is_below = |prefix: &str| {
            let rest = path.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if is_below("/api") || is_below("/.well-known") {
            return Some(HeaderValue::from_static(NOTHING));
        }
        let connect = if is_below("/swagger") {
            "connect-src 'self'".to_owned()
        } else {
            self.connect_src(live, Instant::now())
        };
        HeaderValue::from_str(&format!("{PAGE}; {connect}")).ok()
    }
}

/// `https://host:port` of an address; none where it holds what a policy cannot.
fn origin_of(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |end| host + end);
    let origin = &url[..end];
    let legal = |byte: u8| byte.is_ascii_graphic() && !b";,'\"".contains(&byte);
    (end > host && origin.bytes().all(legal)).then_some(origin)
}

/// Puts the security headers on every answer, and `no-store` on what nobody may keep. What a handler has set stays.
pub(crate) async fn secure(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    let protection = &services.protection;
    let is_private = protection.has_tls || came_over_tls(&request, &services);
    let policy = protection.policy(request.uri().path(), &services.nodes);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    if let Some(policy) = policy {
        set(header::CONTENT_SECURITY_POLICY, policy);
    }
    if is_private {
        // A browser must not believe it over clear text (RFC 6797, 7.2).
        let year = HeaderValue::from_static("max-age=31536000");
        set(header::STRICT_TRANSPORT_SECURITY, year);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ] {
        set(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a trusted proxy says that the client's connection has TLS.
fn came_over_tls(request: &Request, services: &Services) -> bool {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let is_trusted = |address: IpAddr| {
        let mut trusted = services.trusted_proxies.iter();
        trusted.any(|network| network.contains(address))
    };
    peer.is_some_and(|peer| is_trusted(peer.0.ip())) && says_https(request.headers())
}

fn says_https(headers: &HeaderMap) -> bool {
    let said = headers.get("x-forwarded-proto");
    said.is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(b"https"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_stands_before_the_path() {
        let origin = origin_of("https://a.example:9443/im/v1");
        assert_eq!(origin, Some("https://a.example:9443"));
        assert_eq!(origin_of("ws://[::1]:9001/im"), Some("ws://[::1]:9001"));
        assert_eq!(origin_of("wss://a.example"), Some("wss://a.example"));
        for bad in [
            "",
            "a.example",
            "https://",
            "https:///x",
            "https://a;script-src *",
        ] {
            assert_eq!(origin_of(bad), None, "{bad}");
        }
    }
}
