//! The certificate that browsers take by its hash.

use im_access::certificate::Rotation;
use time::{Duration, OffsetDateTime};
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::support::{Stage, Transport};

/// A2, findings: browsers want ECDSA P-256 and at most 14 days, at every moment of a long life.
#[test]
fn a_certificate_of_the_node_is_what_browsers_accept() {
    let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let mut rotation =
        Rotation::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()], start).unwrap();
    for hour in 0..24 * 60 {
        let now = start + Duration::hours(hour);
        rotation.step(now).unwrap();
        let (_, certificate) = X509Certificate::from_der(rotation.current_der()).unwrap();
        let validity = certificate.validity();
        let (from, until) = (
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        );
        assert!(until - from < Duration::days(14).whole_seconds());
        assert!(from < now.unix_timestamp() && now.unix_timestamp() < until);
        let algorithm = &certificate.public_key().algorithm;
        assert_eq!(algorithm.algorithm, OID_KEY_TYPE_EC_PUBLIC_KEY);
        let curve = algorithm.parameters.as_ref().unwrap().as_oid().unwrap();
        assert_eq!(curve, OID_EC_P256);
        let hash = ring::digest::digest(&ring::digest::SHA256, rotation.current_der());
        let hash: String = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(rotation.hashes()[0], hash);
    }
}

/// A2: what the node's record says is what a client needs.
#[tokio::test]
async fn clients_connect_with_the_hash_from_the_nodes_record() {
    let stage = Stage::start().await;
    let record = stage.record().await.unwrap();
    let endpoint = record.web_transport.unwrap();
    assert_eq!(endpoint.certificate_hashes, stage.hashes);
    let port = stage.addresses.web_transport.port();
    assert_eq!(endpoint.url, format!("https://localhost:{port}/im/v1"));
    let port = stage.addresses.web_socket.port();
    assert_eq!(
        record.web_socket.unwrap().url,
        format!("ws://localhost:{port}/im/v1")
    );
    stage.sign_in(Transport::WebTransport, 1).await;
}

/// An operator's certificate is used instead, and no hash is announced.
#[tokio::test]
async fn an_operators_certificate_takes_the_place_of_the_nodes_own() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let stage = Stage::with(|config| {
        config.certificate.chain = chain;
        config.certificate.key = key;
    })
    .await;
    assert!(stage.hashes.is_empty());
    let record = stage.record().await.unwrap();
    assert!(record.web_transport.unwrap().certificate_hashes.is_empty());
}

/// Nodes that name the same file share the key that makes restarts noticed quickly.
#[tokio::test]
async fn nodes_share_the_reset_key() {
    let stage = Stage::start().await;
    let key = std::fs::read(stage.folder().join("reset.key")).unwrap();
    let _second = stage.another("access-2").await;
    assert_eq!(
        std::fs::read(stage.folder().join("reset.key")).unwrap(),
        key
    );
}
