//! PostgreSQL, Redis and NATS over TLS, with passwords.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use im_shared::config::{PostgresConfig, RedisConfig, SecretUrl};
use im_shared::testing::TlsServers;
use im_shared::{bus, cache, database, tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// An authority and a certificate of it for 127.0.0.1, as PEM files.
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
        Self { folder, issuer }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A chain and a key for this name.
    fn certificate(&self, name: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let file = |end: &str| self.folder.path().join(format!("{name}.{end}"));
        fs::write(file("crt"), certificate.pem()).unwrap();
        fs::write(file("key"), key.serialize_pem()).unwrap();
        (file("crt"), file("key"))
    }
}

/// Of three servers that are reached over TLS only: what is shown, asked with the right authority, with another, and without TLS.
/// [K8]
#[tokio::test]
async fn postgres_redis_and_nats_are_reached_over_tls_with_passwords() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (chain, key) = authority.certificate("127.0.0.1");
    let servers = TlsServers::start(&chain, &key);

    let postgres = |url: String, ca_file: PathBuf| PostgresConfig {
        url: SecretUrl::from(url.as_str()),
        ca_file,
        connect_timeout_ms: 20_000,
        ..PostgresConfig::default()
    };
    let admin = database::pool(&postgres(servers.postgres_admin(), authority.file())).unwrap();
    let connection = database::acquire(&admin).await.unwrap();
    let sql = "CREATE ROLE im LOGIN PASSWORD 'correct horse'";
    connection.batch_execute(sql).await.unwrap();
    let asked = connection
        .query_one(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
            &[],
        )
        .await
        .unwrap();
    assert!(asked.get::<_, bool>(0));
    let ping = async |url: String, ca_file| {
        let pool = database::pool(&postgres(url, ca_file)).unwrap();
        database::ping(&pool).await
    };
    let good = servers.postgres("correct%20horse");
    ping(good.clone(), authority.file()).await.unwrap();
    // Authorities of the system do not vouch for it.
    assert!(
        ping(format!("{good}?sslmode=require"), PathBuf::new())
            .await
            .is_err()
    );
    assert!(ping(good.clone(), stranger.file()).await.is_err());
    assert!(ping(good, PathBuf::new()).await.is_err(), "without TLS");
    assert!(
        ping(servers.postgres("wrong"), authority.file())
            .await
            .is_err()
    );

    // Who does not believe the server tries again until the time is over.
    let redis = |ca_file: PathBuf, connect_timeout_ms| RedisConfig {
        url: SecretUrl::from(servers.redis().as_str()),
        ca_file,
        connect_timeout_ms,
        ..RedisConfig::default()
    };
    let good = redis(authority.file(), 20_000);
    let client = cache::connect(&good).await.unwrap();
    cache::ping(&client).await.unwrap();
    let bad = redis(stranger.file(), 2_000);
    assert!(cache::connect(&bad).await.is_err());

    let nats = |ca_file: PathBuf| bus::NatsConfig {
        url: SecretUrl::from(servers.nats().as_str()),
        ca_file,
        connect_timeout_ms: 20_000,
        ..bus::NatsConfig::default()
    };
    let bus = bus::connect(&nats(authority.file()), "test").await.unwrap();
    bus.flush(Duration::from_secs(10)).await.unwrap();
    assert!(bus::connect(&nats(stranger.file()), "test").await.is_err());
}

/// A certificate for another name is refused, whoever signed it. [K8]
#[tokio::test]
async fn a_server_with_another_name_is_not_believed() {
    let authority = Authority::new();
    let (chain, key) = authority.certificate("db.example.org");
    let servers = TlsServers::start(&chain, &key);
    let config = PostgresConfig {
        url: SecretUrl::from(servers.postgres_admin().as_str()),
        ca_file: authority.file(),
        ..PostgresConfig::default()
    };
    let pool = database::pool(&config).unwrap();
    assert!(database::ping(&pool).await.is_err());
}

/// Renewal replaces two files, one after the other: what does not fit together is not shown. [K8]
#[test]
fn a_certificate_is_read_again_when_both_files_fit() {
    let authority = Authority::new();
    let (chain, key) = authority.certificate("one.example.org");
    let (next_chain, next_key) = authority.certificate("two.example.org");
    let files = tls::CertificateFiles::load(&chain, &key).unwrap();
    let first = files.current();
    assert!(!files.reload().unwrap(), "nothing has changed");
    fs::copy(&next_chain, &chain).unwrap();
    assert!(files.reload().is_err(), "the key is the old one");
    assert_eq!(files.current().cert, first.cert);
    fs::copy(&next_key, &key).unwrap();
    assert!(files.reload().unwrap());
    assert_ne!(files.current().cert, first.cert);
    fs::write(&key, "no key").unwrap();
    assert!(files.reload().is_err());
    assert_ne!(files.current().cert, first.cert);
}
