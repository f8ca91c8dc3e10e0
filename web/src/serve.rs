//! The HTTP server: accepts, does TLS, and gives each connection to hyper. HTTP/1 in clear text; over TLS what ALPN chose.
//!
//! One task per connection, owned by [`Server::run`]: they end with their connection, at a stop after the request that runs, and at
//! the latest when `run` is dropped.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use im_shared::tls::{CertificateFiles, TlsError};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use crate::client_address::Peer;
use crate::connection::{Activity, Patience, Timed};
use crate::listener::{Listener, Place};

/// All headers of a request, in bytes; more is answered with 431. hyper takes 100 of them.
const HEADER_BYTES: usize = 64 * 1024;
/// Requests of one HTTP/2 connection at once.
const STREAMS: u32 = 100;
/// How often a silent HTTP/2 connection is asked whether it is there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(20);

/// What is served where.
pub(crate) struct Server {
    /// Where connections come from.
    pub(crate) listener: Listener,
    /// What answers.
    pub(crate) router: Router,
    /// How slow a client may be.
    pub(crate) patience: Patience,
    /// TLS, where it is done here.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// TLS with what `certificates` shows at the moment; HTTP/2 or HTTP/1.1, as the client prefers.
///
/// # Errors
/// When the cryptography of this program is not usable.
pub(crate) fn acceptor(certificates: Arc<CertificateFiles>) -> Result<TlsAcceptor, TlsError> {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?;
    let mut config = builder
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Server {
    /// Serves until `stop`, then ends connections as their requests end.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                // Only so that what has ended is forgotten.
                Some(_) = connections.join_next() => {}
                (stream, peer, place) = self.listener.accept() => {
                    let connection = Connection {
                        service: Answers {
                            router: self.router.clone(),
                            peer: Peer::new(peer),
                            activity: Activity::new(),
                        },
                        patience: self.patience,
                        watcher: graceful.watcher(),
                        _place: place,
                    };
                    connections.spawn(connection.serve(stream, self.tls.clone(), peer));
                }
            }
        }
        drop(self.listener);
        graceful.shutdown().await;
    }
}

/// One connection.
struct Connection {
    service: Answers,
    patience: Patience,
    watcher: Watcher,
    _place: Place,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>, peer: SocketAddr) {
        let Some(acceptor) = tls else {
            return self.http1(stream).await;
        };
        // As for headers: it is what comes before the first request.
        let patience = self.patience.headers.unwrap_or(self.patience.idle);
        let stream = match tokio::time::timeout(patience, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                metrics::counter!("im_http_connections_refused_total", "reason" => "handshake")
                    .increment(1);
                tracing::debug!(%peer, %error, "no handshake");
                return;
            }
            Err(_) => {
                metrics::counter!("im_http_connections_refused_total", "reason" => "slow_handshake").increment(1);
                tracing::debug!(%peer, "the handshake took too long");
                return;
            }
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream).await;
        } else {
            self.http1(stream).await;
        }
    }

    async fn http1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        // No timer of hyper: `Timed` knows a connection that rests from one whose headers are late.
        builder.http1().max_buf_size(HEADER_BYTES);
        self.drive(builder, stream).await;
    }

    async fn http2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(mut self, stream: S) {
        self.patience.headers = None;
        let mut builder = Builder::new(TokioExecutor::new()).http2_only();
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(u32::try_from(HEADER_BYTES).unwrap_or(u32::MAX))
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        self.drive(builder, stream).await;
    }

    async fn drive<S>(self, builder: Builder<TokioExecutor>, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = Timed::new(stream, self.patience, self.service.activity.clone());
        let service = TowerToHyperService::new(self.service);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        // How a client leaves is its own affair; what it asked was logged.
        if let Err(error) = self.watcher.watch(connection.into_owned()).await {
            tracing::debug!(%error, "a connection ended badly");
        }
    }
}

/// The router for the requests of one connection.
#[derive(Clone)]
struct Answers {
    router: Router,
    peer: Peer,
    activity: Activity,
}

impl<B> Service<axum::http::Request<B>> for Answers
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::http::Request<B>) -> Self::Future {
        let running = self.activity.begin();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.clone().oneshot(request);
        Box::pin(async move { answer.await.map(|response| running.until_sent(response)) })
    }
}
