//! A web node on a free port, with a database, keys, subjects and signing keys of its own.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fred::interfaces::LuaInterface;
use im_shared::bus::{self, Bus, BusError, Subject};
use im_shared::cache::{self, Keys, Redis};
use im_shared::config::{OpsConfig, PostgresConfig, RedisConfig, TokenSignConfig};
use im_shared::database;
use im_shared::ids::{SignInId, UserId};
use im_shared::snowflake::Ids;
use im_shared::testing::{Servers, TestDatabase, unique_prefix};
use im_shared::tokens::{self, AccountKind, Signer, Verifier, generate_key};
use im_shared::wire::Platform;
use im_web::app::Web;
use im_web::config::{FileConfig, LimitConfig, RuleConfig, WebConfig};
use im_web::store::Store;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::actors::{Answer, User};

/// How long a node of a test waits for servers that are at hand, in milliseconds.
const PATIENCE_MS: u64 = 60_000;

pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) ops_url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) bus: Bus,
    pub(crate) postgres: PostgresConfig,
    pub(crate) redis: Redis,
    pub(crate) keys: Keys,
    pub(crate) signer: Signer,
    pub(crate) verifier: Verifier,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<anyhow::Result<()>>,
    config: WebConfig,
    prefix: String,
    sql: tokio_postgres::Client,
    next_id: AtomicI64,
    folder: TempDir,
    // Dropped last: the node uses it.
    _database: Option<TestDatabase>,
}

/// A node beside that of a [`TestApp`]; it ends with it.
pub(crate) struct OtherNode {
    pub(crate) url: String,
    _served: AbortOnDropHandle<anyhow::Result<()>>,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A node whose configuration `change` has changed.
    pub(crate) async fn start_with(change: impl FnOnce(&mut WebConfig)) -> Self {
        let database = TestDatabase::create().await;
        let mut config = on_shared_servers(database.config());
        config.limits = generous();
        change(&mut config);
        Self::serve(config, Some(database)).await
    }

    /// A node with these servers; ports and keys are its own.
    pub(crate) async fn serve(mut config: WebConfig, database: Option<TestDatabase>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        new_keys(folder.path(), &mut config.tokens);
        if config.files.folder == FileConfig::default().folder {
            config.files.folder = folder.path().join("files");
            config.files.secret_file = folder.path().join("files.key");
        }
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        config.ops = OpsConfig::on_port(0);
        config.log.level = "off".to_owned();
        // A start is never about how long connections take.
        config.postgres.connect_timeout_ms = PATIENCE_MS;
        config.redis.connect_timeout_ms = PATIENCE_MS;
        config.nats.connect_timeout_ms = PATIENCE_MS;
        // The test's own look into Redis, whatever the node's patience is.
        let patient = RedisConfig {
            command_timeout_ms: PATIENCE_MS,
            ..config.redis.clone()
        };

        let web = Web::load(config.clone()).await.unwrap();
        let url = format!("http://{}", web.address());
        let ops_url = format!("http://{}", web.ops_address());
        let stop = CancellationToken::new();
        let served = tokio::spawn(web.run_until(stop.clone()));
        let (sql, connection) =
            tokio_postgres::connect(config.postgres.url.expose(), tokio_postgres::NoTls)
                .await
                .unwrap();
        // Ends with the client.
        tokio::spawn(connection);
        Self {
            url,
            ops_url,
            http: reqwest::Client::new(),
            bus: bus::connect(&config.nats, "test").await.unwrap(),
            redis: cache::connect(&patient).await.unwrap(),
            keys: Keys::new(&config.redis.prefix),
            signer: Signer::load(&config.tokens.private_keys.join("test-1.pem")).unwrap(),
            verifier: Verifier::load(&config.tokens.public_keys).unwrap(),
            stop,
            served,
            postgres: config.postgres.clone(),
            prefix: config.nats.prefix.clone(),
            config,
            sql,
            next_id: AtomicI64::new(1_000_000_000_000_000_001),
            folder,
            _database: database,
        }
    }

    /// One more node of the same system.
    pub(crate) async fn another(&self) -> OtherNode {
        let web = Web::load(self.config.clone()).await.unwrap();
        OtherNode {
            url: format!("http://{}", web.address()),
            _served: AbortOnDropHandle::new(tokio::spawn(web.run_until(self.stop.clone()))),
        }
    }

    /// The tables, without a node.
    pub(crate) async fn store(&self) -> Store {
        let pool = database::pool(&self.postgres).unwrap();
        let ids = Ids::lease(&pool).await.unwrap();
        Store::new(pool, database::breaker(&self.postgres), ids)
    }

    /// Somebody who is signed in on the web; made without hashing a password.
    pub(crate) async fn user(&self, name: &str) -> User<'_> {
        let id = self.id();
        let sql = "INSERT INTO users (id, username, nickname) VALUES ($1, $2, $3)";
        self.execute(sql, &[&id, &name, &name.to_uppercase()]).await;
        let id = UserId::from_sql(id);
        let now = std::time::SystemTime::now();
        let token = self
            .signer
            .sign(&subject_of(id, "test"), now)
            .unwrap()
            .token;
        User {
            app: self,
            id,
            token,
        }
    }

    /// Two friends.
    pub(crate) async fn friends(&self, one: &str, other: &str) -> (User<'_>, User<'_>) {
        let (one, other) = (self.user(one).await, self.user(other).await);
        let request = one.request(&other).await.data["requestId"]
            .as_str()
            .unwrap()
            .to_owned();
        other
            .post(&format!("/friends/requests/{request}/accept"), Value::Null)
            .await
            .expect_ok();
        (one, other)
    }

    /// Where its signing keys are.
    pub(crate) fn key_folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new id for a row.
    pub(crate) fn id(&self) -> i64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes as another program does: what was remembered of the tables is forgotten (I7).
    pub(crate) async fn execute(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) {
        self.execute_unnoticed(sql, params).await;
        let script =
            "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end";
        let all = format!("{}:cache:*", self.config.redis.prefix);
        let forget = self
            .redis
            .eval::<(), _, _, _>(script, Vec::<String>::new(), all);
        forget.await.unwrap();
    }

    /// Writes, and what is remembered of it stays.
    pub(crate) async fn execute_unnoticed(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) {
        self.sql.execute(sql, params).await.unwrap();
    }

    pub(crate) async fn rows(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Vec<tokio_postgres::Row> {
        self.sql.query(sql, params).await.unwrap()
    }

    /// The NATS server holds every subscription that the test has made: it works in order, so its "nobody there" comes after them.
    pub(crate) async fn subscribed(&self) {
        let nobody = Subject::from(format!("{}.nobody", self.prefix));
        let answer = self
            .bus
            .request(nobody, bytes::Bytes::new(), Duration::from_secs(30))
            .await;
        assert!(matches!(answer, Err(BusError::NoResponders)), "{answer:?}");
    }

    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    /// A request without a token.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.http.post(self.api(path)).json(&body)).await
    }

    /// A request without a token.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.api(path))).await
    }
}

/// The settings of a node on this PostgreSQL and the shared servers, under keys and subjects of its own. It waits for them however loaded the
/// machine is: as it is configured otherwise, it would soon count for itself, read for itself, or give up. What a node does without its
/// servers is seen in `faults`.
pub(crate) fn on_shared_servers(postgres: PostgresConfig) -> WebConfig {
    let prefix = unique_prefix();
    let mut config = WebConfig {
        postgres,
        redis: Servers::redis(&prefix),
        nats: Servers::nats(&prefix),
        ..WebConfig::default()
    };
    config.postgres.acquire_timeout_ms = PATIENCE_MS;
    config.postgres.statement_timeout_ms = PATIENCE_MS;
    config.redis.command_timeout_ms = PATIENCE_MS;
    config.redis.cache_timeout_ms = PATIENCE_MS;
    config.nats.publish_timeout_ms = PATIENCE_MS;
    config.limits.wait_ms = PATIENCE_MS;
    config.http.command_timeout_ms = PATIENCE_MS;
    config
}

/// Limits that no test meets by accident: nothing per address from this machine, and plenty per user.
pub(crate) fn generous() -> LimitConfig {
    let plenty = RuleConfig {
        burst: Some(10_000),
        ..RuleConfig::default()
    };
    let rules = [
        "everything_user",
        "friend_request",
        "user_profile",
        "user_search",
    ];
    LimitConfig {
        exempt: vec!["127.0.0.0/8".parse().unwrap()],
        wait_ms: PATIENCE_MS,
        rules: rules.map(|rule| (rule.to_owned(), plenty.clone())).into(),
        ..LimitConfig::default()
    }
}

/// A pair of keys in `folder`.
fn new_keys(folder: &Path, tokens: &mut TokenSignConfig) {
    let (private, public) = generate_key().unwrap().write(folder, "test-1").unwrap();
    tokens.public_keys = public.parent().unwrap().to_owned();
    tokens.private_keys = private.parent().unwrap().to_owned();
}

/// What a token of this user says that no login gave.
pub(crate) fn subject_of(user: UserId, device: &str) -> tokens::Subject<'_> {
    tokens::Subject {
        user,
        kind: AccountKind::User,
        sign_in: SignInId(user.0),
        device,
        platform: Platform::Web,
    }
}
