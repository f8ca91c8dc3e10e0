//! Requests to programs outside: a deadline for each, TLS by the certificates of the system, no redirects, and no private addresses unless
//! they are allowed.
//!
//! Not reqwest: the workspace has it without TLS, and to switch TLS on for this program would make every other program's client look for a
//! provider of cryptography that it has not installed, because Cargo builds one reqwest for all.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;

use super::address::{is_private_literal, is_public};

/// What is read of an answer: it is for a person who looks at a dead job.
const MAX_ANSWER: usize = 1_024;

/// So much of it is kept.
const MAX_REASON: usize = 200;

/// A connection that is not used for so long is closed.
const IDLE: Duration = Duration::from_secs(90);

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: StatusCode,
    /// The wait that was asked for (RFC 9110, 10.2.3), where it was given in seconds.
    pub(super) retry_after: Option<Duration>,
    /// How the text of the answer begins.
    pub(super) reason: String,
}

/// There was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// None in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The address is private.
    #[error("the address is private")]
    Private,
    /// No connection, or it broke.
    #[error("{0}")]
    Failed(String),
}

/// Sends requests, over connections that are kept. A cheap clone.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    private: bool,
    deadline: Duration,
}

impl Http {
    /// `private`: private addresses are asked, too.
    ///
    /// # Errors
    ///
    /// The system has no certificates of authorities.
    pub(super) fn new(private: bool, deadline: Duration) -> std::io::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(std::io::Error::other)?
            .with_native_roots()?
            .with_no_client_auth();
        Ok(Self::over(tls, private, deadline))
    }

    fn over(tls: ClientConfig, private: bool, deadline: Duration) -> Self {
        let mut connector = HttpConnector::new_with_resolver(Resolver { private });
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(deadline));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(https);
        Self {
            client,
            private,
            deadline,
        }
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    ///
    /// There is no answer within the deadline.
    pub(super) async fn post(
        &self,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, HttpError> {
        if !self.private && is_private_literal(uri.host().unwrap_or_default()) {
            return Err(HttpError::Private);
        }
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        tokio::time::timeout(self.deadline, self.ask(request))
            .await
            .map_err(|_| HttpError::TimedOut(self.deadline))?
    }

    async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, HttpError> {
        let failed = |error: &(dyn std::error::Error + 'static)| {
            // The sources say what happened; the error itself is only "client error (Connect)".
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(error) = source {
                text = format!("{text}: {error}");
                source = error.source();
            }
            HttpError::Failed(text)
        };
        let answer = self
            .client
            .request(request)
            .await
            .map_err(|error| failed(&error))?;
        let status = answer.status();
        let retry_after = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        // Read, so that the connection is used again; a long answer costs its connection.
        let text = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let text = text.map(|body| body.to_bytes()).unwrap_or_default();
        let reason = String::from_utf8_lossy(&text).replace('\0', " ");
        Ok(Answer {
            status,
            retry_after,
            reason: reason.trim().chars().take(MAX_REASON).collect(),
        })
    }
}

/// Looks up names, and leaves out what is not public: a name that anybody can register may point anywhere, and elsewhere a moment later.
#[derive(Debug, Clone, Copy)]
struct Resolver {
    private: bool,
}

/// A name has no address that may be asked.
#[derive(Debug, thiserror::Error)]
#[error("the name has no public address")]
struct NoPublicAddress;

impl tower::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let legal: Vec<SocketAddr> = found
                .filter(|address| private || is_public(address.ip()))
                .collect();
            if legal.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(legal.into_iter())
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Read as _, Write as _};

    use rustls::crypto::ring::default_provider;
    use rustls::{RootCertStore, ServerConfig, ServerConnection};
    use rustls_pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;

    /// A server that answers each connection once over TLS, and what its certificate is.
    fn server() -> (u16, CertificateDer<'static>) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let certificate = made.cert.der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut socket = socket.unwrap();
                let mut stream = rustls::Stream::new(&mut connection, &mut socket);
                if stream.read(&mut [0; 4_096]).is_ok() {
                    let answer =
                        "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 5\r\n\r\nlater";
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        (port, certificate)
    }

    fn trusting(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Http {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Http::over(tls, true, Duration::from_secs(60))
    }

    /// E6: over TLS, to whom an authority vouches for.
    #[tokio::test]
    async fn a_server_is_asked_by_its_certificate_only() {
        let (port, certificate) = server();
        let uri: Uri = format!("https://localhost:{port}/").parse().unwrap();
        let ask = |http: Http| {
            let uri = uri.clone();
            async move {
                http.post(&uri, HeaderMap::new(), Bytes::from_static(b"x"))
                    .await
            }
        };
        let error = ask(trusting([])).await.unwrap_err().to_string();
        assert!(error.contains("UnknownIssuer"), "{error}");
        let answer = ask(trusting([certificate])).await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(answer.reason, "later");
    }

    /// E6: neither by number nor by name.
    #[tokio::test]
    async fn private_addresses_are_not_asked() {
        let http = Http::new(false, Duration::from_secs(60)).unwrap();
        let ask = |uri: &str| {
            let (http, uri) = (http.clone(), uri.parse().unwrap());
            async move { http.post(&uri, HeaderMap::new(), Bytes::new()).await }
        };
        let by_number = ask("http://127.0.0.1:9/").await;
        assert!(
            matches!(by_number, Err(HttpError::Private)),
            "{by_number:?}"
        );
        let by_name = ask("http://localhost:9/").await.unwrap_err().to_string();
        assert!(by_name.contains("no public address"), "{by_name}");
    }
}
