//! The API over TLS, and a certificate that is renewed while it is used.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use http::{Request, Version};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use im_shared::testing::wait_until;
use im_shared::tls::client_config;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::app::TestApp;

/// Longer than anything here may take.
const FAR: Duration = Duration::from_secs(30);

/// An authority of this test, and the files of a server that it vouches for.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        let authority = Self { folder, issuer };
        authority.issue();
        authority
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a new certificate and its key, as a renewal does; the certificate.
    fn issue(&self) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.file("chain.pem"), certificate.pem()).unwrap();
        fs::write(self.file("key.pem"), key.serialize_pem()).unwrap();
        certificate.der().clone()
    }

    /// A node that serves over TLS, and gives a handshake so much time.
    async fn app(&self, handshake: Duration) -> TestApp {
        TestApp::start_with(|config| {
            config.tls.chain = self.file("chain.pem");
            config.tls.key = self.file("key.pem");
            config.tls.reload_ms = 20;
            config.http.header_timeout_ms = handshake.as_millis().try_into().unwrap();
        })
        .await
    }
}

fn address(app: &TestApp) -> SocketAddr {
    app.url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// What the node shows to a client that believes this authority.
async fn shown(app: &TestApp, ca_file: &Path) -> CertificateDer<'static> {
    let connector = TlsConnector::from(std::sync::Arc::new(client_config(ca_file).unwrap()));
    let stream = TcpStream::connect(address(app)).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = connector.connect(name, stream).await.unwrap();
    let shown = stream.get_ref().1.peer_certificates().unwrap();
    shown[0].clone().into_owned()
}

/// K8: a renewal needs no restart, and no client meets a half-written one.
#[tokio::test]
async fn a_new_certificate_is_served_without_a_restart() {
    let authority = Authority::new();
    let app = authority.app(FAR).await;
    let ca = authority.file("ca.pem");
    let first = shown(&app, &ca).await;
    let second = authority.issue();
    assert_ne!(first, second);
    let is_new = async || shown(&app, &ca).await == second;
    wait_until(is_new, FAR).await;
    fs::write(authority.file("key.pem"), "no key").unwrap();
    let third = authority.issue();
    let is_new = async || shown(&app, &ca).await == third;
    wait_until(is_new, FAR).await;
}

/// K8: HTTP/2 or HTTP/1.1 as the client likes, and the promise to come with TLS again.
#[tokio::test]
async fn both_versions_are_spoken_over_tls() {
    let authority = Authority::new();
    let app = authority.app(FAR).await;
    for version in [Version::HTTP_2, Version::HTTP_11] {
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(client_config(&authority.file("ca.pem")).unwrap())
            .https_only();
        let connector = match version {
            Version::HTTP_2 => builder.enable_http2().build(),
            _ => builder.enable_http1().build(),
        };
        let mut client = Client::builder(TokioExecutor::new());
        client.http2_only(version == Version::HTTP_2);
        let client = client.build::<_, Body>(connector);
        for _ in 0..3 {
            let url = format!("https://{}/api/v1/access/endpoints", address(&app));
            let request = Request::get(url).body(Body::empty()).unwrap();
            let answer = client.request(request).await.unwrap();
            assert_eq!(answer.version(), version);
            assert_eq!(answer.status(), 200);
            let headers = answer.headers();
            assert_eq!(headers["strict-transport-security"], "max-age=31536000");
            let body = axum::body::to_bytes(Body::new(answer.into_body()), 10_000).await;
            assert!(body.unwrap().starts_with(b"{\"code\":0"));
        }
    }
}

/// A15: who begins a handshake and goes on with nothing is cut.
#[tokio::test]
async fn a_silent_handshake_is_ended() {
    let authority = Authority::new();
    let app = authority.app(Duration::from_millis(500)).await;
    let mut silent = TcpStream::connect(address(&app)).await.unwrap();
    let mut said = Vec::new();
    let read = tokio::time::timeout(FAR, silent.read_to_end(&mut said));
    assert_eq!(read.await.unwrap().unwrap(), 0);
    // Clear text is no handshake.
    let clear = app.http.get(app.api("/access/endpoints")).send().await;
    assert!(clear.is_err());
}

/// K6: a certificate that cannot be used stops the start.
#[tokio::test]
async fn a_key_of_another_certificate_stops_the_start() {
    let (one, other) = (Authority::new(), Authority::new());
    let result =
        im_shared::tls::CertificateFiles::load(&one.file("chain.pem"), &other.file("key.pem"));
    assert!(result.is_err());
}
